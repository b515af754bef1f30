"""A shop's rows into a database, through COPY."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2 import sql

from .schema import statements
from .shop import Shop

_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
_SERIALS = """
    SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_attribute
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def create_schema(connection: Any, generation: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements(generation):
            cursor.execute(statement)


def load(connection: Any, shop: Shop) -> None:
    """Fills the tables that are there; columns that they do not have are left out. Numbering goes on after the rows."""
    # A database without an encoding keeps the bytes that it is given.
    connection.set_client_encoding("UTF8")
    with connection.cursor() as cursor:
        for table, rows in shop.tables.items():
            cursor.execute("SELECT to_regclass(%s)", [table])
            if rows and cursor.fetchone()[0]:
                insert(cursor, table, rows)
        cursor.execute("ANALYZE")


def insert(cursor: Any, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    cursor.execute(_COLUMNS, [table])
    names = [name for (name,) in cursor.fetchall() if any(name in row for row in rows)]
    lines = ("\t".join(_written(row.get(name)) for name in names) for row in rows)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    cursor.copy_expert(command, io.StringIO("\n".join(lines) + "\n"))
    cursor.execute(_SERIALS, [table, table])
    for column, sequence in cursor.fetchall():
        if sequence:
            query = sql.SQL("SELECT setval(%s, max({})) FROM {}")
            cursor.execute(query.format(sql.Identifier(column), sql.Identifier(table)), [sequence])


def _written(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPED)
