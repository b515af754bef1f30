"""What a connection is set up with: who it is, shops and rooms, taxes, member levels, payment methods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...answers import Account, Choice
from ...pages import Malformed, listed
from .rooms import BULK, BY_ROOM, RoomReader
from .schema import Schema
from .session import Session
from .values import amount, flag, text

_KINDS = (
    ("cash", rec.PaymentKind.CASH),
    ("debit", rec.PaymentKind.CARD),
    ("credit", rec.PaymentKind.CARD),
    ("card", rec.PaymentKind.CARD),
    ("visa", rec.PaymentKind.CARD),
    ("gift", rec.PaymentKind.GIFT_CARD),
    ("point", rec.PaymentKind.POINTS),
    ("loyalty", rec.PaymentKind.POINTS),
    ("ach", rec.PaymentKind.BANK),
    ("account", rec.PaymentKind.ON_ACCOUNT),
)


def method_id(name: str) -> str:
    """Payment methods are free text: what differs in case and spaces only is one."""
    return " ".join(name.casefold().split()) or "unknown"


def method_kind(name: str) -> rec.PaymentKind:
    """By a word in its name. A gift card is no card."""
    words = method_id(name)
    if "gift" in words:
        return rec.PaymentKind.GIFT_CARD
    return next((kind for word, kind in _KINDS if word in words), rec.PaymentKind.OTHER)


class SetupReader:
    def __init__(self, session: Session, schema: Schema, rooms: RoomReader, timezone: str, currency: str) -> None:
        self._session, self._schema, self._rooms = session, schema, rooms
        self._timezone, self._currency = timezone, currency

    def account(self, address: str) -> Account:
        """The organisation's own id where it has one, else the database's address."""
        with self._session.snapshot():
            for table, key in (("products", "id"), ("customers", "customerid"), ("tickets", "ticketserial")):
                self._schema.require(table, key)
            row: dict[str, Any] = {}
            if self._schema.has("orgdata"):
                columns = self._schema.pick("orgdata", ["orgname", "orgid", "orgunique"])
                row = self._session.row(sql.SQL("SELECT {} FROM orgdata t LIMIT 1").format(columns)) or {}
            number = text(row.get("orgunique")) or text(row.get("orgid"))
            return Account(
                external_id=f"org-{number}" if number else address,
                name=text(row.get("orgname")) or address,
                version=self._version(),
                currency=self._currency,
                timezone=self._timezone,
                notes=tuple(self._notes()),
            )

    def locations(self) -> Iterator[rec.Location]:
        """Shops; where rooms are locations, the chosen ones below their shop, which then holds no stock itself."""
        by_room = self._rooms.by == BY_ROOM
        with self._session.snapshot():
            shops, rooms = self._rooms.locations, list(self._rooms.counted()) if by_room else []
        for number, row in shops.items():
            yield rec.Location(
                external_id=str(number),
                name=text(row["name"]) or f"Location {number}",
                timezone=self._timezone,
                currency=self._currency,
                holds_stock=not by_room,
                archived=flag(row["deleted"]),
            )
        for room in rooms:
            shop = shops.get(room.location, {})
            yield rec.Location(
                external_id=f"{room.location}/{room.number}",
                name=f"{text(shop.get('name')) or room.location}: {room.name}",
                timezone=self._timezone,
                currency=self._currency,
                parent_id=str(room.location),
                takes_orders=False,
                archived=room.deleted,
            )

    def rooms(self) -> Iterator[Choice]:
        """What can be for sale beside Bulk: rooms by id, each with its shop. Quarantine never counts."""
        shops: dict[tuple[int, str], list[str]] = defaultdict(list)
        for (location, number), room in sorted(self._rooms.rooms.items()):
            if number != BULK and not room.quarantine and not room.deleted:
                shop = self._rooms.locations.get(location, {})
                shops[number, room.name].append(text(shop.get("name")) or f"Location {location}")
        names: dict[int, list[str]] = defaultdict(list)
        for (number, name), places in sorted(shops.items()):
            names[number].append(f"{name} ({', '.join(places)})")
        for number, told in names.items():
            yield Choice(external_id=str(number), name=", ".join(told))

    def tax_rates(self) -> Iterator[rec.TaxRate | Malformed]:
        """Prices are without tax. A category's `fee` is not read: how it is charged is not known."""
        if not self._schema.has("taxcategories", "id", "rate"):
            return
        columns = self._schema.pick("taxcategories", ["id", "name", "rate", "location", "deleted"])
        for row in self._session.rows(sql.SQL("SELECT {} FROM taxcategories t ORDER BY id").format(columns)):
            yield from listed([row], _tax, lambda row: str(row["id"]))

    def price_levels(self) -> Iterator[rec.PriceLevel]:
        """Member levels, beside the unnamed one of those who are no members."""
        yield from (
            rec.PriceLevel(external_id=number, name=name, currency=self._currency) for number, name in self.levels()
        )

    def customer_groups(self) -> Iterator[rec.CustomerGroup]:
        yield from (rec.CustomerGroup(external_id=number, name=name) for number, name in self.levels())

    def payment_methods(self) -> Iterator[rec.PaymentMethod]:
        if not self._schema.has("paymentmethods", "name"):
            return
        names = [text(row["name"]) for row in self._session.rows("SELECT DISTINCT name FROM paymentmethods")]
        for number, name in sorted({method_id(name): name for name in names if name}.items()):
            yield rec.PaymentMethod(external_id=number, name=name, kind=method_kind(name))

    def levels(self) -> list[tuple[str, str]]:
        """Id and name of each member level."""
        if not self._schema.has("memberdiscount", "id", "membername"):
            return []
        rows = self._session.rows(
            sql.SQL("SELECT id, membername FROM memberdiscount t WHERE {} ORDER BY id").format(
                self._schema.is_zero("memberdiscount", "deleted")
            )
        )
        return [(str(row["id"]), text(row["membername"]) or f"Level {row['id']}") for row in rows]

    def _version(self) -> str:
        if not self._schema.has("version", "versionnum"):
            return ""
        row = self._session.row("SELECT max(versionnum) AS number FROM version")
        return text(row["number"]) if row else ""

    def _notes(self) -> Iterator[str]:
        for number, shop in self._rooms.locations.items():
            rooms = [room for room in self._rooms.rooms.values() if room.location == number and not room.deleted]
            told = ", ".join(_told(room) for room in sorted(rooms, key=lambda room: room.number))
            yield f"Location {number}, {text(shop['name'])}: rooms {told}."
        levels = ", ".join(name for _number, name in self.levels())
        if levels:
            yield f"Member levels: {levels}."
        known = {room.number for room in self._rooms.rooms.values()}
        for number in sorted(self._rooms.chosen - known):
            yield f"Room {number} is chosen, and no location has such a room."
        yield from self._schema.notes()


def _tax(row: dict[str, Any]) -> rec.TaxRate:
    return rec.TaxRate(
        external_id=str(row["id"]),
        name=text(row["name"]) or f"Tax {row['id']}",
        rate=tax_rate(row),
        inclusive=False,
        archived=flag(row["deleted"]),
        raw=row,
    )


def tax_rate(row: dict[str, Any]) -> Decimal:
    """In percent."""
    return amount(row["rate"])


def _told(room: Any) -> str:
    return f"{room.number} ({room.name}{', quarantine: never counts' if room.quarantine else ''})"
