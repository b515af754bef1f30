"""Odoo's values and ours: `False` for empty, numbers as Decimal, moments as text in UTC without a zone."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from ... import door


def text(value: Any) -> str:
    return "" if value is False else door.text(value)


def decimal(value: Any) -> Decimal:
    """A number as it stands on the wire; empty is 0, as Odoo stores it."""
    return value if isinstance(value, Decimal) else door.number(value or 0)


def moment(value: Any) -> datetime | None:
    """Raises ValueError for what is no moment."""
    return datetime.fromisoformat(value).replace(tzinfo=timezone.utc) if value else None


def wire(value: datetime) -> str:
    """A moment for a domain, to the second below: Odoo's API knows no fractions, its database does."""
    return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def key(kind: str, number: Any) -> str:
    """An external id: ids of Odoo are unique within a model only, so the kind is part of it ("variant-12")."""
    return f"{kind}-{int(number)}"


def number(kind: str, external_id: str) -> int | None:
    """The id in an external id of that kind; None if it is of another."""
    head, _, tail = external_id.rpartition("-")
    return int(tail) if head == kind and tail.isdigit() else None
