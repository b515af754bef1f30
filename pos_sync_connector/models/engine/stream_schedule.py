from odoo import api, fields, models


class PosSyncStream(models.Model):
    """The schedule in words."""

    _inherit = "pos.sync.stream"

    schedule = fields.Char(compute="_compute_schedule", help="How often it runs.")

    @api.depends("interval_number", "interval_type")
    def _compute_schedule(self):
        one = {
            "minutes": self.env._("every minute"),
            "hours": self.env._("every hour"),
            "days": self.env._("every day"),
        }
        for stream in self:
            number = stream.interval_number
            several = {
                "minutes": self.env._("every %s minutes", number),
                "hours": self.env._("every %s hours", number),
                "days": self.env._("every %s days", number),
            }
            stream.schedule = (one if number == 1 else several).get(stream.interval_type)
