from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow


class PosSyncLocation(models.Model):
    """A shop, till or warehouse of the system, mapped to where its goods are in Odoo."""

    _name = "pos.sync.location"
    _description = "POS Sync Location"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, name, id"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char(string="External ID", required=True, readonly=True)
    name = fields.Char(required=True)
    timezone = fields.Char(readonly=True)
    currency = fields.Char(readonly=True)
    holds_stock = fields.Boolean(readonly=True)
    takes_orders = fields.Boolean(readonly=True)
    active = fields.Boolean(default=True)
    ignored = fields.Boolean(help="Nothing of this location is imported.")
    gone_since = fields.Datetime(
        readonly=True, copy=False, help="The system does not name it any more. What it was matched with is kept."
    )
    stock_location_id = fields.Many2one(
        "stock.location",
        domain="[('usage', '=', 'internal'), ('company_id', 'in', (False, company_id))]",
        check_company=True,
        ondelete="restrict",
    )
    walk_in_partner_id = fields.Many2one(
        "res.partner",
        string="Walk-in Customer",
        check_company=True,
        help="Orders of this location without a customer go to this one. Empty: the connection's.",
    )
    warehouse_id = fields.Many2one(related="stock_location_id.warehouse_id")

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A location is listed once.")

    def write(self, vals):
        result = super().write(vals)
        if {"stock_location_id", "ignored"} & set(vals):
            # Counts have no digest: reading them all again is what a new mapping needs.
            for stream in self.connection_id.stream_ids.filtered(lambda s: s.flow == Flow.STOCK_PULL.value):
                stream.sudo()._restart()
            for stream in self.connection_id.stream_ids.filtered(lambda s: s.flow == Flow.STOCK_PUSH.value):
                if stream.enabled:
                    stream._count_all(self & stream.connection_id._told_locations())
        return result

    @api.constrains("stock_location_id", "ignored", "active")
    def _check_one_stock_owner(self):
        """One location of Odoo has one owner of its stock: a second count would undo the first. Any number may be told
        of it."""
        told = self.env["pos.sync.stream"].sudo().search(
            [("flow", "=", Flow.STOCK_PUSH.value), ("enabled", "=", True)]
        ).connection_id
        counted = self.filtered(lambda item: item.stock_location_id and item.holds_stock and not item.ignored)
        for location in counted.filtered(lambda item: item.connection_id not in told):
            other = self.sudo().search(
                [
                    ("stock_location_id", "=", location.stock_location_id.id),
                    ("id", "!=", location.id),
                    ("holds_stock", "=", True),
                    ("ignored", "=", False),
                    ("connection_id.active", "=", True),
                    ("connection_id", "not in", told.ids),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "The stock of “%(location)s” is owned by “%(other)s” of the connection “%(owner)s” already.",
                        location=location.stock_location_id.display_name,
                        other=other.name,
                        owner=other.connection_id.name,
                    )
                )

    def _is_unmapped(self):
        self.ensure_one()
        return self.holds_stock and not self.ignored and not self.gone_since and not self.stock_location_id

    def action_make_stock_location(self):
        """Makes a stock location of the same name in the company's first warehouse for each unmapped one."""
        self.check_access("write")
        for location in self.filtered(lambda item: item._is_unmapped()):
            warehouse = self.env["stock.warehouse"].search([("company_id", "=", location.company_id.id)], limit=1)
            location.stock_location_id = self.env["stock.location"].create(location._prepare_stock_location(warehouse))

    def _prepare_stock_location(self, warehouse):
        self.ensure_one()
        return {
            "name": self.name,
            "usage": "internal",
            "location_id": warehouse.lot_stock_id.id,
            "company_id": self.company_id.id,
        }
