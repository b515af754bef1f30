from collections import defaultdict

from odoo import models
from odoo.tools import SQL, formatLang

from ..sales.sold import is_sold
from .credited import is_credited_by_hand
from .day_amounts import DayAmount

EXCHANGE = "exchange"


class PosSyncDayAmounts(models.AbstractModel):
    """Exchange differences of daily summaries: a deposit, or a sale on credit, that another day settles at another
    rate, leaves the receivable account at what it was posted at."""

    _inherit = "pos.sync.day_amounts"

    def _worked_out(self, day):
        work = super()._worked_out(day)
        if day.mode == "summary" and day.currency_id != day.company_id.currency_id:
            work.amounts |= self._exchange(work)
        return work

    def _exchange(self, work):
        """{key: DayAmount} of two lines that have a worth only, as in Odoo's own exchange entries."""
        extra = work.company.currency_id.round(self._owed_extra(work.day))
        if not extra:
            return {}
        company = work.company
        account = (
            company.income_currency_exchange_account_id if extra > 0 else company.expense_currency_exchange_account_id
        )
        amount = formatLang(self.env, abs(extra), currency_obj=company.currency_id)
        name = self.env._("Exchange difference of %s", amount)
        return {
            f"{EXCHANGE}:unpaid": DayAmount(EXCHANGE, name, self._receivable(work).id, worth=extra),
            f"{EXCHANGE}:{'gain' if extra > 0 else 'loss'}": DayAmount(EXCHANGE, name, account.id, worth=-extra),
        }

    def _owed_extra(self, day):
        """What the receivable account needs beside what the day's rate makes of its amounts."""
        posted = self._posted_rates(day)
        first, rate = posted.pop(day.id, (0, 0.0))
        if not rate:
            own = day.company_id.currency_id
            rate = self.env["res.currency"]._get_conversion_rate(day.currency_id, own, day.company_id, day.date)
        # Only days that were posted earlier were there to be settled; a later one has its own difference.
        earlier = {day_id: found for day_id, found in posted.items() if not first or found[0] < first}
        total = 0.0
        for parts in self._owed_parts(day).values():
            amount, owed, worth = parts.pop(day.id, 0.0), 0.0, 0.0
            for day_id in sorted(parts.keys() & earlier.keys(), key=earlier.get):
                owed, worth, _extra = _settled(owed, worth, parts[day_id], earlier[day_id][1])
            total += _settled(owed, worth, amount, rate)[2]
        return total

    def _owed_parts(self, day):
        """{order: {summary day: what it leaves to be paid}} of the orders of a day."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH mine AS (
                    SELECT id FROM sale_order WHERE pos_sync_day_id = %(day)s
                     UNION SELECT order_id FROM pos_sync_refund WHERE day_id = %(day)s
                     UNION SELECT COALESCE(payment.order_id, refund.order_id) FROM pos_sync_payment payment
                             LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                            WHERE payment.day_id = %(day)s
                ), part AS (
                    SELECT sale.id AS order_id, sale.pos_sync_day_id AS day_id, sale.amount_total AS amount
                      FROM sale_order sale JOIN mine USING (id) WHERE %(sold)s
                     UNION ALL
                    SELECT refund.order_id, refund.day_id, COALESCE(refund.overpayment, 0) - refund.gross
                      FROM pos_sync_refund refund JOIN mine ON mine.id = refund.order_id
                      JOIN sale_order sale ON sale.id = refund.order_id
                     WHERE refund.gone IS NOT TRUE AND NOT %(credited)s
                       AND (sale.pos_sync_connection_id IS NULL OR %(sold)s)
                     UNION ALL
                    SELECT mine.id, payment.day_id, -payment.amount - COALESCE(payment.tip, 0)
                      FROM pos_sync_payment payment
                      LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                      JOIN mine ON mine.id = COALESCE(payment.order_id, refund.order_id)
                      LEFT JOIN pos_sync_payment_method method ON method.id = payment.method_id
                      LEFT JOIN account_account account ON account.id = method.account_id
                           -- What is bought on account is owed all the same.
                     WHERE refund.gone IS NOT TRUE AND account.account_type IS DISTINCT FROM 'asset_receivable'
                )
                SELECT part.order_id, part.day_id, sum(part.amount)::float
                  FROM part JOIN pos_sync_day day ON day.id = part.day_id
                 WHERE day.mode = 'summary' AND day.currency_id = %(currency)s
                 GROUP BY 1, 2
                """,
                day=day.id,
                currency=day.currency_id.id,
                credited=is_credited_by_hand(),
                sold=is_sold(),
            )
        )
        found = defaultdict(dict)
        for order_id, day_id, amount in self.env.cr.fetchall():
            found[order_id][day_id] = amount
        return {order_id: parts for order_id, parts in found.items() if len(parts) > 1}

    def _posted_rates(self, day):
        """{day: (its first entry, the rate that it was posted at)} of the connection's summaries in the currency."""
        self.env.cr.execute(
            SQL(
                """
                SELECT day.id, min(move.id), (sum(abs(line.balance)) / sum(abs(line.amount_currency)))::float
                  FROM pos_sync_day day
                  JOIN account_move move ON move.pos_sync_day_id = day.id AND move.state = 'posted'
                  JOIN account_move_line line ON line.move_id = move.id AND line.amount_currency <> 0
                 WHERE day.connection_id = %s AND day.currency_id = %s AND day.mode = 'summary'
                 GROUP BY 1
                """,
                day.connection_id.id,
                day.currency_id.id,
            )
        )
        return {day_id: (first, rate) for day_id, first, rate in self.env.cr.fetchall()}


class PosSyncPostDays(models.AbstractModel):
    _inherit = "pos.sync.post_days"

    def _holds(self, day, amounts, *problems):
        holds = super()._holds(day, amounts, *problems)
        if f"unmapped-charge:{EXCHANGE}" in holds:
            sentence = self.env._(
                "The day settles what another day posted at another rate, and the company has no account for exchange "
                "differences. Choose the gain and the loss account in Odoo's accounting settings."
            )
            holds[f"unmapped-charge:{EXCHANGE}"] = (self.env._("Exchange difference"), sentence)
        return holds


def _settled(owed, worth, amount, rate):
    """(owed, worth, what the settled part is worth beside `rate`) once `amount` is added to what is owed."""
    if owed * amount >= 0:
        return owed + amount, worth + amount * rate, 0.0
    settled = amount if abs(amount) < abs(owed) else -owed
    share = -worth * settled / owed
    return owed + amount, worth - share + (amount - settled) * rate, -share - settled * rate
