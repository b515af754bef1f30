from odoo import models
from odoo.tools import SQL

from ...connectors.answers import Book
from ..sales.sold import SOLD


class PosSyncCountDays(models.AbstractModel):
    """Orders that were sent to the system count there too: those made in Odoo, and those of other systems, which count
    at both. When and where they do, and what was taken for them, is as the system told when they came back.
    """

    _inherit = "pos.sync.count_days"

    def _ordered(self, connection, first, last):
        found = super()._ordered(connection, first, last)
        if connection._system_class().counts is Book.PAYMENTS:
            self._add_payments_of_linked(connection, first, last, found)
        else:
            self._add_linked(connection, first, last, found)
        return found

    def _add_linked(self, connection, first, last, found):
        for *key, count, gross, net, tax in self._rows(
            SQL(
                """
                SELECT link.remote_location_id, sale.currency_id, day.date, count(*), sum(sale.amount_total),
                       sum(sale.amount_untaxed), sum(sale.amount_tax)
                  %s GROUP BY 1, 2, 3
                """,
                self._linked(connection, first, last),
            )
        ):
            figures = found[tuple(key)]
            figures.count += count
            figures.gross += float(gross)
            figures.net += float(net)
            figures.tax += float(tax)
        self._add_methods(self._linked(connection, first, last, taken=True), found)

    def _add_payments_of_linked(self, connection, first, last, found):
        linked = self._linked(connection, first, last, taken=True)
        for *key, count, gross, tips in self._rows(
            SQL(
                """
                SELECT link.remote_location_id, sale.currency_id, day.date, count(DISTINCT sale.id),
                       sum(taken.amount + taken.tip), sum(taken.tip)
                  %s GROUP BY 1, 2, 3
                """,
                linked,
            )
        ):
            figures = found[tuple(key)]
            figures.count += count
            figures.gross += float(gross)
            figures.tips += float(tips)
        self._add_methods(linked, found)

    def _add_methods(self, linked, found):
        for *key, method, amount in self._rows(
            SQL(
                """
                SELECT link.remote_location_id, sale.currency_id, day.date, taken.method,
                       sum(taken.amount + taken.tip)
                  %s GROUP BY 1, 2, 3, 4
                """,
                linked,
            )
        ):
            found[tuple(key)].payments[method] += float(amount)

    def _linked(self, connection, first, last, where=None, taken=False):
        """FROM and WHERE of the orders that were sent to the system, a row each, with `taken` a row a payment."""
        by_payments = connection._system_class().counts is Book.PAYMENTS
        moment = SQL("COALESCE(taken.paid_at, link.remote_at)") if by_payments else SQL("link.remote_at")
        payments = SQL(
            "CROSS JOIN jsonb_to_recordset(link.remote_taken)"
            " AS taken(method text, amount numeric, tip numeric, paid_at timestamp)"
        )
        sold = SQL("sale.state = 'sale' AND link.remote_status IN %s", SOLD)
        return SQL(
            """
            FROM pos_sync_mapping link JOIN sale_order sale ON sale.id = link.sale_order_id
            %(payments)s %(day)s
           WHERE link.connection_id = %(connection)s AND link.entity = 'order' AND link.pushed
             AND link.gone IS NOT TRUE AND sale.pos_sync_connection_id IS DISTINCT FROM link.connection_id
             AND %(sold)s AND %(dated)s AND %(where)s
            """,
            payments=payments if taken else SQL(),
            connection=connection.id,
            sold=SQL("sale.state <> 'cancel'") if by_payments else sold,
            where=where or SQL("TRUE"),
            **self._day(connection, SQL("link.remote_location_id"), moment, first, last),
        )

    def _order_ids(self, day):
        where = SQL(
            "link.remote_location_id IS NOT DISTINCT FROM %s AND sale.currency_id = %s",
            day.location_id.id or None,
            day.currency_id.id,
        )
        by_payments = day.connection_id._system_class().counts is Book.PAYMENTS
        linked = self._linked(day.connection_id, day.date, day.date, where, taken=by_payments)
        found = super()._order_ids(day)
        return [*found, *(row[0] for row in self._rows(SQL("SELECT DISTINCT sale.id %s", linked)))]
