from odoo import fields, models
from odoo.exceptions import AccessError

from ...connectors.records import ChargeKind


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
    tax_stated = fields.Boolean(readonly=True, help="The system states the tax of the refund, be it none.")
    overpayment = fields.Monetary(
        readonly=True,
        help="The part that returns what was paid beyond what the order comes to since it was edited. It refunds no "
        "sale.",
    )
    accepted = fields.Boolean(
        string="Accepted as Worked Out",
        readonly=True,
        copy=False,
        help="Somebody has decided that what the refund does not state is a price reduction on its whole order.",
    )
    reason = fields.Char(readonly=True)
    refunded_at = fields.Datetime(required=True, readonly=True)
    line_ids = fields.One2many("pos.sync.refund.line", "refund_id", readonly=True)
    charge_ids = fields.One2many("pos.sync.refund.charge", "refund_id", readonly=True)
    payment_ids = fields.One2many("pos.sync.payment", "refund_id", readonly=True)

    seen = fields.Integer(readonly=True, help="The number of the last full pass that named it.")
    gone = fields.Boolean(
        string="Cancelled at the System",
        readonly=True,
        help="The system has deleted or cancelled the refund: it counts no more.",
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A refund is imported once.")

    def action_accept(self):
        """Lets the refund be posted as it can be worked out, though the system does not state what it is for."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accountants can decide this. Ask somebody with access to invoicing."))
        self.check_access("read")
        for refund in self.sudo():
            refund.accepted = True
            self.env["pos.sync.post_days"]._release(refund.connection_id, refund._trace_key())

    def _trace_key(self):
        self.ensure_one()
        return f"unclear-refund:{self.id}"


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
    tax_ids = fields.Many2many("account.tax", help="As refunded. Empty: those that the line was sold with.")
    channel_tax = fields.Monetary(help="The part of the amount that is tax which the channel remits.")
    restocked = fields.Selection([("yes", "Yes"), ("no", "No")], help="Empty: the system does not say.")


class PosSyncRefundCharge(models.Model):
    """What a refund returns beside its lines: shipping, a tip, a service charge. A fee that was kept is negative."""

    _name = "pos.sync.refund.charge"
    _description = "POS Sync Refund Charge"
    _order = "refund_id, id"

    refund_id = fields.Many2one("pos.sync.refund", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="refund_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="refund_id.currency_id")
    kind = fields.Selection(
        [(kind.value, kind.name.replace("_", " ").capitalize()) for kind in ChargeKind], required=True
    )
    name = fields.Char()
    gross = fields.Monetary()
    tax = fields.Monetary()
    tax_ids = fields.Many2many("account.tax", help="As refunded. Empty: those that the charge was sold with.")
    channel_tax = fields.Monetary(help="The part of the amount that is tax which the channel remits.")
