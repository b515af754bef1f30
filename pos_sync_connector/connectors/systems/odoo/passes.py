"""A pass over one or several models, by id: it neither skips nor repeats what is modified while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...errors import UNREADABLE
from ...pages import Cursor, Malformed, Page, unreadable
from .rpc import Rpc


@dataclass(frozen=True, slots=True)
class Part:
    """One model of a pass: the domain of what it asks for, and how a page of ids is read into the fields of a `Page`.

    Both are given when the pass was started. `each`: how many records come of one row, for the total.
    """

    model: str
    domain: Callable[[datetime], list[Any]]
    read: Callable[[list[int], datetime], dict[str, Any]]
    each: int = 1


def pages(
    rpc: Rpc, parts: Sequence[Part], cursor: Cursor, size: int, now: Callable[[], datetime]
) -> Iterator[Page[Any]]:
    """The parts one after the other. What is modified meanwhile belongs to the next pass, which begins when this one
    began, by that Odoo's clock (`now`)."""
    model, after, started = _read_position(cursor.position)
    started = started or now()
    first = next((index for index, part in enumerate(parts) if part.model == model), 0)
    if model and (not parts or parts[first].model != model):
        after = 0
    wanted = [part.domain(started) for part in parts]
    total = sum(part.each * rpc.count(part.model, domain) for part, domain in zip(parts, wanted, strict=True))
    if not parts:
        yield Page((), cursor.at("", started))
    for index in range(first, len(parts)):
        part, ended = parts[index], False
        while not ended:
            rows = rpc.search_read(part.model, [*wanted[index], ("id", ">", after)], ["id"], limit=size)
            ids = [row["id"] for row in rows]
            found = _read(part, ids, started) if ids else {"records": ()}
            ended = len(ids) < size
            position = "" if ended else _write_position(part.model, ids[-1], started)
            if ended and index + 1 < len(parts):
                position = _write_position(parts[index + 1].model, 0, started)
            cursor = cursor.at(position, started)
            yield Page(cursor=cursor, total=total, **found)
            after = 0 if ended else ids[-1]


def _read(part: Part, ids: list[int], started: datetime) -> dict[str, Any]:
    """The fields of a page. One row that can't be read costs itself: each is then read alone."""
    try:
        return part.read(ids, started)
    except UNREADABLE as error:
        if len(ids) == 1:
            name = f"{part.model},{ids[0]!r}"
            return {"records": (), "malformed": (Malformed(name, {"id": ids[0]}, unreadable(error)),)}
    found: dict[str, Any] = {"records": ()}
    for row_id in ids:
        for field, values in _read(part, [row_id], started).items():
            found[field] = (*found.get(field, ()), *values)
    return found


def _write_position(model: str, after: int, started: datetime) -> str:
    return f"{model} {after} {started.isoformat()}"


def _read_position(position: str) -> tuple[str, int, datetime | None]:
    """In which model and after which id a pass goes on, and when it was started; what can't be read starts it again."""
    try:
        model, after, started = position.split(" ")
        return model, int(after), datetime.fromisoformat(started)
    except ValueError:
        return "", 0, None
