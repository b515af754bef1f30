from odoo import fields, models


class PosSyncStream(models.Model):
    """Sending stock stops and asks before most of a system's goods would be sold out at once."""

    _inherit = "pos.sync.stream"

    asks_zeros = fields.Boolean(readonly=True, copy=False)
    zeros_allowed = fields.Boolean(readonly=True, copy=False)
    checked_count_id = fields.Integer(readonly=True, copy=False, help="The newest count that was looked at.")

    def action_send_zeros(self):
        """The counts that were held back are right: they are sent."""
        self.check_access("write")
        stopped = self.sudo().filtered(lambda stream: stream.enabled and stream.asks_zeros)
        stopped.write({"asks_zeros": False, "zeros_allowed": True})
        stopped._request()
        return self.env["pos.sync.connection"]._notify(self.env._("The counts are sent, zeros as well."))
