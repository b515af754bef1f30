"""How fast business days are posted, beside plain invoices of the same orders; runs inside Odoo.

Invoices: the orders of a day come in as `bench_orders` brings them, each with its payment; the day's posting makes an
invoice an order, enters the payments and reconciles them. Plain Odoo makes as many of the same orders and invoices them
with `_create_invoices(grouped=True)` and `action_post`, half of them before and half after. Summaries: two days of
2,000 and 20,000 orders; what is told is the number of queries that each day takes. Reconciliation: two months of as
many orders, compared with what the system counts; what is told is the queries that each month takes.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.windows import Days
from odoo.tools import SQL

from .bench_orders import OrderBench, OrderList
from .bench_products import Cost

SUMMARY_SIZES = (2000, 20000)
_WARM_UP = 20
# Days of a month.
_DAYS = 28


class AccountingBench(OrderBench):
    """The list of orders pulled into a company with a chart of accounts."""

    def __init__(self, env: Any, size: int) -> None:
        env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
        env["account.journal"].create({"name": "Cash", "type": "cash", "code": "CSH"})
        super().__init__(env, size)
        # One tax of ours on both sides, with the account that the chart gives its taxes.
        account = env["account.tax"].search([("type_tax_use", "=", "sale"), ("id", "!=", self.tax.id)], limit=1)
        account = account.invoice_repartition_line_ids.account_id[:1]
        rows = self.tax.invoice_repartition_line_ids | self.tax.refund_repartition_line_ids
        rows.filtered(lambda row: row.repartition_type == "tax").account_id = account
        self.pull(Cost())
        self.orders = env["sale.order"].search([("pos_sync_connection_id", "=", self.connection.id)], order="id")

    def period(self, date_from: str, mode: str) -> None:
        self.env["pos.sync.posting.period"].create(
            {"connection_id": self.connection.id, "date_from": date_from, "mode": mode}
        )

    def gather(self) -> Any:
        """The days that are not posted yet, brought up to date."""
        self.env["pos.sync.gather_days"]._gather(self.connection)
        return self.env["pos.sync.day"].search(
            [("connection_id", "=", self.connection.id), ("state", "!=", "posted")], order="date"
        )

    def post(self, days: Any, cost: Cost | None = None) -> None:
        self.env.flush_all()
        self.env.cr.commit()
        self.env.invalidate_all()
        (cost or Cost()).measure(self.env, lambda: self._post(days))
        if set(days.mapped("state")) != {"posted"}:
            raise AssertionError(f"{days.mapped('state')}: {days.mapped('sentence')}")

    def _post(self, days: Any) -> None:
        self.env["pos.sync.post_days"]._post(days)
        self.env.flush_all()

    def multiply(self, date: str, count: int, days: int = 1) -> None:
        """`count` more orders of so many days from that date on, with their lines, taxes and payments, copied within
        the database."""
        self.env.flush_all()
        run = self.env.cr.execute
        run(SQL(
            """
            CREATE TEMP TABLE copied ON COMMIT DROP AS
            SELECT nextval('sale_order_id_seq') AS id, number,
                   (%(orders)s::int[])[number %% %(known)s + 1] AS origin,
                   %(moment)s::timestamp + number %% %(days)s * interval '1 day' AS moment
              FROM generate_series(0, %(count)s - 1) number
            """,
            orders=self.orders.ids, known=len(self.orders), count=count, days=days, moment=f"{date} 10:00:00",
        ))
        run("CREATE TEMP TABLE copied_line ON COMMIT DROP AS SELECT nextval('sale_order_line_id_seq') AS id, "
            "line.id AS origin, copied.id AS order_id FROM copied "
            "JOIN sale_order_line line ON line.order_id = copied.origin")
        self._copy("sale_order", "copied", {
            "name": SQL("'COPY/' || copied.id"), "pos_sync_external_id": SQL("'copy-' || copied.id"),
            "pos_sync_closed_at": SQL("copied.moment"), "date_order": SQL("copied.moment"),
            "pos_sync_day_id": SQL("NULL"), "access_token": SQL("NULL"),
        })
        self._copy("sale_order_line", "copied_line", {
            "order_id": SQL("copied.order_id"), "linked_line_id": SQL("NULL"), "qty_invoiced": SQL("0"),
        })
        taxes = self.env["sale.order.line"]._fields["tax_ids"]
        run(SQL(
            "INSERT INTO %(table)s (%(line)s, %(tax)s) SELECT copied.id, link.%(tax)s FROM copied_line copied "
            "JOIN %(table)s link ON link.%(line)s = copied.origin",
            table=SQL.identifier(taxes.relation), line=SQL.identifier(taxes.column1), tax=SQL.identifier(taxes.column2),
        ))
        run("CREATE TEMP TABLE copied_payment ON COMMIT DROP AS SELECT nextval('pos_sync_payment_id_seq') AS id, "
            "payment.id AS origin, copied.id AS order_id, copied.moment FROM copied "
            "JOIN pos_sync_payment payment ON payment.order_id = copied.origin")
        self._copy("pos_sync_payment", "copied_payment", {
            "order_id": SQL("copied.order_id"), "external_id": SQL("'copy-' || copied.id"), "day_id": SQL("NULL"),
            "paid_at": SQL("copied.moment"),
        })
        self.env.cr.commit()
        run("ANALYZE sale_order, sale_order_line, pos_sync_payment")
        self.env.invalidate_all()

    def _copy(self, table: str, copies: str, other: dict[str, SQL]) -> None:
        """Inserts a row of `table` for each of `copies` (id, origin); `other` columns differ from the origin's."""
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        names = sorted({name for (name,) in self.env.cr.fetchall()} - {"id"})
        self.env.cr.execute(SQL(
            "INSERT INTO %(table)s (id, %(names)s) SELECT copied.id, %(values)s FROM %(copies)s copied "
            "JOIN %(table)s origin ON origin.id = copied.origin",
            table=SQL.identifier(table),
            copies=SQL.identifier(copies),
            names=SQL(", ").join(map(SQL.identifier, names)),
            values=SQL(", ").join(other.get(name) or SQL.identifier("origin", name) for name in names),
        ))


