"""Quantities on hand of Odoo as `StockLevel` records.

A place is a warehouse, or one internal location where the connection says so. The quantity is Odoo's own
`qty_available` there, so that kits, rounding and rules are Odoo's. Reading it takes the right Inventory / User.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...pages import Malformed, parse_each
from . import fields
from .rpc import Rpc
from .values import decimal, key, text, wire

WAREHOUSES, LOCATIONS = "warehouses", "locations"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere with stock: `root` is its stock.location; with `below` those under it count too."""

    external_id: str
    name: str
    root: int
    below: bool
    archived: bool = False

    @property
    def takes_orders(self) -> bool:
        """Sale orders name a warehouse, never a location inside it."""
        return self.below


def _warehouse(row: dict[str, Any]) -> Place:
    root = int(row["view_location_id"])
    return Place(key("warehouse", row["id"]), text(row["name"]), root, True, not row["active"])


def _location(row: dict[str, Any]) -> Place:
    return Place(key("location", row["id"]), text(row["complete_name"]), int(row["id"]), False, not row["active"])


class StockReader:
    """Reads stock for one connection; `grain` is WAREHOUSES or LOCATIONS."""

    def __init__(self, rpc: Rpc, grain: str, units: dict[int, rec.Unit]):
        self._rpc = rpc
        self._grain = grain
        self._units = units
        self._rows = fields.Rows(rpc)

    @property
    def places(self) -> list[Place]:
        """All places, archived ones too; none where the app Inventory is not installed."""
        return list(self._read_places[0])

    @property
    def unreadable_places(self) -> tuple[Malformed, ...]:
        return self._read_places[1]

    @cached_property
    def _read_places(self) -> tuple[tuple[Place, ...], tuple[Malformed, ...]]:
        if not self._rpc.fields("stock.warehouse", fields.WAREHOUSE):
            return (), ()
        companies = self._rpc.context["allowed_company_ids"]
        if self._grain == WAREHOUSES:
            rows = self._rows.read("stock.warehouse", [("company_id", "in", companies)], fields.WAREHOUSE)
            return parse_each(rows, _warehouse, lambda row: key("warehouse", row["id"]))
        domain = [("usage", "=", "internal"), ("company_id", "in", [*companies, False])]
        rows = self._rows.read("stock.location", domain, ["complete_name", "active"])
        return parse_each(rows, _location, lambda row: key("location", row["id"]))

    @property
    def tracked(self) -> list[Any]:
        """A domain on product.product: what Odoo counts."""
        if self._rows.has("product.product", "is_storable"):
            return [("is_storable", "=", True), ("active", "=", True)]
        return [("type", "=", "product"), ("active", "=", True)]

    def changed(self, since: datetime) -> list[Any]:
        """A domain on product.product: whose quantities may have changed since.

        A quant that falls to zero is deleted, so done moves are asked too; a new product has neither, so itself.
        """
        recent = ("write_date", ">=", wire(since))
        places = ("location_id", "child_of", [place.root for place in self.places])
        moved = {row["product_id"] for row in self._rpc.read_all("stock.quant", [recent, places], ["product_id"])}
        done = [recent, ("state", "=", "done")]
        moved |= {row["product_id"] for row in self._rows.allowed("stock.move.line", done, ["product_id"])}
        return ["|", recent, ("id", "in", sorted(moved))]

    def read(self, variants: Sequence[int], at: datetime) -> tuple[rec.StockLevel, ...]:
        """A level for each of the variants at each place that is in use, zeros too."""
        if not variants:
            return ()
        levels: list[rec.StockLevel] = []
        for place in self.places:
            if not place.archived:
                levels += self._levels(variants, place, at)
        return tuple(levels)

    def _levels(self, variants: Sequence[int], place: Place, at: datetime) -> Iterable[rec.StockLevel]:
        # ≤16 know `compute_child`, later versions `strict`.
        context = {"location": place.root, "strict": not place.below, "compute_child": place.below}
        for row in self._rpc.read("product.product", variants, ["qty_available", "uom_id"], context=context):
            variant = key("variant", row["id"])
            unit = self._units.get(row["uom_id"])
            yield rec.StockLevel(
                external_id=rec.stock_id(variant, place.external_id),
                variant_id=variant,
                location_id=place.external_id,
                quantity=decimal(row["qty_available"]),
                unit=unit.name if unit else "",
                updated_at=at,
            )
