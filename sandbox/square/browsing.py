"""What else clients of Square look at: the catalogue and the customers as they are listed, and one thing by its id."""

from __future__ import annotations

from .answers import limit_of, listed, not_found, page
from .reading import NESTED, all_objects, counts, visible
from .shop import Row, Shop


def merchants(shop: Shop, params: Row) -> Row:
    return {"merchant": [shop.merchant]}


def location(shop: Shop, params: Row, key: str) -> Row:
    """ "main" is the merchant's main one."""
    found = shop.locations.get(shop.merchant["main_location_id"] if key == "main" else key)
    if found is None:
        raise not_found(f"location {key}")
    return {"location": found}


def catalog_list(shop: Shop, params: Row) -> Row:
    """Never what is deleted, and nested objects only where they are named."""
    types = {name.strip() for name in params.get("types", "").split(",")} - {""}
    found = [
        row
        for row in all_objects(shop)
        if not row.get("is_deleted") and (row["type"] in types if types else row["type"] not in NESTED)
    ]
    rows, cursor = page(found, params, 100, lambda row: row["id"])
    return listed("objects", [visible(shop, row) for row in rows], cursor)


def catalog_object(shop: Shop, params: Row, key: str) -> Row:
    found = next((row for row in all_objects(shop) if row["id"] == key), None)
    if found is None or found.get("is_deleted"):
        raise not_found(f"object {key}")
    return {"object": visible(shop, found)}


def counts_of(shop: Shop, params: Row, key: str) -> Row:
    places = [place for place in params.get("location_ids", "").split(",") if place]
    return counts(shop, {"catalog_object_ids": [key], "location_ids": places, "cursor": params.get("cursor", "")})


def customers(shop: Shop, params: Row) -> Row:
    rows, cursor = page(shop.customers.values(), params, limit_of(params, 100, 100), lambda row: row["id"])
    return listed("customers", rows, cursor)
