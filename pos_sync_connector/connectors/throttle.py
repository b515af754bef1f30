"""A token bucket, for systems that allow so many calls in so many seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """`calls` in any `seconds`; `burst` of them may be made at once (default: a tenth, at least one)."""

    calls: int
    seconds: float
    burst: int = 0

    @property
    def capacity(self) -> int:
        return self.burst or max(1, self.calls // 10)

    @property
    def rate(self) -> float:
        return self.calls / self.seconds


class Bucket:
    """Spends a budget: `take` waits until one more call is allowed."""

    def __init__(self, budget: Budget, clock: Callable[[], datetime], sleep: Callable[[float], None]):
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(budget.capacity)
        self._seen = clock()

    def take(self) -> float:
        """Seconds waited."""
        self._refill()
        wait = max(0.0, (1 - self._tokens) / self._budget.rate)
        if wait:
            self._sleep(wait)
            self._refill()
        self._tokens -= 1
        return wait

    def _refill(self) -> None:
        now = self._clock()
        passed = max(0.0, (now - self._seen).total_seconds())
        self._seen = now
        self._tokens = min(float(self._budget.capacity), self._tokens + passed * self._budget.rate)
