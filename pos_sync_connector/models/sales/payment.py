from odoo import fields, models

from ...connectors.records import PaymentKind


class PosSyncPayment(models.Model):
    """Money that the system took on an order, or gave back on a refund (then negative)."""

    _name = "pos.sync.payment"
    _description = "POS Sync Payment"
    _order = "paid_at, id"
    _rec_name = "method_name"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", ondelete="cascade", index="btree_not_null")
    refund_id = fields.Many2one("pos.sync.refund", ondelete="cascade", index="btree_not_null")
    external_id = fields.Char(string="External ID", required=True)
    method_external_id = fields.Char(string="Method ID")
    method_name = fields.Char(string="Name of the Method")
    kind = fields.Selection([(kind.value, kind.name.replace("_", " ").capitalize()) for kind in PaymentKind])
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(help="Applied to the order, without the tip.")
    tip = fields.Monetary()
    rounding = fields.Monetary(
        string="Cash Rounding", help="What the drawer received beyond amount and tip, because cash is rounded."
    )
    reference = fields.Char()
    paid_at = fields.Datetime()
