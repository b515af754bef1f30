"""The test system as a target: what was sent there, and how it may fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from odoo.fields import Command

from ..connectors import records as rec
from ..connectors.answers import Pushed
from ..connectors.pages import Cursor, Page
from ..connectors.registry import registry
from .common import TestSystem
from .sales_common import SalesCase, SalesSystem, SalesWorld


@dataclass
class TargetWorld(SalesWorld):
    """Makes an order with every call, whatever the key: whoever does not ask first sends it twice."""

    made: list[rec.Order] = field(default_factory=list)
    statuses: list[rec.OrderStatusChange] = field(default_factory=list)
    sent_customers: list[rec.Customer] = field(default_factory=list)
    changed_customers: list[rec.Customer] = field(default_factory=list)
    counts: list[rec.StockLevel] = field(default_factory=list)
    count_keys: list[str] = field(default_factory=list)
    put_back: list[rec.RefundLine] = field(default_factory=list)

    def by_key(self, key: str) -> int | None:
        return next((index for index, item in enumerate(self.made) if item.source_reference == key), None)


class TargetSystem(SalesSystem):
    """The test system, which takes orders and customers."""

    __test__ = False

    code = "target_test"
    name = "Test System That Takes Orders"

    def push_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        self.world.happens("push_customer")
        external_id = f"c-{len(self.world.customers) + 1}"
        self.world.sent_customers.append(customer)
        self.world.know(replace(customer, external_id=external_id))
        self.world.happens("push_customer_answer")
        return Pushed(external_id=external_id)

    def update_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        self.world.happens("update_customer")
        self.world.changed_customers.append(customer)
        self.world.know(customer)
        return Pushed(external_id=customer.external_id)

    def find_customer(self, customer: rec.Customer) -> list[rec.Customer]:
        self.world.happens("find_customer")
        return list(self.world.customers.values())

    def push_order(self, order: rec.Order, *, key: str) -> Pushed:
        self.world.happens("push_order")
        self.world.made.append(replace(order, source_reference=key))
        self.world.happens("push_order_answer")
        return self._pushed(len(self.world.made) - 1)

    def find_pushed_order(self, key: str) -> Pushed | None:
        self.world.happens("find_pushed_order")
        index = self.world.by_key(key)
        return None if index is None else self._pushed(index)

    def push_order_status(self, change: rec.OrderStatusChange, *, key: str) -> Pushed:
        self.world.happens("push_order_status")
        self.world.statuses.append(change)
        return Pushed(external_id=change.external_id)

    def push_refund(self, refund: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        self.world.happens("push_refund")
        known = [item for item in self.world.refunds.values() if item.source_reference == key]
        if not known:
            self.world.put_back += [line for line in refund.lines if line.restock]
            if refund.gross:
                made = replace(refund, external_id=f"r-{len(self.world.refunds) + 1}", source_reference=key)
                self.world.give_back(made)
                known = [self.world.refunds[made.external_id]]
        self.world.happens("push_refund_answer")
        return tuple(known)

    def push_stock(self, level: rec.StockLevel, *, key: str) -> Pushed:
        self.world.happens("push_stock")
        self.world.counts.append(level)
        self.world.count_keys.append(key)
        self.world.happens("push_stock_answer")
        return Pushed(external_id=level.external_id)

    def pull_order_status(self, cursor: Cursor) -> Iterator[Page[rec.OrderStatusChange]]:
        changes = [
            rec.OrderStatusChange(
                external_id=item.external_id,
                status=item.status,
                paid=item.paid,
                fulfilments=item.fulfilments,
                source_reference=item.source_reference,
                updated_at=item.updated_at,
            )
            for item in self.world.orders.values()
        ]
        return self._pages("pull_order_status", changes, cursor)

    def _pushed(self, index: int) -> Pushed:
        return Pushed(
            external_id=f"o-{index}",
            number=f"T{index}",
            lines=tuple((line.external_id, f"l-{index}-{at}") for at, line in enumerate(self.world.made[index].lines)),
        )


class PushCase(SalesCase):
    """Beside the selling connection a target, where tea and coffee are linked and nothing is sent by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {TargetSystem.code: TargetSystem}))
        cls.target_world = TargetWorld()
        cls.target_world.account = replace(cls.target_world.account, external_id="account-target")
        cls.target = cls.connect("target", cls.target_world, system=TargetSystem.code, entries_from="2026-01-01")
        cls.orders_stream = cls.target._stream("orders_push")
        cls.customers_stream = cls.target._stream("customers_push")
        cls.status_stream = cls.target._stream("order_status_push")
        (cls.orders_stream | cls.customers_stream | cls.status_stream).enabled = True
        cls.company.country_id = cls.env.ref("base.us")

    def setUp(self):
        super().setUp()
        fresh = TargetWorld()
        fresh.account = self.target_world.account
        self.target_world.__dict__.update(fresh.__dict__)
        TestSystem.worlds["target"] = self.target_world
        self.tea, self.coffee = self.variant("v-tea"), self.variant("v-coffee")
        self.link_products(self.tea, self.coffee)
        self.ada = self.env["res.partner"].create(
            {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+1 212 555 0143"}
        )

    def link_products(self, *products):
        return self.env["pos.sync.mapping"].create(
            [
                {
                    "connection_id": self.target.id,
                    "entity": "variant",
                    "external_id": f"theirs-{product.id}",
                    "product_id": product.id,
                    "product_tmpl_id": product.product_tmpl_id.id,
                }
                for product in products
            ]
        )

    def sale(self, *products, partner=None, **values):
        """A quotation of Odoo's own, untaxed, of one of each product."""
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.ada).id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 10.0, "tax_ids": [Command.clear()]})
                    for product in products or (self.tea,)
                ],
                **values,
            }
        )

    def send(self, records, connection=None):
        return (connection or self.target)._send(records)

    def push(self, *flows):
        """Runs the jobs that send, customers first, as their crons would."""
        for flow in flows or ("customers_push", "orders_push", "order_status_push"):
            self.run_job(self.target._stream(flow))
        self.env.invalidate_all()

    def outbox(self, record=None, states=None):
        domain = [("connection_id", "=", self.target.id), ("direction", "=", "out")]
        if record is not None:
            domain.append(("order_id" if record._name == "sale.order" else "partner_id", "=", record.id))
        if states:
            domain.append(("state", "in", states))
        return self.env["pos.sync.message"].search(domain, order="id")

    def sent_link(self, order):
        return self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.target.id), ("sale_order_id", "=", order.id)]
        )

    def assertMadeOnce(self, order):
        """The target has the order once, and Odoo knows it."""
        made = [item for item in self.target_world.made if item.external_id == f"sale.order,{order.id}"]
        self.assertEqual(len(made), 1)
        link = self.sent_link(order)
        self.assertEqual(len(link), 1)
        self.assertTrue(link.pushed)
        self.assertEqual(set(self.outbox(order).mapped("state")), {"done"})
        return made[0]
