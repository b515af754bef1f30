from odoo import api, fields, models


class PosSyncShippingMethod(models.Model):
    """A way to ship, as orders of the system name it, and the delivery method of Odoo that it stands for. Odoo has
    delivery methods only where its app for them is installed."""

    _name = "pos.sync.shipping.method"
    _inherit = ["pos.sync.guarded"]
    _description = "POS Sync Shipping Method"
    _order = "connection_id, name"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    name = fields.Char(string="At the System", required=True)
    carrier = fields.Reference(
        selection="_select_carrier",
        string="Delivery Method",
        help="Orders that are still to be shipped get it. Empty: they get none.",
    )

    _name_uniq = models.Constraint("UNIQUE(connection_id, name)", "A shipping method is listed once.")

    @api.model
    def _select_carrier(self):
        if "delivery.carrier" not in self.env:
            return []
        return [("delivery.carrier", self.env._("Delivery Method"))]

    @api.model
    def _carriers(self, connection, names):
        """{name: id of its delivery method, None for none}; names that are new are listed."""
        if not names or not self._select_carrier():
            return {}
        rows = self.search([("connection_id", "=", connection.id)])
        rows |= self.create(
            [{"connection_id": connection.id, "name": name} for name in sorted(names - set(rows.mapped("name")))]
        )
        return {row.name: row.carrier.id if row.carrier else None for row in rows}


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    shipping_method_ids = fields.One2many(
        "pos.sync.shipping.method", "connection_id", string="Shipping Methods", copy=False
    )
    has_carriers = fields.Boolean(compute="_compute_has_carriers")

    def _compute_has_carriers(self):
        self.has_carriers = "delivery.carrier" in self.env
