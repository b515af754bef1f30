"""Orders that are made, changed and paid through the API."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from decimal import Decimal, InvalidOperation

from .answers import Rejected, not_found, required
from .pricing import price
from .reading import visible
from .sales import payment_of, tender_of
from .shop import Row, Shop

_ENDED = ("COMPLETED", "CANCELED", "FAILED")
_ROWS = ("line_items", "taxes", "discounts")
_PLAIN = ("customer_id", "metadata", "reference_id", "ticket_name")


def calculate(shop: Shop, body: Row) -> Row:
    required(body, "order")
    return {"order": visible(shop, _drafted(shop, body["order"]))}


def create(shop: Shop, body: Row) -> Row:
    required(body, "order")
    order = _drafted(shop, body["order"])
    if len(order.get("fulfillments") or ()) > 1:
        raise Rejected(400, "ARRAY_LENGTH_TOO_LONG", "One fulfillment at most.", field="order.fulfillments")
    now = shop.stamp()
    order |= {"id": shop.new_id("NEW"), "created_at": now, "updated_at": now, "version": 1}
    order.setdefault("state", "OPEN")
    order.setdefault("source", {"name": "Sandbox application"})
    shop.orders[order["id"]] = order
    _tell(shop, order, "order.created")
    return {"order": visible(shop, order)}


def update(shop: Shop, key: str, body: Row) -> Row:
    """Sparse: what is not given stays."""
    order = known(shop, key)
    given = body.get("order") or {}
    required(given, "version", "location_id")
    if given["version"] != order["version"]:
        raise Rejected(409, "VERSION_MISMATCH", "The order has another version by now.", field="order.version")
    if order["state"] in ("COMPLETED", "CANCELED") and set(given) - {"version", "location_id", "metadata"}:
        raise Rejected(400, "BAD_REQUEST", f"The order is {order['state']}.")
    changed = deepcopy(order)
    for change in given.get("fulfillments") or ():
        rows = changed.setdefault("fulfillments", [])
        own = next((row for row in rows if row["uid"] == change.get("uid")), None)
        if own is None and (rows or change.get("uid")):
            raise Rejected(400, "INVALID_VALUE", "There is no such fulfillment.", field="order.fulfillments.uid")
        if own is None:
            own = {"uid": shop.new_id("uid"), "state": "PROPOSED", "type": change.get("type", "PICKUP")}
            rows.append(own)
        if own["state"] in _ENDED and change.get("state") not in (None, own["state"]):
            raise Rejected(400, "INVALID_VALUE", f"The fulfillment is {own['state']}.")
        if change.get("state") == "COMPLETED" and not changed.get("tenders"):
            raise Rejected(400, "BAD_REQUEST", "An unpaid order can't be fulfilled.")
        for name in ("pickup_details", "shipment_details", "delivery_details"):
            if name in change:
                own[name] = {**own.get(name, {}), **change[name]}
        if "metadata" in change:
            own["metadata"] = _noted(own.get("metadata") or {}, change["metadata"])
        own["state"] = change.get("state", own["state"])
    if given.get("state") == "CANCELED":
        if changed.get("tenders"):
            raise Rejected(400, "BAD_REQUEST", "A paid order can't be canceled.")
        if any(row["state"] not in _ENDED for row in changed.get("fulfillments") or ()):
            raise Rejected(400, "BAD_REQUEST", "Cancel the fulfillments first.")
        changed |= {"state": "CANCELED", "closed_at": shop.stamp()}
    _edit(shop, changed, given, body.get("fields_to_clear") or ())
    shop.orders[key] = changed
    _touch(shop, changed)
    return {"order": visible(shop, changed)}


def _noted(known: Row, given: Row) -> Row:
    """What an application keeps on a fulfillment; what is given as nothing is taken out."""
    made = {name: value for name, value in {**known, **given}.items() if value is not None}
    for name, value in made.items():
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,60}", name) or len(value) > 255:
            raise Rejected(400, "INVALID_VALUE", "Not a key or value of metadata.", field="order.fulfillments.metadata")
    if len(made) > 10:
        raise Rejected(400, "MAP_KEY_LENGTH_TOO_LONG", "10 entries at most.", field="order.fulfillments.metadata")
    return made


def _edit(shop: Shop, order: Row, given: Row, cleared: Iterable[str]) -> None:
    """Rows are changed by their uid or added; what is to be cleared is named by field, or by field and uid."""
    for field in cleared:
        name, _, uid = field.rstrip("]").partition("[")
        order[name] = [row for row in order.get(name) or () if uid and row["uid"] != uid]
    for name in _ROWS:
        known = {row["uid"]: row for row in order.get(name) or ()}
        for change in given.get(name) or ():
            if change.get("uid") in known:
                known[change["uid"]].update(change)
            else:
                order.setdefault(name, []).append(dict(change))
    order.update({name: given[name] for name in _PLAIN if name in given})
    if cleared or any(name in given for name in _ROWS):
        _fill(shop, order)


def pay(shop: Shop, key: str, body: Row) -> Row:
    order = known(shop, key)
    required(body, "idempotency_key")
    if order["net_amount_due_money"]["amount"] or body.get("payment_ids"):
        raise Rejected(400, "BAD_REQUEST", "The payments don't make up the order's total.", field="payment_ids")
    order["tenders"] = []
    _touch(shop, order)
    return {"order": visible(shop, order)}


def create_payment(shop: Shop, body: Row) -> Row:
    required(body, "source_id", "amount_money")
    if len(body["idempotency_key"]) > 45:
        raise Rejected(400, "VALUE_TOO_LONG", "At most 45 characters.", field="idempotency_key")
    source = body["source_id"]
    if source not in ("CASH", "EXTERNAL"):
        raise Rejected(404, "NOT_FOUND", "Card nonce not found", field="source_id")
    required(body, "cash_details" if source == "CASH" else "external_details")
    order = known(shop, body.get("order_id", ""))
    amount = body["amount_money"]
    if amount != order["net_amount_due_money"]:
        raise Rejected(400, "BAD_REQUEST", "The amount must be what is due of the order.", field="amount_money")
    tip = (body.get("tip_money") or {}).get("amount", 0)
    payment = payment_of(order, shop.new_id("pay"), source, amount["amount"], tip, shop.stamp())
    if source == "CASH":
        payment["cash_details"] = _change(payment, body["cash_details"]["buyer_supplied_money"])
    else:
        payment["external_details"] = {**payment["external_details"], **body["external_details"]}
    shop.payments[payment["id"]] = payment
    order.setdefault("tenders", []).append(tender_of(payment))
    price(order)
    shop.tell("payment.created", "payment", payment["id"], {"payment": payment})
    _touch(shop, order)
    return {"payment": payment}


def _change(payment: Row, supplied: Row) -> Row:
    """What goes back of the cash that was handed over: Square works it out."""
    change = supplied["amount"] - payment["total_money"]["amount"]
    if change < 0:
        raise Rejected(
            400, "INVALID_VALUE", "Less than what is to be paid.", field="cash_details.buyer_supplied_money"
        )
    return {"buyer_supplied_money": supplied, "change_back_money": {**supplied, "amount": change}}


def known(shop: Shop, key: str) -> Row:
    if key not in shop.orders:
        raise not_found(f"order {key}")
    return shop.orders[key]


def _drafted(shop: Shop, given: Row) -> Row:
    """A priced copy; what comes from the catalogue is filled in."""
    required(given, "location_id")
    place = shop.locations.get(given["location_id"])
    if place is None:
        raise Rejected(400, "INVALID_VALUE", "There is no such location.", field="order.location_id")
    if len(given.get("reference_id") or "") > 40:
        raise Rejected(400, "VALUE_TOO_LONG", "At most 40 characters.", field="order.reference_id")
    if given.get("customer_id") and given["customer_id"] not in shop.customers:
        raise Rejected(404, "NOT_FOUND", "There is no such customer.", field="order.customer_id")
    order = deepcopy(given)
    order["_currency"] = place["currency"]
    for row in order.get("fulfillments") or ():
        row.setdefault("uid", shop.new_id("uid"))
        row.setdefault("state", "PROPOSED")
    return _fill(shop, order)


def _fill(shop: Shop, order: Row) -> Row:
    """Priced, with what comes from the catalogue."""
    for at, line in enumerate(order.get("line_items") or ()):
        line.setdefault("uid", shop.new_id("uid"))
        _fill_line(shop, line, f"order.line_items[{at}]", order["_currency"])
    for kind, data in (("taxes", "tax_data"), ("discounts", "discount_data")):
        for at, row in enumerate(order.get(kind) or ()):
            _fill_reference(shop, row, data, f"order.{kind}[{at}]")
    return price(order)


def _fill_line(shop: Shop, line: Row, where: str, currency: str) -> None:
    try:
        quantity = Decimal(line.get("quantity") or "")
    except InvalidOperation:
        raise Rejected(400, "INVALID_VALUE", "Quantity must be a number.", field=f"{where}.quantity") from None
    if quantity < 0 or -int(quantity.as_tuple().exponent) > 5 or len(line["quantity"]) > 12:
        raise Rejected(400, "INVALID_VALUE", "Quantity can't be used.", field=f"{where}.quantity")
    line.setdefault("item_type", "ITEM" if line.get("catalog_object_id") else "CUSTOM_AMOUNT")
    if line.get("catalog_object_id"):
        found = next(
            (
                (row, variation)
                for row in shop.objects.values()
                for variation in (row.get("item_data") or {}).get("variations") or ()
                if variation["id"] == line["catalog_object_id"]
            ),
            None,
        )
        if found is None:
            raise Rejected(404, "NOT_FOUND", "There is no such item.", field=f"{where}.catalog_object_id")
        item, variation = found
        data = variation["item_variation_data"]
        line.setdefault("name", item["item_data"]["name"])
        line.setdefault("variation_name", data["name"])
        if "base_price_money" not in line:
            line["base_price_money"] = data.get("price_money")
    required(line, "base_price_money", "name")
    if line["base_price_money"]["currency"] != currency:
        raise Rejected(400, "CURRENCY_MISMATCH", "Not the location's currency.", field=f"{where}.base_price_money")


def _fill_reference(shop: Shop, row: Row, data: str, where: str) -> None:
    row.setdefault("uid", shop.new_id("uid"))
    row.setdefault("scope", "ORDER")
    if row.get("catalog_object_id"):
        known = shop.objects.get(row["catalog_object_id"])
        if known is None:
            raise Rejected(404, "NOT_FOUND", "There is no such object.", field=f"{where}.catalog_object_id")
        row.setdefault("name", known[data]["name"])
        row["percentage"] = known[data].get("percentage")
        if data == "tax_data":
            row["type"] = known[data]["inclusion_type"]


def _touch(shop: Shop, order: Row) -> None:
    """A new version; complete once all of it is paid and handed over."""
    order["version"] += 1
    order["updated_at"] = shop.stamp()
    paid = "tenders" in order and not order["net_amount_due_money"]["amount"]
    if order["state"] == "OPEN" and paid and all(row["state"] in _ENDED for row in order.get("fulfillments") or ()):
        order |= {"state": "COMPLETED", "closed_at": order["updated_at"]}
    _tell(shop, order, "order.updated")


def _tell(shop: Shop, order: Row, kind: str) -> None:
    name = kind.replace(".", "_")
    told = {"order_id": order["id"], "location_id": order["location_id"], "state": order["state"],
            "version": order["version"], "created_at": order["created_at"]}  # fmt: skip
    if kind == "order.updated":
        told["updated_at"] = order["updated_at"]
    shop.tell(kind, name, order["id"], {name: told})
