"""What comes back through the API: money by the transactions that took it, and goods with it."""

from __future__ import annotations

from .changing import wrong
from .money import Purse
from .parts import cents_of, refund, transaction
from .selling import changed
from .shop import Shop
from .values import Row, cents, gid

_TAKEN = ("SALE", "CAPTURE")


def give_back(shop: Shop, input: Row) -> Row:
    row = shop.orders.get(input["orderId"])
    if row is None:
        return wrong("Order does not exist", "orderId")
    problem = _goods(shop, row, input) or _money(row, input)
    if problem:
        return problem
    lines = {item["id"]: item for item in row["lineItems"]}
    given = input.get("refundLineItems") or ()
    purse, now = Purse(row["currencyCode"]), shop.stamp()
    made = refund(row, shop.key, purse, [(lines[item["lineItemId"]], item["quantity"]) for item in given], now,
                  money=False, place=None)  # fmt: skip
    worth = sum(cents_of(item["subtotalSet"]) for item in made["refundLineItems"])
    worth += 0 if row["taxesIncluded"] else sum(cents_of(item["totalTaxSet"]) for item in made["refundLineItems"])
    for item, wanted in zip(made["refundLineItems"], given, strict=True):
        how = wanted.get("restockType") or "NO_RESTOCK"
        place = shop.locations[wanted["locationId"]] if how != "NO_RESTOCK" else None
        item |= {"restockType": how, "restocked": bool(place), "location": place}
        item["lineItem"]["refundableQuantity"] -= item["quantity"]
        _restock(shop, item, place)
    _pay_out(shop, row, made, input, purse, worth)
    made["note"] = input.get("note")
    changed(shop, row, "orders/updated")
    shop.tell("refunds/create", made)
    return {"refund": made, "userErrors": []}


def adjust_quantities(shop: Shop, input: Row) -> Row:
    """By how much there is more, or less, of what is stocked."""
    if input["name"] not in ("available", "damaged", "quality_control", "reserved", "safety_stock"):
        return wrong("The quantity name is invalid.", "input", "name", code="INVALID_QUANTITY_NAME")
    found = []
    for place, change in enumerate(input["changes"]):
        where = "input", "changes", str(place)
        if "changeFromQuantity" not in change:
            return wrong("The changeFromQuantity argument is required.", *where, code="INVALID_QUANTITY_DOCUMENT")
        keys = change["inventoryItemId"], change["locationId"]
        level = next((row for row in shop.levels.values() if (row["item"]["id"], row["location"]["id"]) == keys), None)
        if level is None:
            return wrong("The item is not stocked at this location.", *where, code="ITEM_NOT_STOCKED_AT_LOCATION")
        found.append((level, change["delta"]))
    for level, delta in found:
        level["on_hand"] += delta
        shop.touch(level)
        shop.tell("inventory_levels/update", level)
    return {"inventoryAdjustmentGroup": None, "userErrors": []}


CHANGES = {"refundCreate": give_back, "inventoryAdjustQuantities": adjust_quantities}


def _goods(shop: Shop, row: Row, input: Row) -> Row | None:
    lines = {item["id"]: item for item in row["lineItems"]}
    wanted: dict[str, int] = {}
    for item in input.get("refundLineItems") or ():
        key = item["lineItemId"]
        wanted[key] = wanted.get(key, 0) + item["quantity"]
        if key not in lines or wanted[key] > lines[key]["refundableQuantity"]:
            return wrong("Quantity cannot refund more items than were purchased", "refundLineItems")
        if item.get("restockType", "NO_RESTOCK") != "NO_RESTOCK" and item.get("locationId") not in shop.locations:
            return wrong("Location must exist to restock items", "refundLineItems")
    return None


def _money(row: Row, input: Row) -> Row | None:
    """Of each transaction no more than it took; of the order no more than was paid."""
    taken = {item["id"]: item for item in row["transactions"]
             if item["kind"] in _TAKEN and item["status"] == "SUCCESS"}  # fmt: skip
    left = sum(cents_of(item["amountSet"]) for item in taken.values()) - cents_of(row["totalRefundedSet"])
    for item in input.get("transactions") or ():
        parent = taken.get(item.get("parentId") or "")
        if item["kind"] != "REFUND" or parent is None or item["orderId"] != row["id"]:
            return wrong("Transactions must have a valid parent transaction", "transactions")
        left -= cents(item["amount"])
        given = sum(cents_of(known["amountSet"]) for known in row["transactions"]
                    if known["kind"] == "REFUND" and known["parentTransaction"] is parent)  # fmt: skip
        if left < 0 or cents(item["amount"]) > cents_of(parent["amountSet"]) - given:
            return wrong("Refund amount cannot exceed the amount available to refund.", "transactions")
    return None


def _restock(shop: Shop, item: Row, place: Row | None) -> None:
    variant = item["lineItem"]["variant"]
    if not (place and variant and variant["inventoryItem"]["tracked"]):
        return
    for level in shop.levels.values():
        if level["item"] is variant["inventoryItem"] and level["location"] is place:
            level["on_hand"] += item["quantity"]
            shop.touch(level)
            shop.tell("inventory_levels/update", level)


def _pay_out(shop: Shop, row: Row, made: Row, input: Row, purse: Purse, worth: int) -> None:
    """The transactions; what they give beside what the goods are worth is an adjustment."""
    taken = {item["id"]: item for item in row["transactions"]}
    for item in input.get("transactions") or ():
        paid = transaction(row, shop.key(), purse, "REFUND", item["gateway"], cents(item["amount"]), made["createdAt"])
        made["transactions"].append({**paid, "parentTransaction": taken[item["parentId"]]})
    given = sum(cents_of(item["amountSet"]) for item in made["transactions"])
    before = cents_of(row["totalRefundedSet"])
    made["totalRefundedSet"] = purse.bag(given)
    if given != worth:
        made["orderAdjustments"] = [{"id": gid("OrderAdjustment", shop.key()), "amountSet": purse.bag(worth - given),
                                     "taxAmountSet": purse.bag(0), "reason": "REFUND_DISCREPANCY"}]  # fmt: skip
    row["transactions"] += made["transactions"]
    row["totalRefundedSet"] = purse.bag(before + given)
    if given:
        whole = before + given >= cents_of(row["totalPriceSet"])
        row["displayFinancialStatus"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
