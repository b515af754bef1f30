from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.flows import Flow


class PosSyncConnection(models.Model):
    """Sending records of Odoo to a connection, by hand or by automation rule."""

    _inherit = "pos.sync.connection"

    route_ids = fields.One2many("pos.sync.route", "source_connection_id", string="Sends Its Orders On To")

    def _is_history(self, order):
        """Whether an order is older than what this connection is there for: such a one is never sent by itself."""
        self.ensure_one()
        earliest = max(filter(None, (self.orders_from, self.entries_from)), default=None)
        if not earliest or not order.date_order:
            return False
        sold_on = order._pos_sync_day_of_sale() if order.pos_sync_connection_id else self._day_at(order.date_order)
        return sold_on < earliest

    @api.model
    def _push_flow(self, records):
        return Flow.ORDERS_PUSH if records._name == "sale.order" else Flow.CUSTOMERS_PUSH

    @api.model
    def _that_take(self, records):
        """The connections that `records` of one company can be sent to by hand."""
        companies = records.company_id or self.env.companies
        streams = self.env["pos.sync.stream"].search(
            [
                ("flow", "=", self._push_flow(records).value),
                ("enabled", "=", True),
                ("connection_id.state", "in", ("connected", "refused")),
                ("company_id", "in", companies.ids),
            ]
        )
        return streams.connection_id

    def _send(self, records):
        """Puts `records` into the outbox of this connection. Returns those that were not there or on their way."""
        self.ensure_one()
        stream = self._stream(self._push_flow(records))
        if not stream.enabled:
            raise UserError(
                self.env._("“%s” does not take these: switch its flow on first.", self.name)
                if stream
                else self.env._("The system of “%s” does not take these.", self.name)
            )
        if records.filtered(lambda record: record.company_id and record.company_id != self.company_id):
            raise UserError(self.env._("“%s” belongs to another company.", self.name))
        if records._name == "sale.order":
            cancelled = records.filtered(lambda order: order.state == "cancel")
            if cancelled:
                raise UserError(self.env._("“%s” is cancelled: it can't be sent.", cancelled[0].name))
            records = records.filtered(lambda order: order.pos_sync_connection_id != self)
        return self.env["pos.sync.message"]._enqueue(stream.sudo(), records.sudo())
