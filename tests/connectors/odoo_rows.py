"""Rows in memory as an Odoo of a version keeps them: fields with their relations, domains, sums.

A row is a dict that needs hold only what is not empty, and may hold fields that the version does not have: they are not
there for whoever asks. What a row lacks is empty.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from tests.connectors import odoo_facts
from tests.connectors.odoo_facts import MAGIC, Field

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
LONG_AGO = "2020-01-01 00:00:00"
_TEXT = "ilike", "=ilike", "like"


class WrongCall(Exception):
    """What that version would not understand."""


class OdooRows:
    def __init__(self, version: int, tables: Tables):
        self.version = version
        self.tables = {model: copy.deepcopy(rows) for model, rows in tables.items()}
        self._facts = odoo_facts.models(version)
        self._delegated = odoo_facts.delegated(version)

    # Models and fields

    def has(self, model: str) -> bool:
        return model in self._facts and model in self.tables

    def rows(self, model: str) -> list[Row]:
        return self.tables.setdefault(model, [])

    def row(self, model: str, row_id: int) -> Row:
        return next(row for row in self.rows(model) if row["id"] == row_id)

    def own_fields(self, model: str) -> Mapping[str, Field]:
        return self._facts[model]

    def find(self, model: str, name: str) -> Field | None:
        if name in MAGIC:
            return Field(name, number=name == "id")
        found = self._facts.get(model, {}).get(name)
        if found is None and model in self._delegated:
            return self.find(self._delegated[model][1], name)
        return found

    def field(self, model: str, name: str, *, searched: bool = False, sorted_: bool = False) -> Field:
        found = self.find(model, name)
        if found is None:
            raise WrongCall(f"ValueError: Invalid field {model}.{name}")
        if (searched and not found.searched) or (sorted_ and not found.stored):
            raise WrongCall(f"ValueError: {model}.{name} is not stored")
        return found

    # Values

    def value(self, model: str, row: Row, name: str) -> Any:
        """As stored: ids of what it refers to."""
        field = self.field(model, name)
        if field.kind == "<":
            other, inverse = field.inverse
            return [item["id"] for item in self.rows(other) if self.value(other, item, inverse) == row["id"]]
        if name in row:
            return row[name]
        if name not in self._facts[model] and name not in MAGIC:
            through, other = self._delegated[model]
            target = next((item for item in self.rows(other) if item["id"] == row.get(through)), {})
            return self.value(other, target, name)
        if name in ("create_date", "write_date"):
            return LONG_AGO
        return [] if field.kind == "*" else 0 if field.number else False

    def shown(self, model: str, row: Row, names: Iterable[str], *, named: bool) -> Row:
        """`named`: a many2one comes with its name."""
        found: Row = {}
        for name in ("id", *names):
            value, field = self.value(model, row, name), self.field(model, name)
            if field.kind == ">" and value and named:
                target = next((item for item in self.rows(field.relation) if item["id"] == value), {})
                value = [value, str(target.get("name") or f"{field.relation},{value}")]
            found[name] = float(value) if field.number and name != "id" and isinstance(value, int) else value
        return found

    # Domains

    def search(self, model: str, domain: list[Any]) -> list[Row]:
        self._check_domain(model, domain)
        return [row for row in self.rows(model) if self._matches(model, row, domain)]

    def _check_domain(self, model: str, domain: list[Any]) -> None:
        for leaf in domain:
            if leaf not in ("|", "&", "!"):
                self._walk(model, leaf[0])

    def _walk(self, model: str, path: str) -> Field:
        """The field at the end of a path, all of which can be searched."""
        name, dot, rest = path.partition(".")
        field = self.field(model, name, searched=True)
        if not dot:
            return field
        target = field.inverse[0] if field.kind == "<" else field.relation
        if not target:
            raise WrongCall(f"ValueError: {model}.{name} refers to nothing")
        return self._walk(target, rest)

    def _values(self, model: str, row: Row, path: str) -> list[Any]:
        """All values at the end of a path."""
        name, dot, rest = path.partition(".")
        value = self.value(model, row, name)
        if not dot:
            return [value]
        field = self.field(model, name)
        target = field.inverse[0] if field.kind == "<" else field.relation
        ids = value if isinstance(value, list) else [value] if value else []
        found = [item for item in self.rows(target) if item["id"] in ids]
        return [each for item in found for each in self._values(target, item, rest)]

    def _matches(self, model: str, row: Row, domain: list[Any]) -> bool:
        stack: list[bool] = []
        for leaf in reversed(domain):
            if leaf in ("|", "&"):
                one, other = stack.pop(), stack.pop()
                stack.append(one or other if leaf == "|" else one and other)
            else:
                path, operator, wanted = leaf
                values = self._values(model, row, path)
                stack.append(any(_OPERATORS[operator](value, wanted) for value in values))
        return all(stack)

    # Sums

    def groups(self, model: str, domain: list[Any], groupby: list[str], sums: list[str], zone: str) -> list[Row]:
        """`__count`, what is grouped by as stored, and sums by name; a path may end in `:day`."""
        for path in groupby:
            self._stored(model, path.partition(":")[0])
        for name in sums:
            if not self.field(model, name, sorted_=True).number:
                raise WrongCall(f"ValueError: {model}.{name} has no sum")
        found: dict[tuple, Row] = {}
        for row in self.search(model, domain):
            keys = tuple(self._group_key(model, row, path, zone) for path in groupby)
            group = found.setdefault(
                keys, {"__count": 0, **dict(zip(groupby, keys, strict=True)), **dict.fromkeys(sums, 0.0)}
            )
            group["__count"] += 1
            for name in sums:
                group[name] += self.value(model, row, name)
        return list(found.values())

    def _stored(self, model: str, path: str) -> None:
        name, dot, rest = path.partition(".")
        if dot:
            if self.version < odoo_facts.NEWEST:
                raise WrongCall(f"ValueError: no grouping by the path {path}")
            self._stored(self.field(model, name).relation, rest)
        else:
            self.field(model, name, sorted_=True)

    def _group_key(self, model: str, row: Row, path: str, zone: str) -> Any:
        name, colon, _unit = path.partition(":")
        value = self._values(model, row, name)[0]
        if not colon or not value:
            return value
        if len(value) == len("2024-05-06"):
            return value
        local = datetime.fromisoformat(value).replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
        start = local.replace(hour=0, minute=0, second=0)
        return start.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _contains(value: Any, wanted: Any) -> bool:
    return bool(set(value) & set(wanted)) if isinstance(value, list) else value in wanted


def _like(value: Any, wanted: str) -> bool:
    return wanted.replace("\\", "").lower() in str(value or "").lower()


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: (not value) if wanted is False else value == wanted,
    "!=": lambda value, wanted: bool(value) if wanted is False else value != wanted,
    "in": _contains,
    "not in": lambda value, wanted: not _contains(value, wanted),
    ">": lambda value, wanted: value is not False and value > wanted,
    ">=": lambda value, wanted: value is not False and value >= wanted,
    "<": lambda value, wanted: value is not False and value < wanted,
    "<=": lambda value, wanted: value is not False and value <= wanted,
    "child_of": lambda value, wanted: value in wanted if isinstance(wanted, list) else value == wanted,
    "parent_of": lambda value, wanted: value in wanted,
    "=ilike": lambda value, wanted: str(value or "").lower() == wanted.replace("\\", "").lower(),
    "ilike": _like,
    "like": _like,
}
