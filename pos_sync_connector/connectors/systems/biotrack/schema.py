"""What this database has: versions and states differ in their tables and columns, so all are looked up before use.

A column that the user may not read counts as missing; a table none of whose columns may be read is there, but closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from psycopg2 import sql

from ...lazy import cached_property
from . import failures
from .session import Session

_COLUMNS = """
    SELECT c.relname AS table_name, a.attname AS column_name,
           has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE pg_catalog.pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
       AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace <> 'pg_catalog'::regnamespace
"""
# What a missing or closed table costs. Those that a flow can't do without are not listed: the flow itself says so.
_FEATURES = {
    "customerslog": "Changes of customers are found by their own “modified” only, or by the nightly pass.",
    "discounts": "Discounts on whole tickets are not told apart.",
    "payments": "Orders come without payments.",
    "memberdiscount": "There are no member levels to choose from.",
    "inventoryrooms": "Rooms have no names, and none is known to be quarantined.",
    "inventorytypes": "Products come without their type.",
    "inventorygrading": "Prices of grades are not known.",
    "productcategories": "Products come without category, and prices of categories are not known.",
    "terminals": "Tills have no names.",
    "vendors": "Products come without their vendor.",
    "taxcategories": "There are no taxes to map.",
    "paymentmethods": "Payment methods can't be listed before they are used.",
    "loyaltypoints": "The value of points is not known.",
}


class Schema:
    """The tables and columns of one database, read once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _columns(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for row in self._session.rows(_COLUMNS):
            found[row["table_name"]] |= {row["column_name"]} if row["readable"] else set()
        return found

    def has(self, table: str, *columns: str) -> bool:
        """Whether a table is there and may be read, with all these columns."""
        return bool(self._columns.get(table)) and self._columns[table].issuperset(columns)

    def require(self, table: str, *columns: str) -> None:
        """Raises NeedsFixing where something is missing that nothing goes without."""
        if table not in self._columns:
            raise failures.no_table(table)
        if not self._columns[table]:
            raise failures.not_readable(table)
        for column in columns:
            if column not in self._columns[table]:
                raise failures.no_column(table, column)

    def pick(self, table: str, columns: Iterable[str], alias: str = "t") -> sql.Composed:
        """Columns for a SELECT: those that the table lacks are NULL under their name."""
        parts = [
            sql.SQL("{}.{} AS {}").format(sql.Identifier(alias), sql.Identifier(name), sql.Identifier(name))
            if self.has(table, name)
            else sql.SQL("NULL AS {}").format(sql.Identifier(name))
            for name in columns
        ]
        return sql.SQL(", ").join(parts)

    def value(self, table: str, column: str, alias: str = "t") -> sql.Composable:
        """One column in an expression, NULL where the table lacks it."""
        if not self.has(table, column):
            return sql.SQL("NULL")
        return sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(column))

    def ordering(self, table: str, column: str, alias: str = "t") -> sql.Composable:
        """One column to order by; PostgreSQL takes no bare NULL there."""
        return sql.SQL("COALESCE({}, NULL)").format(self.value(table, column, alias))

    def is_zero(self, table: str, column: str, alias: str = "t") -> sql.Composable:
        """The condition that a flag is not set: 0, empty, or no such column."""
        if not self.has(table, column):
            return sql.SQL("TRUE")
        return sql.SQL("COALESCE({}.{}, 0) = 0").format(sql.Identifier(alias), sql.Identifier(column))

    def notes(self) -> Iterator[str]:
        """A sentence for each feature that this database costs."""
        for table, cost in _FEATURES.items():
            if table not in self._columns:
                yield f"There is no table “{table}”. {cost}"
            elif not self._columns[table]:
                yield f"The user may not read the table “{table}”. {cost}"
