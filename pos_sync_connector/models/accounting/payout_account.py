from odoo import api, fields, models

BANK, FEE, OTHER = "bank", "fee", "other"
PURPOSES = [(BANK, "Payouts: To the Bank"), (FEE, "Payouts: Fees"), (OTHER, "Payouts: What No Order Explains")]


class PosSyncPayoutAccount(models.Model):
    """Where a part of the payouts of a connection goes. What orders explain leaves the account of its way to pay."""

    _name = "pos.sync.payout.account"
    _description = "POS Sync Account of Payouts"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, id"
    _rec_name = "purpose"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    account_id = fields.Many2one(
        "account.account", check_company=True, domain="[('company_ids', 'in', company_id)]", ondelete="restrict"
    )

    guessed = fields.Boolean(
        string="Proposed",
        help="Nobody has chosen the account yet: it is the one that most likely fits. Untick it to confirm.",
    )

    _purpose_uniq = models.Constraint("UNIQUE(connection_id, purpose)", "Each part of a payout has one account.")

    def write(self, vals):
        if "account_id" in vals and "guessed" not in vals:
            vals = {**vals, "guessed": False}
        return super().write(vals)

    @api.model
    def _ensure(self, connection):
        """A row a purpose, with a proposal: another connection's choice, else the company's account for money between
        two of its own, and its only one for bank fees."""
        known = set(self.search([("connection_id", "=", connection.id)]).mapped("purpose"))
        for purpose, _label in PURPOSES:
            if purpose not in known:
                account = self._proposal(connection.company_id, purpose)
                self.create(
                    {
                        "connection_id": connection.id,
                        "purpose": purpose,
                        "account_id": account.id,
                        "guessed": bool(account),
                    }
                )

    def _proposal(self, company, purpose):
        twins = self.sudo().search([("company_id", "=", company.id), ("purpose", "=", purpose)]).account_id
        if len(twins) == 1:
            return twins
        if purpose == BANK:
            return company.transfer_account_id
        Account = self.env["account.account"].with_company(company)
        if purpose == FEE:
            found = Account.search(
                [
                    *Account._check_company_domain(company),
                    ("name", "ilike", self.env._("bank fees")),
                    ("account_type", "in", ("expense", "expense_other")),
                ]
            )
            return found if len(found) == 1 else Account
        return Account

    @api.model
    def _accounts(self, connection):
        """{purpose: account}, of those that are chosen."""
        rows = self.search([("connection_id", "=", connection.id), ("account_id", "!=", False)])
        return {row.purpose: row.account_id for row in rows}
