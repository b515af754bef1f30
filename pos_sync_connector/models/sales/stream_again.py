from odoo import fields, models


class PosSyncStream(models.Model):
    """The days whose orders somebody has asked for once more."""

    _inherit = "pos.sync.stream"

    again_from = fields.Date(readonly=True, copy=False)
    again_to = fields.Date(readonly=True, copy=False)
