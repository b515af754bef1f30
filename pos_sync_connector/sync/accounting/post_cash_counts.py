from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .rate_of_day import check_rate


class PosSyncPostCashCounts(models.AbstractModel):
    """Posts cash counts: what was paid in and out of the drawer, and what was found or missing, each against the
    account of the drawer. Sales and refunds in cash are posted with their day."""

    _name = "pos.sync.post_cash_counts"
    _description = "POS Sync Posting of Cash Counts"

    def _post(self, counts):
        # Two accountants at once must not post the same twice.
        counts.lock_for_update()
        counts.invalidate_recordset()
        for count in counts.filtered(lambda item: item.state == "to_post").sorted("date"):
            count.move_id = self._post_count(count)
            self.env["pos.sync.reconciliation"]._note_touched(count.connection_id, [count.date])

    def _post_count(self, count):
        journal = self.env["pos.sync.posting.period"]._of(count).journal_id
        journal = journal or self.env["pos.sync.posting.period"]._ordinary_journal(count.company_id)
        if not journal:
            raise UserError(self.env._("The company has no journal for miscellaneous entries. Create one."))
        company = count.company_id
        locks = company._get_violated_lock_dates(count.date, False, journal)
        date = fields.Date.add(locks[-1][0], days=1) if locks else count.date
        amounts = self._amounts(count)
        rate = {"currency_id": count.currency_id.id}
        check_rate(count.currency_id, company, count.date)
        lines = []
        for account, name, amount in amounts:
            balance = count.currency_id._convert(amount, company.currency_id, company, count.date)
            for side, owner in ((1, self._drawer(count)), (-1, account)):
                vals = {"name": name, "account_id": owner.id, "amount_currency": side * amount}
                lines.append(Command.create({**vals, **rate, "balance": side * balance}))
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "company_id": company.id,
                    "date": date,
                    "ref": self.env._("Cash count of %s", count.display_name),
                    "currency_id": count.currency_id.id,
                    "line_ids": lines,
                }
            )
        )
        move._post(soft=False)
        return move

    def _drawer(self, count):
        account = count.method_id.account_id
        if not account:
            raise UserError(
                self.env._(
                    "Choose the payment method whose account is the drawer “%s”, and its account.", count.display_name
                )
            )
        return account

    def _amounts(self, count):
        """[(account, name, what it adds to the drawer)]"""
        found = []
        for name, amount in ((self.env._("Paid in"), count.paid_in), (self.env._("Paid out"), -count.paid_out)):
            if not count.currency_id.is_zero(amount):
                if not count.other_account_id:
                    raise UserError(
                        self.env._("Choose the account of what was paid in and out of “%s”.", count.display_name)
                    )
                found.append((count.other_account_id, name, amount))
        if not count.currency_id.is_zero(count.difference):
            found.append((self._difference_account(count), self.env._("Cash difference"), count.difference))
        return found

    def _difference_account(self, count):
        """Where Odoo itself puts what is found or missing in a till: the journal's account, else the company's."""
        journal, company = count.method_id.journal_id, count.company_id
        account = (
            journal.profit_account_id or company.default_cash_difference_income_account_id
            if count.difference > 0
            else journal.loss_account_id or company.default_cash_difference_expense_account_id
        )
        if not account:
            raise UserError(
                self.env._("The company has no account for cash differences. Choose one in Odoo's accounting settings.")
            )
        return account
