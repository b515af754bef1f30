"""Units of measure of Odoo as `Unit` records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...records import Unit
from . import fields
from .values import decimal

_DIGITS = Decimal("1e-12")


def read_units(rows: fields.Rows) -> dict[int, Unit]:
    """Unit by id, each against the base of its family.

    From 19 on a unit names the unit that it contains (`relative_uom_id`) and `factor` is absolute. Before, a category
    has one reference unit, and `factor` says how many of a unit make one reference.
    """
    units = {row["id"]: row for row in rows.read("uom.uom", [], fields.UNIT)}
    relative = rows.has("uom.uom", "relative_uom_id")
    return {number: (_relative if relative else _by_category)(row, units) for number, row in units.items()}


def _relative(row: dict[str, Any], units: dict[int, dict[str, Any]]) -> Unit:
    root = row
    while root["relative_uom_id"] in units:
        root = units[root["relative_uom_id"]]
    if root is row:
        return Unit(name=row["name"])
    return Unit(name=row["name"], factor=_tidy(decimal(row["factor"]) / decimal(root["factor"])), base=root["name"])


def _by_category(row: dict[str, Any], units: dict[int, dict[str, Any]]) -> Unit:
    family = (unit for unit in units.values() if unit["category_id"] == row["category_id"])
    base = next((unit for unit in family if unit["uom_type"] == "reference"), row)
    if base is row:
        return Unit(name=row["name"])
    return Unit(name=row["name"], factor=_tidy(1 / decimal(row["factor"])), base=base["name"])


def _tidy(factor: Decimal) -> Decimal:
    """Without what floats and their inverses add behind the twelfth digit."""
    return factor.quantize(_DIGITS).normalize() + 0
