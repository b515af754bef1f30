from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Two customers who are one have one card in each program that imported orders earn by."""
        Card = self.env["loyalty.card"]
        own = Card._cards_for_all().search([("partner_id", "=", dst_partner.id)])
        result = super()._update_foreign_keys(src_partners, dst_partner)
        Card._fuse_cards_of(dst_partner, preferred=own)
        self.env["pos.sync.award_points"]._settle_walk_in(dst_partner)
        return result
