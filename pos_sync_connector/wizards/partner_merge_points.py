from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Odoo adds the points up on one card and archives the other one; in the programs that imported orders earn by,
        history, orders and ledger follow, and the other card goes."""
        Card = self.env["loyalty.card"]
        own = Card._cards_for_all().search([("partner_id", "=", dst_partner.id)])
        result = super()._update_foreign_keys(src_partners, dst_partner)
        Card._fuse_cards_of(dst_partner, preferred=own)
        self.env["pos.sync.award_points"]._settle_walk_in(dst_partner)
        return result
