from odoo import fields, models


class PosSyncOrderDefaults(models.AbstractModel):
    """What Odoo's order gets that the system does not state. A location's own go before its connection's."""

    _name = "pos.sync.order.defaults"
    _description = "POS Sync Order Defaults"
    _inherit = ["analytic.mixin"]

    order_prefix = fields.Char(help="Stands before the number of the order. Empty: the name of the connection.")
    order_team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True, ondelete="restrict")
    order_user_id = fields.Many2one(
        "res.users", string="Salesperson", domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )
    order_tag_ids = fields.Many2many("crm.tag", string="Order Tags", help="Beside the tags that the system states.")
    order_payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        help="Where the order names terms of the same name in Odoo, those go first.",
    )
    order_fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        string="Fiscal Position",
        check_company=True,
        ondelete="restrict",
        help="Empty: Odoo's own for the customer and the delivery address. The taxes of an order are what the system "
        "charged; the fiscal position chooses the accounts of invoices.",
    )
    order_warehouse_id = fields.Many2one(
        "stock.warehouse",
        string="Deliver From",
        check_company=True,
        ondelete="restrict",
        help="Empty: the one of the location's stock, else the company's first.",
    )
    order_picking_policy = fields.Selection(
        [("direct", "As soon as possible"), ("one", "When all products are ready")],
        string="Shipping Policy",
        help="Empty: as in Odoo's settings.",
    )


class PosSyncConnection(models.Model):
    _name = "pos.sync.connection"
    _inherit = ["pos.sync.connection", "pos.sync.order.defaults"]


class PosSyncLocation(models.Model):
    _name = "pos.sync.location"
    _inherit = ["pos.sync.location", "pos.sync.order.defaults"]
