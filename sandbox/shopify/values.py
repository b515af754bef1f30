"""Values in Shopify's own form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Row = dict[str, Any]
# What the presentment currency of orders from abroad was worth.
RATE = 0.9


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def number_of(value: str) -> int:
    return int(value.partition("?")[0].rpartition("/")[2])


def decimal(cents: int) -> str:
    """As Shopify writes amounts: "5.0", "19.99"."""
    text = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return text[:-1] if text.endswith("0") else text


def cents(amount: Any) -> int:
    return round(float(amount) * 100)


def stamp(moment: datetime) -> str:
    """Texts of this form sort as their moments do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
