"""A value that one connector waits for keeps no other waiting."""

from __future__ import annotations

import threading

from connectors.lazy import cached_property


class Slow:
    def __init__(self, answered: threading.Event) -> None:
        self.answered = answered
        self.asked = 0

    @cached_property
    def value(self) -> bool:
        self.asked += 1
        return self.answered.wait(5)


def test_two_connectors_ask_at_once() -> None:
    never, at_once = threading.Event(), threading.Event()
    at_once.set()
    slow, quick = Slow(never), Slow(at_once)
    waiting = threading.Thread(target=lambda: slow.value)
    waiting.start()
    found: list[bool] = []
    other = threading.Thread(target=lambda: found.append(quick.value))
    other.start()
    other.join(2)
    in_time = list(found)
    never.set()
    waiting.join()
    other.join()
    assert in_time == [True], "one waited for the other"


def test_it_is_asked_for_once() -> None:
    answered = threading.Event()
    answered.set()
    one = Slow(answered)
    assert one.value
    assert one.value
    assert one.asked == 1
