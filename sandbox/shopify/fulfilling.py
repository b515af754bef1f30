"""What is to be handed over of an order, and parcels as they are made and tracked through the API."""

from __future__ import annotations

from typing import Any

from .changing import wrong
from .parts import fulfil
from .shop import Shop
from .values import Row, gid, number_of

_TRACKED = ("company", "number", "numbers", "url", "urls")


def fulfilment_orders(row: Row, shop: Shop) -> list[Row]:
    """One for each place that something is to be sent from: all of an order is sent from the first place of the shop,
    but for lines that were moved to another (`sentFrom`)."""
    home = next(iter(shop.locations.values()))
    places = {item["id"]: item.get("sentFrom") or home for item in row["lineItems"]}
    return [
        _fulfilment_order(row, place, place is home, [item for item in row["lineItems"] if places[item["id"]] is place])
        for place in {id(place): place for place in places.values()}.values()
    ]


def _fulfilment_order(row: Row, place: Row, first: bool, items: list[Row]) -> Row:
    sent: dict[str, int] = {}
    for parcel in row["fulfillments"]:
        for part in parcel["fulfillmentLineItems"] if parcel["status"] != "CANCELLED" else ():
            sent[part["lineItem"]["id"]] = sent.get(part["lineItem"]["id"], 0) + part["quantity"]
    lines = []
    for item in items:
        many = item["currentQuantity"]
        lines.append({
            "__typename": "FulfillmentOrderLineItem", "id": gid("FulfillmentOrderLineItem", str(number_of(item["id"]))),
            "lineItem": item, "remainingQuantity": max(many - sent.get(item["id"], 0), 0), "totalQuantity": many,
        })  # fmt: skip
    left = sum(line["remainingQuantity"] for line in lines)
    begun = any(line["remainingQuantity"] < line["totalQuantity"] for line in lines)
    status = "CANCELLED" if row["cancelledAt"] else "CLOSED" if not left else "IN_PROGRESS" if begun else "OPEN"
    if left and row.get("held"):
        status = "ON_HOLD"
    key = row["legacyResourceId"] if first else f"{row['legacyResourceId']}{number_of(place['id'])}"
    return {
        "__typename": "FulfillmentOrder", "id": gid("FulfillmentOrder", key), "status": status,
        "requestStatus": "UNSUBMITTED", "orderId": row["id"], "lineItems": lines, "orderName": row["name"],
        "order": row, "createdAt": row["createdAt"], "updatedAt": row["updatedAt"],
        "assignedLocation": {"__typename": "FulfillmentOrderAssignedLocation", "location": place,
                             "name": place["name"]},
    }  # fmt: skip


def find(shop: Shop, key: str) -> tuple[Row, Row] | None:
    """A fulfilment order with the order that it is of."""
    return next(((order, made) for order in shop.orders.values() for made in fulfilment_orders(order, shop)
                 if made["id"] == key), None)  # fmt: skip


def create(shop: Shop, fulfillment: Row, message: str = "") -> Row:
    """All of a request or nothing; what it is made of belongs to one order and one place."""
    if not fulfillment["lineItemsByFulfillmentOrder"]:
        return wrong("No line items to fulfill.", "fulfillment")
    order, place, parts = None, None, []
    for wanted in fulfillment["lineItemsByFulfillmentOrder"]:
        found = find(shop, wanted["fulfillmentOrderId"])
        if found is None or found[1]["status"] not in ("OPEN", "IN_PROGRESS"):
            return wrong("Fulfillment order is not in a fulfillable state.", "fulfillment")
        own, source = found
        if order not in (None, own):
            return wrong("All fulfillment orders must belong to the same order.", "fulfillment")
        if place not in (None, source["assignedLocation"]["location"]):
            return wrong("All fulfillment orders must have the same assigned location.", "fulfillment")
        order, place = own, source["assignedLocation"]["location"]
        there = {line["id"]: line for line in source["lineItems"]}
        rows = wanted.get("fulfillmentOrderLineItems") or [
            {"id": line["id"], "quantity": line["remainingQuantity"]} for line in there.values()
        ]
        for row in rows:
            line = there.get(row["id"])
            if line is None or row["quantity"] > line["remainingQuantity"] or row["quantity"] < 0:
                return wrong("Invalid fulfillment order line item quantity requested.", "fulfillment")
            if row["quantity"]:
                parts.append((line["lineItem"], row["quantity"]))
    if order is None or place is None or not parts:
        return wrong("No line items to fulfill.", "fulfillment")
    given = fulfillment.get("trackingInfo")
    parcel = fulfil(order, shop.key(), [item for item, _many in parts], place, shop.stamp(), quantities=parts)
    parcel["trackingInfo"] = _tracking(given)
    left = any(line["remainingQuantity"] for made in fulfilment_orders(order, shop) for line in made["lineItems"])
    order |= {"displayFulfillmentStatus": "PARTIALLY_FULFILLED" if left else "FULFILLED",
              "closedAt": None if left else shop.stamp()}  # fmt: skip
    _mail(shop, parcel, fulfillment.get("notifyCustomer"))
    shop.tell("fulfillments/create", parcel)
    _changed(shop, order, "orders/partially_fulfilled" if left else "orders/fulfilled")
    return {"fulfillment": parcel, "userErrors": []}


def track(shop: Shop, fulfillmentId: str, trackingInfoInput: Row, notifyCustomer: bool | None = None) -> Row:
    for row in shop.orders.values():
        for parcel in row["fulfillments"]:
            if parcel["id"] == fulfillmentId:
                parcel["trackingInfo"] = _tracking(trackingInfoInput)
                shop.touch(parcel)
                _mail(shop, parcel, notifyCustomer)
                shop.tell("fulfillments/update", parcel)
                _changed(shop, row, "orders/updated")
                return {"fulfillment": parcel, "userErrors": []}
    return wrong("Fulfillment does not exist.", "fulfillmentId")


CHANGES = {"fulfillmentCreate": create, "fulfillmentTrackingInfoUpdate": track}


def _tracking(given: Row | None) -> list[Row]:
    """One for each box."""
    if not given or not any(given.get(name) for name in _TRACKED):
        return []
    numbers = given.get("numbers") or [given.get("number")]
    urls = given.get("urls") or [given.get("url")] * len(numbers)
    return [{"company": given.get("company"), "number": number, "url": url}
            for number, url in zip(numbers, urls, strict=False)]  # fmt: skip


def _mail(shop: Shop, parcel: Row, wanted: Any) -> None:
    if wanted:
        shop.mails.append(parcel["id"])


def _changed(shop: Shop, row: Row, topic: str) -> None:
    shop.touch(row)
    shop.tell(topic, row)
    if topic != "orders/updated":
        shop.tell("orders/updated", row)
