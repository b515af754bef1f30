"""Webhooks on their way: really sent, one after the other; on request twice, late, in another order or not at all, as a
network does."""

from __future__ import annotations

import http.client
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import urlsplit

_TRIES = 5


@dataclass
class Mischief:
    """How deliveries go astray: chances of being sent twice and of being lost, and how many are held back to be sent in
    the opposite order."""

    twice: float = 0.0
    lost: float = 0.0
    hold: int = 0
    random: Random = field(default_factory=lambda: Random(3))


@dataclass(frozen=True)
class Delivery:
    """`status`: what was answered, 0 for nothing."""

    url: str
    headers: dict[str, str]
    body: bytes
    event_id: str
    status: int = 0


class Sender:
    """Sends from a thread of its own. `retried` gives the headers that a further attempt carries."""

    def __init__(
        self,
        pause: Callable[[float], None] | None = None,
        retried: Callable[[int], dict[str, str]] = lambda attempt: {},
    ):
        self.mischief = Mischief()
        self.sent: list[Delivery] = []
        self._pending: deque[Delivery] = deque()
        self._held: list[Delivery] = []
        self._wake = threading.Condition()
        self._busy = self._closing = False
        self._pause = pause or (lambda seconds: None)
        self._retried = retried
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def send(self, delivery: Delivery) -> None:
        chance = self.mischief.random.random
        if chance() < self.mischief.lost:
            return
        copies = 2 if chance() < self.mischief.twice else 1
        with self._wake:
            self._held += [delivery] * copies
            full = len(self._held) > self.mischief.hold
        if full:
            self.release()

    def release(self) -> None:
        """Sends what was held back, the newest first."""
        with self._wake:
            self._pending.extend(reversed(self._held))
            self._held.clear()
            self._wake.notify()

    def wait(self, seconds: float = 10) -> bool:
        """Until everything is sent; False if that took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._pending and not self._busy, seconds)

    def close(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(5)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._pending or self._closing)
                if self._closing:
                    return
                delivery = self._pending.popleft()
                self._busy = True
            for attempt in range(_TRIES):
                status = _post(delivery, self._retried(attempt) if attempt else {})
                self.sent.append(replace(delivery, status=status))
                if 200 <= status < 300 or self._closing:
                    break
                self._pause(0.5 * 2**attempt)
            with self._wake:
                self._busy = False
                self._wake.notify_all()


def _post(delivery: Delivery, retried: dict[str, str]) -> int:
    target = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=10)
    try:
        path = target.path + (f"?{target.query}" if target.query else "")
        connection.request("POST", path or "/", delivery.body, {**delivery.headers, **retried})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
