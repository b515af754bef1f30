"""Orders that were changed in Odoo after they were sent."""

import hashlib

from odoo import api, fields, models

# What of a line another system has.
_LINE = ("product_id", "product_uom_qty", "price_unit", "discount", "tax_ids")


class PosSyncMapping(models.Model):
    _inherit = "pos.sync.mapping"

    sent_digest = fields.Char(readonly=True, help="A digest of the lines as they were sent.")


class SaleOrder(models.Model):
    """No system takes changes of an order that it has: the form says so, and what to do."""

    _inherit = "sale.order"

    pos_sync_changed_since = fields.Char(
        string="Changed Since It Was Sent To",
        compute="_compute_pos_sync_changed_since",
        groups="pos_sync_connector.group_user",
    )

    @api.depends("state", "pos_sync_sent_ids.sent_digest", *(f"order_line.{name}" for name in _LINE))
    def _compute_pos_sync_changed_since(self):
        for order in self:
            digest = order._pos_sync_lines_digest() if order.pos_sync_sent_ids and order.state != "cancel" else ""
            stale = order.pos_sync_sent_ids.filtered(
                lambda link, digest=digest: link.sent_digest and not link.gone and link.sent_digest != digest
            )
            order.pos_sync_changed_since = ", ".join(stale.connection_id.mapped("name")) if digest else False

    def _pos_sync_lines_digest(self):
        self.ensure_one()
        rows = [
            [line.id, *(line[name] for name in _LINE[1:4]), line.product_id.id, sorted(line.tax_ids.ids)]
            for line in self.order_line.sorted("id")
            if not line.display_type
        ]
        return hashlib.blake2b(repr(rows).encode(), digest_size=12).hexdigest()
