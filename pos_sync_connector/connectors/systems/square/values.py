"""Square's values and ours: money in minor units, quantities and percentages as text, moments as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ... import door
from ... import records as rec
from ...door import text
from ...moments import write_moment
from ...money import from_minor, to_minor

Row = Mapping[str, Any]

# The clock of an answer tells whole seconds, and that of another of Square's machines may be ahead of it.
_AHEAD = timedelta(minutes=1)


def money(value: Row | None) -> Decimal:
    """The amount of a `Money`; nothing is 0."""
    return from_minor(value.get("amount") or 0, value.get("currency") or "") if value else Decimal(0)


def stated(value: Row | None) -> Decimal | None:
    """The amount of a `Money` that may not be stated."""
    return None if value is None else money(value)


def pass_end(started: datetime) -> str:
    """Up to when a pass reads: all that was there when it began, so that a full one misses nothing."""
    return write_moment(started + _AHEAD)


def as_money(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"amount": to_minor(amount, currency), "currency": currency}


def number(value: Any) -> Decimal:
    """A quantity or percentage; raises ValueError for what is none."""
    return door.number(value) if value not in (None, "") else Decimal(0)


def address(value: Row | None, kind: rec.AddressKind, name: str = "", phone: str = "") -> rec.Address | None:
    """An `Address`; None where nothing of it is given."""
    if not value or not any(value.values()):
        return None
    own = " ".join(filter(None, (text(value.get("first_name")), text(value.get("last_name")))))
    lines = [text(value.get(key)) for key in ("address_line_2", "address_line_3")]
    return rec.Address(
        kind=kind,
        name=own or name,
        street=text(value.get("address_line_1")),
        street2=", ".join(filter(None, lines)),
        city=text(value.get("locality")),
        zip=text(value.get("postal_code")),
        state=text(value.get("administrative_district_level_1")),
        country=text(value.get("country")),
        phone=phone,
    )


def as_address(value: rec.Address | None) -> dict[str, str]:
    if value is None:
        return {}
    found = {
        "address_line_1": value.street,
        "address_line_2": value.street2,
        "locality": value.city,
        "postal_code": value.zip,
        "administrative_district_level_1": value.state,
        "country": value.country if len(value.country) == 2 else "",
    }
    return {name: given for name, given in found.items() if given}


def data_of(row: Row, kind: str) -> Row:
    """The part of a catalogue object that is its own kind's; empty for one that is gone."""
    return row.get(f"{kind}_data") or {}


def parent_of(category: Row) -> str:
    """The id of the category above; a top one names none, or an empty one."""
    return text((category.get("parent_category") or {}).get("id"))
