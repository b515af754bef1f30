"""Customers, counts and the catalogue as they are changed through the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .answers import Rejected, not_found, required
from .shop import Row, Shop

# Goods that come into stock.
_MOVES = (("NONE", "IN_STOCK"), ("UNLINKED_RETURN", "IN_STOCK"))
_PERSON = ("given_name", "family_name", "company_name", "email_address", "phone_number")


def create_customer(shop: Shop, body: Row) -> Row:
    if not any(body.get(name) for name in _PERSON):
        raise Rejected(400, "BAD_REQUEST", "At least one of " + ", ".join(_PERSON) + " is needed.")
    if body.get("email_address") and "@" not in body["email_address"]:
        raise Rejected(400, "INVALID_EMAIL_ADDRESS", "Not an e-mail address.", field="email_address")
    now = shop.stamp()
    row = {
        **{name: value for name, value in body.items() if name != "idempotency_key"},
        "id": shop.new_id("CUST"), "created_at": now, "updated_at": now, "creation_source": "THIRD_PARTY",
        "preferences": {"email_unsubscribed": False}, "group_ids": [], "segment_ids": [], "version": 0,
    }  # fmt: skip
    shop.customers[row["id"]] = row
    shop.tell("customer.created", "customer", row["id"], {"customer": row})
    return {"customer": row}


def update_customer(shop: Shop, key: str, body: Row) -> Row:
    if key not in shop.customers:
        raise not_found(f"customer {key}")
    row = {**shop.customers[key], **body, "updated_at": shop.stamp()}
    row["version"] += 1
    shop.customers[key] = row
    shop.tell("customer.updated", "customer", key, {"customer": row})
    return {"customer": row}


def delete_customer(shop: Shop, key: str) -> Row:
    if key not in shop.customers:
        raise not_found(f"customer {key}")
    row = shop.customers.pop(key)
    shop.tell("customer.deleted", "customer", key, {"customer": row}, deleted=True)
    return {}


def add_to_group(shop: Shop, key: str, group: str) -> Row:
    if key not in shop.customers or group not in shop.groups:
        raise not_found("customer or group")
    row = shop.customers[key]
    if group not in row["group_ids"]:
        row["group_ids"].append(group)
        row["updated_at"] = shop.stamp()
        shop.tell("customer.updated", "customer", key, {"customer": row})
    return {}


def change_counts(shop: Shop, body: Row) -> Row:
    required(body, "idempotency_key", "changes")
    changed = []
    for at, change in enumerate(body["changes"]):
        row = change.get("physical_count") or change.get("adjustment")
        if change["type"] not in ("PHYSICAL_COUNT", "ADJUSTMENT") or row is not change.get(change["type"].lower()):
            raise Rejected(400, "INVALID_VALUE", "Not a change that is taken here.", field=f"changes[{at}].type")
        counted = change["type"] == "PHYSICAL_COUNT"
        states = ("state",) if counted else ("from_state", "to_state")
        required(row, "catalog_object_id", "location_id", *states, "quantity", "occurred_at")
        if not counted and (row["from_state"], row["to_state"]) not in _MOVES:
            raise Rejected(400, "INVALID_VALUE", "No such move between states.", field=f"changes[{at}].adjustment")
        moment = datetime.fromisoformat(row["occurred_at"].replace("Z", "+00:00"))
        # Clocks differ by a little.
        if moment > shop.now() + timedelta(minutes=1) or moment < shop.now() - timedelta(days=1):
            raise Rejected(400, "INVALID_TIME", "Not within the last 24 hours.", field=f"changes[{at}].occurred_at")
        key = (row["catalog_object_id"], row["location_id"])
        known = shop.counts.get(key)
        quantity = Decimal(row["quantity"]) + (0 if counted or not known else Decimal(known["quantity"]))
        if known and Decimal(known["quantity"]) == quantity and body.get("ignore_unchanged_counts", True):
            continue
        shop.counts[key] = {
            "catalog_object_id": key[0], "catalog_object_type": "ITEM_VARIATION", "state": row[states[-1]],
            "location_id": key[1], "quantity": format(quantity, "f"), "calculated_at": shop.stamp(),
        }  # fmt: skip
        changed.append(shop.counts[key])
    if changed:
        shop.tell("inventory.count.updated", "inventory_counts", shop.new_id(""), {"inventory_counts": changed})
    return {"counts": changed}


def upsert_object(shop: Shop, body: Row) -> Row:
    """The whole object is replaced; what is not given is gone."""
    required(body, "idempotency_key", "object")
    (row,), ids = _upsert(shop, [body["object"]])
    return {"catalog_object": row, "id_mappings": ids}


def upsert_objects(shop: Shop, body: Row) -> Row:
    """All of a request or nothing."""
    required(body, "idempotency_key", "batches")
    rows, ids = _upsert(shop, [row for batch in body["batches"] for row in batch["objects"]])
    return {"objects": rows, "id_mappings": ids, "updated_at": shop.stamp()}


def _upsert(shop: Shop, given: list[Row]) -> tuple[list[Row], list[Row]]:
    """The objects as they are now, and the ids of those that had none. They may name each other by their own ids."""
    known = {row["id"]: row["version"] for row in shop.objects.values()}
    if any(known.get(row["id"], row.get("version")) != row.get("version") for row in given):
        raise Rejected(409, "VERSION_MISMATCH", "The object has another version by now.")
    nested = [inner for row in given for inner in (row.get("item_data") or {}).get("variations") or ()]
    fresh = {row["id"]: shop.new_id("OBJ") for row in given} | {row["id"]: shop.new_id("VAR") for row in nested}
    ids = {key: new for key, new in fresh.items() if key.startswith("#")}
    now, version = shop.stamp(), int(shop.now().timestamp() * 1000)
    rows = [
        {"present_at_all_locations": True, "is_deleted": False, **row, "version": version, "updated_at": now}
        for row in _with_ids(given, ids)
    ]
    for row in rows:
        for inner in (row.get("item_data") or {}).get("variations") or ():
            inner |= {"version": version, "updated_at": now}
            inner.setdefault("is_deleted", False)
            inner.setdefault("present_at_all_locations", True)
            inner["item_variation_data"]["item_id"] = row["id"]
            inner["item_variation_data"].setdefault("track_inventory", False)
        shop.objects[row["id"]] = row
    _tell(shop)
    return rows, [{"client_object_id": key, "object_id": new} for key, new in ids.items()]


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    """A copy in which each id of a client is the one that it was given."""
    if isinstance(value, dict):
        return {name: _with_ids(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_ids(inner, ids) for inner in value]
    return ids.get(value, value) if isinstance(value, str) else value


def delete_object(shop: Shop, key: str) -> Row:
    row = shop.objects.get(key)
    if row is None or row["is_deleted"]:
        raise not_found(f"object {key}")
    shop.objects[key] = {**row, "is_deleted": True, "updated_at": shop.stamp()}
    _tell(shop)
    return {"deleted_object_ids": [key], "deleted_at": shop.stamp()}


def _tell(shop: Shop) -> None:
    shop.tell(
        "catalog.version.updated", "catalog_version", shop.new_id(""), {"catalog_version": {"updated_at": shop.stamp()}}
    )
