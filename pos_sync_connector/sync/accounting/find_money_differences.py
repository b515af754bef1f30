from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..sales.sold import is_kept

MONEY, NO_DAY = "money", "no_day"


class PosSyncFindDifferences(models.AbstractModel):
    """A posted day agrees only if each payment method's money is posted, and on the method's own account; and all money
    is with a day."""

    _inherit = "pos.sync.find_differences"

    def _prepare_posting(self, connection, days):
        found = super()._prepare_posting(connection, days)
        self._drop_dayless(days)
        for rows in (self._prepare_money(connection, days), self._prepare_dayless(connection, days)):
            for day, made in rows.items():
                found[day] = [*found.get(day, ()), *made]
        return found

    def _write(self, connection, days, *said):
        """Names the orders of a day anew, which takes all else away."""
        result = super()._write(connection, days, *said)
        self._drop_dayless(days)
        for day, rows in self._prepare_dayless(connection, days).items():
            self.env["pos.sync.difference"].create(rows)
            day.difference_count = len(day.difference_ids)
        return result

    def _drop_dayless(self, days):
        days.difference_ids.filtered(lambda row: row.cause == NO_DAY).unlink()

    # Each method's money

    def _prepare_money(self, connection, days):
        by_key = {(day.location_id, day.currency_id, day.date): day for day in days}
        parts = self.env["pos.sync.day"].search(
            [("connection_id", "=", connection.id), ("date", "in", days.mapped("date")), ("state", "=", "posted")]
        )
        found = defaultdict(list)
        for part_id, method_id, wanted, posted, account_id, is_older in self._money_rows(parts):
            part = parts.browse(part_id)
            method = self.env["pos.sync.payment.method"].browse(method_id)
            left = part.currency_id.round(wanted - posted)
            sentence = ""
            if left:
                sentence = self.env._(
                    "%(wanted)s was paid by “%(method)s”, and %(posted)s is posted.",
                    wanted=f"{wanted:.2f}",
                    method=method.name,
                    posted=f"{posted:.2f}",
                )
            elif account_id and account_id != method.account_id.id and not is_older:
                sentence = self.env._(
                    "“%(method)s” has the account %(own)s, and is posted to %(posted)s. Reset the entry to draft and "
                    "post the day again.",
                    method=method.name,
                    own=method.account_id.display_name,
                    posted=self.env["account.account"].browse(account_id).display_name,
                )
            if sentence:
                vals = {"day_id": part.id, "cause": MONEY, "sentence": sentence}
                found[part].append({**vals, "name": method.name, "amount": left})
        # What has changed since is to be posted, which says more.
        prints = self.env["pos.sync.gather_days"]._fingerprints(parts.browse([part.id for part in found]))
        named = defaultdict(list)
        for part, rows in found.items():
            day = by_key.get((part.location_id, part.currency_id, part.date))
            if day and part.fingerprint == prints[part.id]:
                named[day] += [{**vals, "reconciliation_id": day.id} for vals in rows]
        return named

    def _money_rows(self, parts):
        """(day, payment method, what was paid, what is posted of it, the first account that it was posted to, whether
        that was before the method got the account that it has) of days."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH wanted AS (
                    SELECT payment.day_id, payment.method_id,
                           sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0)) AS amount
                      FROM pos_sync_payment payment
                      JOIN pos_sync_day day ON day.id = payment.day_id
                      JOIN pos_sync_payment_method method ON method.id = payment.method_id
                      LEFT JOIN account_account account ON account.id = method.account_id
                      LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                     WHERE payment.day_id IN %(days)s AND refund.gone IS NOT TRUE
                       -- What is bought on account stays open on its invoice.
                       AND NOT (day.mode = 'invoice' AND account.account_type = 'asset_receivable'
                                AND NOT EXISTS (SELECT FROM account_move_line line
                                                 WHERE line.pos_sync_key = 'paid:' || payment.id::text
                                                   AND line.parent_state = 'posted'))
                     GROUP BY 1, 2
                ), posted AS (
                    SELECT move.pos_sync_day_id AS day_id, split_part(line.pos_sync_key, ':', 2)::int AS method_id,
                           sum(line.amount_currency) AS amount,
                           (array_agg(line.account_id ORDER BY line.id))[1] AS account_id,
                           min(line.create_date) AS created
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
                     WHERE move.pos_sync_day_id IN %(days)s AND line.pos_sync_key LIKE 'payment:%%'
                     GROUP BY 1, 2
                )
                SELECT day_id, method_id, COALESCE(wanted.amount, 0)::float, COALESCE(posted.amount, 0)::float,
                       posted.account_id, method.account_since IS NULL OR posted.created < method.account_since
                  FROM wanted FULL JOIN posted USING (day_id, method_id)
                  JOIN pos_sync_payment_method method ON method.id = method_id
                 ORDER BY day_id, method_id
                """,
                days=tuple(parts.ids) or (0,),
            )
        )
        return self.env.cr.fetchall()

    # Money without a day

    def _prepare_dayless(self, connection, days):
        if not days:
            return {}
        by_key = {(day.location_id.id or None, day.currency_id.id, day.date): day for day in days}
        found = {}
        dates = days.mapped("date")
        for *key, order_id, name, amount in self._dayless_rows(connection, min(dates), max(dates)):
            if day := by_key.get(tuple(key)):
                found.setdefault(day, []).append(
                    {
                        "reconciliation_id": day.id,
                        "cause": NO_DAY,
                        "name": name,
                        "order_id": order_id,
                        "amount": amount,
                        "sentence": self.env._(
                            "%(amount)s was paid or refunded, and no business day posts it. Look at the status of its "
                            "order.",
                            amount=f"{amount:.2f}",
                        ),
                    }
                )
        return found

    def _dayless_rows(self, connection, first, last):
        """(location, currency, date, order, its name, amount) of money that no business day has, though it is posted
        in its time. What a person has cancelled here is named with its order."""
        count = self.env["pos.sync.count_days"]
        location = SQL("COALESCE(refund.location_id, sale.pos_sync_location_id)")
        moment = SQL("COALESCE(payment.paid_at, refund.refunded_at, sale.pos_sync_closed_at, sale.date_order)")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT %(location)s, payment.currency_id, day.date, sale.id,
                       COALESCE(sale.pos_sync_number, sale.name, refund.number, payment.external_id),
                       sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0))::float
                  FROM pos_sync_payment payment
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                  LEFT JOIN sale_order sale ON sale.id = COALESCE(payment.order_id, refund.order_id)
                  %(day)s
                 WHERE payment.connection_id = %(connection)s AND payment.day_id IS NULL AND %(dated)s
                   AND day.date >= %(earliest)s AND %(mode)s <> 'orders' AND refund.gone IS NOT TRUE
                   AND (sale.id IS NULL OR %(kept)s)
                   -- What was sent from Odoo is posted by Odoo itself.
                   AND (refund.id IS NULL OR refund.sent_key IS NULL OR refund.move_id IS NULL)
                 GROUP BY 1, 2, 3, 4, 5
                """,
                location=location,
                connection=connection.id,
                earliest=count._earliest(connection),
                mode=count._mode(connection),
                kept=is_kept(),
                **count._day(connection, location, moment, first, last),
            )
        )
        return self.env.cr.fetchall()
