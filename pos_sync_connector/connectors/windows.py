"""Spans of time that a system is asked about: windows between two moments, and business days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `starts_at` (inclusive) to `ends_at` (exclusive), UTC."""

    starts_at: datetime
    ends_at: datetime
    location_id: str = ""

    def holds(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The business days from `first` to `last`, both inclusive, each location's in its own time zone.

    `zones`: names of time zones by the locations' external ids; `zone`: that of any other, and of what has no location.
    """

    first: date
    last: date
    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)

    def zone_of(self, location_id: str) -> str:
        return self.zones.get(location_id) or self.zone

    def all_zones(self) -> list[str]:
        return sorted({self.zone, *filter(None, self.zones.values())})

    def day_of(self, moment: datetime, location_id: str) -> date | None:
        """The business day that a moment belongs to at a location; None where it is none of these."""
        day = moment.astimezone(ZoneInfo(self.zone_of(location_id))).date()
        return day if self.first <= day <= self.last else None

    def starts(self, zone: str) -> list[datetime]:
        """When each of the days begins in a time zone, and when the last one ends; UTC."""
        place, days = ZoneInfo(zone), (self.last - self.first).days + 1
        midnights = (datetime.combine(self.first + _DAY * number, time(), place) for number in range(days + 1))
        return [midnight.astimezone(timezone.utc) for midnight in midnights]

    def window(self, zone: str = "") -> Window:
        """All of the days in a time zone; without one, wherever a location may be."""
        edges = [(found[0], found[-1]) for found in map(self.starts, [zone] if zone else self.all_zones())]
        return Window(starts_at=min(first for first, _last in edges), ends_at=max(last for _first, last in edges))

    def parts(self, most: int) -> Iterator[Days]:
        """The same days in their order, at most so many at a time."""
        first = self.first
        while first <= self.last:
            last = min(first + _DAY * (most - 1), self.last)
            yield replace(self, first=first, last=last)
            first = last + _DAY
