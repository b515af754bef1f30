"""The test system with customers, orders and refunds, and short ways to write them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from unittest.mock import patch

from ..connectors import records as rec
from ..connectors.pages import Cursor, Page
from ..connectors.registry import registry
from .common import EngineCase, TestSystem, World, price, product

SOLD_AT = datetime(2026, 3, 2, 10, 30, tzinfo=timezone.utc)


@dataclass
class SalesWorld(World):
    customers: dict[str, rec.Customer] = field(default_factory=dict)
    orders: dict[str, rec.Order] = field(default_factory=dict)
    refunds: dict[str, rec.Refund] = field(default_factory=dict)

    def sell(self, *orders: rec.Order) -> None:
        """Adds or changes orders; each change is a minute later than the one before."""
        for item in orders:
            self.now += timedelta(minutes=1)
            self.orders[item.external_id] = replace(item, updated_at=self.now)

    def know(self, *customers: rec.Customer) -> None:
        for item in customers:
            self.now += timedelta(minutes=1)
            self.customers[item.external_id] = replace(item, updated_at=self.now)

    def give_back(self, *refunds: rec.Refund) -> None:
        for item in refunds:
            self.now += timedelta(minutes=1)
            self.refunds[item.external_id] = replace(item, updated_at=self.now)


class SalesSystem(TestSystem):
    """The test system, selling."""

    __test__ = False

    code = "sales_test"
    name = "Test System with Sales"

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        return self._pages("pull_customers", self.world.customers.values(), cursor)

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        return self._pages("pull_orders", self.world.orders.values(), cursor)

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        return self._pages("pull_refunds", self.world.refunds.values(), cursor)

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return self.world.customers.get(external_id)

    def get_order(self, external_id: str) -> rec.Order | None:
        return self.world.orders.get(external_id)


def money(value) -> Decimal:
    return Decimal(str(value))


def tax_of(tax_id="", rate=None, inclusive=False, amount=None) -> rec.LineTax:
    return rec.LineTax(tax_id=tax_id, rate=rate and money(rate), inclusive=inclusive, amount=amount and money(amount))


def line(external_id, variant_id="v-tea", quantity=1, unit_price=10, **values) -> rec.OrderLine:
    values.setdefault("name", variant_id or "Something")
    for name in ("discount", "net", "tax", "gross"):
        if values.get(name) is not None:
            values[name] = money(values[name])
    return rec.OrderLine(
        external_id=external_id,
        variant_id=variant_id,
        quantity=money(quantity),
        unit_price=money(unit_price),
        **values,
    )


def charge(external_id, kind, amount, **values) -> rec.Charge:
    return rec.Charge(external_id=external_id, kind=kind, amount=money(amount), **values)


def order(external_id, *lines, gross=None, net=None, tax=None, **values) -> rec.Order:
    """A completed, paid order; without `gross` its totals are the sum of its untaxed lines and charges."""
    lines = lines or (line(f"{external_id}-1"),)
    total = sum((item.unit_price * item.quantity - item.discount for item in lines), Decimal(0))
    total += sum((item.amount for item in values.get("charges", ())), Decimal(0))
    gross = total if gross is None else money(gross)
    values.setdefault("number", f"N{external_id}")
    values.setdefault("status", rec.OrderStatus.COMPLETED)
    values.setdefault("paid", True)
    values.setdefault("currency", "USD")
    values.setdefault("created_at", SOLD_AT)
    values.setdefault(
        "totals",
        rec.OrderTotals(
            gross=gross,
            net=money(net) if net is not None else gross - money(tax or 0),
            tax=money(tax or 0),
        ),
    )
    return rec.Order(external_id=external_id, lines=tuple(lines), **values)


def refund(external_id, order_id, gross, **values) -> rec.Refund:
    values.setdefault("currency", "USD")
    values.setdefault("refunded_at", SOLD_AT + timedelta(days=1))
    return rec.Refund(external_id=external_id, order_id=order_id, gross=money(gross), **values)


def customer(external_id, first="Ada", last="Lovelace", **values) -> rec.Customer:
    return rec.Customer(external_id=external_id, first_name=first, last_name=last, **values)


class SalesCase(EngineCase):
    """A connection of the selling test system, with two products: tea at 10, and coffee at 4."""

    selling_system = SalesSystem

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = cls.selling_system
        cls.startClassPatcher(patch.dict(registry._systems, {system.code: system}))
        cls.sales_world = SalesWorld()
        cls.sales_world.account = replace(cls.sales_world.account, external_id="account-sales")
        cls.connection = cls.connect(
            "sales", cls.sales_world, system=system.code, points_from="2026-01-01", entries_from="2026-01-01"
        )
        cls.sales_world.put(product("tea", 10, barcode="tea-1"), product("coffee", prices=(price(4),)))
        stream = cls.connection._stream("products_pull")
        stream._request()
        cls.run_job(stream)
        cls.connection._stream("customers_pull").write({"first_done": True})
        cls._stocked = copy.deepcopy(cls.sales_world.__dict__)

    def setUp(self):
        super().setUp()
        self.sales_world.__dict__.update(copy.deepcopy(self._stocked))
        self.world = self.sales_world
        TestSystem.worlds["sales"] = self.sales_world

    def order(self, external_id):
        return self.link(external_id, "order").sale_order_id

    def lines(self, external_id):
        """{line id at the system: line} of an imported order."""
        return {item.pos_sync_line_id: item for item in self.order(external_id).order_line}
