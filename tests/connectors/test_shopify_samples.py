"""Shopify's own samples: its orders through the reader, its resources as webhooks, the schema of the sandbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from decimal import Decimal as D
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from graphql import find_breaking_changes, parse, validate

from connectors import records as rec
from connectors.answers import WebhookRequest
from connectors.flows import Flow
from connectors.moments import read_moment
from connectors.systems import shopify
from connectors.systems import shopify as shopify_api
from connectors.systems.shopify import api, webhooks
from connectors.systems.shopify import order_fields as ask
from connectors.systems.shopify.orders import OrderReader
from connectors.systems.shopify.refunds import refund
from connectors.systems.shopify.returned import removals
from sandbox.shopify import schema
from tests.connectors.vendor_specs import read_json, vendor_folder

# Samples that name a few fields of an order only.
_PARTS = 20


def samples(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of where a resource stands and the resource."""
    folder = vendor_folder("shopify") / "rest_samples"
    for item in read_json(folder / "ruby_2026_07" / f"{name}.json"):
        answer = item.get("response") or {}
        for row in [*answer.get(f"{name}s", ()), *([answer[name]] if name in answer else [])]:
            yield item["test"], row
    path = folder / "python_fixtures" / f"{name}.json"
    if path.is_file():
        yield path.name, read_json(path)[name]


def test_orders_are_right_to_the_cent() -> None:
    read = []
    for where, row in samples("order"):
        if len(row) < _PARTS or "total_price_set" not in row:
            continue
        found = OrderReader(_WholeApi()).order(_order(row), removals([_refund(item) for item in row["refunds"]]))  # type: ignore[arg-type]
        lines = sum((item.gross for item in found.lines), D(0)) + sum((c.net + c.tax for c in found.charges), D(0))
        assert lines == found.totals.gross == D(row["total_price"]), where
        assert found.totals.tax == D(row["total_tax"]), where
        assert found.totals.net == found.totals.gross - found.totals.tax, where
        assert found.created_at == read_moment(row["processed_at"]), where
        assert (found.external_id, found.number) == (str(row["id"]), row["name"])
        read.append(found)
    assert len(read) > 15
    statuses = {found.status for found in read}
    assert statuses >= {rec.OrderStatus.PAID, rec.OrderStatus.OPEN}


def test_refunds_are_read() -> None:
    read = 0
    for where, row in samples("order"):
        for item in row.get("refunds") or ():
            if "total_price_set" in row:
                found = refund(_order(row), _refund(item))
                taken = sum((D(t["amount"]) for t in item["transactions"] if t["status"] == "success"), D(0))
                assert sum((payment.amount for payment in found.payments), D(0)) == taken, where
                assert found.order_id == str(row["id"])
                read += 1
    assert read > 5


@pytest.mark.parametrize(
    ("name", "topic", "flow", "named"),
    [
        ("order", "orders/updated", Flow.ORDERS_PULL, "id"),
        ("fulfillment", "fulfillments/update", Flow.ORDERS_PULL, "order_id"),
        ("transaction", "order_transactions/create", Flow.ORDERS_PULL, "order_id"),
        ("customer", "customers/update", Flow.CUSTOMERS_PULL, "id"),
        ("inventory_level", "inventory_levels/update", Flow.STOCK_PULL, ""),
        ("location", "locations/update", Flow.SETUP_PULL, ""),
    ],
)
def test_resources_are_heard_as_webhooks(name: str, topic: str, flow: Flow, named: str) -> None:
    heard = 0
    for where, row in samples(name):
        events = webhooks.read(hook(topic, json.dumps(row).encode()), "key")
        key = str(row[named]) if named else ""
        assert [(event.flow, event.external_id) for event in events] == [(flow, key)], where
        heard += 1
    assert heard


def test_a_deleted_product_is_told_as_such() -> None:
    (event,) = webhooks.read(hook("products/delete", b'{"id": 788032119674292922}'), "key")
    assert (event.flow, event.external_id, event.deleted) == (Flow.PRODUCTS_PULL, "788032119674292922", True)


