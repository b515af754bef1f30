from odoo import models


class PosSyncPostDays(models.AbstractModel):
    """The partner of a location or a connection on the lines of its daily summaries."""

    _inherit = "pos.sync.post_days"

    def _prepare_lines(self, day, amounts):
        prepared = super()._prepare_lines(day, amounts)
        partner = day.location_id.posting_partner_id or self.env["pos.sync.posting.period"]._of(day).partner_id
        for vals in prepared if partner else ():
            vals["partner_id"] = partner.id
        return prepared
