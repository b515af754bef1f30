from dataclasses import dataclass

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...connectors.payouts import PayoutEntryKind

# What the line of a payout clears: money of one payment method and business day.
CLEARED = "payout:"


@dataclass(slots=True)
class Cleared:
    """What a payout takes off the account that payments of one method and day were posted to. `amount` is in the
    day's currency, `worth` the same in the company's as it was posted, `gross` as the payout has it."""

    method: object
    day: object
    account: object
    amount: float = 0.0
    gross: float = 0.0
    worth: float = 0.0

    def key(self):
        return f"{CLEARED}{self.method.id}:{self.day.id}"


class PosSyncPostPayouts(models.AbstractModel):
    """Which payments a payout clears, on which account they stand, and what they were posted at."""

    _inherit = "pos.sync.post_payouts"

    def _cleared(self, payout):
        """[Cleared] of what stands on an account since its day was posted. What is in no day's entry, as money from
        before entries begin, stands on none. What is held back or carried over stays on the account that most of the
        payout was on."""
        found, carried = {}, 0.0
        for entry in payout.entry_ids:
            payment = entry.payment_id
            if entry.kind == PayoutEntryKind.CARRIED.value:
                carried += entry.gross
            elif entry.explained in ("yes", "amount") and payment.day_id and payment.day_id.mode != "orders":
                key = payment.method_id, payment.day_id
                part = found.setdefault(key, Cleared(*key, payment.method_id.account_id))
                part.amount += payment.amount + payment.tip
                part.gross += entry.gross - entry.difference
        self._check_posted(found)
        if carried and found:
            largest = max(found.values(), key=lambda part: abs(part.gross))
            largest.amount += carried * (largest.amount / largest.gross if largest.gross else 1.0)
            largest.gross += carried
        for part in found.values():
            part.amount, part.gross = part.day.currency_id.round(part.amount), payout.currency_id.round(part.gross)
        self._find_posted(found)
        return [part for part in found.values() if part.amount]

    def _check_posted(self, found):
        """Refuses to clear what is not on its account yet."""
        days = self.env["pos.sync.day"].union(*(day for _method, day in found))
        if waiting := days.filtered(lambda day: day.state != "posted").sorted("date"):
            raise UserError(
                self.env._(
                    "The payout pays out money of days that are not posted as they are now: %s. Post them first.",
                    ", ".join(waiting.mapped("display_name")),
                )
            )

    def _find_posted(self, found):
        """Takes account and worth from the entries of the days, less what other payouts have cleared of them."""
        days = self.env["pos.sync.day"].union(*(day for _method, day in found))
        posted = self._posted_money(days, [f"payment:{method.id}" for method, _day in found])
        former = self._former_money([part.key() for part in found.values()])
        for (method, day), part in found.items():
            account_id, amount, worth = posted.get((day.id, f"payment:{method.id}"), (part.account.id, 0.0, 0.0))
            part.account = self.env["account.account"].browse(account_id)
            gone, gone_worth = former.get(part.key(), (0.0, 0.0))
            own = day.company_id.currency_id
            if day.currency_id.is_zero(amount - gone - part.amount):
                part.worth = own.round(worth - gone_worth)
            elif amount:
                part.worth = own.round(part.amount * worth / amount)
            else:
                part.worth = day.currency_id._convert(part.amount, own, day.company_id, day.date)

    def _posted_money(self, days, keys):
        """{(day id, key): (account id, amount, worth)} of the days' entries; of several accounts the last one's."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT move.pos_sync_day_id, line.pos_sync_key, (array_agg(line.account_id ORDER BY line.id DESC))[1],
                       sum(line.amount_currency), sum(line.balance)
                  FROM account_move_line line JOIN account_move move ON move.id = line.move_id
                 WHERE move.pos_sync_day_id IN %s AND line.pos_sync_key IN %s AND move.state = 'posted'
                 GROUP BY 1, 2
                """,
                tuple(days.ids) or (0,),
                tuple(keys) or ("",),
            )
        )
        return {
            (day_id, key): (account_id, float(amount), float(worth))
            for day_id, key, account_id, amount, worth in self.env.cr.fetchall()
        }

    def _former_money(self, keys):
        """{key: (amount, worth)} of what the payouts that are posted have cleared."""
        self.env.cr.execute(
            SQL(
                """
                SELECT line.pos_sync_key, -sum(line.amount_currency), -sum(line.balance)
                  FROM account_move_line line JOIN account_move move ON move.id = line.move_id
                 WHERE move.pos_sync_payout_id IS NOT NULL AND move.state = 'posted' AND line.pos_sync_key IN %s
                   AND NOT EXISTS (SELECT FROM account_move back
                                    WHERE back.reversed_entry_id = move.id AND back.state = 'posted')
                 GROUP BY 1
                """,
                tuple(keys) or ("",),
            )
        )
        return {key: (float(amount), float(worth)) for key, amount, worth in self.env.cr.fetchall()}
