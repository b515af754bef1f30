"""What is on hand, from the lots in the rooms that are chosen: `StockLevel`s, zeros too.

A lot counts while it is not deleted, transferred out or seized and has something left. Its log is no measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...errors import UNREADABLE, Failure
from ...pages import Cursor, Malformed, Page, unreadable
from .memory import Memory, short_digest
from .products import unit_of
from .rooms import RoomReader, split_by_room
from .schema import Schema
from .session import Session
from .values import ZERO, amount, text


class StockReader:
    """Reads counts for one connection."""

    def __init__(self, session: Session, schema: Schema, rooms: RoomReader) -> None:
        self._session, self._schema, self._rooms = session, schema, rooms

    def pull(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.StockLevel]]:
        """In a full pass every count, else those that differ from what the passes before have seen."""
        memory = Memory.loads(cursor.memory)
        with self._session.snapshot():
            read = list(self._levels(None))
        malformed = tuple(item for item in read if isinstance(item, Malformed))
        unknown = {item.external_id for item in malformed}
        levels = {item.external_id: item for item in read if not isinstance(item, Malformed)}
        full = cursor.since is None
        if not full:
            # What is counted nowhere any more is gone from there.
            for key in memory.seen.keys() - levels.keys() - unknown:
                levels[key] = _empty(key)
        digests = {key: short_digest(level.quantity, level.unit) for key, level in levels.items()}
        wanted = sorted(key for key in levels if full or memory.seen.get(key) != digests[key])
        left = [key for key in wanted if key > cursor.position]
        while True:
            page, left = left[:size], left[size:]
            memory.seen.update({key: digests[key] for key in page})
            if not left:
                memory.keep([*levels, *unknown])
            cursor = cursor.at(page[-1] if left else "", started, memory=memory.dumps())
            records = tuple(levels[key] for key in page)
            yield Page(records, cursor, malformed=() if left else malformed, total=len(wanted))
            if not left:
                return

    def get(self, external_id: str) -> rec.StockLevel | None:
        product, _at, _place = external_id.partition("@")
        if not product.isdigit():
            return None
        with self._session.snapshot():
            levels = self._levels(int(product))
            found = next((level for level in levels if level.external_id == external_id), None)
        if isinstance(found, Malformed):
            raise found.failure
        return found

    def _levels(self, product: int | None) -> Iterator[rec.StockLevel | Malformed]:
        """The counts of all products whose stock is kept, or of one; at every place of a location that had a lot.
        Where a lot can't be read, none of its product's counts is known."""
        self._schema.require("inventory", "id", "productid", "location", "remainingweight")
        self._schema.require("products", "id")
        units: dict[int, str] = {}
        sums: dict[tuple[int, str], Decimal] = {}
        broken: dict[int, Failure] = {}
        for row in self._session.scan(*self._query(product)):
            number = row["productid"]
            for place in self._rooms.places(row["location"]):
                sums.setdefault((number, place), ZERO)
            try:
                unit = unit_of(row)
                units[number] = unit.name if unit else ""
                for place, part in self._parts(row):
                    sums[number, place] = sums.get((number, place), ZERO) + part
            except UNREADABLE as error:
                broken[number] = unreadable(error)
        for (number, place), quantity in sums.items():
            external_id = rec.stock_id(str(number), place)
            if number in broken:
                yield Malformed(external_id, {"product": number}, broken[number])
                continue
            yield rec.StockLevel(
                external_id=external_id,
                variant_id=str(number),
                location_id=place,
                quantity=quantity,
                unit=units[number],
            )

    def _parts(self, row: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
        """Where how much of a lot is counted."""
        quantity = amount(row["quantity"])
        rooms = split_by_room(text(row["roomdata"]), quantity) or {row["room"]: quantity}
        for room, part in rooms.items():
            if place := self._rooms.place(row["location"], room):
                yield place, part

    def _query(self, product: int | None) -> tuple[sql.Composed, list[int]]:
        """One pass over the lots, summed but for those that a split shares out."""
        flags = ("deleted", "transferredout", "seized")
        query = sql.SQL(
            """
            SELECT t.productid, t.location, COALESCE({room}, 0) AS room, {split} AS roomdata,
                   p.requiresweighing, p.defaultusable,
                   SUM(CASE WHEN {live} AND t.remainingweight > 0 THEN t.remainingweight ELSE 0 END) AS quantity
              FROM inventory t
              JOIN (SELECT {product_columns}, {kept} AS kept, {there} AS there FROM products t) p ON p.id = t.productid
             WHERE p.kept AND p.there {which}
             GROUP BY 1, 2, 3, 4, 5, 6, CASE WHEN {split} <> '' THEN t.id END
            """
        ).format(
            room=self._schema.value("inventory", "currentroom"),
            split=sql.SQL("COALESCE({}, '')").format(self._schema.value("inventory", "roomdata")),
            live=sql.SQL(" AND ").join(self._schema.is_zero("inventory", name) for name in flags),
            product_columns=self._schema.pick("products", ["id", "requiresweighing", "defaultusable"]),
            kept=sql.SQL("COALESCE({}, 1) <> 0").format(self._schema.value("products", "requiresinventory")),
            there=self._schema.is_zero("products", "deleted"),
            which=sql.SQL("AND t.productid = %s") if product is not None else sql.SQL(""),
        )
        return query, [product] if product is not None else []


def _empty(key: str) -> rec.StockLevel:
    product, _at, place = key.partition("@")
    return rec.StockLevel(external_id=key, variant_id=product, location_id=place, quantity=ZERO)
