"""Which rooms' goods are for sale, and as which locations they are counted.

A room is known by its location and its id. Room 0 ("Bulk") is where a lot lies that nobody put anywhere; the table of
rooms seldom lists it. A room that lots name and the table does not is a room all the same. Quarantine never counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ...errors import NeedsFixing
from ...lazy import cached_property
from .schema import Schema
from .session import Session
from .values import flag, text

BULK = 0
SUMMED, BY_ROOM = "location", "room"
_SPLIT = re.compile(r"(?:\d+,\d+(?:\.\d+)?:)*\d+,\d+(?:\.\d+)?:?")


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a location; `listed`: the table of rooms has it."""

    location: int
    number: int
    name: str
    quarantine: bool = False
    deleted: bool = False
    listed: bool = True


def read_rooms(chosen: Iterable[str]) -> frozenset[int]:
    """The ids of rooms as numbers; Bulk alone where none is chosen. Raises NeedsFixing."""
    chosen = tuple(chosen)
    if not all(number.isdecimal() for number in chosen):
        raise NeedsFixing(
            "“Rooms” names something that is no room. Test the connection, then choose among the rooms that it found.",
            code="bad-setting",
        )
    return frozenset(map(int, chosen)) or frozenset({BULK})


def split_by_room(roomdata: str, whole: Decimal) -> dict[int, Decimal]:
    """Quantity by room of a lot's legacy split "room,quantity:room,quantity:".

    Empty where the text is none, or does not add up to what the lot has: then nobody keeps it up to date any more, and
    the lot lies whole in its current room.
    """
    if not _SPLIT.fullmatch(roomdata):
        return {}
    found: dict[int, Decimal] = defaultdict(Decimal)
    for part in roomdata.rstrip(":").split(":"):
        room, quantity = part.split(",")
        found[int(room)] += Decimal(quantity)
    return dict(found) if sum(found.values()) == whole else {}


class RoomReader:
    """The rooms of one database; `chosen` are ids, `by` tells whether each is a location or all are summed."""

    def __init__(self, session: Session, schema: Schema, chosen: frozenset[int], by: str) -> None:
        self._session, self._schema = session, schema
        self.chosen, self.by = chosen, by

    @cached_property
    def rooms(self) -> dict[tuple[int, int], Room]:
        """By location and id: those of the table, those that lots name, and Bulk at every location."""
        found = {(room.location, room.number): room for room in self._listed()}
        named = {(row["location"], row["room"]) for row in self._named()}
        for location, number in sorted(named | {(location, BULK) for location in self.locations}):
            if (location, number) not in found:
                name = "Bulk" if number == BULK else f"Room {number}"
                found[location, number] = Room(location, number, name, listed=False)
        return found

    @cached_property
    def locations(self) -> dict[int, Mapping[str, Any]]:
        """The rows of all shops by id."""
        self._schema.require("locations", "id", "name")
        query = sql.SQL("SELECT {} FROM locations t ORDER BY id").format(
            self._schema.pick("locations", ["id", "name", "deleted", "retail"])
        )
        return {row["id"]: row for row in self._session.rows(query)}

    def place(self, location: int, room: int) -> str:
        """The external id of where a room's goods are counted, "" where they are not."""
        known = self.rooms.get((location, room))
        if room not in self.chosen or (known and known.quarantine):
            return ""
        return str(location) if self.by == SUMMED else f"{location}/{room}"

    def places(self, location: int) -> list[str]:
        """All that a location's goods are counted at."""
        return list(dict.fromkeys(filter(None, (self.place(*key) for key in sorted(self.rooms) if key[0] == location))))

    def counted(self) -> Iterator[Room]:
        """The chosen rooms, quarantined ones left out."""
        return (room for key, room in sorted(self.rooms.items()) if self.place(*key))

    def _listed(self) -> Iterator[Room]:
        if not self._schema.has("inventoryrooms", "id"):
            return
        columns = self._schema.pick("inventoryrooms", ["id", "location", "roomname", "quarantine", "deleted"])
        for row in self._session.rows(sql.SQL("SELECT {} FROM inventoryrooms t").format(columns)):
            name = text(row["roomname"]) or f"Room {row['id']}"
            yield Room(row["location"] or 1, row["id"], name, flag(row["quarantine"]), flag(row["deleted"]))

    def _named(self) -> Iterable[Mapping[str, Any]]:
        if not self._schema.has("inventory", "location", "remainingweight"):
            return ()
        return self._session.rows(
            sql.SQL(
                "SELECT DISTINCT t.location, COALESCE({room}, 0) AS room FROM inventory t"
                " WHERE {live} AND t.remainingweight > 0"
            ).format(
                room=self._schema.value("inventory", "currentroom"), live=self._schema.is_zero("inventory", "deleted")
            )
        )
