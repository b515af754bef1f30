"""Finding rows by time in tables that have no index on time.

Keys are given out in the order of time, more or less. So the first key of a moment is found by bisection over the
primary key, in some twenty look-ups, and only keys around it are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from psycopg2 import sql

from .schema import Schema
from .session import Session
from .values import epoch

# How far the order of keys and that of time may differ.
SLACK = timedelta(days=1)


def newest_key(session: Session, table: str, key: str) -> int:
    query = sql.SQL("SELECT COALESCE(max({}), 0) AS newest FROM {}")
    row = session.row(query.format(sql.Identifier(key), sql.Identifier(table)))
    return row["newest"] if row else 0


def first_key(session: Session, table: str, key: str, moment: datetime) -> int:
    """The smallest key from which on rows are as new as `moment`; one past the newest where none is."""
    query = sql.SQL(
        "SELECT {key} AS key, datetime FROM {table} WHERE {key} >= %s AND datetime IS NOT NULL ORDER BY {key} LIMIT 1"
    ).format(key=sql.Identifier(key), table=sql.Identifier(table))
    wanted = epoch(moment)
    bounds = session.row(
        sql.SQL("SELECT COALESCE(min({key}), 1) AS low, COALESCE(max({key}), 0) + 1 AS high FROM {table}").format(
            key=sql.Identifier(key), table=sql.Identifier(table)
        )
    )
    low, high = (bounds["low"], bounds["high"]) if bounds else (1, 1)
    while low < high:
        middle = (low + high) // 2
        row = session.row(query, [middle])
        if row is None or row["datetime"] >= wanted:
            high = middle
        else:
            low = row["key"] + 1
    return low


class RowsOfTickets:
    """Rows of a table that belong to tickets, read from around the keys of the tickets' own time."""

    def __init__(self, session: Session, schema: Schema, table: str, columns: Iterable[str]) -> None:
        self._session, self._schema = session, schema
        self._table, self._columns = table, tuple(columns)

    def read(self, tickets: Iterable[str], earliest: datetime, latest: datetime) -> list[dict[str, Any]]:
        """Those of tickets of that time."""
        if not self._schema.has(self._table, "id", "ticketid", "datetime"):
            return self.read_all(tickets)
        low = first_key(self._session, self._table, "id", earliest - SLACK)
        high = first_key(self._session, self._table, "id", latest + SLACK)
        return self._rows(sql.SQL("t.id >= %s AND t.id < %s AND t.ticketid = ANY(%s)"), [low, high, list(tickets)])

    def read_all(self, tickets: Iterable[str]) -> list[dict[str, Any]]:
        """Those of tickets, wherever they are: a look at the whole table."""
        if not self._schema.has(self._table, "ticketid"):
            return []
        return self._rows(sql.SQL("t.ticketid = ANY(%s)"), [list(tickets)])

    def _rows(self, condition: sql.Composable, values: list[Any]) -> list[dict[str, Any]]:
        query = sql.SQL("SELECT {columns} FROM {table} t WHERE {condition} ORDER BY t.id").format(
            columns=self._schema.pick(self._table, self._columns),
            table=sql.Identifier(self._table),
            condition=condition,
        )
        return self._session.rows(query, values)
