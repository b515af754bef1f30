"""A pass over what a system lists, in one or several parts, that goes on in another process where it was left.

Each part is paged in the system's own way (see `pagers`). What is modified while a pass runs belongs to the next one,
which begins when this one began, by the system's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .door import MOST_ID, text
from .errors import UNREADABLE, Failure
from .pagers import Following, pages
from .pages import Cursor, Malformed, Page, unreadable

# The code of a failure that says: the system has forgotten where the page begins.
STALE_CURSOR = "stale-cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`fetch(position, started)` gives an answer, `following` where the next one begins, `read` the fields of a `Page`
    but its cursor. `name` stays the same as long as the part is the same."""

    name: str = "all"
    fetch: Callable[[str, datetime], Any]
    following: Following[Any]
    read: Callable[[Any], Mapping[str, Any]]


def passes(parts: Sequence[Part], cursor: Cursor, now: Callable[[], datetime]) -> Iterator[Page[Any]]:
    """The parts one after the other, from the cursor on. A part that is there no more begins the pass again."""
    name, start, started = _read_position(cursor.position)
    names = [part.name for part in parts]
    if name not in names:
        start, started = "", None
    started = started or now()
    if not parts:
        yield Page((), cursor.at("", started))
    for index in range(names.index(name) if name in names else 0, len(parts)):
        part = parts[index]
        for answer, after in _pages(part, start, started):
            upcoming = part.name if after else names[index + 1] if index + 1 < len(parts) else ""
            cursor = cursor.at(_write_position(upcoming, after, started) if upcoming else "", started)
            yield Page(cursor=cursor, **_read(part, answer))
        start = ""


def _pages(part: Part, start: str, started: datetime) -> Iterator[tuple[Any, str]]:
    """From a position on; the part begins again where the system no longer knows the one that was stored."""
    found = pages(lambda position: part.fetch(position, started), part.following, start)
    try:
        first = next(found)
    except Failure as failure:
        if failure.code != STALE_CURSOR or not start:
            raise
        yield from _pages(part, "", started)
        return
    yield first
    yield from found


def _read(part: Part, answer: Any) -> Mapping[str, Any]:
    """The fields of a page. One row that can't be read costs itself: each is then read alone."""
    try:
        return part.read(answer)
    except UNREADABLE:
        name = _rows_of(answer)
        if not name:
            raise
    found: dict[str, tuple[Any, ...]] = {}
    for row in answer[name]:
        try:
            one = part.read({**answer, name: [row]})
        except UNREADABLE as error:
            one = {"malformed": (Malformed(_id_of(row), row, unreadable(error)),)}
        for field, values in one.items():
            if isinstance(values, (tuple, list)):
                found[field] = (*found.get(field, ()), *values)
    return {"records": (), **found}


def _rows_of(answer: Any) -> str:
    """The name of the list that an answer is about: its longest."""
    values = answer if isinstance(answer, dict) else {}
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    return max(lists, key=lambda name: len(lists[name]), default="")


def _id_of(row: Any) -> str:
    try:
        return text(row["id"])[:MOST_ID]
    except UNREADABLE:
        return ""


def _write_position(name: str, position: str, started: datetime) -> str:
    return json.dumps([name, position, started.isoformat()])


def _read_position(stored: str) -> tuple[str, str, datetime | None]:
    """What can't be read begins the pass again."""
    try:
        name, position, started = json.loads(stored)
        return str(name), str(position), datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return "", "", None
