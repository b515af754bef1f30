"""Whatever stands in a BioTrack database: only failures leave the connector, and a bad row costs no other.

Each payload is one value of one row, spoilt with what its column's type lets in, in a real PostgreSQL. Some hundred run
always, `--all` makes them 20,000.
"""
from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from connectors import codec
from connectors.errors import Failure
from connectors.pages import Cursor
from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.biotrack_shop import BioTrackShop

_FLOWS = ("pull_products", "pull_stock", "pull_customers", "pull_orders", "pull_refunds")
_SETUP = ("check", "locations", "tax_rates", "price_levels", "rooms", "payment_methods", "customer_groups")
# The tables whose rows are the records of a pull; what is wrong in others is looked for by every method.
_OF_TABLE = {
    "products": ("pull_products",),
    "inventory": ("pull_stock",),
    "customers": ("pull_customers",),
    "customerslog": ("pull_customers",),
    "tickets": ("pull_orders", "pull_refunds"),
    "sales": ("pull_orders", "pull_refunds"),
    "payments": ("pull_orders", "pull_refunds"),
    "discounts": ("pull_orders",),
}
_LETTERS = (
    "", " ", "tea for two", "x" * 8192, " " * 50_000, "12", "-1", "1e999999", "9" * 5000, "NaN", "a\x01b", "half 😀",
    "0001-01-01", "[" * 5000, "{}", "null", "<b>", "=1+1",
)
_NUMBERS = (0, -1, 7, 0.125, "1e30", "NaN", "Infinity", "-Infinity", "9" * 400, "0.1234567890123456789")
_WHOLE = (0, -1, 1, 7, 32767, -(2**31), 2**31 - 1, 2**62, -(2**63))
_MOMENTS = (
    "infinity", "-infinity", "0001-01-01", "4000-01-01 BC", "9999-12-31 23:59:59", "20000-01-01", "1970-01-01",
)
_SPOILS = {
    "text": _LETTERS, "character varying": _LETTERS, "character": _LETTERS,
    "integer": _WHOLE, "smallint": _WHOLE, "bigint": _WHOLE,
    "numeric": _NUMBERS, "double precision": _NUMBERS, "real": _NUMBERS,
    "timestamp without time zone": _MOMENTS, "timestamp with time zone": _MOMENTS, "date": _MOMENTS,
    "boolean": (True, False),
}
_ALLOWED = 1.0


@pytest.fixture(scope="module")
def shop(workspace: Any, biotrack_role: str) -> BioTrackShop:
    made = biotrack.make_shop(0.01, generation=biotrack.OLD)
    return biotrack_shop.make_with(workspace, biotrack_role, "biotrack_fuzz", made, biotrack.OLD)


class Spoiler:
    """Puts one value into one cell, and what was there back."""

    def __init__(self, connection: Any, seed: int) -> None:
        self._cursor = connection.cursor()
        self._chance = random.Random(seed)
        self._cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'")
        self._columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in self._cursor.fetchall():
            if kind in _SPOILS:
                self._columns.setdefault(table, []).append((column, kind))
        self._cells = [
            (table, column, kind) for table in self._filled() for column, kind in self._columns[table]]

    def _filled(self) -> list[str]:
        filled = []
        for table in sorted(self._columns):
            self._cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
            if self._cursor.fetchone()[0]:
                filled.append(table)
        return filled

    def each(self, most: int) -> Iterator[tuple[str, str]]:
        """A table, and what was done to it, while it is so."""
        for _turn in range(most):
            table, column, kind = self._chance.choice(self._cells)
            value = self._chance.choice([*_SPOILS[kind], None])
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            self._cursor.execute(
                sql.SQL("SELECT ctid, {column}::text FROM {table} OFFSET floor(%s * (SELECT count(*) FROM {table}))"
                        " LIMIT 1").format(**names), [self._chance.random()])
            place, before = self._cursor.fetchone()
            put = sql.SQL("UPDATE {table} SET {column} = %s WHERE ctid = %s RETURNING ctid").format(**names)
            try:
                self._cursor.execute(put, [value, place])
            except (psycopg2.DataError, psycopg2.IntegrityError):
                # The database itself does not take it.
                continue
            (place,) = self._cursor.fetchone()
            try:
                yield table, f"{table}.{column} = {str(value)[:40]!r} (was {str(before)[:40]!r})"
            finally:
                self._cursor.execute(put, [before, place])


def ask(shop: BioTrackShop, method: str) -> list[Any]:
    connector = shop.connect()
    try:
        if method.startswith("pull_"):
            return list(getattr(connector, method)(Cursor()))
        found = getattr(connector, method)()
        return [found] if method == "check" else list(found)
    finally:
        connector.close()


def count(found: list[Any]) -> int:
    return sum(len(page.records) + len(page.malformed) for page in found if hasattr(page, "records"))


def fuzz(shop: BioTrackShop, most: int) -> Counter[str]:
    usual = {method: count(ask(shop, method)) for method in _FLOWS}
    assert all(usual.values()), usual
    seen: Counter[str] = Counter()
    slowest = 0.0
    connection = shop.server.connect(shop.name)
    try:
        for turn, (table, change) in enumerate(Spoiler(connection, 7).each(most)):
            methods = _OF_TABLE.get(table) or (*_FLOWS, *_SETUP)
            method = methods[turn % len(methods)]
            where = f"{method}: {change}"
            seen["payloads"] += 1
            began = time.thread_time()
            try:
                found = ask(shop, method)
                text = codec.dumps(found)
                assert "\x00" not in text, where
                seen["read"] += 1
                lost = usual.get(method, 0) - count(found)
                if table in _OF_TABLE and lost > 1:
                    seen["records lost"] += lost
                    print("lost:", lost, where)
            except Failure as failure:
                seen[failure.code] += 1
                if method != "check":
                    seen["pages lost"] += 1
                    print("failed:", where, failure.sentence, failure.details)
            except Exception as error:
                raise AssertionError(f"{type(error).__name__} left the connector: {where}") from error
            slowest = max(slowest, time.thread_time() - began)
            assert time.thread_time() - began < _ALLOWED, where
    finally:
        connection.close()
    print("biotrack", dict(seen), f"slowest {slowest:.2f} s")
    return seen


def test_a_few_spoilt_values(shop: BioTrackShop) -> None:
    seen = fuzz(shop, 400)
    assert seen["payloads"] > 200
    assert not seen["pages lost"]
    assert not seen["records lost"]


@pytest.mark.thorough
@pytest.mark.timeout(7200)
def test_twenty_thousand_spoilt_values(shop: BioTrackShop) -> None:
    seen = fuzz(shop, 24_000)
    assert seen["payloads"] > 20_000
    assert not seen["pages lost"]
    assert not seen["records lost"]
