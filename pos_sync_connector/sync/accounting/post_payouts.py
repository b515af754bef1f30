from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.accounting.payout_account import BANK, FEE, OTHER, PURPOSES
from .rate_of_day import check_rate


class PosSyncPostPayouts(models.AbstractModel):
    """Posts payouts: one balanced entry each, out of the account that each payment stands on since its day was posted,
    to the bank and to fees."""

    _name = "pos.sync.post_payouts"
    _description = "POS Sync Posting of Payouts"

    def _post(self, payouts):
        for connection in payouts.connection_id:
            # Each way to pay that is new gets its account proposed.
            self.env["pos.sync.gather_days"]._gather(connection)
        # Two accountants at once must not post the same twice.
        payouts.lock_for_update()
        payouts.invalidate_recordset()
        for payout in payouts.filtered(lambda item: item.posting_state == "open").sorted("date"):
            self._post_payout(payout)

    def _post_payout(self, payout):
        journal = self.env["pos.sync.posting.period"]._of(payout).journal_id
        journal = journal or self.env["pos.sync.posting.period"]._ordinary_journal(payout.company_id)
        if not journal:
            raise UserError(self.env._("The company has no journal for miscellaneous entries. Create one."))
        locks = payout.company_id._get_violated_lock_dates(payout.date, False, journal)
        date = locks[-1][0] + timedelta(days=1) if locks else payout.date
        move = (
            self.env["account.move"]
            .with_company(payout.company_id)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "company_id": payout.company_id.id,
                    "date": date,
                    "ref": self.env._(
                        "Payout %(name)s of %(connection)s",
                        name=payout.display_name,
                        connection=payout.connection_id.name,
                    ),
                    "currency_id": payout.currency_id.id,
                    "pos_sync_payout_id": payout.id,
                    "line_ids": [Command.create(vals) for vals in self._prepare_lines(payout)],
                }
            )
        )
        move._post(soft=False)
        payout.posted_digest = payout.digest
        if locks:
            move.message_post(
                body=self.env._(
                    "%(day)s is locked: the entry was posted on the first open day, %(date)s.",
                    day=fields.Date.to_string(payout.date),
                    date=fields.Date.to_string(date),
                )
            )

    def _prepare_lines(self, payout):
        """Values of the journal items. What is cleared leaves its account at what it was posted at, all else is worth
        what it is at the rate of the payout's own day, whenever a lock lets it be posted: between the two is an
        exchange difference. Raises UserError where an account is to be chosen first, or the rate is missing."""
        check_rate(payout.currency_id, payout.company_id, payout.date)
        own, currency = payout.company_id.currency_id, payout.currency_id
        cleared = self._cleared(payout)
        prepared = [self._prepare_cleared(part) for part in cleared]
        company, day = payout.company_id, payout.date
        exchange = sum(currency._convert(part.gross, own, company, day) - part.worth for part in cleared)
        if exchange := own.round(exchange):
            prepared.append(self._prepare_exchange(payout, exchange))
        others = [
            {
                "name": name,
                "account_id": account.id,
                "currency_id": currency.id,
                "amount_currency": amount,
                "balance": currency._convert(amount, own, company, day),
            }
            for account, name, amount in self._others(payout, currency.round(sum(part.gross for part in cleared)))
        ]
        prepared += others
        left = own.round(sum(vals["balance"] for vals in prepared))
        if left:
            # What rounding leaves of the balance goes to the largest.
            largest = max(others or prepared, key=lambda vals: abs(vals["balance"]))
            largest["balance"] = own.round(largest["balance"] - left)
        return prepared

    def _prepare_cleared(self, part):
        return {
            "name": self.env._("Paid out: %s", part.method.name),
            "account_id": part.account.id,
            "pos_sync_key": part.key(),
            "currency_id": part.day.currency_id.id,
            "amount_currency": -part.amount,
            "balance": -part.worth,
        }

    def _prepare_exchange(self, payout, gain):
        """As Odoo's own exchange entries: an amount in the company's currency only."""
        company = payout.company_id
        account = (
            company.income_currency_exchange_account_id if gain > 0 else company.expense_currency_exchange_account_id
        )
        if not account:
            raise UserError(
                self.env._(
                    "The payout brings an exchange difference, and the company has no account for it. Choose the gain "
                    "and the loss account of exchange differences in Odoo's accounting settings."
                )
            )
        own = payout.currency_id == company.currency_id
        return {
            "name": self.env._("Exchange difference"),
            "account_id": account.id,
            "currency_id": payout.currency_id.id,
            "amount_currency": -gain if own else 0.0,
            "balance": -gain,
        }

    def _others(self, payout, cleared):
        """[(account, name, amount in the payout's currency)] of what goes to the bank, to fees, and of what is not
        `cleared`."""
        chosen = self.env["pos.sync.payout.account"]._accounts(payout.connection_id)
        rest = payout.currency_id.round(payout.gross - cleared)
        needed = {BANK: payout.net, FEE: payout.fees, OTHER: rest}
        labels = dict(PURPOSES)
        lacking = [labels[purpose] for purpose, amount in needed.items() if amount and purpose not in chosen]
        if lacking:
            raise UserError(
                self.env._(
                    "Choose first where it goes, under Accounts and Taxes: %s.",
                    ", ".join(f"“{name}”" for name in lacking),
                )
            )
        names = {
            BANK: payout.reference or payout.external_id,
            FEE: self.env._("Fees"),
            OTHER: self.env._("What no order explains"),
        }
        signs = {BANK: 1, FEE: 1, OTHER: -1}
        return [
            (chosen[purpose], names[purpose], payout.currency_id.round(signs[purpose] * amount))
            for purpose, amount in needed.items()
            if amount
        ]
