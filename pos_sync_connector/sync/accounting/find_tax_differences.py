from odoo import models
from odoo.tools import SQL

from ..sales.sold import is_sold
from .credited import invoiced_by_hand, is_credited_by_hand


class PosSyncFindDifferences(models.AbstractModel):
    """A posted day agrees only if its tax stands on tax accounts, and comes to what the system states."""

    _inherit = "pos.sync.find_differences"

    def _prepare_posting(self, connection, days):
        found = super()._prepare_posting(connection, days)
        by_key = {(day.location_id.id or None, day.currency_id.id, day.date): day for day in days}
        parts = self.env["pos.sync.day"].search(
            [("connection_id", "=", connection.id), ("date", "in", days.mapped("date")), ("state", "=", "posted")]
        )
        for part_id, elsewhere, booked, stated, orders, unstated in self._tax_rows(parts):
            part = parts.browse(part_id)
            day = by_key.get((part.location_id.id or None, part.currency_id.id, part.date))
            if day is None or found.get(day):
                continue
            rounded = part.currency_id.round
            sentence, left = "", rounded(stated - booked)
            if rounded(elsewhere):
                left = elsewhere
                sentence = self.env._(
                    "%(amount)s of tax stands on an income account. Enter the account on the tax, and move the amount.",
                    amount=f"{elsewhere:.2f}",
                )
            elif not unstated and abs(left) > (
                connection._tolerance(part.currency_id) * orders + part.currency_id.rounding / 2
            ):
                sentence = self.env._(
                    "The system states %(stated)s of tax, and %(booked)s stands on tax accounts.",
                    stated=f"{stated:.2f}",
                    booked=f"{booked:.2f}",
                )
            if sentence:
                vals = {"reconciliation_id": day.id, "day_id": part.id, "cause": "tax", "sentence": sentence}
                found.setdefault(day, []).append({**vals, "name": part.display_name, "amount": rounded(left)})
        return found

    def _tax_rows(self, parts):
        """(day, tax on income accounts, tax on its own accounts, tax that the system states, orders, refunds whose tax
        it does not state) of days."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT day.id, COALESCE(entry.elsewhere, 0)::float, COALESCE(entry.booked, 0)::float,
                       (COALESCE(sold.tax, 0) - COALESCE(refunded.tax, 0))::float,
                       COALESCE(sold.orders, 0) + COALESCE(refunded.refunds, 0), COALESCE(refunded.unstated, 0)
                  FROM pos_sync_day day
                  LEFT JOIN (
                       SELECT COALESCE(move.pos_sync_day_id, origin.pos_sync_day_id) AS day_id,
                              -sum(line.amount_currency) FILTER (WHERE %(elsewhere)s) AS elsewhere,
                              -sum(line.amount_currency) FILTER (WHERE NOT %(elsewhere)s) AS booked
                         FROM account_move_line line
                         JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
                         LEFT JOIN account_move origin ON origin.id = move.reversed_entry_id
                         JOIN account_account account ON account.id = line.account_id
                         LEFT JOIN account_tax_repartition_line part ON part.id = line.tax_repartition_line_id
                        WHERE line.display_type = 'tax'
                          AND COALESCE(move.pos_sync_day_id, origin.pos_sync_day_id) IN %(days)s
                        GROUP BY 1) entry ON entry.day_id = day.id
                  LEFT JOIN (
                       SELECT sale.pos_sync_day_id AS day_id, count(*) AS orders,
                              -- What the channel remits is on no tax account of the shop's.
                              sum(sale.pos_sync_tax - COALESCE(sale.pos_sync_channel_tax, 0) - %(by_hand)s) AS tax
                         FROM sale_order sale WHERE sale.pos_sync_day_id IN %(days)s AND %(sold)s
                        GROUP BY 1) sold ON sold.day_id = day.id
                  LEFT JOIN (
                       SELECT refund.day_id, sum(refund.tax) AS tax, count(*) AS refunds,
                              -- The tax of a refund that a person has accepted is not compared.
                              count(*) FILTER (WHERE sale.amount_tax <> 0
                                                 AND (refund.tax_stated IS NOT TRUE OR refund.accepted)
                                                  OR sale.pos_sync_channel_tax <> 0) AS unstated
                         FROM pos_sync_refund refund LEFT JOIN sale_order sale ON sale.id = refund.order_id
                        WHERE refund.day_id IN %(days)s AND refund.gone IS NOT TRUE AND NOT %(credited)s
                          AND (sale.pos_sync_connection_id IS NULL OR %(sold)s)
                        GROUP BY 1) refunded ON refunded.day_id = day.id
                 WHERE day.id IN %(days)s
                """,
                # An account that the tax itself names is a tax account, whatever its type.
                elsewhere=SQL(
                    "(account.account_type IN ('income', 'income_other')"
                    " AND line.account_id IS DISTINCT FROM part.account_id)"
                ),
                credited=is_credited_by_hand(),
                by_hand=invoiced_by_hand(SQL("item.price_total - item.price_subtotal")),
                days=tuple(parts.ids) or (0,),
                sold=is_sold(),
            )
        )
        return self.env.cr.fetchall()
