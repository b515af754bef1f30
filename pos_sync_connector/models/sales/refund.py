from odoo import fields, models


class PosSyncRefund(models.Model):
    """Money given back on an order, a record of its own and never an edit of the sold lines."""

    _name = "pos.sync.refund"
    _description = "POS Sync Refund"
    _order = "refunded_at desc, id desc"
    _rec_name = "number"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char(string="External ID", required=True, readonly=True)
    digest = fields.Char(readonly=True)
    number = fields.Char(readonly=True)
    order_id = fields.Many2one("sale.order", ondelete="cascade", index="btree_not_null", readonly=True)
    order_external_id = fields.Char(readonly=True, required=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True, index="btree_not_null")
    location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    gross = fields.Monetary(readonly=True)
    net = fields.Monetary(readonly=True)
    tax = fields.Monetary(readonly=True)
    reason = fields.Char(readonly=True)
    refunded_at = fields.Datetime(required=True, readonly=True)
    line_ids = fields.One2many("pos.sync.refund.line", "refund_id", readonly=True)
    payment_ids = fields.One2many("pos.sync.payment", "refund_id", readonly=True)

    seen = fields.Integer(readonly=True, help="The number of the last full pass that named it.")
    gone = fields.Boolean(
        string="Cancelled at the System",
        readonly=True,
        help="The system has deleted or cancelled the refund: it counts no more.",
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A refund is imported once.")


class PosSyncRefundLine(models.Model):
    """What came back. Quantities and amounts are positive."""

    _name = "pos.sync.refund.line"
    _description = "POS Sync Refund Line"
    _order = "refund_id, id"

    refund_id = fields.Many2one("pos.sync.refund", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="refund_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="refund_id.currency_id")
    order_line_id = fields.Many2one("sale.order.line", ondelete="set null", index="btree_not_null")
    product_id = fields.Many2one("product.product", ondelete="set null", index="btree_not_null")
    name = fields.Char()
    quantity = fields.Float(digits=(16, 6))
    gross = fields.Monetary()
    net = fields.Monetary()
    tax = fields.Monetary()
    restocked = fields.Selection([("yes", "Yes"), ("no", "No")], help="Empty: the system does not say.")
