"""A clock that moves only when something sleeps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


class FakeTime:
    def __init__(self, now: datetime = datetime(2026, 3, 29, 0, 30, tzinfo=timezone.utc)):
        self.now = now
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
