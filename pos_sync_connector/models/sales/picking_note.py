from odoo import fields, models


class StockPicking(models.Model):
    """What the buyer wrote on the order is read by who packs it."""

    _inherit = "stock.picking"

    pos_sync_note = fields.Text(string="Customer's Note", related="sale_id.pos_sync_note")
