"""Moments as web systems write them (RFC 3339): any fraction of a second, any offset, always read into UTC."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from .door import shorten

_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?\s*(Z|z|UTC|[+-]\d{2}:?\d{2})(?: UTC)?", re.ASCII
)


def read_moment(text: str | None) -> datetime | None:
    """None for an empty text; raises ValueError for what is no moment or has no offset."""
    if not text:
        return None
    found = _RFC_3339.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{shorten(repr(text), 60)} is no moment")
    day, time, fraction, offset = found.groups()
    zone = "+00:00" if offset in ("Z", "z", "UTC") else f"{offset[:3]}:{offset[-2:]}"
    micros = (fraction or "").ljust(6, "0")[:6]
    try:
        return datetime.fromisoformat(f"{day}T{time}.{micros}{zone}").astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{text!r} is no moment of any calendar") from None


def write_moment(moment: datetime) -> str:
    """To the millisecond below, in UTC: "2026-11-01T00:00:00.000Z"."""
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
