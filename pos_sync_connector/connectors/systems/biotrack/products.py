"""Products of BioTrack as `Product` records: one variant each, under the product's own id.

Sold by weight: the unit is the gram. Sold by piece: the unit, or where the piece holds a known weight (`defaultusable`)
a unit of that many grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...lazy import cached_property
from ...pages import Cursor, Malformed, Page, parse_each
from .memory import Memory, short_digest
from .prices import PriceReader
from .schema import Schema
from .session import Session
from .values import ShopClock, amount, flag, stated, text

_GRAM = "g"
# What is compared from pass to pass; the description, which may be long, only by its checksum.
_NARROW = """
    id name location productcategory taxcategory strain inventorytype pricepoint applymemberdiscount requiresweighing
    requiresinventory defaultusable externalbarcode costperunit ismembersonly defaultvendor manufacturer
""".split()
_NAMED = {
    "productcategories": ("productcategory", "name"),
    "inventorytypes": ("inventorytype", "name"),
    "vendors": ("defaultvendor", "name"),
}
_NO_CANNABIS = -1


class ProductReader:
    """Reads products for one connection. Prices are in `currency`."""

    def __init__(self, session: Session, schema: Schema, prices: PriceReader, clock: ShopClock, currency: str) -> None:
        self._session, self._schema, self._prices = session, schema, prices
        self._clock, self._currency = clock, currency

    def pull(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Product]]:
        """In a full pass all, else those that differ from what the passes before have seen."""
        memory = Memory.loads(cursor.memory)
        known, seen, full = set(memory.seen), memory.seen, cursor.since is None
        with self._session.snapshot():
            rows = self._read_narrow()
            prices = self._prices.prices(rows.values())
        digests = {number: self._digest(row, prices.get(number)) for number, row in rows.items()}
        after = int(cursor.position or 0)
        wanted = [number for number in sorted(rows) if full or seen.get(str(number)) != digests[number]]
        left = [number for number in wanted if number > after] if full else wanted
        gone = tuple(sorted(known - {str(number) for number in rows}, key=int)) if not full else ()
        while True:
            page, left = left[:size], left[size:]
            memory.seen.update({str(number): digests[number] for number in page})
            if not left:
                memory.keep(str(number) for number in rows)
            records, malformed = self._read(page, rows, prices)
            position = str(page[-1]) if left else ""
            cursor = cursor.at(position, started, memory=memory.dumps())
            deleted = () if left else gone
            yield Page(records, cursor, malformed=malformed, deleted=deleted, total=len(wanted))
            if not left:
                return

    def get(self, external_id: str) -> rec.Product | None:
        """Also one that was deleted at BioTrack: what it was sold as stays known."""
        if not external_id.isdigit():
            return None
        with self._session.snapshot():
            rows = self._read_narrow(int(external_id))
            records, malformed = self._read(list(rows), rows, self._prices.prices(rows.values()))
        if malformed:
            raise malformed[0].failure
        return records[0] if records else None

    # How it is read

    def _read_narrow(self, number: int | None = None) -> dict[int, dict[str, Any]]:
        """The row of each product that is for sale by its id, or the one that is asked for."""
        self._schema.require("products", "id", "name")
        query = sql.SQL(
            "SELECT {columns}, {deleted} AS deleted, md5(COALESCE({description}, '')) AS described FROM products t"
            " WHERE {which}"
        ).format(
            columns=self._schema.pick("products", _NARROW),
            deleted=self._schema.value("products", "deleted"),
            description=self._schema.value("products", "productdescription"),
            which=sql.SQL("t.id = %s") if number is not None else self._schema.is_zero("products", "deleted"),
        )
        rows = self._session.rows(query, [number] if number is not None else ())
        return {row["id"]: row for row in rows}

    def _digest(self, row: Mapping[str, Any], price: tuple[Decimal, str] | None) -> str:
        named = [names.get(row[column]) for column, names in self._names.items()]
        cost = price and (price[0] if isinstance(price[0], Decimal) else stated(price[0]))
        values = [stated(value) for name, value in row.items() if name != "pricepoint"]
        return short_digest(*values, *named, cost, row["taxcategory"] in self._taxes)

    def _read(
        self, ids: list[int], rows: Mapping[int, Mapping[str, Any]], prices: Mapping[int, tuple[Decimal, str]]
    ) -> tuple[tuple[rec.Product, ...], tuple[Malformed, ...]]:
        if not ids:
            return (), ()
        query = sql.SQL("SELECT {} FROM products t WHERE t.id = ANY(%s)").format(
            self._schema.pick("products", ["id", "productdescription", "created", "modified"])
        )
        more = {row["id"]: row for row in self._session.rows(query, [ids])}
        payloads = [{**rows[number], **more.get(number, {}), "price": prices.get(number)} for number in ids]
        return parse_each(payloads, self._product, lambda payload: payload["id"])

    # Records

    def _product(self, row: Mapping[str, Any]) -> rec.Product:
        number, price = str(row["id"]), row["price"]
        category = self._names["productcategory"].get(row["productcategory"], "")
        vendor = self._names["defaultvendor"].get(row["defaultvendor"], "")
        kind = self._names["inventorytype"].get(row["inventorytype"], "")
        cost = amount(row["costperunit"])
        return rec.Product(
            external_id=number,
            name=text(row["name"]) or f"Product {number}",
            description=text(row.get("productdescription")),
            category=(category,) if category else (),
            brand=text(row["manufacturer"]) or vendor,
            tags=tuple(dict.fromkeys(tag for tag in (text(row["strain"]), kind) if tag)),
            variants=(
                rec.Variant(
                    external_id=number,
                    barcode=text(row["externalbarcode"]),
                    cost=cost if cost > 0 else None,
                    cost_currency=self._currency if cost > 0 else "",
                    prices=(rec.Price(amount=amount(price[0]), currency=self._currency),) if price else (),
                    archived=flag(row["deleted"]),
                ),
            ),
            tax_ids=(str(row["taxcategory"]),) if row["taxcategory"] in self._taxes else (),
            price_includes_tax=False,
            unit=unit_of(row),
            tracked=row["requiresinventory"] is None or flag(row["requiresinventory"]),
            sellable_online=not flag(row["ismembersonly"]),
            archived=flag(row["deleted"]),
            updated_at=self._clock.utc(row.get("modified") or row.get("created")),
            raw={key: value for key, value in row.items() if key not in ("described", "price")},
        )

    @cached_property
    def _names(self) -> dict[str, dict[Any, str]]:
        """Names by id of what products refer to, by the column that does."""
        found: dict[str, dict[Any, str]] = {}
        for table, (column, name) in _NAMED.items():
            rows: Iterable[Mapping[str, Any]] = ()
            if self._schema.has(table, "id", name):
                rows = self._session.rows(
                    sql.SQL("SELECT id, {} AS name FROM {}").format(sql.Identifier(name), sql.Identifier(table))
                )
            found[column] = {row["id"]: text(row["name"]) for row in rows}
        found["inventorytype"].setdefault(_NO_CANNABIS, "Accessories")
        return found

    @cached_property
    def _taxes(self) -> frozenset[Any]:
        if not self._schema.has("taxcategories", "id"):
            return frozenset()
        return frozenset(row["id"] for row in self._session.rows("SELECT id FROM taxcategories"))


def unit_of(row: Mapping[str, Any]) -> rec.Unit | None:
    """The unit that quantities of a product are in; None for plain pieces."""
    if flag(row["requiresweighing"]):
        return rec.Unit(name=_GRAM)
    holds = amount(row["defaultusable"])
    if holds <= 0:
        return None
    holds = holds.normalize() + 0
    return rec.Unit(name=f"{holds:f} {_GRAM}", factor=holds, base=_GRAM)
