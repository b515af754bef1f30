from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ...models.sales.connection_sales import CHANNEL_TAX
from ..sales.sold import is_sold
from .count_days import Figures
from .credited import invoiced_by_hand, is_credited_by_hand


class PosSyncCountDays(models.AbstractModel):
    """What the entries of business days say: of sold orders, of refunds, of each way to pay."""

    _inherit = "pos.sync.count_days"

    def _posted(self, connection, first, last):
        """What the entries of posted ways say; what is only kept as orders has none."""
        self.env.flush_all()
        found = defaultdict(Figures)
        # Tax that the channel remits is tax for the system, and no tax of the shop's.
        channel = connection.charge_product_ids.filtered(lambda row: row.kind == CHANNEL_TAX).product_id.ids
        values = {"connection": connection.id, "first": first, "last": last, "channel": channel}
        days = SQL(
            """
            pos_sync_day day
            WHERE day.connection_id = %(connection)s AND day.date BETWEEN %(first)s AND %(last)s
              AND day.mode <> 'orders'
            """,
            **values,
        )
        for *key, count, sold, back in self._rows(
            SQL(
                """
                SELECT day.location_id, day.currency_id, day.date,
                       sum((SELECT count(*) FROM sale_order sale WHERE sale.pos_sync_day_id = day.id
                               AND %(sold)s AND day.state IN ('posted', 'changed'))),
                       sum((SELECT sum(sale.amount_total - %(by_hand)s) FROM sale_order sale
                             WHERE sale.pos_sync_day_id = day.id AND %(sold)s)),
                       sum((SELECT sum(refund.gross - COALESCE(refund.overpayment, 0))
                              FROM pos_sync_refund refund LEFT JOIN sale_order sale ON sale.id = refund.order_id
                             WHERE refund.day_id = day.id AND refund.gone IS NOT TRUE AND NOT %(credited)s
                               AND (sale.pos_sync_connection_id IS NULL OR %(sold)s)))
                  FROM %(days)s GROUP BY 1, 2, 3
                """,
                credited=is_credited_by_hand(),
                by_hand=invoiced_by_hand(SQL("item.price_total")),
                days=days,
                sold=is_sold(),
            )
        ):
            figures = found[tuple(key)]
            figures.count, figures.booked = int(count), float(sold or 0) - float(back or 0)
        for *key, kind, method, amount in self._rows(
            SQL(
                """
                SELECT day.location_id, day.currency_id, day.date,
                       CASE WHEN split_part(line.pos_sync_key, ':', 1) = 'payment' THEN 'paid'
                            WHEN line.display_type = 'tax' OR line.product_id = ANY(%(channel)s)
                              OR split_part(line.pos_sync_key, ':', 1) = 'channel_tax' THEN 'tax'
                            ELSE 'net' END AS kind,
                       method.external_id, sum(line.amount_currency)
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
                  LEFT JOIN account_move origin ON origin.id = move.reversed_entry_id
                  JOIN pos_sync_day day ON day.id = COALESCE(move.pos_sync_day_id, origin.pos_sync_day_id)
                  LEFT JOIN pos_sync_payment_method method
                       ON line.pos_sync_key = 'payment:' || method.id::text AND method.connection_id = %(connection)s
                 WHERE day.connection_id = %(connection)s AND day.date BETWEEN %(first)s AND %(last)s
                   AND day.mode <> 'orders'
                   AND line.display_type NOT IN ('payment_term', 'line_section', 'line_subsection', 'line_note', 'cogs')
                   AND split_part(COALESCE(line.pos_sync_key, ''), ':', 1) NOT IN ('paid', 'unpaid', 'rounded')
                 GROUP BY 1, 2, 3, 4, 5
                """,
                **values,
            )
        ):
            figures = found[tuple(key)]
            if kind == "paid":
                figures.payments[method] += float(amount)
            else:
                figures.gross -= float(amount)
                figures.tax -= float(amount) if kind == "tax" else 0.0
        return found
