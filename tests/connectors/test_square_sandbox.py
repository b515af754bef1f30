"""Square's sandbox refuses what it does not do, as Square refuses what is invalid; and what is sent to it and answered
by it is held to the specification in every test."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.serving import Sandbox
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify
from sandbox.square import SquareSandbox, make_shop
from sandbox.square.catalogue import stamp
from tests.connectors.vendor_specs import vendor_folder
from tests.specification_watch import WATCH

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def account() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_shop(0.02, orders=80)) as running:
        yield running


@pytest.fixture
def ask(account: SquareSandbox) -> Ask:
    """Asks as over HTTP, with the eyes of the watch."""

    def ask(path: str, body: dict[str, Any] | None = None, method: str = "", status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {account.token}", "Square-Version": "2025-08-20"}
        method = method or ("GET" if body is None else "POST")
        page = account._page(method, f"/v2/{path}", headers, json.dumps(body).encode() if body is not None else b"")
        assert page is not None
        assert page.status == status, page.body
        return json.loads(page.body)

    return ask


SEARCH = {"location_ids": ["LOC000", "LOC001"], "limit": 1000}


def search(**filters: Any) -> dict[str, Any]:
    return {**SEARCH, "query": {"filter": filters}}


# What it does


def test_orders_are_found_by_customer_and_by_fulfilment(ask: Ask, account: SquareSandbox) -> None:
    rows = account.shop.orders.values()
    customer = next(row["customer_id"] for row in rows if row.get("customer_id"))
    found = ask("orders/search", search(customer_filter={"customer_ids": [customer]}))["orders"]
    assert {row["id"] for row in found} == {row["id"] for row in rows if row.get("customer_id") == customer}
    wanted = {"fulfillment_types": ["PICKUP"], "fulfillment_states": ["RESERVED"]}
    found = ask("orders/search", search(fulfillment_filter=wanted))["orders"]
    assert {row["id"] for row in found} == {
        row["id"] for row in rows if any(item["state"] == "RESERVED" for item in row.get("fulfillments") or ())
    } != set()


def test_orders_are_told_by_their_ids_alone(ask: Ask, account: SquareSandbox) -> None:
    entries = ask("orders/search", {**SEARCH, "return_entries": True})["order_entries"]
    assert {row["order_id"] for row in entries} == set(account.shop.orders)


def test_items_are_found_by_their_words(ask: Ask, account: SquareSandbox) -> None:
    item = next(row for row in account.shop.objects.values() if row["type"] == "ITEM" and not row["is_deleted"])
    word = item["item_data"]["name"].split()[-1]
    found = ask("catalog/search-catalog-items", {"text_filter": word})["items"]
    assert item["id"] in {row["id"] for row in found}
    assert all(word.lower() in json.dumps(row["item_data"], ensure_ascii=False).lower() for row in found)
    assert ask("catalog/search-catalog-items", {"text_filter": "zzz"}) == {}


@pytest.mark.parametrize("rule", ["INCLUDE", "EXCLUDE"])
def test_customers_are_found_by_where_they_come_from(ask: Ask, account: SquareSandbox, rule: str) -> None:
    wanted = {"values": ["DIRECTORY"], "rule": rule}
    found = ask("customers/search", {"query": {"filter": {"creation_source": wanted}}})["customers"]
    assert {row["creation_source"] == "DIRECTORY" for row in found} == {rule == "INCLUDE"}


def test_a_list_of_money_without_a_beginning_is_that_of_the_last_year(ask: Ask, account: SquareSandbox) -> None:
    row = next(iter(account.shop.payments.values()))
    kept = row["created_at"]
    row["created_at"] = stamp(datetime.now(timezone.utc) - timedelta(days=366))
    ids = {item["id"] for item in ask("payments?sort_order=ASC")["payments"]}
    assert row["id"] not in ids
    assert ids
    assert ask("payments?begin_time=2009-01-01T00:00:00Z&sort_order=ASC")["payments"][0]["id"] == row["id"]
    row["created_at"] = kept


def test_change_is_what_is_handed_over_less_what_is_paid(ask: Ask) -> None:
    line = {"name": "Tea", "quantity": "1", "base_price_money": usd(700)}
    body = {"location_id": "LOC000", "line_items": [line]}
    order = ask("orders", {"idempotency_key": uuid.uuid4().hex, "order": body})

    def pay(supplied: int, status: int) -> Any:
        return ask("payments", {
            "idempotency_key": uuid.uuid4().hex, "source_id": "CASH", "amount_money": usd(700), "tip_money": usd(100),
            "order_id": order["order"]["id"], "cash_details": {"buyer_supplied_money": usd(supplied)},
        }, status=status)  # fmt: skip

    pay(700, 400)
    assert pay(1000, 200)["payment"]["cash_details"]["change_back_money"] == usd(200)


# What it does not


@pytest.mark.parametrize(("path", "body", "place"), [
    ("orders/search", search(source_filters={}), "query.filter.source_filters"),
    ("orders/search", {**SEARCH, "query": {"sort": {"sort_field": "TOTAL"}}}, "query.sort.sort_field"),
    ("customers/search", {"query": {"filter": {"segment_ids": {}}}}, "query.filter.segment_ids"),
    ("catalog/search", {"include_related_objects": True}, "include_related_objects"),
    ("payments", {"source_id": "CASH", "autocomplete": False}, "autocomplete"),
    ("payments", {"source_id": "CASH", "cash_details": {"change_back_money": {}}}, "cash_details.change_back_money"),
    ("inventory/changes/batch-create", {"changes": [{"physical_count": {"count": "1"}}]},
     "changes[0].physical_count.count"),
    ("orders", {"order": {"location_id": "LOC000", "pricing_options": {}}}, "order.pricing_options"),
])  # fmt: skip
def test_what_it_does_not_do_is_refused_and_logged(
    ask: Ask, caplog: pytest.LogCaptureFixture, path: str, body: dict[str, Any], place: str
) -> None:
    with caplog.at_level(logging.ERROR):
        (error,) = ask(path, body, status=400)["errors"]
    assert (error["category"], error["field"]) == ("INVALID_REQUEST_ERROR", place)
    assert place in caplog.text


# Held to the specification


def test_a_stock_push_with_a_wrong_field_fails_whatever_test_sends_it(ask: Ask, account: SquareSandbox) -> None:
    vendor_folder("square")
    variation, place = next(iter(account.shop.counts))
    count = {"catalog_object_id": variation, "location_id": place, "state": "IN_STOCK", "quantity": "5",
             "occurred_at": account.shop.stamp()}  # fmt: skip

    def push(**wrong: Any) -> list[str]:
        changes = [{"type": "PHYSICAL_COUNT", "physical_count": {**count, **wrong}}]
        ask("inventory/changes/batch-create", {"idempotency_key": uuid.uuid4().hex, "changes": changes})
        return WATCH.drain()

    assert push() == []
    (found,) = push(quantity=5)
    assert "BatchChangeInventory request: changes/0/physical_count/quantity" in found


def test_an_answer_with_a_wrong_field_fails(ask: Ask, account: SquareSandbox) -> None:
    vendor_folder("square")
    key, row = next(iter(account.shop.customers.items()))
    account.shop.customers[key] = {**row, "familyName": "Wrong"}
    ask(f"customers/{key}")
    (found,) = WATCH.drain()
    assert "RetrieveCustomer answer: /customer/familyName" in found
    account.shop.customers[key] = row


def test_a_sandbox_that_breaks_fails_the_test(ask: Ask, account: SquareSandbox, monkeypatch: Any) -> None:
    monkeypatch.setattr(account.shop, "locations", None)
    ask("locations", status=500)
    assert WATCH.drain() == ["SquareSandbox broke on GET /v2/locations"]


def test_a_document_that_shopify_does_not_know_fails() -> None:
    vendor_folder("shopify")
    with ShopifySandbox(make_shopify(0.01, orders=1)) as running:
        body = json.dumps({"query": "query { shop { nickname } }", "variables": {}}).encode()
        running._page("POST", "/admin/api/2026-07/graphql.json", {"X-Shopify-Access-Token": running.token}, body)
    assert ["nickname" in found for found in WATCH.drain()] == [True]


def test_the_watch_sees_every_sandbox() -> None:
    assert Sandbox.watch is WATCH


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}
