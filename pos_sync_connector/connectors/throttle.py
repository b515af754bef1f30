"""What systems allow: so many calls in so many seconds, or requests that cost points which come back with time."""

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


@dataclass(frozen=True, slots=True)
class Left:
    """What a system says is left: `points`, of which `rate` come back a second; a request is let in for `cost`."""

    points: float
    rate: float
    cost: float = 0

    @property
    def wait(self) -> float:
        """Seconds until as much is there again as the request costs."""
        return max(0.0, self.cost - self.points) / self.rate if self.rate > 0 else 0.0


class Allowance:
    """Waits before a request until what one of the same name cost last is there again, as the system told it."""

    def __init__(self, clock: Callable[[], datetime], sleep: Callable[[float], None], longest: float):
        self._clock = clock
        self._sleep = sleep
        self._longest = longest
        self._costs: dict[str, float] = {}
        self._left: Left | None = None
        self._told = clock()

    def learn(self, name: str, left: Left) -> None:
        self._costs[name] = left.cost
        self._left, self._told = left, self._clock()

    def take(self, name: str) -> float:
        """Seconds waited."""
        if self._left is None or name not in self._costs:
            return 0.0
        passed = max(0.0, (self._clock() - self._told).total_seconds())
        there = self._left.points + passed * self._left.rate
        wait = min(Left(there, self._left.rate, self._costs[name]).wait, self._longest)
        if wait:
            self._sleep(wait)
        return wait
