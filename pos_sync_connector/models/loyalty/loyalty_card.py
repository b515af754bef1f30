from odoo import api, models
from odoo.exceptions import UserError


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    @api.model_create_multi
    def create(self, vals_list):
        """Cards of a program that imported orders earn by are made by one transaction at a time.

        The row that is written makes the second of two that run at once fail and be repeated: then it sees the card
        of the first. Odoo gives a customer whom two orders make a member at once two cards otherwise.
        """
        programs = {vals.get("program_id") for vals in vals_list if vals.get("partner_id")} - {None, False}
        if programs:
            self.env.cr.execute(
                "UPDATE loyalty_program SET write_date = write_date WHERE id IN "
                "(SELECT program_id FROM pos_sync_connection WHERE program_id IN %s "
                "UNION SELECT program_id FROM pos_sync_points WHERE program_id IN %s)",
                [tuple(programs), tuple(programs)],
                log_exceptions=False,
            )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_imported_points(self):
        if self.env["pos.sync.points"].sudo().search_count([("card_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Imported orders have given points to this card. Archive it instead of deleting it.")
            )

    @api.model
    def _cards_of(self, pairs):
        """{(program id, partner id): card id} of those that have one; the oldest active one counts, as in Odoo."""
        found = (
            self.sudo()
            .with_context(active_test=False)
            .search_read(
                [
                    ("program_id", "in", list({program_id for program_id, _partner_id in pairs})),
                    ("partner_id", "in", list({partner_id for _program_id, partner_id in pairs})),
                ],
                ["program_id", "partner_id"],
                order="active, id desc",
                load=None,
            )
        )
        cards = {(row["program_id"], row["partner_id"]): row["id"] for row in found}
        return {pair: card_id for pair, card_id in cards.items() if pair in pairs}

    @api.model
    def _cards_for_all(self):
        """Cards as the ledger needs them: archived ones too, and without mail or chatter."""
        return self.sudo().with_context(active_test=False, loyalty_no_mail=True, tracking_disable=True)

    @api.model
    def _fuse_cards_of(self, partner, preferred):
        """Leaves a customer one card in each program that imported orders earn by, if possible one of `preferred`."""
        cards = self._cards_for_all().search([("partner_id", "=", partner.id)], order="active desc, id")
        Connection = self.env["pos.sync.connection"].sudo().with_context(active_test=False)
        programs = Connection.search([("program_id", "in", cards.program_id.ids)]).program_id
        programs |= self.env["pos.sync.points"].sudo().search([("card_id", "in", cards.ids)]).program_id
        for program, own in cards.grouped("program_id").items():
            if program in programs:
                own.sorted(lambda card: (not card.active, card not in preferred))._fuse()

    def _fuse(self):
        """Makes one card of several of one customer and program: points, history, orders and ledger go to the first."""
        kept = self[:1]
        Merge = self.env["base.partner.merge.automatic.wizard"]
        for other in self[1:]:
            points = kept.points + other.points
            self.env.flush_all()
            # Odoo's merge deletes all rows of the other card if one of them would stand twice.
            self.env.cr.execute(
                "WITH twice AS (DELETE FROM sale_order_coupon_points goes USING sale_order_coupon_points stays "
                "WHERE goes.coupon_id = %s AND stays.coupon_id = %s AND goes.order_id = stays.order_id "
                "RETURNING stays.id, goes.points) "
                "UPDATE sale_order_coupon_points stays SET points = stays.points + twice.points "
                "FROM twice WHERE twice.id = stays.id",
                [other.id, kept.id],
            )
            Merge._update_foreign_keys_generic(self._name, other, kept)
            Merge._update_reference_fields_generic(self._name, other, kept)
            self.env.invalidate_all()
            kept.points = points
            other.unlink()
        return kept
