from odoo import fields, models


class PosSyncConnection(models.Model):
    """How a connection's sales become entries."""

    _inherit = "pos.sync.connection"

    posting_period_ids = fields.One2many("pos.sync.posting.period", "connection_id", string="Posting", copy=False)
    payment_method_ids = fields.One2many(
        "pos.sync.payment.method", "connection_id", string="Payment Methods", copy=False
    )
    day_ids = fields.One2many("pos.sync.day", "connection_id", string="Business Days", copy=False)
