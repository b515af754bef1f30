from odoo import api, fields, models

from ...connectors.records import OrderStatus

# Who reads the rows behind an order; others read the order without them.
_POS_SYNC = "pos_sync_connector.group_user"


def _kept(name):
    """An override of the compute `name`: what is imported keeps what it came with, whatever Odoo would propose."""

    def compute(self):
        owner = {"sale.order": SaleOrder, "sale.order.line": SaleOrderLine}[self._name]
        return getattr(super(owner, self - self._pos_sync_imported()), name)()

    compute.__name__ = name
    return compute


def _kept_address(name, field):
    """An override of the compute `name`: an imported order keeps the address `field` while it is its customer's."""

    def compute(self):
        kept = self._pos_sync_imported().filtered(
            lambda order: (
                order[field].parent_id == order.partner_id
                or order[field].commercial_partner_id == order.partner_id.commercial_partner_id
            )
        )
        return getattr(super(SaleOrder, self - kept), name)()

    compute.__name__ = name
    return compute


def _computed_later():
    """An override of `_add_precomputed_values`: an import gives all that Odoo asks for, and what is computed beside it
    follows for the whole page at once, not record by record."""

    def _add_precomputed_values(self, vals_list):
        if self.env.context.get("pos_sync_computed_later"):
            return
        owner = {"sale.order": SaleOrder, "sale.order.line": SaleOrderLine}[self._name]
        super(owner, self)._add_precomputed_values(vals_list)

    return _add_precomputed_values


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_connection_id = fields.Many2one(
        "pos.sync.connection", string="Imported From", readonly=True, copy=False, index="btree_not_null"
    )
    pos_sync_external_id = fields.Char(string="ID at the System", readonly=True, copy=False)
    pos_sync_number = fields.Char(string="Number at the System", readonly=True, copy=False, index="trigram")
    pos_sync_status = fields.Selection(
        [(status.value, status.name.capitalize()) for status in OrderStatus],
        string="Status at the System",
        readonly=True,
        copy=False,
    )
    pos_sync_paid = fields.Boolean(string="Paid at the System", readonly=True, copy=False)
    pos_sync_location_id = fields.Many2one("pos.sync.location", string="Location", readonly=True, copy=False)
    pos_sync_register = fields.Char(string="Register", readonly=True, copy=False)
    pos_sync_staff = fields.Char(string="Staff", readonly=True, copy=False)
    pos_sync_channel = fields.Char(string="Channel", readonly=True, copy=False)
    pos_sync_order_type = fields.Char(string="Order Type", readonly=True, copy=False)
    pos_sync_fiscal_number = fields.Char(string="Fiscal Number", readonly=True, copy=False)
    pos_sync_note = fields.Text(string="Customer's Note", readonly=True, copy=False)
    pos_sync_parties = fields.Char(
        readonly=True, copy=False, help="A digest of what the system stated last of customer, bill-to and ship-to."
    )
    pos_sync_closed_at = fields.Datetime(string="Closed at the System", readonly=True, copy=False)
    pos_sync_no_delivery = fields.Boolean(
        string="Stock Kept by the System",
        readonly=True,
        copy=False,
        help="The system has handed the goods over and counts its own stock: Odoo never delivers this order.",
    )
    pos_sync_gross = fields.Monetary(string="Total Stated", readonly=True, copy=False)
    pos_sync_net = fields.Monetary(string="Net Stated", readonly=True, copy=False)
    pos_sync_tax = fields.Monetary(string="Tax Stated", readonly=True, copy=False)
    pos_sync_channel_tax = fields.Monetary(
        string="Tax Remitted by the Channel",
        readonly=True,
        copy=False,
        help="Part of the tax stated: the customer pays it, a marketplace remits it, and the shop does not owe it.",
    )
    pos_sync_payment_ids = fields.One2many(
        "pos.sync.payment", "order_id", string="Payments at the System", copy=False, groups=_POS_SYNC
    )
    pos_sync_refund_ids = fields.One2many(
        "pos.sync.refund", "order_id", string="Refunds at the System", copy=False, groups=_POS_SYNC
    )
    pos_sync_points_ids = fields.One2many("pos.sync.points", "order_id", string="Points", copy=False, groups=_POS_SYNC)

    _pos_sync_external_uniq = models.UniqueIndex(
        "(pos_sync_connection_id, pos_sync_external_id) WHERE pos_sync_connection_id IS NOT NULL"
    )

    def _pos_sync_imported(self):
        return self.filtered("pos_sync_connection_id")

    _add_precomputed_values = _computed_later()
    _compute_fiscal_position_id = _kept("_compute_fiscal_position_id")
    _compute_journal_id = _kept("_compute_journal_id")
    _compute_note = _kept("_compute_note")
    _compute_partner_invoice_id = _kept_address("_compute_partner_invoice_id", "partner_invoice_id")
    _compute_partner_shipping_id = _kept_address("_compute_partner_shipping_id", "partner_shipping_id")
    _compute_payment_term_id = _kept("_compute_payment_term_id")
    _compute_preferred_payment_method_line_id = _kept("_compute_preferred_payment_method_line_id")
    _compute_prepayment_percent = _kept("_compute_prepayment_percent")
    _compute_pricelist_id = _kept("_compute_pricelist_id")
    _compute_require_payment = _kept("_compute_require_payment")
    _compute_require_signature = _kept("_compute_require_signature")
    _compute_sale_order_template_id = _kept("_compute_sale_order_template_id")
    _compute_team_id = _kept("_compute_team_id")
    _compute_user_id = _kept("_compute_user_id")
    _compute_validity_date = _kept("_compute_validity_date")
    _compute_warehouse_id = _kept("_compute_warehouse_id")

    def _pos_sync_day_of_sale(self):
        """The business day on which it was sold: when it was closed, else made."""
        self.ensure_one()
        moment = self.pos_sync_closed_at or self.date_order
        return self.pos_sync_connection_id._day_at(moment, self.pos_sync_location_id)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    pos_sync_line_id = fields.Char(string="Line at the System", readonly=True, copy=False)
    pos_sync_quantity = fields.Float(
        string="Exact Quantity", digits=(16, 6), readonly=True, copy=False, help="Where Odoo's digits are too few."
    )

    def _pos_sync_imported(self):
        return self.filtered(lambda line: line.pos_sync_line_id and line.order_id.pos_sync_connection_id)

    _add_precomputed_values = _computed_later()
    _compute_customer_lead = _kept("_compute_customer_lead")
    _compute_discount = _kept("_compute_discount")
    _compute_name = _kept("_compute_name")
    _compute_price_unit = _kept("_compute_price_unit")
    _compute_tax_ids = _kept("_compute_tax_ids")

    @api.depends("order_id.pos_sync_no_delivery")
    def _compute_qty_delivered_method(self):
        """Where the system has handed the goods over no stock move says so: the quantity is kept as imported."""
        handed_over = self.filtered(lambda line: line.order_id.pos_sync_no_delivery)
        handed_over.qty_delivered_method = "manual"
        return super(SaleOrderLine, self - handed_over)._compute_qty_delivered_method()

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Whoever edits it, an order whose goods the system has handed over is never delivered again."""
        lines = self.filtered(lambda line: not line.order_id.pos_sync_no_delivery)
        if not lines:
            return True
        return super(SaleOrderLine, lines)._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)
