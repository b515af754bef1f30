"""Square's locations, as what a connection is set up with."""

from __future__ import annotations

from ... import records as rec
from .values import Row, text


def location(row: Row) -> rec.Location:
    return rec.Location(
        external_id=row["id"],
        name=name(row),
        timezone=text(row.get("timezone")),
        currency=text(row.get("currency")),
        archived=row.get("status") == "INACTIVE",
        raw=row,
    )


def level(row: Row) -> rec.PriceLevel:
    """Each location may have prices of its own."""
    return rec.PriceLevel(external_id=row["id"], name=name(row), currency=text(row.get("currency")))


def name(row: Row) -> str:
    return text(row.get("name")) or row["id"]
