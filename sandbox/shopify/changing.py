"""Customers, counts and products as they are changed through the API."""

from __future__ import annotations

import re
from typing import Any

from .catalogue import make_level
from .people import address, customer, mail
from .shop import Shop
from .values import Row

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_PHONE = re.compile(r"\+\d{7,15}")


def wrong(message: str, *field: str, code: str = "", key: str = "userErrors") -> Row:
    error: Row = {"field": list(field) or None, "message": message}
    return {key: [{**error, "code": code} if code else error]}


def customer_create(shop: Shop, input: Row) -> Row:
    if input.get("id"):
        return wrong("Cannot specify Customer ID on creation", "id")
    problem = _unreachable(input)
    if problem:
        return problem
    taken = _taken(shop, input, None)
    if taken:
        return wrong(f"{taken.title()} has already been taken", taken)
    if not any(input.get(name) for name in ("email", "phone", "firstName", "lastName")):
        return wrong("A name, phone number, or email address must be present")
    now = shop.stamp()
    row = customer(shop.key(), now, now)
    shop.customers[row["id"]] = row
    return _write(shop, row, input, "customers/create")


def customer_set(shop: Shop, input: Row, identifier: Row | None = None) -> Row:
    name, value = next(((key, value) for key, value in (identifier or {}).items() if value), ("", ""))
    known = _by(shop, name, value) if name else None
    if known is None:
        return customer_create(shop, input)
    return _unreachable(input) or _write(shop, known, input, "customers/update")


def customer_update(shop: Shop, input: Row) -> Row:
    known = shop.customers.get(input.get("id") or "")
    if known is None:
        return wrong("Customer does not exist", "id")
    problem = _unreachable(input)
    if problem:
        return problem
    taken = _taken(shop, input, known)
    if taken:
        return wrong(f"{taken.title()} has already been taken", taken)
    return _write(shop, known, input, "customers/update")


def consent(shop: Shop, input: Row) -> Row:
    row = shop.customers.get(input["customerId"])
    if row is None or not row["defaultEmailAddress"]:
        return wrong("An email address is required to set the email marketing consent state.")
    given = input["emailMarketingConsent"]
    changed = given.get("consentUpdatedAt") or shop.stamp()
    row["defaultEmailAddress"] = mail(row["defaultEmailAddress"]["emailAddress"], given["marketingState"], changed)
    shop.touch(row)
    shop.tell("customers/update", row)
    return {"customer": row, "userErrors": []}


def set_quantities(shop: Shop, input: Row) -> Row:
    if input["name"] not in ("on_hand", "available"):
        return wrong("The quantity name is invalid.", "input", "name", code="INVALID_NAME")
    for place, wanted in enumerate(input["quantities"]):
        level = _level(shop, wanted)
        if level is None:
            return wrong("The quantity couldn't be set because the item is not stocked there.", "input", "quantities",
                         str(place), code="ITEM_NOT_STOCKED_AT_LOCATION")  # fmt: skip
        expected = wanted.get("changeFromQuantity")
        if expected is not None and expected != level["on_hand"]:
            return wrong("The quantity has changed.", "input", "quantities", code="CHANGE_FROM_QUANTITY_STALE")
    for wanted in input["quantities"]:
        level = _level(shop, wanted)
        level["on_hand"] = wanted["quantity"] + (level["committed"] if input["name"] == "available" else 0)
        shop.touch(level)
        shop.tell("inventory_levels/update", level)
    return {"inventoryAdjustmentGroup": None, "userErrors": []}


def product_delete(shop: Shop, input: Row, synchronous: bool = True) -> Row:
    row = shop.products.pop(input["id"], None)
    if row is None:
        return wrong("Product does not exist", "id")
    shop.tell("products/delete", row)
    return {"deletedProductId": row["id"], "userErrors": []}


def product_update(shop: Shop, product: Row | None = None, **_more: Any) -> Row:
    row = shop.products.get((product or {}).get("id") or "")
    if row is None:
        return wrong("Product does not exist", "id")
    row |= {key: value for key, value in (product or {}).items() if key in ("title", "status", "tags", "vendor")}
    shop.touch(row)
    shop.tell("products/update", row)
    return {"product": row, "userErrors": []}


def activate(shop: Shop, inventoryItemId: str, locationId: str, **_more: Any) -> Row:
    item = next((row["inventoryItem"] for row in shop.variants.values()
                 if row["inventoryItem"]["id"] == inventoryItemId), None)  # fmt: skip
    if item is None:
        return wrong("The inventory item couldn't be found.", "inventoryItemId")
    level = make_level(item, shop.locations[locationId], 0, shop.stamp())
    shop.levels.setdefault(level["id"], level)
    return {"inventoryLevel": shop.levels[level["id"]], "userErrors": []}


CHANGES = {
    "customerCreate": customer_create,
    "customerSet": customer_set,
    "customerUpdate": customer_update,
    "customerEmailMarketingConsentUpdate": consent,
    "inventorySetQuantities": set_quantities,
    "inventoryActivate": activate,
    "productDelete": product_delete,
    "productUpdate": product_update,
}


def _unreachable(given: Row) -> Row | None:
    """One mailbox, and numbers with their country."""
    if given.get("email") and not _EMAIL.fullmatch(given["email"]):
        return wrong("Email is invalid", "email")
    numbers = [(("phone",), given.get("phone"))]
    for place, row in enumerate(given.get("addresses") or ()):
        numbers.append((("addresses", str(place), "phone"), row.get("phone")))
    for field, number in numbers:
        if number and not _PHONE.fullmatch(number):
            return wrong("Phone is invalid", *field)
    return None


def _write(shop: Shop, row: Row, given: Row, topic: str) -> Row:
    """Lists replace what was there."""
    for name in ("firstName", "lastName", "note", "locale", "tags"):
        if name in given:
            row[name] = given[name]
    if given.get("email"):
        known = row["defaultEmailAddress"] or {}
        row["defaultEmailAddress"] = mail(given["email"], known.get("marketingState", "NOT_SUBSCRIBED"), shop.stamp())
    if given.get("phone"):
        row["defaultPhoneNumber"] = {"phoneNumber": given["phone"], "marketingState": "NOT_SUBSCRIBED"}
    if "addresses" in given:
        places = []
        for item in given["addresses"]:
            own = {key: value for key, value in item.items() if key != "countryCode"}
            place = address(shop.key(), row, "") | {"city": None, "zip": None, "provinceCode": None}
            places.append({**place, **own, "countryCodeV2": item.get("countryCode")})
        row |= {"addressesV2": places, "defaultAddress": places[0] if places else None}
    shop.touch(row)
    shop.tell(topic, row)
    return {"customer": row, "userErrors": []}


def _taken(shop: Shop, given: Row, own: Row | None) -> str:
    for name in ("email", "phone"):
        known = _by(shop, name, given[name]) if given.get(name) else None
        if known is not None and known is not own:
            return name
    return ""


def _by(shop: Shop, name: str, value: str) -> Row | None:
    if name == "id":
        return shop.customers.get(value)
    part, inner = {"email": ("defaultEmailAddress", "emailAddress"), "phone": ("defaultPhoneNumber", "phoneNumber")}[
        name
    ]
    rows = shop.customers.values()
    return next((row for row in rows if (row[part] or {}).get(inner, "").lower() == value.lower()), None)


def _level(shop: Shop, wanted: Row) -> Row | None:
    keys = wanted["inventoryItemId"], wanted["locationId"]
    return next((row for row in shop.levels.values() if (row["item"]["id"], row["location"]["id"]) == keys), None)
