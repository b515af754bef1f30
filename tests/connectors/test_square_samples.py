"""All of Square's own samples through what reads them, and the sandbox's arithmetic against Square's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import codec
from connectors import records as rec
from connectors.answers import WebhookRequest
from connectors.flows import Flow
from connectors.pages import parse_each
from connectors.registry import registry
from connectors.systems.square import payments, stock
from connectors.systems.square.api import Api
from connectors.systems.square.catalog import CatalogReader
from connectors.systems.square.customers import CustomerReader
from connectors.systems.square.orders import OrderReader, is_refund
from connectors.systems.square.refunds import RefundReader
from connectors.systems.square.webhooks import SIGNATURE, TOPICS
from sandbox.square.pricing import price
from tests.connectors.vendor_specs import read_json, vendor_folder

# Samples of orders without a moment, which no real order is.
INCOMPLETE = {"BatchRetrieveOrdersResponse", "UpdateOrderRequest", "CreateOrderRequest", "CalculateOrderRequest"}


class Catalogue(Api):
    """Knows no object but those of its sample."""

    def __init__(self, objects: dict[str, Any]):
        self._objects = objects

    def each(self, path, key, ids, most, name, **more):
        return [self._objects[wanted] for wanted in ids if wanted in self._objects]

    def get(self, path, *keys, params=None):
        return {"groups": []}


@pytest.fixture(scope="module")
def samples() -> dict[str, Any]:
    folder: Path = vendor_folder("square") / "examples"
    return {path.stem: read_json(path) for path in sorted(folder.glob("*.json"))}


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a sample, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from inside(item)


def found(samples: dict[str, Any], *keys: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of a sample's name and what stands in it under one of the keys."""
    for name, sample in samples.items():
        for holder in inside(sample):
            for key in keys:
                rows = holder.get(key)
                for row in rows if isinstance(rows, list) else [rows]:
                    if isinstance(row, dict):
                        yield name, row


def test_there_are_all_of_them(samples):
    assert len(samples) == 117


def test_orders(samples):
    orders = OrderReader(Catalogue({}), dict)
    read = set()
    for name, row in found(samples, "order", "orders"):
        records, malformed = orders.read([{"id": "new", **row}])
        if name in INCOMPLETE or "created_at" not in row:
            assert malformed, name
            continue
        assert not malformed, (name, malformed)
        read.add(name)
        assert codec.load(rec.Order, codec.dump(records[0])) == records[0]
        if not is_refund(row):
            assert_adds_up(records[0])
    assert len(read) >= 6, read


def assert_adds_up(order: rec.Order) -> None:
    amount = sum((line.gross for line in order.lines), Decimal(0))
    amount += sum(((charge.net or 0) + (charge.tax or 0) for charge in order.charges), Decimal(0))
    assert amount == order.totals.gross, order.external_id
    taxes = sum((item.tax for item in (*order.lines, *order.charges)), Decimal(0))
    assert taxes == (order.totals.tax or 0), order.external_id


def test_the_sample_of_discounts_and_modifiers_to_the_cent(samples):
    order = OrderReader(Catalogue({}), dict).order(samples["CreateOrderResponse"]["order"])
    assert [(line.name, line.unit_price, line.discount, line.tax, line.gross) for line in order.lines] == [
        ("New York Strip Steak", Decimal("15.99"), Decimal("0.87"), Decimal("1.36"), Decimal("16.48")),
        ("New York Steak (Larger)", Decimal("22.00"), Decimal("3.38"), Decimal("3.66"), Decimal("44.28")),
        ("Well", Decimal("0.50"), Decimal("0.08"), Decimal("0.08"), Decimal("1.00")),
    ]
    assert order.lines[2].parent_id == order.lines[1].external_id
    assert (order.totals.gross, order.totals.net, order.totals.tax) == (
        Decimal("61.76"), Decimal("56.66"), Decimal("5.10"),
    )  # fmt: skip
    assert (order.status, order.paid) == (rec.OrderStatus.OPEN, False)


def test_the_sandbox_computes_what_square_computes(samples):
    """Square's own answer to its own request, made again from what was asked."""
    wanted = samples["CreateOrderResponse"]["order"]
    given = deepcopy(wanted)
    computed = ("total_", "applied_money", "gross_", "variation_total", "net_amounts")
    for part in inside(given):
        for key in [key for key in part if key.startswith(computed)]:
            del part[key]
    for line in given["line_items"]:
        line["applied_discounts"] = [
            row for row in line["applied_discounts"] if row["discount_uid"] == "one-dollar-off"
        ]
    made = price(given)
    for name in ("total_money", "total_tax_money", "total_discount_money"):
        assert made[name] == wanted[name]
    for mine, theirs in zip(made["line_items"], wanted["line_items"], strict=True):
        for name in ("gross_sales_money", "total_discount_money", "total_tax_money", "total_money"):
            assert mine[name] == theirs[name], name
        assert {row["discount_uid"]: row["applied_money"] for row in mine["applied_discounts"]} == {
            row["discount_uid"]: row["applied_money"] for row in theirs["applied_discounts"]
        }


