from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...connectors.payouts import PayoutEntryKind
from ...models.accounting.payout_account import BANK, FEE, OTHER, PURPOSES


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
        amounts = self._amounts(payout)
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
                    "line_ids": [Command.create(vals) for vals in self._prepare_lines(payout, date, amounts)],
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

    def _amounts(self, payout):
        """[(account, name, amount in the payout's currency, key)]; they come to 0. Raises UserError where an account is
        to be chosen first."""
        chosen = self.env["pos.sync.payout.account"]._accounts(payout.connection_id)
        cleared = self._cleared(payout)
        rest = payout.currency_id.round(payout.gross - sum(cleared.values()))
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
        found = [
            (method.account_id, self.env._("Paid out: %s", method.name), -amount, f"payout:{method.id}")
            for method, amount in cleared.items()
        ]
        names = {
            BANK: payout.reference or payout.external_id,
            FEE: self.env._("Fees"),
            OTHER: self.env._("What no order explains"),
        }
        signs = {BANK: 1, FEE: 1, OTHER: -1}
        found += [
            (chosen[purpose], names[purpose], signs[purpose] * amount, False)
            for purpose, amount in needed.items()
            if amount
        ]
        return [(account, name, payout.currency_id.round(amount), key) for account, name, amount, key in found]

    def _cleared(self, payout):
        """{way to pay: amount} of what stands on its account since its day was posted. What is held back or carried
        over stays on the account that most of the payout was on."""
        cleared, carried = defaultdict(float), 0.0
        for entry in payout.entry_ids:
            method = entry.payment_id.method_id
            if entry.kind == PayoutEntryKind.CARRIED.value:
                carried += entry.gross
            elif entry.explained in ("yes", "amount"):
                if not method.account_id:
                    raise UserError(
                        self.env._(
                            "The payment method “%s” has no account yet. Choose it under Accounts and Taxes, and post "
                            "the days of the payout first.",
                            method.name or entry.payment_id.method_name or entry.payment_id.kind,
                        )
                    )
                cleared[method] += entry.gross - entry.difference
        if carried and cleared:
            largest = max(cleared, key=lambda key: abs(cleared[key]))
            cleared[largest] += carried
        return {method: amount for method, amount in cleared.items() if payout.currency_id.round(amount)}

    def _prepare_lines(self, payout, date, amounts):
        """In another currency than the company's each is converted at the day's rate; what rounding leaves of the
        balance goes to the largest."""
        own = payout.company_id.currency_id
        prepared = [
            {
                "name": name,
                "account_id": account.id,
                "pos_sync_key": key,
                "currency_id": payout.currency_id.id,
                "amount_currency": amount,
                "balance": payout.currency_id._convert(amount, own, payout.company_id, date),
            }
            for account, name, amount, key in amounts
        ]
        left = own.round(sum(vals["balance"] for vals in prepared))
        if left:
            largest = max(prepared, key=lambda vals: abs(vals["balance"]))
            largest["balance"] = own.round(largest["balance"] - left)
        return prepared
