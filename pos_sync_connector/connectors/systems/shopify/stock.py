"""Shopify's inventory levels as `StockLevel` records, and counts sent to it. What is pulled is what is on hand; what
is sent may be what is available, which is that less what Shopify's own open orders need.

Shopify counts inventory items; each belongs to one variant, by whose id levels are known here. How many there are of a
bundle Shopify computes from its components, so that it has no count of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from ...moments import read_moment
from ...pages import parse_each
from ...passes import Part
from .api import Api, once, since_text
from .values import Row, gid, is_key, key_of, nodes, number, text

_ITEM = "id tracked variants(first: 1) { nodes { id requiresComponents } }"
_LEVEL = f"""id updatedAt location {{ id }} item {{ {_ITEM} }} quantities(names: ["on_hand"]) {{ name quantity }}"""
LEVELS = f"""
query Levels($location: ID!, $first: Int!, $after: String, $search: String) {{
  location(id: $location) {{ inventoryLevels(first: $first, after: $after, query: $search) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {_LEVEL} }} }} }} }}
"""
_ONE = f"""
query Level($variant: ID!, $location: ID!) {{
  productVariant(id: $variant) {{
    inventoryItem {{ id tracked inventoryLevel(locationId: $location) {{ {_LEVEL} }} }} }} }}
"""
_SET = """
mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { field message code } } }
"""

_ADD = """
mutation PutBack($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { userErrors { field message code } } }
"""


class StockReader:
    def __init__(self, api: Api):
        self._api = api

    def parts(self, places: Iterable[str], since: datetime | None, limit: int) -> list[Part]:
        """One location after the other: there is no list over all of them."""
        return [
            self._api.part(
                LEVELS,
                ("location", "inventoryLevels"),
                limit,
                self.page,
                name=f"levels {place}",
                location=gid("Location", place),
                search=since_text(since),
            )
            for place in places
        ]

    def page(self, answer: Row) -> dict[str, Any]:
        rows = (row for row in answer.get("nodes") or () if _is_counted(row))
        records, malformed = parse_each(rows, level, _key_of)
        return {"records": records, "malformed": malformed}

    def get(self, external_id: str) -> rec.StockLevel | None:
        variant, _at, place = external_id.partition("@")
        if not (is_key(variant) and is_key(place)):
            return None
        row = self._find(variant, place).get("inventoryLevel")
        return level(row) if row and _is_counted(row) else None

    def push(self, stock: rec.StockLevel, key: str) -> Pushed:
        """A count as it is here, whatever Shopify has had."""
        if stock.quantity != stock.quantity.to_integral_value():
            raise NeedsFixing(
                f"Shopify counts whole pieces, here there are {stock.quantity}. Count this product in whole units.",
                code="fraction",
                trace="fraction",
            )
        item = self._find(stock.variant_id, stock.location_id)
        if not item:
            raise NeedsFixing("Shopify does not have this variant any more.", code="not-found")
        count = {
            "inventoryItemId": item["id"],
            "locationId": gid("Location", stock.location_id),
            "quantity": int(stock.quantity),
            "changeFromQuantity": None,
        }
        name = "available" if stock.is_free else "on_hand"
        body = {"name": name, "reason": "correction", "quantities": [count]}
        self._api.change(_SET, "inventorySetQuantities", again=True, input=body, key=once(key))
        return Pushed(external_id=rec.stock_id(stock.variant_id, stock.location_id))

    def put_back(self, lines: Sequence[rec.RefundLine], place: str, key: str) -> None:
        """What came back of what Shopify counts there, once a key."""
        changes = []
        for line in lines:
            item = self._find(line.variant_id, place) if line.variant_id and place else {}
            if item.get("inventoryLevel") and item.get("tracked"):
                change = {"inventoryItemId": item["id"], "locationId": gid("Location", place)}
                changes.append({**change, "delta": int(line.quantity), "changeFromQuantity": None})
        if changes:
            body = {"name": "available", "reason": "restock", "changes": changes}
            self._api.change(_ADD, "inventoryAdjustQuantities", again=True, input=body, key=once(key))

    def _find(self, variant: str, place: str) -> dict[str, Any]:
        ids = {"variant": gid("ProductVariant", variant), "location": gid("Location", place)}
        return (self._api.ask(_ONE, **ids).get("productVariant") or {}).get("inventoryItem") or {}


def level(row: Row) -> rec.StockLevel:
    variant, place = _variant_of(row), key_of(row["location"])
    quantities = {item["name"]: item["quantity"] for item in row["quantities"]}
    return rec.StockLevel(
        external_id=rec.stock_id(variant, place),
        variant_id=variant,
        location_id=place,
        quantity=number(quantities["on_hand"]),
        updated_at=read_moment(text(row.get("updatedAt"))),
        raw=row,
    )


def _is_counted(row: Row) -> bool:
    variant = next(iter(nodes(row["item"], "variants")), None)
    return bool(row["item"].get("tracked") and variant and not variant.get("requiresComponents"))


def _key_of(row: Row) -> str:
    return rec.stock_id(_variant_of(row), key_of(row["location"]))


def _variant_of(row: Row) -> str:
    return next(map(key_of, nodes(row["item"], "variants")), "")