def test_catalogue(samples):
    objects = {row["id"]: row for sample in samples.values() for row in inside(sample) if "type" in row and "id" in row}
    items = [
        row
        for row in objects.values()
        if row["type"] == "ITEM" and not row["id"].startswith("#")
        and all("id" in variation for variation in row["item_data"].get("variations") or [{}])
    ]
    assert len(items) >= 5
    records, malformed = CatalogReader(Catalogue(objects)).products(items)
    assert malformed == ()
    tea = next(record for record in records if record.external_id == "W62UWFY35CWMYGVWK6TWJDNI")
    assert (tea.name, tea.category, tea.tax_ids) == ("Tea", ("Beverages",), ("HURXQOOAIC4IZSI2BEXQRYFY",))
    assert tea.variants[0].prices == (rec.Price(amount=Decimal("1.50"), currency="USD"),)


def test_customers(samples):
    reader = CustomerReader(Catalogue({}))
    rows = [(name, row) for name, row in found(samples, "customer", "customers") if "id" in row]
    assert len(rows) >= 8
    for name, row in rows:
        records, malformed = parse_each([row], reader.customer, lambda item: item["id"])
        assert not malformed, (name, malformed)
        assert records[0].marketing is rec.Consent.UNKNOWN


def test_counts(samples):
    rows = [row for _name, row in found(samples, "counts") if row.get("state") == "IN_STOCK"]
    assert len(rows) >= 3
    assert {stock.level(row).quantity for row in rows} >= {Decimal(79)}


def test_payments_and_tenders_say_the_same(samples):
    read = [payments.of_payment(row) for _name, row in found(samples, "payment", "payments") if "id" in row]
    assert len(read) >= 8
    assert any(read)
    tenders = [row for _name, row in found(samples, "tenders")]
    assert len(tenders) >= 2
    for row in tenders:
        (payment,) = payments.of_tenders({"tenders": [row]})
        assert payment.amount == Decimal(row["amount_money"]["amount"]) / 100


def test_refunds(samples):
    reader = RefundReader(Catalogue({}), OrderReader(Catalogue({}), dict))
    rows = [row for _name, row in found(samples, "refund", "refunds") if "payment_id" in row and "id" in row]
    assert len(rows) >= 4
    for row in rows:
        refund = reader.amount(row, {})
        assert refund.gross == Decimal(row["amount_money"]["amount"]) / 100


def test_locations(samples):
    rows = [row for _name, row in found(samples, "location", "locations") if "id" in row]
    assert len(rows) >= 4
    square = registry.get("square")({"access_token": "token"})
    square._listed_places = rows
    assert {place.external_id for place in square.locations()} == set(square._locations)


FLOWS = {
    "OrderCreatedEvent": Flow.ORDERS_PULL, "OrderUpdatedEvent": Flow.ORDERS_PULL,
    "OrderFulfillmentUpdatedEvent": Flow.ORDERS_PULL, "PaymentCreatedEvent": Flow.ORDERS_PULL,
    "PaymentUpdatedEvent": Flow.ORDERS_PULL, "RefundCreatedEvent": Flow.REFUNDS_PULL,
    "RefundUpdatedEvent": Flow.REFUNDS_PULL, "CustomerCreatedEvent": Flow.CUSTOMERS_PULL,
    "CustomerUpdatedEvent": Flow.CUSTOMERS_PULL, "CustomerDeletedEvent": Flow.CUSTOMERS_PULL,
    "InventoryCountUpdatedEvent": Flow.STOCK_PULL, "CatalogVersionUpdatedEvent": Flow.PRODUCTS_PULL,
    "LocationCreatedEvent": Flow.SETUP_PULL, "LocationUpdatedEvent": Flow.SETUP_PULL,
    "PayoutSentEvent": Flow.PAYOUTS_PULL, "PayoutPaidEvent": Flow.PAYOUTS_PULL, "PayoutFailedEvent": Flow.PAYOUTS_PULL,
}  # fmt: skip


def test_webhooks(samples):
    square = registry.get("square")({"access_token": "token", "webhook_key": "key"})
    schemas = read_json(vendor_folder("square") / "square-openapi-api.json")["components"]["schemas"]
    stated = {name: schema["example"] for name, schema in schemas.items() if "example" in schema}
    topics = set()
    for name, sample in {**stated, **samples}.items():
        if not name.endswith("Event"):
            continue
        url = "https://odoo.example.com/hook"
        body = json.dumps(sample).encode()
        headers = {SIGNATURE.header.title(): SIGNATURE.sign("key", body=body, url=url)}
        events = square.webhook(WebhookRequest(url=url, headers=headers, body=body))
        assert {event.flow for event in events} == ({FLOWS[name]} if name in FLOWS else set()), name
        topics |= {sample["type"]} if events else set()
        for event in events:
            assert event.event_id == sample["event_id"]
            assert event.account_id == sample["merchant_id"]
            assert event.deleted is (name == "CustomerDeletedEvent")
            if event.flow in (Flow.ORDERS_PULL, Flow.CUSTOMERS_PULL):
                assert event.external_id in body.decode()
    assert topics == set(TOPICS)