def invoices(bench: AccountingBench, size: int) -> dict[str, Any]:
    """Seconds, ratio and queries for the invoices of `size` orders."""
    bench.period("2026-01-01", "invoice")
    ours, plain = Cost(), Cost()
    _plain_invoices(bench, bench.orders[:_WARM_UP], Cost())
    half = len(bench.orders) // 2
    _plain_invoices(bench, bench.orders[:half], plain)
    days = bench.gather()
    bench.post(days, ours)
    _plain_invoices(bench, bench.orders[half:], plain)
    bills = bench.orders.invoice_ids
    if len(bills) != size or set(bills.mapped("payment_state")) != {"paid"}:
        raise AssertionError(f"{len(bills)} invoices, {set(bills.mapped('payment_state'))}")
    return {
        "orders": size,
        "ratio": plain.seconds / ours.seconds,
        "invoices_per_second": size / ours.seconds,
        "plain_per_second": size / plain.seconds,
        "queries_per_order": ours.queries / size,
        "plain_queries_per_order": plain.queries / size,
        "seconds": {"invoices": ours.seconds, "plain": plain.seconds},
    }


def _plain_invoices(bench: AccountingBench, orders: Any, cost: Cost) -> None:
    """Invoices of orders that are the same but were made in Odoo."""
    env = bench.env
    plain = env["sale.order"].create([
        {
            "partner_id": order.partner_id.id,
            "date_order": order.date_order,
            "order_line": [
                (0, 0, {
                    "product_id": line.product_id.id,
                    "product_uom_qty": line.product_uom_qty,
                    "price_unit": line.price_unit,
                    "tax_ids": [(6, 0, line.tax_ids.ids)],
                })
                for line in order.order_line
            ],
        }
        for order in orders
    ])
    plain.order_line.product_id.invoice_policy = "order"
    plain.with_context(skip_procurement=True).write({"state": "sale"})
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    cost.measure(env, lambda: _invoice(env, plain))
    if len(plain.invoice_ids) != len(orders) or set(plain.invoice_ids.mapped("state")) != {"posted"}:
        raise AssertionError(f"{len(plain.invoice_ids)} plain invoices")
    env.cr.commit()
    env.invalidate_all()


def _invoice(env: Any, orders: Any) -> None:
    orders._create_invoices(grouped=True).action_post()
    env.flush_all()


