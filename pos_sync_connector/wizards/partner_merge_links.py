from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts moves links by their foreign keys; what two partners of one customer had twice, and
    what is decided by the merge itself, is put right here."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._settle_matches(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        owners = (
            self.env["pos.sync.mapping"]
            .sudo()
            .search([("partner_id", "=", dst_partner.id), ("owns_contact", "=", True)], order="id")
        )
        owners[1:].write({"owns_contact": False})
        return result

    def _update_values(self, src_partners, dst_partner):
        result = super()._update_values(src_partners, dst_partner)
        # A duplicate that had been brought together with another one must not hide what it is merged into.
        dst_partner.sudo().pos_sync_replaced_by_id = False
        return result

    def _settle_matches(self, src_partners, dst_partner):
        """Odoo drops all rows of a model where one of them would become double: the double ones go before that."""
        Match = self.env["pos.sync.match"].sudo()
        everybody = src_partners | dst_partner
        matches = Match.search([("candidate_id", "in", everybody.ids)])
        matches.filtered(
            lambda match: (
                match.kind == "same_person" and match.state == "open" and match.imported_partner_id in everybody
            )
        )._decide("same")
        kept = {}
        for match in matches.sorted(lambda match: (match.state == "open", match.candidate_id != dst_partner, match.id)):
            key = (match.connection_id, match.external_id, match.kind)
            if kept.setdefault(key, match) != match:
                match.unlink()
