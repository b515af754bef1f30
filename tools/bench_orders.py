"""How fast completed orders come in, beside plain `sale.order.create` of the same; runs inside Odoo.

The orders come from a list in memory through the stream's own job: pages, slices, orders in state sale, each with an
address of its own, mappings, payments and points. After every slice plain Odoo makes as many of the same as drafts, in
batches of the same size, and without the addresses.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor, Page
from odoo.addons.pos_sync_connector.connectors.registry import register

from .bench_products import Cost, ListSystem, _resident

ORDERS_A_PAGE = 100
_LINES = 3
_PRODUCTS, _CUSTOMERS = 50, 200
_SOLD = datetime(2026, 6, 1, 9, 0, tzinfo=timezone.utc)
_RATE = Decimal("8.25")
_ONE_BY_ONE = 100


@register
class OrderList(ListSystem):
    """A system whose `size` orders of three lines are made up as they are asked for."""

    code = "bench_orders"
    name = "List of orders"
    orders = 0

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        yield Page(
            records=tuple(
                rec.Customer(
                    external_id=f"customer-{number}", first_name=f"Ada {number}", last_name="Lovelace",
                    phone=f"+1202555{number:04d}", updated_at=_SOLD,
                )
                for number in range(_CUSTOMERS)
            ),
            cursor=cursor.at("", _SOLD),
        )

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        for start in range(int(cursor.position or 0), type(self).orders, ORDERS_A_PAGE):
            end = min(start + ORDERS_A_PAGE, type(self).orders)
            yield Page(
                records=tuple(self._order(number) for number in range(start, end)),
                cursor=cursor.at(str(end) if end < type(self).orders else "", _SOLD),
                total=type(self).orders,
            )

    def _order(self, number: int) -> rec.Order:
        lines = tuple(self._line(number, index) for index in range(_LINES))
        net = sum((line.net for line in lines), Decimal(0))
        tax = sum((line.tax for line in lines), Decimal(0))
        sold_at = _SOLD + timedelta(minutes=number)
        return rec.Order(
            external_id=f"order-{number}", number=f"{number:06d}", status=rec.OrderStatus.COMPLETED, paid=True,
            currency=self.currency, customer_id=f"customer-{number % _CUSTOMERS}", location_id="shop", lines=lines,
            shipping_address=rec.Address(
                kind=rec.AddressKind.DELIVERY, name=f"Receiver {number}", street=f"{number} Gift Lane", city="Denver",
                zip="80201", country="US",
            ),
            payments=(rec.Payment(external_id=f"payment-{number}", method_id="cash", method_name="Cash",
                                  kind=rec.PaymentKind.CASH, amount=net + tax, paid_at=sold_at),),
            totals=rec.OrderTotals(gross=net + tax, net=net, tax=tax),
            created_at=sold_at, closed_at=sold_at, updated_at=_SOLD,
        )

    def _line(self, number: int, index: int) -> rec.OrderLine:
        product = (number * _LINES + index) % _PRODUCTS
        quantity, price = Decimal(index + 1), Decimal(product % 90 + 2) + Decimal("0.95")
        net = quantity * price
        tax = (net * _RATE / 100).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        return rec.OrderLine(
            external_id=f"line-{index}", variant_id=f"variant-{product}", name=f"Product {product}",
            quantity=quantity, unit_price=price, net=net, tax=tax, gross=net + tax,
            taxes=(rec.LineTax(tax_id="tax", rate=_RATE, amount=tax),),
        )


class OrderBench:
    """A connection to the list, with its products, customers and a loyalty program in place."""

    def __init__(self, env: Any, size: int) -> None:
        self.env = env
        ListSystem.size, ListSystem.currency, OrderList.orders = _PRODUCTS, env.company.currency_id.name, size
        program = env["loyalty.program"].create({
            "name": "Points", "program_type": "loyalty", "applies_on": "both", "trigger": "auto",
            "rule_ids": [(0, 0, {"reward_point_mode": "money", "reward_point_amount": 1})],
        })
        self.connection = env["pos.sync.connection"].create({
            "name": "List", "system": OrderList.code, "program_id": program.id,
            "points_from": "2026-01-01", "entries_from": "2026-01-01",
        })
        self.connection.action_test()
        env.cr.commit()
        self.run(Flow.SETUP_PULL)
        self.tax = env["account.tax"].create({"name": "Tax 8.25%", "amount": 8.25, "type_tax_use": "sale"})
        self.connection.tax_ids.tax_id = self.tax
        env.cr.commit()
        for flow in (Flow.PRODUCTS_PULL, Flow.CUSTOMERS_PULL):
            while self.run(flow).state == "running":
                continue

    def run(self, flow: Flow, cost: Cost | None = None) -> Any:
        stream = self.connection._stream(flow)
        self.env.invalidate_all()
        (cost or Cost()).measure(self.env, lambda: self.env["pos.sync.run_stream"]._run(stream.id))
        self.env.invalidate_all()
        return stream.run_id or stream.last_run_id

    def pull(self, cost: Cost, after_slice: Callable[[int, int], None] = lambda start, end: None) -> Any:
        start = 0
        while True:
            run = self.run(Flow.ORDERS_PULL, cost)
            after_slice(start, run.read_count)
            start = run.read_count
            if run.state != "running":
                break
        if run.state != "done" or run.created_count != OrderList.orders:
            raise AssertionError(f"{run.state} {run._summary()} {run.sentence or ''}")
        return run


def speed(env: Any, size: int) -> dict[str, Any]:
    """Seconds, ratios and queries for `size` orders of three lines."""
    bench = OrderBench(env, size)
    source = OrderList({})
    ours, plain, single = Cost(), Cost(), Cost()
    products = {
        mapping.external_id: mapping.product_id.id
        for mapping in env["pos.sync.mapping"].search([("entity", "=", "variant")])
    }
    partners = {
        mapping.external_id: mapping.partner_id.id
        for mapping in env["pos.sync.mapping"].search([("entity", "=", "customer")])
    }

    def vals(number: int) -> dict[str, Any]:
        order = source._order(number)
        return {
            "partner_id": partners[order.customer_id],
            "date_order": order.created_at.replace(tzinfo=None),
            "order_line": [
                (0, 0, {
                    "product_id": products[line.variant_id],
                    "product_uom_qty": float(line.quantity),
                    "price_unit": float(line.unit_price),
                    "tax_ids": [(6, 0, bench.tax.ids)],
                })
                for line in order.lines
            ],
        }

    def make(numbers: range) -> None:
        env["sale.order"].create([vals(number) for number in numbers])
        env.flush_all()

    def plain_orders(start: int, end: int) -> None:
        for first in range(start, end, ORDERS_A_PAGE):
            plain.measure(env, lambda first=first: make(range(first, min(first + ORDERS_A_PAGE, end))))
            env.invalidate_all()

    bench.pull(ours, plain_orders)
    for number in range(min(_ONE_BY_ONE, size)):
        single.measure(env, lambda number=number: make(range(number, number + 1)))
    _check(env, bench, source, size)
    return {
        "orders": size,
        "ratio": plain.seconds / ours.seconds,
        "orders_per_second": size / ours.seconds,
        "plain_per_second": size / plain.seconds,
        "one_by_one_per_second": min(_ONE_BY_ONE, size) / single.seconds,
        "queries_per_order": ours.queries / size,
        "plain_queries_per_order": plain.queries / size,
        "seconds": {"orders": ours.seconds, "plain": plain.seconds},
    }


def _check(env: Any, bench: OrderBench, source: OrderList, size: int) -> None:
    """All are confirmed, equal to what the system states to the cent, the same as the plain ones but for how taxes are
    rounded, and have earned."""
    imported = env["sale.order"].search([("pos_sync_connection_id", "=", bench.connection.id)])
    drafts = env["sale.order"].search([("pos_sync_connection_id", "=", False)], order="id", limit=size)
    points = sum(env["pos.sync.points"].search([]).mapped("points"))
    stated = float(sum(source._order(number).totals.gross for number in range(size)))
    total, plain = round(sum(imported.mapped("amount_total")), 2), sum(drafts.mapped("amount_total"))
    if set(imported.mapped("state")) != {"sale"} or len(imported) != size:
        raise AssertionError(f"{len(imported)} orders in states {set(imported.mapped('state'))}")
    if total != stated or max(abs(total - plain), abs(total - points)) > 0.01 * size:
        raise AssertionError(f"{stated} stated, {total} imported, {plain} plain, {points} points")


def peak_memory(env: Any, size: int) -> dict[str, float]:
    """By how many MB the process grew at most while it pulled `size` orders."""
    bench = OrderBench(env, size)
    # 5 sets the peak of the resident memory back to what is resident now.
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmHWM")
    bench.pull(Cost())
    return {"before_mb": before, "peak_mb": _resident("VmHWM")}
