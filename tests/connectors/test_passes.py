"""A pass in several parts: it goes on where it was left, and begins a part again whose cursor was forgotten."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from connectors.errors import NeedsFixing
from connectors.pages import Cursor
from connectors.passes import STALE_CURSOR, Part, passes

STARTED = datetime(2026, 3, 29, 1, 0, tzinfo=timezone.utc)


class Remote:
    """Two lists of numbers, two a page. `forgets`: cursors that it does not know any more."""

    def __init__(self):
        self.asked: list[tuple[str, str]] = []
        self.forgets: set[str] = set()

    def part(self, name: str, rows: list[int]) -> Part:
        def fetch(position: str, started: datetime):
            assert started == STARTED
            self.asked.append((name, position))
            if position in self.forgets:
                raise NeedsFixing("The system has forgotten the page.", code=STALE_CURSOR)
            first = int(position or 0)
            return {"rows": rows[first : first + 2], "next": str(first + 2) if first + 2 < len(rows) else ""}

        return Part(
            name=name,
            fetch=fetch,
            following=lambda position, answer: answer["next"],
            read=lambda answer: {"records": tuple(answer["rows"])},
        )

    def parts(self) -> list[Part]:
        return [self.part("odd", [1, 3, 5]), self.part("none", []), self.part("even", [2, 4])]


def test_each_page_can_be_asked_for_by_another_process():
    remote, cursor, found = Remote(), Cursor(), []
    while True:
        page = next(passes(remote.parts(), Cursor.loads(cursor.dumps()), lambda: STARTED))
        found.append(page.records)
        cursor = page.cursor
        if page.last:
            break
    assert found == [(1, 3), (5,), (), (2, 4)]
    assert cursor.reached == STARTED
    assert remote.asked == [("odd", ""), ("odd", "2"), ("none", ""), ("even", "")]


def test_at_once_it_is_the_same():
    pages = list(passes(Remote().parts(), Cursor(), lambda: STARTED))
    assert [page.records for page in pages] == [(1, 3), (5,), (), (2, 4)]
    assert [page.last for page in pages] == [False, False, False, True]


def test_a_forgotten_cursor_begins_its_part_again():
    remote = Remote()
    first = next(passes(remote.parts(), Cursor(), lambda: STARTED))
    remote.forgets = {"2"}
    again = passes(remote.parts(), first.cursor, lambda: STARTED)
    assert next(again).records == (1, 3)


def test_a_cursor_that_is_forgotten_at_once_is_a_failure():
    remote = Remote()
    remote.forgets = {"2"}
    pages = passes(remote.parts(), Cursor(), lambda: STARTED)
    next(pages)
    with pytest.raises(NeedsFixing):
        next(pages)


@pytest.mark.parametrize("position", ["", "nonsense", '["gone", "7", "2020-01-01T00:00:00+00:00"]', "[1]"])
def test_an_unknown_position_begins_the_pass_again(position):
    assert next(passes(Remote().parts(), Cursor(position=position), lambda: STARTED)).records == (1, 3)


def test_nothing_to_ask_is_one_empty_page():
    (page,) = passes([], Cursor(), lambda: STARTED)
    assert page.last
    assert page.cursor.reached == STARTED
