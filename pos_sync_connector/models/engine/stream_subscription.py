from odoo import models


class PosSyncStream(models.Model):
    """What a flow is switched on or off for, its system is to send or not to send at once."""

    _inherit = "pos.sync.stream"

    def write(self, vals):
        result = super().write(vals)
        if "enabled" in vals:
            self.connection_id._tend_webhooks_soon()
        return result