def test_another_topic_deletes_nothing() -> None:
    """The topic is not signed: a body that tells of a product is no deletion, whatever it comes under."""
    (event,) = webhooks.read(hook("products/delete", b'{"id": 5, "title": "Tea"}'), "key")
    assert (event.external_id, event.deleted) == ("5", False)


def test_an_edit_names_its_order() -> None:
    (event,) = webhooks.read(hook("orders/edited", b'{"order_edit": {"id": 7, "order_id": 42}}'), "key")
    assert event.external_id == "42"


@pytest.mark.parametrize("prefix", ["X-Shopify-", "Shopify-", "x-shopify-"])
def test_headers_come_in_two_forms(prefix: str) -> None:
    (event,) = webhooks.read(hook("orders/create", b'{"id": 5}', prefix), "key")
    assert (event.event_id, event.account_id, event.external_id) == ("w-1", "a.myshopify.com", "5")


def test_topics_that_are_none_of_ours_tell_nothing() -> None:
    assert webhooks.read(hook("themes/publish", b'{"id": 5}'), "key") == []


def test_every_topic_is_one_of_shopifys() -> None:
    known = schema.vendors(vendor_folder("shopify") / "graphql/admin_2026-07.json.gz").type_map
    names = {name.lower() for name in known["WebhookSubscriptionTopic"].values}  # type: ignore[attr-defined]
    assert {topic.replace("/", "_") for topic in webhooks.TOPICS} <= names


def test_the_signature_is_the_vendors() -> None:
    vectors = read_json(vendor_folder("shopify").parent / "signature_vectors.json")
    body = vectors["body_utf8"].encode()
    assert webhooks.SIGNATURE.sign(vectors["key"], body=body) == vectors["shopify"]["value"]


# The schema


def documents() -> list[str]:
    """All that the connector ever asks."""
    modules = [import_module(f"{shopify_api.__name__}.{item.name}") for item in iter_modules(shopify_api.__path__)]
    texts = [text for module in [*modules, shopify] for text in vars(module).values() if isinstance(text, str)]
    return [text for text in texts if text.lstrip().startswith(("query ", "mutation "))] + [
        api.more_of(kind, name, selection)
        for kind, lists in {
            "Order": {"lineItems": ask.LINE, "shippingLines": ask.SHIPPING},
            "Fulfillment": {"fulfillmentLineItems": ask.PARCEL_LINE},
            "Refund": ask.OF_A_REFUND,
            "Customer": {"addressesV2": "id address1"},
            "Product": {"variants": "id", "bundleComponents": "quantity"},
        }.items()
        for name, selection in lists.items()
    ]


def test_the_sandboxs_own_schema_is_a_part_of_the_vendors() -> None:
    own, vendors = schema.part(), schema.vendors(vendor_folder("shopify") / "graphql/admin_2026-07.json.gz")
    found = [change for change in find_breaking_changes(own, vendors) if "DIRECTIVE" not in change.type.name]
    assert [change.description for change in found] == []


@pytest.mark.parametrize("version", ["2026-07", "2026-10", ""])
def test_all_requests_keep_to_the_schema(version: str) -> None:
    """Of this version, of the next, and of the sandbox's own part."""
    path = vendor_folder("shopify") / f"graphql/admin_{version}.json.gz"
    known = schema.vendors(path) if version else schema.part()
    assert len(documents()) > 25
    assert [error.message for text in documents() for error in validate(known, parse(text))] == []


# In the words of the older interface


class _WholeApi:
    def complete(self, *_arguments: Any) -> None: ...


def hook(topic: str, body: bytes, prefix: str = "X-Shopify-") -> WebhookRequest:
    signature = base64.b64encode(hmac.new(b"key", body, hashlib.sha256).digest()).decode()
    headers = {"Topic": topic, "Hmac-Sha256": signature, "Webhook-Id": "w-1", "Shop-Domain": "a.myshopify.com"}
    named = {f"{prefix}{name}": value for name, value in headers.items()}
    return WebhookRequest(url="https://odoo.example.com/hook", headers=named, body=body)


def _bag(row: dict | None) -> dict | None:
    if row is None:
        return None
    money = {"amount": row["shop_money"]["amount"], "currencyCode": row["shop_money"]["currency_code"]}
    return {"shopMoney": money, "presentmentMoney": money}


