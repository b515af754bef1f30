"""Draft orders: made, completed to orders, deleted."""

from __future__ import annotations

from typing import Any

from . import selling
from .changing import wrong
from .parts import cents_of
from .shop import Shop
from .values import Row, cents, gid


def create(shop: Shop, input: Row) -> Row:
    if not input.get("lineItems"):
        return wrong("Add at least 1 product")
    variants, lines = shop.variants, []
    for item in input["lineItems"]:
        variant = variants.get(item.get("variantId") or "")
        if variant is None and not item.get("title"):
            return wrong("Product is no longer available", "lineItems")
        money = item.get("priceOverride") if variant else item.get("originalUnitPriceWithCurrency")
        lines.append({
            "__typename": "DraftOrderLineItem", "id": gid("DraftOrderLineItem", shop.key()), "variant": variant,
            "title": variant["product"]["title"] if variant else item["title"], "quantity": item["quantity"],
            "price": money or {"amount": variant["price"], "currencyCode": shop.row["currencyCode"]},
        })  # fmt: skip
    key, now = shop.key(), shop.stamp()
    row = {
        "__typename": "DraftOrder", "id": gid("DraftOrder", key), "legacyResourceId": str(key), "name": f"#D{key}",
        "status": "OPEN", "tags": input.get("tags") or [], "note2": input.get("note"), "order": None,
        "customAttributes": input.get("customAttributes") or [], "lineItems": lines, "createdAt": now,
        "updatedAt": now, "input": input,
    }  # fmt: skip
    shop.drafts[row["id"]] = row
    return {"draftOrder": row, "userErrors": []}


def complete(shop: Shop, id: str, **_more: Any) -> Row:
    """An order that has the draft's attributes."""
    row = shop.drafts.get(id)
    if row is None or row["order"]:
        return wrong("This order has been paid")
    lines = [
        {"variantId": item["variant"]["id"] if item["variant"] else None, "title": item["title"],
         "quantity": item["quantity"], "priceSet": {"shopMoney": item["price"]}}
        for item in row["lineItems"]
    ]  # fmt: skip
    owed = sum(cents(item["price"]["amount"]) * item["quantity"] for item in row["lineItems"])
    currency = shop.row["currencyCode"]
    paid = {"kind": "SALE", "amountSet": {"shopMoney": {"amount": owed / 100, "currencyCode": currency}}}
    order = selling.create(shop, {"lineItems": lines, "transactions": [paid], "sourceName": "shopify_draft_order"})
    made = order["order"]
    assert cents_of(made["totalPriceSet"]) == owed
    made |= {"customAttributes": row["customAttributes"], "tags": row["tags"]}
    row |= {"order": made, "status": "COMPLETED"}
    return {"draftOrder": row, "userErrors": []}


def delete(shop: Shop, input: Row) -> Row:
    row = shop.drafts.get(input["id"])
    if row is None or row["order"]:
        return wrong("Draft order does not exist", "id")
    del shop.drafts[input["id"]]
    return {"deletedId": input["id"], "userErrors": []}


CHANGES = {"draftOrderCreate": create, "draftOrderComplete": complete, "draftOrderDelete": delete}
