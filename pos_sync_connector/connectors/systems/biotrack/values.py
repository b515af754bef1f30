"""Values of the database as the records want them.

Moments are kept in two ways: seconds since 1970 in UTC, and naive timestamps in the shop's own time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ...door import Unreadable, number
from ...errors import NeedsFixing

CENT = Decimal("0.01")
ZERO = Decimal(0)
_OLDEST_BIRTH = 1900


def text(value: Any) -> str:
    return "" if value is None else str(value).replace("\x00", "").strip()


def stated(value: Any) -> str:
    """As a text to compare by, whatever it is."""
    return repr(value) if isinstance(value, Unreadable) else text(value)


def flag(value: Any) -> bool:
    """Flags are 0, 1 or empty."""
    return bool(value)


def amount(value: Any) -> Decimal:
    """A number of any type; 0 where there is none. Raises ValueError for what is no number."""
    return ZERO if value is None else number(value)


def first_amount(*values: Any) -> Decimal | None:
    """The first that is there."""
    return next((amount(value) for value in values if value is not None), None)


def from_epoch(value: Any) -> datetime | None:
    """Seconds since 1970, UTC. 0 means never. Raises ValueError for what no calendar has."""
    if not value:
        return None
    try:
        return datetime.fromtimestamp(int(value), timezone.utc)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{value} is no moment") from error


def epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def birthday(year: Any, month: Any, day: Any) -> date | None:
    """Three texts, of which any may be empty, 0 or impossible."""
    try:
        found = date(int(text(year)), int(text(month)), int(text(day)))
    except ValueError:
        return None
    return found if found.year >= _OLDEST_BIRTH else None


class ShopClock:
    """The time of the shop, in which naive timestamps are written. Raises NeedsFixing for an unknown time zone."""

    def __init__(self, name: str) -> None:
        try:
            self._zone = ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            raise NeedsFixing(
                f"There is no time zone “{name}”. Enter one such as America/Denver.",
                code="bad-setting",
                details="timezone",
            ) from None

    def utc(self, value: datetime | None) -> datetime | None:
        """A timestamp as stored, naive or with its zone. An hour that the clocks show twice is the first of the two."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=self._zone)).astimezone(timezone.utc)

    def local(self, moment: datetime) -> datetime:
        """What the shop's clock shows, naive, at the latest an hour before: so that an hour shown twice is not left
        out."""
        return moment.astimezone(self._zone).replace(tzinfo=None) - timedelta(hours=1)


def shared_out(whole: Decimal, parts: list[Decimal]) -> list[Decimal]:
    """`whole` shared out in proportion to `parts`, in cents that add up to it; all on the last where there is none."""
    total = sum(parts, ZERO)
    if not parts:
        return []
    if not total:
        return [ZERO] * (len(parts) - 1) + [whole]
    exact = [whole * part / total for part in parts]
    shares = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    rest = whole - sum(shares, ZERO)
    by_loss = sorted(range(len(parts)), key=lambda index: abs(exact[index] - shares[index]), reverse=True)
    for index in by_loss:
        step = min(CENT, abs(rest)).copy_sign(rest)
        shares[index] += step
        rest -= step
    shares[by_loss[0]] += rest
    return shares
