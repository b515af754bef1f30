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
    counted_quantity = fields.Float(string="Quantity Sent", digits="Product Unit", readonly=True, aggregator=None)

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
                ("product_id", "in", products.filtered(lambda product: product._pos_sync_is_counted()).ids),
                ("gone", "=", False),
            ]
        )  # fmt: skip
        rules = stream.connection_id.sudo().stock_rule_ids
        wanted = {
            stock_id(mapping.external_id, location.external_id): (mapping.product_id, location)
            for mapping in mappings
            if rules._of(mapping.product_id).action != "leave_out"
            for location in locations
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
            # Its orders are then delivered in Odoo: a sale that lowered no count here would be put back on sale there.
            stream.connection_id.stock_policy = "odoo"
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


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    @api.constrains("stock_policy")
    def _check_counts_what_it_sells(self):
        for connection in self:
            if connection.stock_policy == "system" and connection.sends_stock:
                raise ValidationError(
                    self.env._(
                        "“%s” is sent the stock of Odoo, so Odoo owns it: switch off “Send stock” first.",
                        connection.name,
                    )
                )

    def _told_locations(self):
        """Where there are goods that the system can be told of."""
        return self.sudo().location_ids.filtered(
            lambda item: item.holds_stock and item.stock_location_id and not item.ignored and not item.gone_since
        )


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


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _pos_sync_is_counted(self):
        """Whether Odoo knows how many there are: by itself, or as a kit by its parts."""
        return self.is_storable or ("is_kits" in self._fields and self.is_kits)
