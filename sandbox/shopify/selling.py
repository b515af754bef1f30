"""Orders as they are made, paid, handed over and cancelled through the API."""

from __future__ import annotations

from typing import Any

from .changing import wrong
from .money import Purse
from .parts import blank, cents_of, fulfil, line, shipping_line, total, transaction
from .shop import Shop
from .values import Row, cents, gid, moment, stamp


def create(shop: Shop, order: Row, options: Row | None = None) -> Row:
    """At the prices and taxes that are given."""
    if not order.get("lineItems"):
        return wrong("Line items must have at least one line item", "order", "lineItems", code="INVALID")
    currency = shop.row["currencyCode"]
    bags = [item["priceSet"] for item in order["lineItems"] if item.get("priceSet")]
    if any(bag["shopMoney"]["currencyCode"] != currency for bag in bags):
        return wrong("Currency must be the shop's", "order", "currency", code="INVALID")
    if order.get("taxLines") and any(item.get("taxLines") for item in order["lineItems"]):
        return wrong("Tax lines must be specified on either the order or the line items", "order", "taxLines",
                     code="TAX_LINE_RATE_MISSING")  # fmt: skip
    purse, now = Purse(currency), shop.stamp()
    row = blank(shop.key(), now, currency, currency)
    number = max((known["number"] for known in shop.orders.values()), default=1000) + 1
    row |= {"name": f"#{number}", "number": number, "taxesIncluded": bool(order.get("taxesIncluded")),
            "sourceName": order.get("sourceName") or "api", "sourceIdentifier": order.get("sourceIdentifier"),
            "note": order.get("note"), "tags": order.get("tags") or [], "test": bool(order.get("test"))}  # fmt: skip
    if order.get("processedAt"):
        row["processedAt"] = stamp(moment(order["processedAt"]))
    problem = _people(shop, order, row) or _lines(shop, order, row, purse)
    if problem:
        return problem
    for item in order.get("shippingLines") or ():
        taxes, rates = _taxes(item)
        price = cents(item["priceSet"]["shopMoney"]["amount"])
        row["shippingLines"].append(shipping_line(shop.key(), purse, price, taxes, rates, item["title"]))
    total(row, purse)
    for item in order.get("transactions") or ():
        amount = cents(item["amountSet"]["shopMoney"]["amount"])
        when = item.get("processedAt") or now
        made = transaction(row, shop.key(), purse, item.get("kind") or "SALE", item.get("gateway") or "manual", amount,
                           stamp(moment(when)))  # fmt: skip
        row["transactions"].append({**made, "status": item.get("status") or "SUCCESS"})
    _pay_status(row, order)
    if order.get("fulfillment"):
        place = shop.locations.get(order["fulfillment"]["locationId"])
        if place is None:
            return wrong("Location does not exist", "order", "fulfillment", code="INVALID")
        fulfil(row, shop.key(), row["lineItems"], place, now)
    if (options or {}).get("inventoryBehaviour", "BYPASS") != "BYPASS":
        _lower_stock(shop, row)
    shop.orders[row["id"]] = row
    shop.tell("orders/create", row)
    return {"order": row, "userErrors": []}


def cancel(shop: Shop, orderId: str, reason: str, restock: bool, **_more: Any) -> Row:
    row = shop.orders.get(orderId)
    if row is None or row["cancelledAt"]:
        return wrong("Order cannot be cancelled", "orderId", code="INVALID", key="orderCancelUserErrors")
    row |= {"cancelledAt": shop.stamp(), "cancelReason": reason, "closedAt": shop.stamp()}
    if row["displayFinancialStatus"] == "PENDING":
        row["displayFinancialStatus"] = "VOIDED"
    changed(shop, row, "orders/cancelled")
    return {"job": {"id": gid("Job", shop.key()), "done": True}, "orderCancelUserErrors": [], "userErrors": []}


def mark_paid(shop: Shop, input: Row) -> Row:
    row = shop.orders.get(input["id"])
    if row is None or row["cancelledAt"] or row["displayFinancialStatus"] not in ("PENDING", "PARTIALLY_PAID"):
        return wrong("Order cannot be marked as paid.", "id")
    purse = Purse(row["currencyCode"])
    signs = {"SALE": 1, "CAPTURE": 1, "CHANGE": -1, "REFUND": -1}
    paid = sum(signs.get(item["kind"], 0) * cents_of(item["amountSet"]) for item in row["transactions"]
               if item["status"] == "SUCCESS")  # fmt: skip
    owed = cents_of(row["currentTotalPriceSet"]) - paid
    row["transactions"].append(transaction(row, shop.key(), purse, "SALE", "manual", owed, shop.stamp()))
    row["displayFinancialStatus"] = "PAID"
    changed(shop, row, "orders/paid")
    return {"order": row, "userErrors": []}


