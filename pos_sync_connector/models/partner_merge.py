from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Two customers who are one have one card in each program that imported orders earn by."""
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["loyalty.card"]._fuse_cards_of(dst_partner)
        self.env["pos.sync.award_points"]._settle_walk_in(dst_partner)
        return result
