"""The lines of an entry, and from each the orders that it is made of, for whoever may post: Odoo itself shows the lines
of an entry only to those with its full accounting features."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_pos_sync_lines(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.account_move_line_action_pos_sync")
        return {**action, "domain": [("move_id", "in", self.ids), ("display_type", "!=", "payment_term")]}


class PosSyncDay(models.Model):
    _inherit = "pos.sync.day"

    def action_view_lines(self):
        return self.move_ids.filtered(lambda move: move.move_type == "entry").action_pos_sync_lines()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def action_pos_sync_orders(self):
        """Also of a payout's line: the orders whose payments it holds."""
        self.ensure_one()
        payout = self.move_id.pos_sync_payout_id
        if not payout:
            return super().action_pos_sync_orders()
        _kind, _sep, method = (self.pos_sync_key or "").partition(":")
        method, _sep, day = method.partition(":")
        entries = payout.entry_ids.filtered(
            lambda entry: (
                str(entry.payment_id.method_id.id) == method and (not day or str(entry.payment_id.day_id.id) == day)
            )
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": [("id", "in", entries.order_id.ids)], "context": {}}