def _taxes(row: dict) -> list[dict]:
    return [{"title": tax["title"], "rate": tax["rate"], "ratePercentage": None, "priceSet": _bag(tax["price_set"])}
            for tax in row.get("tax_lines") or ()]  # fmt: skip


def _allocations(row: dict) -> list[dict]:
    return [{"allocatedAmountSet": _bag(item["amount_set"])} for item in row.get("discount_allocations") or ()]


def _ref(kind: str, key: Any) -> dict | None:
    return {"id": f"gid://shopify/{kind}/{key}"} if key else None


def _line(row: dict) -> dict:
    return {
        **(_ref("LineItem", row["id"]) or {}), "name": row["name"], "title": row["title"], "quantity": row["quantity"],
        "currentQuantity": row["current_quantity"], "sku": row["sku"], "taxable": row["taxable"],
        "product": _ref("Product", row["product_id"]), "variant": _ref("ProductVariant", row["variant_id"]),
        "originalUnitPriceSet": _bag(row["price_set"]), "discountAllocations": _allocations(row),
        "taxLines": _taxes(row), "duties": [], "lineItemGroup": None,
    }  # fmt: skip


def _order(row: dict) -> dict:
    total_ = row["total_price_set"]
    return {
        **(_ref("Order", row["id"]) or {}), "name": row["name"], "currencyCode": row["currency"],
        "retailLocation": _ref("Location", row["location_id"]),
        "taxesIncluded": row["taxes_included"], "test": False, "createdAt": row["created_at"],
        "processedAt": row["processed_at"], "updatedAt": row["updated_at"], "closedAt": row["closed_at"],
        "cancelledAt": row["cancelled_at"], "displayFinancialStatus": (row["financial_status"] or "").upper(),
        "displayFulfillmentStatus": (row["fulfillment_status"] or "unfulfilled").upper(),
        "totalPriceSet": _bag(total_), "totalTaxSet": _bag(row["total_tax_set"]),
        "totalDiscountsSet": _bag(row["total_discounts_set"]), "totalTipReceivedSet": None,
        "taxLines": _taxes(row), "lineItems": {"nodes": [_line(item) for item in row["line_items"]]},
        "shippingLines": {"nodes": [
            {**(_ref("ShippingLine", item["id"]) or {}), "title": item["title"], "isRemoved": item.get("is_removed"),
             "originalPriceSet": _bag(item["price_set"]), "discountAllocations": _allocations(item),
             "taxLines": _taxes(item)} for item in row["shipping_lines"]]},
    }  # fmt: skip


def _refund(row: dict) -> dict:
    taken = [item for item in row["transactions"] if item["kind"] == "refund" and item["status"] == "success"]
    sums = sum((D(item["amount"]) for item in taken), D(0))
    bag = {"shopMoney": {"amount": str(sums), "currencyCode": "USD"}}
    return {
        **(_ref("Refund", row["id"]) or {}), "createdAt": row["created_at"], "processedAt": row["processed_at"],
        "note": row["note"], "totalRefundedSet": bag, "refundShippingLines": {"nodes": []},
        "orderAdjustments": {"nodes": [{"id": item["id"]} for item in row.get("order_adjustments") or ()]},
        "refundLineItems": {"nodes": [
            {"quantity": item["quantity"], "restockType": item["restock_type"].upper(),
             "subtotalSet": _bag(item["subtotal_set"]), "totalTaxSet": _bag(item["total_tax_set"]),
             "lineItem": {**(_ref("LineItem", item["line_item_id"]) or {}), "name": item["line_item"]["name"],
                          "variant": _ref("ProductVariant", item["line_item"]["variant_id"])}}
            for item in row["refund_line_items"]]},
        "transactions": {"nodes": [
            {**(_ref("OrderTransaction", item["id"]) or {}), "kind": item["kind"].upper(), "status": "SUCCESS",
             "gateway": item["gateway"], "processedAt": item["processed_at"],
             "amountSet": {"shopMoney": {"amount": item["amount"]}}} for item in taken]},
    }  # fmt: skip