def summaries(bench: AccountingBench, size: int) -> dict[str, Any]:
    """Queries and seconds for the summary of a day, by its orders; `more_queries` the larger day takes."""
    bench.period("2026-07-01", "summary")
    figures: dict[str, Any] = {}
    # The first day fills Odoo's caches.
    for number, count in enumerate((_WARM_UP, *SUMMARY_SIZES)):
        bench.multiply(f"2026-07-{number + 1:02}", count)
        day = bench.gather()
        if len(day.order_ids) != count:
            raise AssertionError(f"{len(day.order_ids)} orders of {count} on {day.mapped('date')}")
        preview, cost = Cost(), Cost()
        preview.measure(bench.env, day._preview)
        bench.post(day, cost)
        paid = day.move_ids.line_ids.filtered(lambda line: line.pos_sync_key.startswith("payment:"))
        if len(day.move_ids) != 1 or abs(paid.balance - day.order_total) > 0.005:
            raise AssertionError(f"{day.order_total} sold, posted {day.move_ids.line_ids.mapped('balance')}")
        figures |= {
            f"summary_queries_{count}": cost.queries,
            f"summary_seconds_{count}": cost.seconds,
            f"preview_seconds_{count}": preview.seconds,
        }
    small, large = (figures[f"summary_queries_{count}"] for count in SUMMARY_SIZES)
    return {**figures, "summary_more_queries": large - small}


class Counted:
    """What the system counts, by day: what was sold, as the orders were copied."""

    def __init__(self, totals: list[rec.ControlTotals]) -> None:
        self.totals = totals

    def control_totals(self, days: Days) -> Iterator[rec.ControlTotals]:
        return (total for total in self.totals if days.first <= total.day <= days.last)


def counted(bench: AccountingBench, first: date, last: date) -> Counted:
    """By SQL of its own."""
    bench.env.cr.execute(SQL(
        """
        SELECT sale.date_order::date, count(*), sum(sale.amount_total), sum(sale.amount_untaxed), sum(sale.amount_tax),
               sum(paid.amount)
          FROM sale_order sale
          JOIN (SELECT order_id, sum(amount) AS amount FROM pos_sync_payment GROUP BY 1) paid ON paid.order_id = sale.id
         WHERE sale.pos_sync_connection_id = %s AND sale.date_order::date BETWEEN %s AND %s GROUP BY 1 ORDER BY 1
        """,
        bench.connection.id, first, last,
    ))
    rows = bench.env.cr.fetchall()
    currency = bench.env.company.currency_id.name
    return Counted([
        rec.ControlTotals(
            day=day, location_id="shop", currency=currency, count=count, gross=_exact(gross), net=_exact(net),
            tax=_exact(tax), payments=(("cash", _exact(paid)),),
        )
        for day, count, gross, net, tax, paid in rows
    ])


def _exact(amount: float) -> Decimal:
    """Odoo's cursor gives sums as floats."""
    return Decimal(f"{amount:.2f}")


def reconciliations(bench: AccountingBench, size: int) -> dict[str, Any]:
    """Queries and seconds for the reconciliation of a month, by its orders; `more_queries` the larger month takes."""
    env, figures = bench.env, {}
    reconcile = env["pos.sync.reconcile"]
    # The first month fills Odoo's caches.
    for number, count in enumerate((_DAYS * 2, *SUMMARY_SIZES)):
        first = date(2026, 8 + number, 1)
        dates = [first + timedelta(days=day) for day in range(_DAYS)]
        bench.multiply(first.isoformat(), count, days=_DAYS)
        connector = counted(bench, dates[0], dates[-1])
        env.cr.commit()
        env.invalidate_all()
        cost = Cost()
        cost.measure(env, partial(_reconcile, reconcile, bench.connection, connector, dates))
        found = env["pos.sync.reconciliation"].search(
            [("connection_id", "=", bench.connection.id), ("date", "in", dates)])
        if len(found) != _DAYS or sum(found.mapped("system_count")) != count or "differs" in found.mapped("state"):
            raise AssertionError(f"{len(found)} days, {found.mapped('system_count')}, {found.mapped('state')}")
        figures |= {f"month_queries_{count}": cost.queries, f"month_seconds_{count}": cost.seconds}
    small, large = (figures[f"month_queries_{count}"] for count in SUMMARY_SIZES)
    return {**figures, "month_more_queries": large - small}


def _reconcile(reconcile: Any, connection: Any, connector: Any, dates: list[date]) -> None:
    """As the job does it."""
    reconcile.env["pos.sync.gather_days"]._gather(connection)
    if reconcile._check(connection, connector, dates, time.monotonic() + 600) != dates[-1]:
        raise AssertionError("the month did not end")
    reconcile.env.flush_all()


# Each takes the bench and the number of orders, and returns its figures.
MEASURES = (invoices, summaries, reconciliations)


def speed(env: Any, size: int) -> dict[str, Any]:
    """The figures of all that accountants wait for, with `size` orders of three lines."""
    OrderList.orders = size
    bench = AccountingBench(env, size)
    figures: dict[str, Any] = {}
    for measure in MEASURES:
        figures |= measure(bench, size)
    return figures
