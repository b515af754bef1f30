"""Pages of records with the cursors that follow them, and what of a page could not be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from .door import MOST_ID, bounded_key, clean_text, shorten, text
from .errors import UNREADABLE, Failure, NeedsFixing, place_of, without_values

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream has come. The engine stores it as text; a provider reads and makes it.

    A pass asks for what was modified at or after `since` (UTC, inclusive; None: everything). `position` is where the
    pass's next page begins, in words of the provider's own; `""` when no pass is under way. `reached` is the newest
    modification that the pass has seen: it becomes the `since` of the next one. `memory` is what a pass leaves to
    those after it where moments tell too little, in words of the provider's own; a full pass begins without it.
    """

    since: datetime | None = None
    position: str = ""
    reached: datetime | None = None
    memory: str = ""

    def dumps(self) -> str:
        moments = {"since": self.since, "reached": self.reached}
        texts = {"position": self.position, **({"memory": self.memory} if self.memory else {})}
        return json.dumps({**texts, **{key: value and value.isoformat() for key, value in moments.items()}})

    @classmethod
    def loads(cls, text: str | None) -> Cursor:
        """A cursor that can't be read starts from the beginning: pulling again is safe, missing something is not."""
        try:
            data = json.loads(text or "{}")
            since, reached = (
                datetime.fromisoformat(data[key]) if data.get(key) else None for key in ("since", "reached")
            )
            return cls(
                since=since, position=data.get("position") or "", reached=reached, memory=data.get("memory") or ""
            )
        except (ValueError, TypeError, AttributeError):
            return cls()

    def at(self, position: str, *moments: datetime | None, memory: str | None = None) -> Cursor:
        """The cursor after a page: where the next begins (`""`: the pass is over) and what the page has seen."""
        seen = [moment for moment in (self.reached, *moments) if moment]
        kept = self.memory if memory is None else memory
        return replace(self, position=position, reached=max(seen) if seen else None, memory=kept)

    def next_pass(self, overlap: timedelta) -> Cursor:
        """The cursor of the pass that follows: back by `overlap` behind the newest modification seen."""
        return Cursor(since=self.reached - overlap if self.reached else self.since, memory=self.memory)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A payload of a page that can't be made a record: it is kept with what is wrong, and its page goes on."""

    external_id: str
    raw: Any
    failure: Failure

    def __post_init__(self) -> None:
        # It may be the id that is wrong, and it is looked up all the same.
        object.__setattr__(self, "external_id", bounded_key(clean_text(self.external_id), MOST_ID))


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """`records` with the `cursor` that follows them. `deleted` are external ids that the system says are gone.
    `total`: how many records the whole pass has, where the system tells, for progress."""

    records: tuple[R, ...]
    cursor: Cursor
    malformed: tuple[Malformed, ...] = ()
    deleted: tuple[str, ...] = ()
    total: int | None = None

    @property
    def last(self) -> bool:
        return not self.cursor.position


def parse_each(
    payloads: Iterable[Any], parse: Callable[[Any], R], identify: Callable[[Any], Any]
) -> tuple[tuple[R, ...], tuple[Malformed, ...]]:
    """Records and what could not be made one. `parse` may raise `Failure`, or what a malformed payload makes it."""
    parsed, malformed = [], []
    for payload in payloads:
        try:
            parsed.append(parse(payload))
        except Failure as failure:
            malformed.append(Malformed(_identity(identify, payload), payload, failure.alone()))
        except UNREADABLE as error:
            malformed.append(Malformed(_identity(identify, payload), payload, unreadable(error)))
    return tuple(parsed), tuple(malformed)


def listed(
    rows: Iterable[Any], parse: Callable[[Any], R], identify: Callable[[Any], Any]
) -> Iterator[R | Malformed]:
    """What a connection is set up with, each row for itself: records, and what could not be made one."""
    for row in rows:
        records, malformed = parse_each([row], parse, identify)
        yield from (*records, *malformed)


def indexed(rows: Iterable[Any], identify: Callable[[Any], str], value: Callable[[Any], R]) -> dict[str, R]:
    """What records are read with, by id; a row that can't be read says so where it is listed, and is left out here."""
    found: dict[str, R] = {}
    for row in rows:
        with suppress(*UNREADABLE):
            if 0 < len(key := text(identify(row))) <= MOST_ID:
                found[key] = value(row)
    return found


def unreadable(error: Exception) -> NeedsFixing:
    """The failure of a record that `parse` stumbled over. Its cause is the place, its values are examples."""
    said = shorten(str(error), 200).rstrip(".")
    return NeedsFixing(
        f"The system sent a record that can't be read: {said}. Correct it there, then retry.",
        code="malformed",
        details=f"{type(error).__name__} ({place_of(error)}): {said}",
        trace=f"malformed:{place_of(error)}:{without_values(str(error))}",
    )


def _identity(identify: Callable[[Any], Any], payload: Any) -> str:
    try:
        return text(identify(payload) or "")[:MOST_ID]
    except UNREADABLE:
        return ""
