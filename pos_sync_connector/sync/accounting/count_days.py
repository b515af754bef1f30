from collections import defaultdict
from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ...connectors.answers import Book
from ..sales.sold import SOLD, is_kept

AMOUNTS = ("count", "gross", "net", "tax", "tips", "refunds")


@dataclass(slots=True)
class Figures:
    """What one side says of a day at a location in a currency; amounts are in it, refunds positive.

    `payments`: the amount of each method, by its external id. Posted: `gross` and `tax` are of what was sold less what
    was given back; `booked` is what the orders and refunds come to that are to be posted.
    """

    count: int = 0
    gross: float = 0.0
    net: float = 0.0
    tax: float = 0.0
    tips: float = 0.0
    refunds: float = 0.0
    booked: float = 0.0
    payments: dict = field(default_factory=lambda: defaultdict(float))


class PosSyncCountDays(models.AbstractModel):
    """What Odoo's orders and entries say of business days. Orders count on the day on which the system counts them.

    Each method gives {(location id or None, currency id, date): Figures} of the dates from `first` to `last`. The
    number of queries grows with neither days nor orders.
    """

    _name = "pos.sync.count_days"
    _description = "POS Sync Count of Days"
    _inherit = "pos.sync.gather_days"

    # Orders

    def _ordered(self, connection, first, last):
        self.env.flush_all()
        found = defaultdict(Figures)
        system = connection._system_class()
        if system and system.counts is Book.PAYMENTS:
            self._add_payments_taken(connection, first, last, found)
        else:
            self._add_orders_made(connection, first, last, found)
        self._add_refunds_given(connection, first, last, found, by_method=not system or system.counts is Book.ORDERS)
        return found

    def _add_orders_made(self, connection, first, last, found):
        day = self._day(connection, SQL("sale.pos_sync_location_id"), SQL("sale.date_order"), first, last)
        tips = connection.charge_product_ids.filtered(lambda row: row.kind == "tip").product_id.ids
        rows = self._rows(
            SQL(
                """
                SELECT sale.pos_sync_location_id, sale.currency_id, day.date, count(*), sum(sale.amount_total),
                       sum(sale.amount_untaxed - COALESCE(sale.pos_sync_channel_tax, 0)),
                       sum(sale.amount_tax + COALESCE(sale.pos_sync_channel_tax, 0)), sum(tip.amount)
                  FROM sale_order sale %(day)s
                  LEFT JOIN LATERAL (SELECT sum(line.price_total) AS amount FROM sale_order_line line
                                      WHERE line.order_id = sale.id AND line.product_id = ANY(%(tips)s)) tip ON TRUE
                 WHERE %(sold)s AND %(dated)s GROUP BY 1, 2, 3
                """,
                tips=tips,
                sold=self._sold(connection),
                **day,
            )
        )
        for place, currency, date, count, gross, net, tax, tip in rows:
            figures = found[place, currency, date]
            figures.count, figures.gross, figures.net, figures.tax = count, float(gross), float(net), float(tax)
            figures.tips = float(tip or 0)
        rows = self._rows(
            SQL(
                """
                SELECT sale.pos_sync_location_id, payment.currency_id, day.date, %(method)s,
                       sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0))
                  FROM pos_sync_payment payment JOIN sale_order sale ON sale.id = payment.order_id %(day)s
                 WHERE %(sold)s AND %(dated)s GROUP BY 1, 2, 3, 4
                """,
                method=self._method(),
                sold=self._sold(connection),
                **day,
            )
        )
        for place, currency, date, method, amount in rows:
            found[place, currency, date].payments[method] += float(amount)

    def _add_payments_taken(self, connection, first, last, found):
        moment = SQL("COALESCE(payment.paid_at, sale.pos_sync_closed_at, sale.date_order)")
        day = self._day(connection, SQL("sale.pos_sync_location_id"), moment, first, last)
        taken = SQL(
            """
            FROM pos_sync_payment payment JOIN sale_order sale ON sale.id = payment.order_id %(day)s
           WHERE payment.connection_id = %(connection)s AND sale.pos_sync_connection_id = payment.connection_id
             AND %(kept)s AND %(dated)s
            """,
            connection=connection.id,
            kept=is_kept(),
            **day,
        )
        place = SQL("sale.pos_sync_location_id, payment.currency_id, day.date")
        for *key, count, gross, tips in self._rows(
            SQL(
                """
                SELECT %s, count(DISTINCT sale.id), sum(payment.amount + COALESCE(payment.tip, 0)), sum(payment.tip)
                %s GROUP BY 1, 2, 3
                """,
                place,
                taken,
            )
        ):
            figures = found[tuple(key)]
            figures.count, figures.gross, figures.tips = count, float(gross), float(tips or 0)
        for *key, method, amount in self._rows(
            SQL(
                "SELECT %s, %s, sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0)) %s "
                "GROUP BY 1, 2, 3, 4",
                place,
                self._method(),
                taken,
            )
        ):
            found[tuple(key)].payments[method] += float(amount)

    def _add_refunds_given(self, connection, first, last, found, by_method):
        """What goods are worth that were exchanged is no money: a count of payments knows only what was given back."""
        system = connection._system_class()
        given_back = SQL(
            "COALESCE((SELECT -sum(payment.amount + COALESCE(payment.tip, 0)) FROM pos_sync_payment payment"
            " WHERE payment.refund_id = refund.id), 0)"
        )
        amount = SQL("refund.gross") if by_method else given_back
        day = self._day(connection, SQL("refund.location_id"), SQL("refund.refunded_at"), first, last)
        given = SQL(
            """
            refund.connection_id = %(connection)s AND refund.gone IS NOT TRUE AND %(dated)s
            AND refund.external_id NOT LIKE %(uncounted)s
            """,
            connection=connection.id,
            uncounted=(system and system.uncounted_refunds) or "",
            **day,
        )
        for *key, refunded in self._rows(
            SQL(
                """
                SELECT refund.location_id, refund.currency_id, day.date, sum(%(amount)s)
                  FROM pos_sync_refund refund %(day)s WHERE %(given)s GROUP BY 1, 2, 3 HAVING sum(%(amount)s) <> 0
                """,
                amount=amount,
                day=day["day"],
                given=given,
            )
        ):
            found[tuple(key)].refunds = float(refunded)
        if not by_method:
            return
        for *key, method, amount in self._rows(
            SQL(
                """
                SELECT refund.location_id, refund.currency_id, day.date, %s,
                       sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0))
                  FROM pos_sync_payment payment JOIN pos_sync_refund refund ON refund.id = payment.refund_id %s
                 WHERE %s GROUP BY 1, 2, 3, 4
                """,
                self._method(),
                day["day"],
                given,
            )
        ):
            found[tuple(key)].payments[method] += float(amount)

    def _sold(self, connection):
        return SQL(
            "sale.pos_sync_connection_id = %s AND sale.state = 'sale' AND sale.pos_sync_status IN %s",
            connection.id,
            SOLD,
        )

    def _method(self):
        return SQL("COALESCE(NULLIF(payment.method_external_id, ''), NULLIF(payment.method_name, ''), payment.kind)")

    def _day(self, connection, location, moment, first, last):
        """The join that gives `day.date`, and the condition that it lies between the dates."""
        return {
            "day": SQL(
                "%s CROSS JOIN LATERAL (SELECT %s AS date) day",
                self._place(connection, location),
                self._local_date(connection, moment),
            ),
            # A day in any time zone begins and ends within a day of its date in UTC.
            "dated": SQL(
                "day.date BETWEEN %(first)s AND %(last)s AND %(moment)s >= %(first)s::date - 1 "
                "AND %(moment)s < %(last)s::date + 3",
                moment=moment,
                first=first,
                last=last,
            ),
        }

    def _rows(self, query):
        self.env.cr.execute(query)
        return self.env.cr.fetchall()

    # Which they are

    def _order_ids(self, day):
        """The orders that count on a day of a reconciliation."""
        connection, location = day.connection_id, SQL("sale.pos_sync_location_id")
        self.env.flush_all()
        where = SQL(
            "%s IS NOT DISTINCT FROM %s AND sale.currency_id = %s",
            location,
            day.location_id.id or None,
            day.currency_id.id,
        )
        if connection._system_class().counts is Book.PAYMENTS:
            moment = SQL("COALESCE(payment.paid_at, sale.pos_sync_closed_at, sale.date_order)")
            query = SQL(
                """
                SELECT DISTINCT sale.id FROM pos_sync_payment payment JOIN sale_order sale ON sale.id = payment.order_id
                %(day)s WHERE payment.connection_id = %(connection)s AND %(kept)s AND %(dated)s
                AND sale.pos_sync_connection_id = payment.connection_id AND %(where)s
                """,
                connection=connection.id,
                kept=is_kept(),
                where=where,
                **self._day(connection, location, moment, day.date, day.date),
            )
        else:
            query = SQL(
                "SELECT sale.id FROM sale_order sale %(day)s WHERE %(sold)s AND %(dated)s AND %(where)s",
                sold=self._sold(connection),
                where=where,
                **self._day(connection, location, SQL("sale.date_order"), day.date, day.date),
            )
        return [row[0] for row in self._rows(query)]

    def _refund_ids(self, days):
        """The refunds that count on these days, all of one connection and date."""
        connection, date = days.connection_id, days[:1].date
        system = connection._system_class()
        query = SQL(
            """
            SELECT refund.id FROM pos_sync_refund refund %(day)s
             WHERE refund.connection_id = %(connection)s AND refund.gone IS NOT TRUE AND %(dated)s
               AND refund.external_id NOT LIKE %(uncounted)s
            """,
            connection=connection.id,
            uncounted=system.uncounted_refunds,
            **self._day(connection, SQL("refund.location_id"), SQL("refund.refunded_at"), date, date),
        )
        self.env.flush_all()
        return [row[0] for row in self._rows(query)]