def order_update(shop: Shop, input: Row) -> Row:
    row = shop.orders.get(input["id"])
    if row is None:
        return wrong("Order does not exist", "id")
    row |= {name: input[name] for name in ("note", "tags") if name in input}
    changed(shop, row, "orders/updated")
    return {"order": row, "userErrors": []}


def tenders(shop: Shop) -> list[Row]:
    """The book of money that moved: what was taken, without the change, and what was given back, as minus."""
    found = []
    for order in shop.orders.values():
        change = sum(cents_of(row["amountSet"]) for row in order["transactions"] if row["kind"] == "CHANGE")
        for row in order["transactions"]:
            if row["status"] != "SUCCESS" or row["kind"] not in ("SALE", "CAPTURE", "REFUND"):
                continue
            amount = cents_of(row["amountSet"]) * (-1 if row["kind"] == "REFUND" else 1)
            if row["gateway"] == "cash" and row["kind"] == "SALE":
                amount, change = amount - change, 0
            found.append({
                "id": row["id"].replace("OrderTransaction", "TenderTransaction"), "test": order["test"],
                "processedAt": row["processedAt"], "paymentMethod": "cash" if row["gateway"] == "cash" else "other",
                "amount": Purse(order["currencyCode"]).bag(amount)["shopMoney"], "order": order,
            })  # fmt: skip
    return found


CHANGES = {
    "orderCreate": create,
    "orderCancel": cancel,
    "orderMarkAsPaid": mark_paid,
    "orderUpdate": order_update,
}


def _people(shop: Shop, order: Row, row: Row) -> Row | None:
    wanted = ((order.get("customer") or {}).get("toAssociate") or {}).get("id")
    if wanted and wanted not in shop.customers:
        return wrong("Customer does not exist", "order", "customer", code="INVALID")
    row["customer"] = shop.customers[wanted] if wanted else None
    place = order.get("shippingAddress")
    if place:
        row["shippingAddress"] = {**place, "countryCodeV2": place.get("countryCode"),
                                  "id": gid("MailingAddress", shop.key())}  # fmt: skip
    return None


def _lines(shop: Shop, order: Row, row: Row, purse: Purse) -> Row | None:
    variants = shop.variants
    for item in order["lineItems"]:
        variant = variants.get(item.get("variantId") or "")
        if item.get("variantId") and variant is None:
            return wrong("Variant does not exist", "order", "lineItems", code="INVALID")
        if item["quantity"] < 1:
            return wrong("Quantity must be greater than 0", "order", "lineItems", code="INVALID")
        taxes, rates = _taxes(item)
        price = cents(item["priceSet"]["shopMoney"]["amount"]) if item.get("priceSet") else cents(variant["price"])
        made = line(shop.key(), purse, variant, price, item["quantity"], [], [], row["taxesIncluded"])
        made["taxLines"] = [purse.tax_line(name, rate, tax) for (name, rate), tax in zip(rates, taxes, strict=True)]
        if item.get("title"):
            made |= {"title": item["title"], "name": item["title"], "variantTitle": None}
        made["customAttributes"] = [{"key": entry["name"], "value": entry["value"]}
                                    for entry in item.get("properties") or ()]  # fmt: skip
        row["lineItems"].append(made)
    return None


def _taxes(item: Row) -> tuple[list[int], list[tuple[str, float]]]:
    rows = item.get("taxLines") or ()
    return ([cents(row["priceSet"]["shopMoney"]["amount"]) for row in rows],
            [(row["title"], float(row["rate"])) for row in rows])  # fmt: skip


def _pay_status(row: Row, order: Row) -> None:
    taken = sum(cents_of(item["amountSet"]) for item in row["transactions"]
                if item["status"] == "SUCCESS" and item["kind"] in ("SALE", "CAPTURE"))  # fmt: skip
    owed = cents_of(row["totalPriceSet"])
    counted = "PAID" if taken >= owed > 0 or (taken and taken >= owed) else "PARTIALLY_PAID" if taken else "PENDING"
    row["displayFinancialStatus"] = counted if taken else order.get("financialStatus") or counted


def _lower_stock(shop: Shop, row: Row) -> None:
    for item in row["lineItems"]:
        if item["variant"] and item["variant"]["inventoryItem"]["tracked"]:
            level = next(known for known in shop.levels.values() if known["item"] is item["variant"]["inventoryItem"])
            level["on_hand" if row["fulfillments"] else "committed"] += -item["quantity"] if row["fulfillments"] else (
                item["quantity"]
            )  # fmt: skip
            shop.touch(level)
            shop.tell("inventory_levels/update", level)


def changed(shop: Shop, row: Row, topic: str) -> None:
    shop.touch(row)
    shop.tell(topic, row)
    if topic != "orders/updated":
        shop.tell("orders/updated", row)
