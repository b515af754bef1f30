"""Odoo's remote API: one `Rpc.call`, over JSON-2 (19 and later) or XML-RPC (18 and older, deprecated in 19).

Both give the same values: numbers with a fraction as Decimal (what JSON and XML state, never through a float), `False`
for empty, many2one as a bare id where `load=""` was asked for, moments as text in UTC without zone and fractions.
"""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote
from xml.parsers.expat import ExpatError

from ...door import clean, read_integer, read_json, read_number
from ...errors import Failure, NeedsFixing, Refused, RetryLater
from ...http import Answer, HttpConnector
from .versions import by_position

Domain = Sequence[Any]
_CHUNK = 2000
# The code of the failure where another transaction was at the same rows.
CONFLICT = "conflict"


class Transport(Protocol):
    """How calls travel. `call` gives the method's result; raises the four kinds of failure."""

    user_id: int
    """The user of the key, once a call was made; 0 where only the context tells."""

    def call(self, model: str, method: str, ids: list[int], arguments: dict[str, Any], *, idempotent: bool) -> Any: ...

    def explain(self, answer: Answer) -> Failure | None:
        """The failure that an error body means."""
        ...


class Rpc:
    """Calls with the connection's context. `context` holds language, time zone and the one company."""

    def __init__(self, transport: Transport):
        self._transport = transport
        self.context: dict[str, Any] = {"active_test": False}
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def user_id(self) -> int:
        """The user whom the key belongs to."""
        return int(self.context.get("uid") or self._transport.user_id)

    def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] = (),
        *,
        context: Mapping[str, Any] | None = None,
        idempotent: bool = True,
        gives: type = object,
        **arguments: Any,
    ) -> Any:
        """The result of a public method, of type `gives`; `arguments` by name, `context` on top of the connection's."""
        arguments["context"] = {**self.context, **(context or {})}
        result = self._transport.call(model, method, list(ids), arguments, idempotent=idempotent)
        if not isinstance(result, gives):
            raise no_odoo()
        return result

    def fields(self, model: str, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Those of the fields that the model has and the user may read, with type, relation and whether they are
        required; none: no such model."""
        names = sorted(names)
        key = f"{model} {names}"
        if key not in self._fields:
            try:
                self._fields[key] = self.call(
                    model, "fields_get", allfields=names, attributes=["type", "relation", "required"], gives=dict
                )
            except NeedsFixing as failure:
                if failure.code != "missing-model":
                    raise
                self._fields[key] = {}
        return self._fields[key]

    def search_read(
        self, model: str, domain: Domain, fields: Iterable[str], *, order: str = "id", limit: int = 0, **more: Any
    ) -> list[dict[str, Any]]:
        """Rows with many2one as ids, archived ones too."""
        if limit:
            more["limit"] = limit
        more |= {"domain": list(domain), "fields": list(fields), "order": order}
        return self._rows(model, "search_read", **more)

    def read(self, model: str, ids: Sequence[int], fields: Iterable[str], **more: Any) -> list[dict[str, Any]]:
        """The rows with these ids; raises NeedsFixing where one is gone."""
        return self._rows(model, "read", ids, fields=list(fields), **more)

    def read_all(self, model: str, domain: Domain, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
        """All rows of a domain by id, `_CHUNK` of them a request."""
        after = 0
        while True:
            rows = self.search_read(model, [*domain, ("id", ">", after)], fields, limit=_CHUNK)
            yield from rows
            if len(rows) < _CHUNK:
                return
            after = rows[-1]["id"]

    def count(self, model: str, domain: Domain) -> int:
        return int(self.call(model, "search_count", domain=list(domain), gives=int))

    def _rows(self, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> list[dict[str, Any]]:
        rows = self.call(model, method, ids, load="", gives=list, **arguments)
        if not all(isinstance(row, dict) and "id" in row for row in rows):
            raise no_odoo()
        return rows


class Json2:
    """JSON-2: `POST /json/2/<model>/<method>`, an API key as bearer token, one transaction a call."""

    user_id = 0

    def __init__(self, http: HttpConnector, database: str, api_key: str):
        self._http = http
        self._headers = {"Authorization": f"bearer {api_key}"}
        if database:
            self._headers["X-Odoo-Database"] = database

    def call(self, model: str, method: str, ids: list[int], arguments: dict[str, Any], *, idempotent: bool) -> Any:
        body = {**arguments, "ids": ids} if ids else arguments
        path = f"json/2/{quote(model)}/{quote(method)}"
        return self._http.json("POST", path, body=body, headers=self._headers, idempotent=idempotent)

    def explain(self, answer: Answer) -> Failure | None:
        if answer.ok:
            return None
        if answer.status == 404 and answer.is_web_page:
            return _no_database()
        try:
            error = read_json(answer.body)
        except ValueError:
            return None
        if not isinstance(error, dict) or "name" not in error:
            return None
        return explain_error(str(error["name"]).rpartition(".")[2], str(error.get("message") or ""), self._http.redact)


class XmlRpc:
    """XML-RPC: `execute_kw` with database, user id and key in every call, over the same pipeline as all else."""

    def __init__(self, http: HttpConnector, database: str, login: str, api_key: str):
        self._http = http
        self._database = database
        self._login = login
        self._api_key = api_key
        self.user_id = 0

    def call(self, model: str, method: str, ids: list[int], arguments: dict[str, Any], *, idempotent: bool) -> Any:
        if method == "search_read":
            # No `load` there in 14, nor where a model has its own `search_read`: names are taken off the answer.
            arguments = {name: value for name, value in arguments.items() if name != "load"}
        positional, named = by_position(method, arguments)
        who = (self._database, self._authenticate(), self._api_key)
        call = (*who, model, method, [ids, *positional] if ids else positional, named)
        result = self.execute("object", "execute_kw", *call, idempotent=idempotent)
        return _without_names(result) if method == "search_read" else result

    def execute(self, service: str, method: str, *parameters: Any, idempotent: bool = True) -> Any:
        body = xmlrpc.client.dumps(_plain(parameters), method).encode()
        return self._http.request(
            "POST",
            f"xmlrpc/2/{service}",
            data=body,
            headers={"Content-Type": "text/xml"},
            idempotent=idempotent,
            parse=self._parse,
        )

    def explain(self, answer: Answer) -> Failure | None:
        return None

    def _authenticate(self) -> int:
        if not self.user_id:
            missing = [label for label, value in (("Database", self._database), ("Login", self._login)) if not value]
            if missing:
                raise NeedsFixing(
                    f"This Odoo is reached over XML-RPC, which needs “{missing[0]}”: enter it on the connection.",
                    code="missing-setting",
                )
            self.user_id = self.execute("common", "authenticate", self._database, self._login, self._api_key, {})
            if not self.user_id:
                raise _bad_credentials()
        return self.user_id

    def _parse(self, answer: Answer) -> Any:
        try:
            return parse_xmlrpc(answer.body)
        except xmlrpc.client.Fault as fault:
            if _NONE in str(fault.faultString):
                return None
            raise _explain_fault(fault, self._http.redact) from None
        except (ExpatError, xmlrpc.client.Error, ArithmeticError, LookupError, ValueError, AssertionError):
            if answer.is_web_page:
                raise no_odoo() from None
            raise RetryLater(
                "The answer of Odoo ends in the middle. If this goes on, check what stands between the two servers "
                "(a proxy, a firewall).",
                code="cut-off",
            ) from None


def _plain(value: Any) -> Any:
    """With the numbers that XML-RPC knows."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    return value


def _without_names(rows: Any) -> Any:
    """Rows with a many2one as its id alone, where it stands with its name."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return rows
    return [{name: value[0] if _is_named(value) else value for name, value in row.items()} for row in rows]


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)


class _Unmarshaller(xmlrpc.client.Unmarshaller):
    """Doubles become the Decimal that stands in the text; numbers are bounded."""

    dispatch = dict(xmlrpc.client.Unmarshaller.dispatch)

    def end_double(self, data: str) -> None:
        self.append(read_number(data))
        self._value = 0

    def end_integer(self, data: str) -> None:
        self.append(read_integer(data))
        self._value = 0

    dispatch["double"] = end_double
    dispatch |= dict.fromkeys(("i1", "i2", "i4", "i8", "int", "biginteger"), end_integer)


def parse_xmlrpc(body: bytes) -> Any:
    """The value of a method response; raises `xmlrpc.client.Fault`, or another error for what is no response."""
    target = _Unmarshaller()
    parser = xmlrpc.client.ExpatParser(target)
    parser.feed(body)
    parser.close()
    values = target.close()
    return clean(values[0])


# What Odoo's errors mean ---------------------------------------------------------------------------------------------


def _bad_credentials() -> Failure:
    return Refused(
        "Odoo does not accept the API key. It may be mistyped, expired, withdrawn, or belong to another login "
        "or database. Make a new one in that Odoo: your name, Preferences, Account Security, New API Key.",
        code="bad-credentials",
    )


def _no_database() -> Failure:
    return NeedsFixing(
        "Odoo found no database for this request. Enter the exact name of the database on the connection "
        "(Settings, developer mode, or the database selector show it), and check the address.",
        code="wrong-database",
    )


def no_odoo() -> Failure:
    return NeedsFixing(
        "There is no Odoo at this address, or something in front of it answers with a web page. "
        "Enter the address at which you open that Odoo in a browser, without what follows the host name.",
        code="no-odoo",
    )


def conflict(details: str) -> RetryLater:
    return RetryLater("That Odoo was changing the same data. It is tried again.", code=CONFLICT, details=details)


def explain_error(name: str, message: str, redact: Any = str) -> Failure | None:
    """The failure that an exception of Odoo means, given its class and text; None: the HTTP status says more."""
    first = redact(message.strip().partition("\n")[0][:300].rstrip(" .")) + "."
    if name in ("Unauthorized", "AccessDenied", "SessionExpiredException"):
        return _bad_credentials()
    if name == "AccessError":
        return Refused(
            f"The key's user may not do this: {first} Give that user the right in that Odoo, or use another one's key.",
            code="forbidden",
            details=redact(message[:1000]),
        )
    if name in ("LockError", "ConcurrencyError", "SerializationFailure", "OperationalError"):
        return conflict(name)
    if name == "NotFound" and "does not exist" in message:
        return NeedsFixing(f"That Odoo lacks a module: {first}", code="missing-model")
    if name == "MissingError":
        return NeedsFixing("That Odoo has deleted the record meanwhile.", code="missing-record")
    if name in ("UserError", "ValidationError", "RedirectWarning"):
        return NeedsFixing(f"That Odoo refuses: {first}", code="rejected", details=redact(message[:1000]))
    if name in ("NotFound", ""):
        return None
    return NeedsFixing(
        f"That Odoo failed with {name}. Its log tells more; a module there may have changed what is asked for.",
        code="remote-error",
        details=redact(f"{name}: {first}"),
    )


# A method that gives nothing has done its work; only the answer can't be written in XML-RPC.
_NONE = "cannot marshal None"
_WITHOUT_DATABASE = re.compile(
    r'database "[^"]*" does not exist|DatabaseError|KeyError: .{0,200}registry', re.IGNORECASE
)


def _explain_fault(fault: xmlrpc.client.Fault, redact: Any) -> Failure:
    """Codes of Odoo: 1 any exception (its traceback as text); 2 a user error; 3 access denied; 4 an access error."""
    text = str(fault.faultString).strip()
    if fault.faultCode == 2 and re.match(r"Object \S+ doesn't exist", text):
        return NeedsFixing(f"That Odoo lacks a module: {redact(text)}.", code="missing-model")
    known = {2: "UserError", 3: "AccessDenied", 4: "AccessError"}.get(fault.faultCode, "")
    if known:
        return explain_error(known, text, redact) or no_odoo()
    if _WITHOUT_DATABASE.search(text):
        return _no_database()
    name, _, message = text.rpartition("\n")[2].partition(":")
    return explain_error(name.rpartition(".")[2] or "an error", message.strip(), redact) or no_odoo()
