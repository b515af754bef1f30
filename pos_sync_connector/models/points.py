from odoo import fields, models


class PosSyncPoints(models.Model):
    """The ledger of points: every posting that this addon made, and the truth about them.

    The sum of an order's rows is what the order holds now. Each row is also posted to Odoo's own loyalty card,
    history and coupon points.
    """

    _name = "pos.sync.points"
    _description = "POS Sync Points"
    _order = "id desc"
    _rec_name = "kind"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", ondelete="set null", index="btree_not_null")
    order_external_id = fields.Char(help="Kept when the order is deleted in Odoo.")
    refund_id = fields.Many2one("pos.sync.refund", ondelete="set null", index="btree_not_null")
    kind = fields.Selection(
        [
            ("earn", "Earned"),
            ("refund", "Taken Back for a Refund"),
            ("cancel", "Taken Back for a Cancellation"),
            ("edit", "Order Changed"),
            ("move", "Moved to Another Customer"),
            ("opening", "Opening Balance"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(readonly=True, help="Counts the rows of one kind that an order may have several of.")
    program_id = fields.Many2one("loyalty.program", ondelete="restrict", readonly=True)
    card_id = fields.Many2one("loyalty.card", ondelete="set null", index="btree_not_null", readonly=True)
    partner_id = fields.Many2one("res.partner", ondelete="restrict", index=True, readonly=True)
    amount = fields.Float(string="Basis", digits=(16, 2), readonly=True)
    points = fields.Float(digits=(16, 2), readonly=True)
    posted_at = fields.Datetime(default=fields.Datetime.now, readonly=True)

    _once = models.UniqueIndex(
        "(connection_id, order_external_id, kind, COALESCE(refund_id, 0), sequence) WHERE kind != 'opening'"
    )
    _opening_once = models.UniqueIndex("(connection_id, partner_id) WHERE kind = 'opening'")
