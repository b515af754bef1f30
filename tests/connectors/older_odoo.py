"""An Odoo of an older version, as far as the connector can tell: XML-RPC over rows in memory.

It knows the fields that the version had, and fails as Odoo fails for any other.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Mapping
from typing import Any

from tests.connectors.loopback import Reply, Request

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
LOGIN, KEY, DATABASE = "ann", "0f" * 20, "old"
_NOT_FOUND = Reply(404, b"<!DOCTYPE html><html><body>404</body></html>", {"Content-Type": "text/html"})

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "not in": lambda value, wanted: value not in wanted,
    "in": lambda value, wanted: bool(set(value) & set(wanted)) if isinstance(value, list) else value in wanted,
    ">": lambda value, wanted: value > wanted,
    ">=": lambda value, wanted: bool(value) and value >= wanted,
    "<=": lambda value, wanted: bool(value) and value <= wanted,
    "child_of": lambda value, wanted: value in wanted if isinstance(wanted, list) else value == wanted,
    "parent_of": lambda value, wanted: value in wanted,
}


class OlderOdoo:
    """Answers requests of a `Loopback`. The first row of a table has all the fields that its model has."""

    def __init__(self, version: str, tables: Tables):
        self.version = version
        self.tables = tables
        self.contexts: list[Row] = []

    def __call__(self, request: Request) -> Reply:
        if not request.path.startswith("/xmlrpc/2/"):
            return _NOT_FOUND
        parameters, method = xmlrpc.client.loads(request.body)
        try:
            result = self._execute(method, parameters)
            body = xmlrpc.client.dumps((result,), methodresponse=True)
        except xmlrpc.client.Fault as fault:
            body = xmlrpc.client.dumps(fault)
        return Reply(200, body.encode(), {"Content-Type": "text/xml"})

    def _execute(self, method: str, parameters: tuple) -> Any:
        if method == "version":
            return {"server_version": self.version, "server_serie": self.version, "protocol_version": 1}
        if method == "authenticate":
            return 7 if parameters[:3] == (DATABASE, LOGIN, KEY) else False
        database, user, key, model, name, positional, named = parameters
        if (database, user, key) != (DATABASE, 7, KEY):
            raise xmlrpc.client.Fault(3, "Access Denied")
        self.contexts.append(named.pop("context"))
        if name == "context_get":
            return {"lang": "de_DE", "tz": "Europe/Berlin"}
        if model not in self.tables:
            raise xmlrpc.client.Fault(2, f"Object {model} doesn't exist")
        return getattr(self, f"_{name}")(self.tables[model], *positional, **named)

    def _fields_get(self, rows: list[Row], allfields: list[str], attributes: list[str]) -> Row:
        relations = rows[0].get("_relations", {}) if rows else {}
        columns = rows[0] if rows else {}
        return {
            name: {"type": "char", **({"relation": relations[name]} if name in relations else {})}
            for name in allfields
            if name in columns
        }

    def _read(self, rows: list[Row], ids: list[int], fields: list[str], load: str) -> list[Row]:
        return [self._shown(row, fields) for row in rows if row["id"] in ids]

    def _search_read(
        self, rows: list[Row], domain: list, fields: list[str], order: str, load: str, limit: int = 0
    ) -> list[Row]:
        found = [row for row in rows if self._matches(rows, row, domain)]
        return [self._shown(row, fields) for row in found[: limit or None]]

    def _search_count(self, rows: list[Row], domain: list) -> int:
        return sum(self._matches(rows, row, domain) for row in rows)

    def _shown(self, row: Row, fields: list[str]) -> Row:
        return {name: self._value(row, name) for name in ["id", *fields]}

    def _value(self, row: Row, path: str) -> Any:
        name = path.partition(".")[0]
        if name not in row:
            raise xmlrpc.client.Fault(1, f"Traceback (most recent call last):\n...\nValueError: Invalid field '{name}'")
        # Nothing in these tables was written lately, nor what they refer to.
        return "2020-01-01 00:00:00" if "." in path else row[name]

    def _matches(self, rows: list[Row], row: Row, domain: list) -> bool:
        stack: list[bool] = []
        for leaf in reversed(domain):
            if leaf in ("|", "&"):
                one, other = stack.pop(), stack.pop()
                stack.append(one or other if leaf == "|" else one and other)
            else:
                path, operator, wanted = leaf
                stack.append(_OPERATORS[operator](self._value(row, path), wanted))
        return all(stack)
