"""Goods that a refund brought back."""

from odoo import fields, models

from ...connectors.flows import Flow


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    return_policy = fields.Selection(
        [
            ("stated", "What whoever made the refund says was put back"),
            ("all", "All goods that are refunded"),
            ("none", "Nothing: somebody does it by hand"),
        ],
        string="Refunds Return",
        default="stated",
        required=True,
        help="Which goods of a refund come back. Of the system's refunds to where they were delivered from, where Odoo "
        "owns the stock; of those that are sent, to the system's stock: in Odoo a return says what was put back.",
    )
    sends_refunds = fields.Boolean(compute="_compute_sends_refunds")

    def _compute_sends_refunds(self):
        for connection in self:
            connection.sends_refunds = bool(connection._stream(Flow.REFUNDS_PUSH).enabled)


class PosSyncRefund(models.Model):
    _inherit = "pos.sync.refund"

    picking_ids = fields.One2many("stock.picking", "pos_sync_refund_id", string="Returns", readonly=True)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    pos_sync_refund_id = fields.Many2one(
        "pos.sync.refund",
        string="Refund at the System",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
