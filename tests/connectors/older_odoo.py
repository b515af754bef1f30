"""An Odoo of a version, 14 to 19, as far as the connector can tell: rows in memory, over XML-RPC and from 19 on JSON-2.

Each call is held to what that version has (`odoo_facts`): its models, fields, names of arguments, what can be searched,
sorted and grouped by, and what must be given. Anything else fails as Odoo fails, and stands in `wrong`.
"""

from __future__ import annotations

import json
import re
import xmlrpc.client
from typing import Any

from tests.connectors import odoo_facts
from tests.connectors.loopback import Reply, Request
from tests.connectors.odoo_facts import NEWEST, OF_MODEL, OLDEST
from tests.connectors.odoo_rows import OdooRows, Row, Tables, WrongCall

LOGIN, KEY, DATABASE = "ann", "0f" * 20, "old"
JSON2_SINCE = 19
_NOT_FOUND = Reply(404, b"<!DOCTYPE html><html><body>404</body></html>", {"Content-Type": "text/html"})


class OlderOdoo:
    """Answers requests of a `Loopback`. Models that `tables` does not name are of apps that are not installed."""

    def __init__(self, version: str, tables: Tables):
        self.version = version
        self.major = min(max(int((re.search(r"\d+", version) or [version])[0]), OLDEST), NEWEST)
        self.data = OdooRows(self.major, tables)
        self.contexts: list[Row] = []
        self.wrong: list[str] = []

    def __call__(self, request: Request) -> Reply:
        if request.path.startswith("/xmlrpc/2/"):
            return self._answer_xml(request)
        if self.major < JSON2_SINCE:
            return _NOT_FOUND
        if request.path == "/web/version":
            return _json(200, {"version": self.version})
        found = re.fullmatch(r"/json/2/([\w.]+)/(\w+)", request.path)
        return self._answer_json(request, *found.groups()) if found else _NOT_FOUND

    def _answer_xml(self, request: Request) -> Reply:
        parameters, method = xmlrpc.client.loads(request.body)
        try:
            result = self._execute(method, parameters)
            body = xmlrpc.client.dumps((result,), methodresponse=True)
        except WrongCall as error:
            self.wrong.append(str(error))
            body = xmlrpc.client.dumps(xmlrpc.client.Fault(1, f"Traceback (most recent call last):\n...\n{error}"))
        except xmlrpc.client.Fault as fault:
            body = xmlrpc.client.dumps(fault)
        return Reply(200, body.encode(), {"Content-Type": "text/xml"})

    def _answer_json(self, request: Request, model: str, name: str) -> Reply:
        if request.headers.get("Authorization") != f"bearer {KEY}":
            return _json(401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"})
        named = json.loads(request.body)
        ids = named.pop("ids", None)
        try:
            return _json(200, self._call(model, name, [] if ids is None else [ids], named))
        except WrongCall as error:
            self.wrong.append(str(error))
            return _json(500, {"name": "builtins.ValueError", "message": str(error)})
        except xmlrpc.client.Fault as fault:
            missing = "doesn't exist" in fault.faultString
            error = "werkzeug.exceptions.NotFound" if missing else "odoo.exceptions.UserError"
            text = fault.faultString.replace("doesn't", "does not")
            return _json(404 if missing else 422, {"name": error, "message": text})

    def _execute(self, method: str, parameters: tuple) -> Any:
        if method == "version":
            return {"server_version": self.version, "server_serie": self.version, "protocol_version": 1}
        if method == "authenticate":
            return 7 if parameters[:3] == (DATABASE, LOGIN, KEY) else False
        database, user, key, model, name, positional, named = parameters
        if (database, user, key) != (DATABASE, 7, KEY):
            raise xmlrpc.client.Fault(3, "Access Denied")
        return self._call(model, name, list(positional), dict(named))

    def _call(self, model: str, name: str, positional: list[Any], named: Row) -> Any:
        self.contexts.append(named.pop("context"))
        if not self.data.has(model):
            raise xmlrpc.client.Fault(2, f"Object {model} doesn't exist")
        self.model = model
        if name not in OF_MODEL:
            if not positional or not isinstance(positional[0], list):
                raise WrongCall(f"TypeError: {name}() without ids")
            named = self._bound(model, name, positional[1:], named)
            return getattr(self, f"_{name}")(model, positional[0], **named)
        return getattr(self, f"_{name}")(model, **self._bound(model, name, positional, named))

    def _bound(self, model: str, name: str, positional: list[Any], named: Row) -> Row:
        """The arguments under the names that this file uses."""
        known = odoo_facts.arguments(self.major)
        names = known.get(f"{model}.{name}", known.get(name))
        if names is None:
            raise WrongCall(f"AttributeError: '{model}' object has no attribute '{name}'")
        places = [item for item in names if item != "**"]
        unknown = [] if "**" in names else sorted(set(named) - set(places))
        if unknown or len(positional) > len(places):
            raise WrongCall(f"TypeError: {model}.{name}() got an unexpected argument {unknown or positional}")
        given = dict(zip(places, positional, strict=False))
        if set(given) & set(named):
            raise WrongCall(f"TypeError: {model}.{name}() got multiple values for {sorted(set(given) & set(named))}")
        return {_OUR_NAMES.get(item, item): value for item, value in {**given, **named}.items()}

    # Methods of all models

    def _context_get(self, model: str) -> Row:
        return {"lang": "de_DE", "tz": "Europe/Berlin", **({"uid": 7} if self.major >= JSON2_SINCE else {})}

    def _fields_get(self, model: str, allfields: list[str], attributes: list[str]) -> Row:
        found = {name: field for name in allfields if (field := self.data.find(model, name))}
        kinds = {">": "many2one", "*": "many2many", "<": "one2many"}
        return {
            name: {
                "type": kinds.get(field.kind, "float" if field.number else "char"),
                "required": field.needed,
                **({"relation": field.inverse[0] if field.kind == "<" else field.relation} if field.kind else {}),
            }
            for name, field in found.items()
        }

    def _read(self, model: str, ids: list[int], fields: list[str], load: str = "_classic_read") -> list[Row]:
        rows = [row for row in self.data.rows(model) if row["id"] in ids]
        if len(rows) < len(set(ids)):
            raise xmlrpc.client.Fault(2, "Record does not exist or has been deleted.")
        return [self.data.shown(model, row, fields, named=bool(load)) for row in rows]

    def _search_read(
        self, model: str, domain: list, fields: list[str], offset: int = 0, limit: int = 0, order: str = "id",
        load: str = "_classic_read",
    ) -> list[Row]:  # fmt: skip
        found = self.data.search(model, domain)
        for part in reversed(order.split(",")):
            name, _space, direction = part.strip().partition(" ")
            self.data.field(model, name, sorted_=True)
            found.sort(key=lambda row: self._sortable(model, row, name), reverse=direction == "desc")
        found = found[offset:][: limit or None]
        return [self.data.shown(model, row, fields, named=bool(load)) for row in found]

    def _sortable(self, model: str, row: Row, name: str) -> tuple[bool, Any]:
        value = self.data.value(model, row, name)
        return (value is False, 0 if value is False else value)

    def _search_count(self, model: str, domain: list, limit: int = 0) -> int:
        return len(self.data.search(model, domain))

    def _read_group(
        self, model: str, domain: list, fields: list[str], groupby: list[str], lazy: bool = True
    ) -> list[Row]:
        sums = [name.partition(":")[0] for name in fields if ":" in name]
        groups = self.data.groups(model, domain, groupby, sums, "UTC")
        return [{**group, **{name: self._named(model, name, group[name]) for name in groupby}} for group in groups]

    def _formatted_read_group(self, model: str, domain: list, groupby: list[str], aggregates: list[str]) -> list[Row]:
        sums = [name.partition(":")[0] for name in aggregates if ":" in name]
        zone = self.contexts[-1].get("tz") or "UTC"
        groups = self.data.groups(model, domain, groupby, sums, zone)
        return [
            {
                "__count": group["__count"],
                **{path: self._named(model, path, group[path]) for path in groupby},
                **{f"{name}:sum": group[name] for name in sums},
            }
            for group in groups
        ]

    def _named(self, model: str, path: str, value: Any) -> Any:
        if ":" in path:
            return [value, "a day"]
        return [value, "a name"] if value and self.data.field(model, path).kind == ">" else value


_OUR_NAMES = {"args": "domain", "values": "vals"}


def _json(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
