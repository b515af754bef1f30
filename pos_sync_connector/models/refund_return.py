"""Goods that a refund brought back."""

from odoo import fields, models


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    return_policy = fields.Selection(
        [
            ("stated", "What the system says was put back"),
            ("all", "All goods that are refunded"),
            ("none", "Nothing: somebody does it by hand"),
        ],
        string="Refunds Return",
        default="stated",
        required=True,
        help="Where Odoo owns the stock: which goods of a refund come back to where they were delivered from.",
    )


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
