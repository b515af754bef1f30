from odoo import models

# What decides whether an order holds points, and whose card they are on.
_SETTLED_BY = {"state", "partner_id", "pos_sync_status"}


class SaleOrder(models.Model):
    """Imported orders earn by `pos.sync.award_points` alone: Odoo's own awarding leaves them out, and what happens to
    them in Odoo moves their points. The importer settles a page at once, under the context key `pos_sync_settle_later`.
    """

    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if _SETTLED_BY & vals.keys() and not self.env.context.get("pos_sync_settle_later"):
            self.env["pos.sync.award_points"]._settle(self)
        return result

    def _action_cancel(self):
        """Odoo takes back what the coupon points say and deletes the history: by then nothing may be held."""
        self.env["pos.sync.award_points"]._take_back(self)
        return super()._action_cancel()

    def unlink(self):
        imported = self.filtered("pos_sync_connection_id")
        if imported:
            self.env["pos.sync.award_points"]._take_back(imported)
            self.env["loyalty.history"].sudo().search(
                [("order_model", "=", self._name), ("order_id", "in", imported.ids)]
            ).unlink()
        # Before the order: the ledger names both, and the database may let go of one at a time only.
        self.sudo().pos_sync_refund_ids.unlink()
        return super().unlink()

    # Odoo's own awarding

    def _update_programs_and_rewards(self):
        if self.pos_sync_connection_id:
            return None
        return super()._update_programs_and_rewards()

    def _add_loyalty_history_lines(self):
        if self.pos_sync_connection_id:
            return None
        return super()._add_loyalty_history_lines()

    def _get_claimable_rewards(self, forced_coupons=None):
        if self.pos_sync_connection_id:
            return {}
        return super()._get_claimable_rewards(forced_coupons=forced_coupons)

    def _try_apply_program(self, program, coupon=None):
        if self.pos_sync_connection_id:
            return {"error": self._imported_sentence()}
        return super()._try_apply_program(program, coupon=coupon)

    def _try_apply_code(self, code):
        if self.pos_sync_connection_id:
            return {"error": self._imported_sentence()}
        return super()._try_apply_code(code)

    def _imported_sentence(self):
        return self.env._(
            "This order was made at %s: what it costs is settled there.", self.pos_sync_connection_id.name
        )
