"""Square's measurement units as `Unit`s, by the names that Odoo gives its own."""

from __future__ import annotations

from decimal import Decimal

from ... import records as rec
from .values import Row, text

# Square's word: the unit's name, and where Odoo has none of that name how many of which it is.
_UNITS = {
    "IMPERIAL_WEIGHT_OUNCE": ("oz",),
    "IMPERIAL_POUND": ("lb",),
    "IMPERIAL_STONE": ("st", "14", "lb"),
    "METRIC_MILLIGRAM": ("mg", "0.001", "g"),
    "METRIC_GRAM": ("g",),
    "METRIC_KILOGRAM": ("kg",),
    "GENERIC_FLUID_OUNCE": ("fl oz (US)",),
    "GENERIC_SHOT": ("Shot", "1.5", "fl oz (US)"),
    "GENERIC_CUP": ("Cup", "8", "fl oz (US)"),
    "GENERIC_PINT": ("Pint", "16", "fl oz (US)"),
    "GENERIC_QUART": ("qt (US)",),
    "GENERIC_GALLON": ("gal (US)",),
    "IMPERIAL_CUBIC_INCH": ("in³",),
    "IMPERIAL_CUBIC_FOOT": ("ft³",),
    "METRIC_MILLILITER": ("ml", "0.001", "L"),
    "METRIC_LITER": ("L",),
    "IMPERIAL_INCH": ("in",),
    "IMPERIAL_FOOT": ("ft",),
    "IMPERIAL_YARD": ("yd",),
    "IMPERIAL_MILE": ("mi",),
    "METRIC_MILLIMETER": ("mm",),
    "METRIC_CENTIMETER": ("cm",),
    "METRIC_METER": ("m",),
    "METRIC_KILOMETER": ("km",),
    "IMPERIAL_SQUARE_FOOT": ("ft²",),
    "METRIC_SQUARE_METER": ("m²",),
    "GENERIC_HOUR": ("Hours",),
    "GENERIC_DAY": ("Days",),
}
_KINDS = ("weight_unit", "volume_unit", "length_unit", "area_unit", "time_unit", "generic_unit")


def unit_of(data: Row) -> rec.Unit | None:
    """The unit of a MEASUREMENT_UNIT's data; None for pieces. One that Odoo does not know keeps Square's name."""
    unit = data.get("measurement_unit") or {}
    if unit.get("custom_unit"):
        return rec.Unit(name=text(unit["custom_unit"]["name"]))
    word = next((unit[kind] for kind in _KINDS if unit.get(kind)), "UNIT")
    if word == "UNIT":
        return None
    name, *multiple = _UNITS.get(word, (word.replace("_", " ").capitalize(),))
    return rec.Unit(name=name, factor=Decimal(multiple[0]), base=multiple[1]) if multiple else rec.Unit(name=name)


def unit_name(quantity_unit: Row | None) -> str:
    """The unit of an order line."""
    unit = unit_of(quantity_unit or {})
    return unit.name if unit else ""
