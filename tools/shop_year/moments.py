"""When things are sold: over a year, some of them in the last second of a month."""
from __future__ import annotations

from datetime import datetime, timedelta

START = datetime.fromisoformat("2025-03-01 08:30:00")
LAST_SECOND = datetime.fromisoformat("2025-04-30 23:59:59")
_DAYS = 365


def moment(number: int, count: int) -> datetime:
    """Of the order with this number among `count`."""
    if number % 300 == 5:
        return LAST_SECOND
    return START + timedelta(days=number * _DAYS // max(count, 1) % _DAYS, minutes=number * 37 % 1400)
