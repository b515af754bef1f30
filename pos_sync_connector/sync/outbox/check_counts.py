from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...connectors.errors import NeedsFixing
from ...connectors.flows import Flow

# More than this share of all counts set to zero is more likely a mistake in Odoo than a shop that is sold out.
_SHARE, _LEAST = 0.5, 5
_CODE = "stock-zeros"
# Orders that were read within this time are the newest; counts that waited for them for longer go without.
_FRESH, _PATIENCE = timedelta(minutes=1), timedelta(minutes=3)


class PosSyncSendOutbox(models.AbstractModel):
    """What happens before counts are sent: the orders of their system are read, whose goods it has taken off already,
    and counts that would sell out most of its goods wait for a person."""

    _inherit = "pos.sync.send_outbox"

    def _start_push(self, stream):
        now = fields.Datetime.now()
        if stream.exists() and stream.flow == Flow.STOCK_PUSH.value and stream._is_due(now):
            waiting = self._waiting_counts(stream)
            if self._reads_orders_first(stream, waiting, now):
                return None
            self._check_zeros(stream, waiting)
        return super()._start_push(stream)

    def _waiting_counts(self, stream):
        return self.env["pos.sync.message"].search(
            [("stream_id", "=", stream.id), ("direction", "=", "out"), ("state", "in", ("waiting", "sending"))]
        )

    def _reads_orders_first(self, stream, waiting, now):
        orders = stream.connection_id._stream(Flow.ORDERS_PULL)
        old = waiting and min(waiting.mapped("write_date")) <= now - _PATIENCE
        if not waiting or old or stream.run_id or not orders.enabled or not orders.first_done or orders.retry_at:
            return False
        if orders.last_success and orders.last_success > now - _FRESH:
            return False
        if not orders.run_id and (not orders.next_poll or orders.next_poll > now):
            orders.next_poll = now
        orders._wake()
        return True

    # Most of it sold out

    def _check_zeros(self, stream, waiting):
        newest = max(waiting.ids, default=0)
        if stream.zeros_allowed or (stream.run_id and newest <= stream.checked_count_id):
            return
        known = self._known_counts(stream)
        zeros = self._new_zeros(stream, waiting) if len(waiting) >= max(_LEAST, _SHARE * known) else []
        if len(zeros) >= _LEAST and len(zeros) > _SHARE * known:
            raise NeedsFixing(
                self.env._(
                    "%(zeros)s of %(all)s counts would be set to zero at “%(system)s”. Often that is a location "
                    "without its goods, or a count that went wrong. Nothing was sent. If Odoo is right, press “Send "
                    "All the Same”.",
                    zeros=len(zeros),
                    all=known,
                    system=stream.connection_id.name,
                ),
                code=_CODE,
            )
        stream.write({"checked_count_id": newest, "asks_zeros": False})

    def _known_counts(self, stream):
        """How many counts the system has: its linked products, at each of its locations."""
        connection = stream.connection_id
        linked = [
            ("connection_id", "=", connection.id),
            ("entity", "=", "variant"),
            ("product_id", "!=", False),
            ("gone", "=", False),
        ]
        return self.env["pos.sync.mapping"].search_count(linked) * len(connection._told_locations())

    def _new_zeros(self, stream, waiting):
        """The counts that are zero, and were not when they were sent last."""
        connection = stream.connection_id
        counts = {
            message.external_id: (message.counted_product_id, message.counted_location_id) for message in waiting
        }
        quantities = self.env["pos.sync.count_stock"]._quantities(connection, list(set(counts.values())))
        zeros = [key for key, pair in counts.items() if quantities[pair] == 0]
        self.env["pos.sync.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (external_id) external_id, counted_quantity FROM pos_sync_message
                 WHERE stream_id = %s AND direction = 'out' AND state = 'done' AND external_id = ANY(%s)
                   AND counted_quantity IS NOT NULL
                 ORDER BY external_id, id DESC
                """,
                stream.id,
                zeros,
            )
        )
        sold_out = {key for key, quantity in rows if not quantity}
        return [key for key in zeros if key not in sold_out]

    def _write_failure(self, stream, failure):
        if failure.code == _CODE:
            stream.asks_zeros = True
        return super()._write_failure(stream, failure)

    def _finish_push(self, stream):
        result = super()._finish_push(stream)
        if not stream.run_id and stream.zeros_allowed:
            stream.zeros_allowed = False
        return result
