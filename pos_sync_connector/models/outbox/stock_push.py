from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow
from ...connectors.records import stock_id


class PosSyncMessage(models.Model):
    """A count to be told: which product, at which location of the system. How many there are is looked up when it is
    sent, so that what waits already needs no second message."""

    _inherit = "pos.sync.message"

    counted_product_id = fields.Many2one(
        "product.product", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    counted_location_id = fields.Many2one(
        "pos.sync.location", readonly=True, ondelete="cascade", index="btree_not_null"
    )

    _count_once = models.UniqueIndex(
        "(stream_id, external_id) WHERE flow = 'stock_push' AND direction = 'out'"
        " AND state = 'waiting' AND attempts = 0"
    )

    @api.model
    def _enqueue_counts(self, stream, products, locations):
        """Puts the counts of `products` at `locations` (pos.sync.location) into the outbox. One that failed is tried
        again with what there is now."""
        Message = self.sudo()
        mappings = self.env["pos.sync.mapping"].sudo().search(
            [
                ("connection_id", "=", stream.connection_id.id),
                ("entity", "=", "variant"),
                ("product_id", "in", products.filtered("is_storable").ids),
                ("gone", "=", False),
            ]
        )  # fmt: skip
        wanted = {
            stock_id(mapping.external_id, location.external_id): (mapping.product_id, location)
            for mapping in mappings
            for location in locations
            if not ("is_kits" in mapping.product_id._fields and mapping.product_id.is_kits)
        }
        there = Message.search(
            [
                ("stream_id", "=", stream.id),
                ("direction", "=", "out"),
                ("state", "in", ("waiting", "held", "failed")),
                ("external_id", "in", list(wanted)),
            ]
        )
        there.filtered(lambda message: message.state != "waiting")._queue()
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        made = Message._create_once(
            [
                {
                    "stream_id": stream.id,
                    "flow": stream.flow,
                    "direction": "out",
                    "state": "waiting",
                    "external_id": external_id,
                    "name": f"{product.display_name}, {location.name}",
                    "counted_product_id": product.id,
                    "counted_location_id": location.id,
                }
                for external_id, (product, location) in wanted.items()
                if external_id not in there.mapped("external_id")
            ]
        )
        for message in made:
            message.idempotency_key = f"count-{uuid}-{message.id}"
        if wanted:
            stream._wake()
        return made


class PosSyncStream(models.Model):
    """The flow that tells a system the stock, where Odoo owns it."""

    _inherit = "pos.sync.stream"

    @api.model_create_multi
    def create(self, vals_list):
        streams = super().create(vals_list)
        streams._begin_counting()
        return streams

    def write(self, vals):
        before = self.filtered("enabled")
        result = super().write(vals)
        if "enabled" in vals:
            (self - before)._begin_counting()
            self.filtered(lambda s: s.flow == Flow.STOCK_PUSH.value).connection_id.location_ids._check_one_stock_owner()
        return result

    @api.constrains("enabled")
    def _check_one_way_of_stock(self):
        for connection in self.filtered("enabled").connection_id:
            if connection._stream(Flow.STOCK_PULL).enabled and connection._stream(Flow.STOCK_PUSH).enabled:
                raise ValidationError(
                    self.env._(
                        "The stock of “%s” goes one way only: switch off “Stock” to send it, or “Send stock” to let "
                        "its counts come.",
                        connection.name,
                    )
                )

    def _begin_counting(self):
        """All that there is, once: whatever the system has had."""
        for stream in self.filtered(lambda item: item.flow == Flow.STOCK_PUSH.value and item.enabled):
            stream._count_all()

    def _count_all(self, locations=None, products=None):
        """Tells the system all counts, or those of some locations or products."""
        self.ensure_one()
        connection = self.connection_id
        if products is None:
            linked = [("connection_id", "=", connection.id), ("entity", "=", "variant"), ("gone", "=", False)]
            products = self.env["pos.sync.mapping"].sudo().search(linked).product_id
        locations = connection._told_locations() if locations is None else locations
        return self.env["pos.sync.message"]._enqueue_counts(self, products, locations)

    def action_send_counts(self):
        self.check_access("write")
        for stream in self.sudo().filtered("enabled"):
            stream._count_all()
        sentence = self.env._("All counts are sent, as fast as the system takes them.")
        return self.env["pos.sync.connection"]._notify(sentence)

    @api.model
    def _push_counts_of(self, products, places):
        """The stock of `products` has changed at `places` (stock.location): the systems that are told it are told."""
        streams = self.sudo().search(
            [
                ("flow", "=", Flow.STOCK_PUSH.value),
                ("enabled", "=", True),
                ("connection_id.state", "in", ("connected", "refused")),
            ]
        )
        if not streams:
            return
        above = {int(key) for place in places.sudo() for key in place.parent_path.split("/") if key}
        for stream in streams:
            told = stream.connection_id._told_locations().filtered(lambda item: item.stock_location_id.id in above)
            if told:
                self.env["pos.sync.message"]._enqueue_counts(stream, products.sudo(), told)


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    def _told_locations(self):
        """Where there are goods that the system can be told of."""
        return self.sudo().location_ids.filtered(
            lambda item: item.holds_stock and item.stock_location_id and not item.ignored and not item.gone_since
        )


class StockMove(models.Model):
    """What sends a count by itself: goods have moved, or were counted."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        done = super()._action_done(cancel_backorder=cancel_backorder)
        lines = done.sudo().move_line_ids
        if lines:
            self.env["pos.sync.stream"]._push_counts_of(lines.product_id, lines.location_id | lines.location_dest_id)
        return done


class PosSyncMapping(models.Model):
    """A product that was linked just now has a count that the system does not know yet."""

    _inherit = "pos.sync.mapping"

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._tell_counts()
        return mappings

    def write(self, vals):
        result = super().write(vals)
        if "product_id" in vals:
            self._tell_counts()
        return result

    def _tell_counts(self):
        linked = self.filtered(lambda mapping: mapping.entity == "variant" and mapping.product_id and not mapping.gone)
        for connection, mappings in linked.grouped("connection_id").items():
            stream = connection._stream(Flow.STOCK_PUSH)
            if stream.enabled:
                stream._count_all(products=mappings.product_id)
