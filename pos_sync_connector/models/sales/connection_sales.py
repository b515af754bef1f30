from odoo import fields, models

from ...connectors.records import ChargeKind

# The kind of service product for tax that the customer pays and the channel remits.
CHANNEL_TAX = "channel_tax"


class PosSyncConnection(models.Model):
    """How a connection's customers, orders and points come into Odoo."""

    _inherit = "pos.sync.connection"

    orders_from = fields.Date(help="Older orders are not imported. Empty: all.")
    points_from = fields.Date(
        default=fields.Date.context_today,
        help="Older orders earn nothing. A balance that the system states is taken over once, as an opening balance.",
    )
    entries_from = fields.Date(
        string="Accounting From",
        default=fields.Date.context_today,
        help="Older orders are history: no entries, mails, activities, deliveries or pushes.",
    )

    match_by = fields.Selection(
        [("phone", "Name and phone"), ("email", "Name and e-mail"), ("both", "Name with phone or e-mail")],
        string="Same Customer",
        default="both",
        required=True,
        help="Two customers are one when their names are the same, and their phone or e-mail as chosen here.",
    )
    share_customers = fields.Boolean(
        string="Customers for All Companies",
        default=lambda self: self.env["res.company"].sudo().search_count([], limit=2) < 2,
        help="Customers that this connection creates belong to no company. Otherwise they belong to its own.",
    )
    owns_contact = fields.Boolean(
        string="Customer Details",
        default=True,
        help="The system is the master of name, phone and addresses of the customers that it was the first to bring; "
        "customers who were in Odoo before are only completed. An e-mail follows its newest change. What belongs to a "
        "person with a login is never changed by a pull.",
    )
    stock_policy = fields.Selection(
        [("system", "The system: its counts are imported"), ("odoo", "Odoo: orders are delivered here")],
        string="Who Owns the Stock",
        default="system",
        required=True,
    )
    line_tolerance = fields.Float(string="Tolerance per Line", default=0.01, digits=(16, 4))
    order_tolerance = fields.Float(
        string="Tolerance per Order",
        default=0.05,
        digits=(16, 4),
        help="An order whose totals differ by more from what the system states is held for a person.",
    )
    charge_product_ids = fields.One2many("pos.sync.charge.product", "connection_id", string="Service Products")
    walk_in_partner_id = fields.Many2one(
        "res.partner",
        string="Walk-in Customer",
        check_company=True,
        copy=False,
        help="Orders without a customer go to this one, where their location names no other.",
    )

    program_id = fields.Many2one(
        "loyalty.program",
        string="Loyalty Program",
        check_company=True,
        domain="[('program_type', '=', 'loyalty'), ('company_id', 'in', (False, company_id))]",
        help="Completed orders earn by the rules of this program. Empty: they earn nothing.",
    )
    points_basis = fields.Selection(
        [("total", "Total with tax"), ("subtotal", "Total without tax")], default="total", required=True
    )
    points_rounding = fields.Selection(
        [("none", "As it is"), ("unit", "To whole currency units, half up")],
        string="Round the Amount",
        default="none",
        required=True,
        help="The amount is rounded before the program's rate is applied.",
    )

    def _tolerance(self, currency, lines=None):
        """How much rounding may take of an order, or of one with so many `lines`. It is entered in cents; where a
        currency has none, its smallest coin stands for a cent."""
        coin = max(currency.rounding / 0.01, 1.0)
        most = self.order_tolerance if lines is None else min(self.order_tolerance, self.line_tolerance * max(lines, 1))
        return most * coin


class PosSyncChargeProduct(models.Model):
    """The service product that stands for a kind of amount on an order: a discount, a tip, a line without product."""

    _name = "pos.sync.charge.product"
    _description = "POS Sync Service Product"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, kind"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    kind = fields.Selection("_select_kind", required=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="restrict", check_company=True, domain="[('type', '=', 'service')]"
    )

    _kind_uniq = models.Constraint("UNIQUE(connection_id, kind)", "Each kind has one product.")

    def _select_kind(self):
        labels = {
            ChargeKind.DISCOUNT: self.env._("Discount"),
            ChargeKind.TIP: self.env._("Tip"),
            ChargeKind.SERVICE_CHARGE: self.env._("Service charge"),
            ChargeKind.SHIPPING: self.env._("Shipping"),
            ChargeKind.FEE: self.env._("Fee"),
            ChargeKind.DUTY: self.env._("Duty"),
            ChargeKind.GIFT_CARD: self.env._("Gift card"),
            ChargeKind.ROUNDING: self.env._("Rounding"),
        }
        return [
            *((kind.value, label) for kind, label in labels.items()),
            (CHANNEL_TAX, self.env._("Tax remitted by the channel")),
            ("unknown", self.env._("Unknown product")),
        ]
