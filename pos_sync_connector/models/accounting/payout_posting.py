from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...connectors.payouts import PayoutStatus


class PosSyncPayout(models.Model):
    """A payout as an entry: out of the accounts of the ways to pay, to the bank and to fees."""

    _inherit = "pos.sync.payout"

    move_ids = fields.One2many("account.move", "pos_sync_payout_id", string="Entries", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", compute="_compute_move_id")
    posting_state = fields.Selection(
        [("none", "Not Posted Here"), ("open", "To Post"), ("posted", "Posted"), ("changed", "Changed Since")],
        string="Posting",
        compute="_compute_posting_state",
        search="_search_posting_state",
    )
    posted_digest = fields.Char(readonly=True, copy=False, help="What the payout was when it was posted.")

    @api.depends("move_ids.state", "move_ids.reversal_move_ids.state")
    def _compute_move_id(self):
        """The entry that holds; one that was reversed or cancelled holds no more."""
        for payout in self:
            payout.move_id = (
                payout.sudo()
                .move_ids.filtered(
                    lambda move: move.state == "posted" and "posted" not in move.reversal_move_ids.mapped("state")
                )[:1]
                .id
            )

    @api.depends("move_id", "status", "digest", "posted_digest")
    def _compute_posting_state(self):
        for payout in self:
            if payout.move_id:
                payout.posting_state = "posted" if payout.posted_digest == payout.digest else "changed"
            else:
                payout.posting_state = "open" if payout._may_be_posted() else "none"

    def _may_be_posted(self):
        """What has not arrived is not posted, nor what came before entries begin, nor where sales are not posted."""
        self.ensure_one()
        connection = self.connection_id
        if self.status != PayoutStatus.PAID.value or (connection.entries_from and self.date < connection.entries_from):
            return False
        return self.env["pos.sync.posting.period"].sudo()._of(self).mode in ("invoice", "summary")

    def _search_posting_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = self.search(["|", ("status", "=", PayoutStatus.PAID.value), ("move_ids", "!=", False)])
        found = known.filtered(lambda payout: payout.posting_state in value)
        rest = [("id", "not in", known.ids)] if "none" in value else []
        return ["|", ("id", "in", found.ids), *rest] if rest else [("id", "in", found.ids)]

    def action_post(self):
        """Posts those of these payouts that are to be posted; none twice."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accountants can post. Ask somebody with access to invoicing."))
        self.check_access("read")
        if not self.filtered(lambda payout: payout.posting_state == "open"):
            raise UserError(
                self.env._(
                    "None of these payouts is to be posted: they are posted already, have not arrived, or the sales of "
                    "their connection are not posted in Odoo."
                )
            )
        self.env["pos.sync.post_payouts"].sudo()._post(self.sudo())
        return self.env["pos.sync.connection"]._notify(self.env._("Posted."))

    def action_view_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }


class AccountMove(models.Model):
    _inherit = "account.move"

    pos_sync_payout_id = fields.Many2one(
        "pos.sync.payout",
        string="Payout",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
