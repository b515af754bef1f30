"""Exchanges as they are made through the API: what comes back is taken off what is bought instead, on the same order.

The new lines raise the order's total, which is that before returns; the refund says what came back, and gives back no
more than is left after what was bought. Where less came back than was bought, it gives back nothing, and the rest is
due.
"""

from __future__ import annotations

from .changing import wrong
from .money import Purse
from .parts import cents_of, line, refund, total
from .shop import Shop
from .values import Row, cents, gid


def create(shop: Shop, returnInput: Row) -> Row:
    """What is to come back and what is wanted for it; nothing moves before it is processed."""
    order = shop.orders.get(returnInput["orderId"])
    if order is None:
        return wrong("Order does not exist", "orderId", code="NOT_FOUND")
    sent = {item["id"]: item for parcel in order["fulfillments"] for item in parcel["fulfillmentLineItems"]}
    wanted = [(sent.get(item["fulfillmentLineItemId"]), item) for item in returnInput["returnLineItems"]]
    if any(item is None or given["quantity"] > item["lineItem"]["currentQuantity"] for item, given in wanted):
        return wrong("Fulfillment line item is not returnable.", "returnLineItems", code="INVALID")
    variants = [shop.variants.get(item.get("variantId") or "") for item in returnInput.get("exchangeLineItems") or ()]
    if None in variants:
        return wrong("Variant does not exist", "exchangeLineItems", code="NOT_FOUND")
    own = shop.key()
    row: Row = {
        "__typename": "Return", "id": gid("Return", own), "name": f"{order['name']}-R1", "status": "OPEN",
        "createdAt": shop.stamp(), "closedAt": None, "order": order, "totalQuantity": sum(
            given["quantity"] for _item, given in wanted),
        "returnLineItems": [
            {"__typename": "ReturnLineItem", "id": gid("ReturnLineItem", shop.key()), "fulfillmentLineItem": item,
             "quantity": given["quantity"], "returnReason": given.get("returnReason") or "UNKNOWN",
             "returnReasonNote": ""} for item, given in wanted
        ],
        "exchangeLineItems": [
            {"__typename": "ExchangeLineItem", "id": gid("ExchangeLineItem", shop.key()), "variant": variant,
             "variantId": variant["id"], "quantity": given["quantity"]}
            for variant, given in zip(variants, returnInput.get("exchangeLineItems") or (), strict=True)
        ],
    }  # fmt: skip
    shop.returns[row["id"]] = row
    order["returnStatus"] = "IN_PROGRESS"
    _changed(shop, order)
    return {"return": row, "userErrors": []}


def process(shop: Shop, input: Row) -> Row:
    """All of the return at once."""
    row = shop.returns.get(input["returnId"])
    if row is None or row["status"] != "OPEN":
        return wrong("Return is not open.", "returnId", code="INVALID")
    order = row["order"]
    purse = Purse(order["currencyCode"])
    first = row["returnLineItems"][0]["fulfillmentLineItem"]["lineItem"]
    rates = [(tax["title"], tax["rate"]) for tax in first["taxLines"]]
    for item in row["exchangeLineItems"]:
        price, many = cents(item["variant"]["price"]), item["quantity"]
        order["lineItems"].append(
            line(shop.key(), purse, item["variant"], price, many, [], rates, order["taxesIncluded"])
        )
    issued = ((input.get("financialTransfer") or {}).get("issueRefund") or {}).get("orderTransactions") or ()
    given = sum(cents(item["transactionAmount"]["amount"]) for item in issued)
    backs = [(item["fulfillmentLineItem"]["lineItem"], item["quantity"]) for item in row["returnLineItems"]]
    former = cents_of(order["totalPriceSet"]) - sum(map(_worth, order["refunds"]))
    total(order, purse)
    made = refund(order, shop.key, purse, backs, shop.stamp(), money=True, given=given,
                  place=next(iter(shop.locations.values())))  # fmt: skip
    made["return"] = row
    bought = cents_of(order["totalPriceSet"]) - sum(map(_worth, order["refunds"]))
    order["currentTotalPriceSet"] = purse.bag(bought)
    row |= {"status": "CLOSED", "closedAt": shop.stamp()}
    order |= {"returnStatus": "RETURNED", "closedAt": None, "displayFulfillmentStatus": "PARTIALLY_FULFILLED"}
    if bought > former:
        order["displayFinancialStatus"] = "PARTIALLY_PAID"
    _changed(shop, order)
    shop.tell("refunds/create", made)
    return {"return": row, "userErrors": []}


CHANGES = {"returnCreate": create, "returnProcess": process}


def _worth(back: Row) -> int:
    rows = back["refundLineItems"]
    taxes = 0 if back["order"]["taxesIncluded"] else sum(cents_of(item["totalTaxSet"]) for item in rows)
    return sum(cents_of(item["subtotalSet"]) for item in rows) + taxes


def _changed(shop: Shop, order: Row) -> None:
    shop.touch(order)
    shop.tell("orders/updated", order)
