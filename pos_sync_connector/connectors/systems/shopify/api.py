"""Requests to Shopify's GraphQL Admin API, and what its answers and errors look like.

Nearly everything is answered with 200: errors stand in the body, what is wrong with a change in its `userErrors`, and a
filter that Shopify does not know in a warning beside data that is then unfiltered.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from ...errors import Failure, NeedsFixing, Refused, RetryLater
from ...http import Answer, HttpConnector
from ...http_failures import explain_foreign, explain_spent, explain_status
from ...pagers import body_cursor, pages
from ...pages import Page
from ...passes import STALE_CURSOR, Part
from ...throttle import Left
from .values import Row, nodes

TOO_COSTLY = "too-costly"
_NAME = re.compile(r"\s*(?:query|mutation)\s+(\w+)")
# How many rows Shopify gives a page at most.
MOST = 250


class Api:
    """What is asked of one shop, at `path` below its address."""

    def __init__(self, http: HttpConnector, path: str):
        self._http = http
        self._path = path
        self._affordable: dict[str, int] = {}

    # Reading

    def ask(self, query: str, *, again: bool = True, **variables: Any) -> dict[str, Any]:
        """The data of a query. `again`: it may be sent twice."""
        name = f"{_name(query)}:{variables.get('first', '')}"
        body = {"query": query, "variables": variables}
        answer = self._http.json("POST", self._path, body=body, idempotent=again, costs_as=name)
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
            raise explain_foreign(self._http._place(""))
        extensions = answer.get("extensions") or {}
        left = _left(extensions)
        if left:
            self._http.allowance.learn(name, left)
        self._check_search(extensions)
        return answer["data"]

    def page(self, query: str, first: int, position: str = "", **variables: Any) -> dict[str, Any]:
        """The rows from a position on: `first` of them, or as many as Shopify lets one request cost."""
        name = _name(query)
        while True:
            asked = min(first, self._affordable.get(name, MOST))
            try:
                return self.ask(query, first=asked, after=position or None, **variables)
            except NeedsFixing as failure:
                if failure.code != TOO_COSTLY or asked == 1:
                    raise
                self._affordable[name] = max(1, asked // 2)

    def part(self, query: str, path: tuple[str, ...], limit: int, read: Callable[[Row], Any], **more: Any) -> Part:
        """A pass over the connection that stands at `path` in the data."""
        return Part(
            name=more.pop("name", "all"),
            fetch=lambda position, started: _connection(self.page(query, limit, position, **more), path),
            following=following,
            read=read,
        )

    def every(self, query: str, *path: str, **variables: Any) -> Iterator[dict[str, Any]]:
        """All rows of a connection."""

        def fetch(position: str) -> Row:
            return _connection(self.page(query, variables.get("most", 100), position, **given), path)

        given = {name: value for name, value in variables.items() if name != "most"}
        for answer, _after in pages(fetch, following):
            yield from answer.get("nodes") or ()

    def complete(self, row: dict[str, Any], kind: str, name: str, selection: str) -> None:
        """Reads on where a record has more of `name` than one answer gives."""
        inner = row.get(name) or {}
        info = inner.get("pageInfo") or {}
        if not info.get("hasNextPage"):
            return
        query = more_of(kind, name, selection)

        def fetch(position: str) -> Row:
            return _connection(self.page(query, 50, position, id=row["id"]), ("node", name))

        found = [node for answer, _after in pages(fetch, following, info["endCursor"]) for node in answer["nodes"]]
        row[name] = {"pageInfo": {"hasNextPage": False, "endCursor": ""}, "nodes": [*nodes(row, name), *found]}

    # Changing

    def change(self, mutation: str, name: str, *, again: bool = False, **variables: Any) -> dict[str, Any]:
        """What a mutation answers; raises NeedsFixing for what Shopify finds wrong with it."""
        payload = self.ask(mutation, again=again, **variables).get(name) or {}
        errors = next((found for key, found in payload.items() if key.endswith("serErrors") and found), ())
        if errors:
            raise self._rejected(errors)
        return payload

    def _rejected(self, errors: list[Row]) -> NeedsFixing:
        told = "; ".join(dict.fromkeys(str(error.get("message", "")).rstrip(".") for error in errors))
        fields = ".".join(map(str, errors[0].get("field") or ()))
        return NeedsFixing(
            f"{self._http._place('')} did not accept this: {self._http.redact(told)}.",
            code=str(errors[0].get("code") or "rejected").lower().replace("_", "-"),
            details=fields,
            trace=f"rejected:{fields}:{errors[0].get('code') or ''}",
        )

    def _check_search(self, extensions: Row) -> None:
        for search in extensions.get("search") or ():
            warnings = search.get("warnings") or ()
            if warnings:
                raise NeedsFixing(
                    f"{self._http._place('')} does not understand what it was asked to search for: its answer would "
                    "be everything. Update this module.",
                    code="search-ignored",
                    details=str(warnings[0].get("message", ""))[:200],
                )


def more_of(kind: str, name: str, selection: str) -> str:
    """The query for more of a record's `name` than one answer gives."""
    return (
        f"query More{kind}{name}($id: ID!, $first: Int!, $after: String) {{ node(id: $id) {{ ... on {kind} {{ "
        f"{name}(first: $first, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {selection} }} "
        "} } } }"
    )


def _name(query: str) -> str:
    found = _NAME.match(query)
    return found.group(1) if found else ""


following = body_cursor("next")


def _connection(data: Row, path: tuple[str, ...]) -> dict[str, Any]:
    """The connection at a path with the position of its next page; one that is not there is empty."""
    found: Any = data
    for name in path:
        found = (found or {}).get(name)
    info = (found or {}).get("pageInfo") or {}
    return {**(found or {}), "next": info.get("endCursor") if info.get("hasNextPage") else ""}


def newer(pages_: Iterator[Page[Any]], since: datetime | None) -> Iterator[Page[Any]]:
    """Without what did not change since then: some of Shopify's searches know whole days only."""
    for page in pages_:
        kept = tuple(item for item in page.records if not since or not item.updated_at or item.updated_at >= since)
        yield Page(kept, page.cursor, page.malformed, page.deleted, page.total)


def since_text(since: datetime | None, *more: str) -> str | None:
    """A search for what changed since then; None for everything."""
    terms = [f"updated_at:>='{since.strftime('%Y-%m-%dT%H:%M:%SZ')}'"] if since else []
    return " AND ".join([*terms, *more]) or None


def quoted(value: str) -> str:
    """A value within a search, whatever is in it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def once(key: str) -> str:
    """A key as a UUID, as `@idempotent` wants it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


def explain(place: str, answer: Answer, version: str, redact: Callable[[str], str]) -> Failure | None:
    """The failure that the body of an answer means; None where the status says it all."""
    spoken = answer.headers.get("X-Shopify-API-Version") or version
    if answer.ok and spoken != version:
        return NeedsFixing(
            f"{place} no longer speaks version {version} of its interface, but {spoken}. Update this module.",
            code="api-version",
        )
    # A word within a text would stand behind a backslash.
    if not answer.ok or b'"errors"' not in answer.body:
        return None
    try:
        body = answer.json()
        error = body["errors"][0]
        code, message = str((error.get("extensions") or {}).get("code") or ""), str(error["message"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    message = redact(message).rstrip(".")
    if code == "THROTTLED":
        left = _left(body.get("extensions") or {})
        return explain_spent(place, left.wait if left else None)
    if code == "MAX_COST_EXCEEDED":
        return NeedsFixing(f"{place} finds a request too large: {message}.", code=TOO_COSTLY)
    if code == "ACCESS_DENIED":
        return Refused(
            f"{place} does not allow this to the app of the connection: {message}. Give the app that access there and "
            "install it again.",
            code="forbidden",
            details=code,
        )
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        return RetryLater(explain_status(place, 503).sentence, code="server-error", details=code)
    if "cursor" in message.lower():
        return NeedsFixing(f"{place} has forgotten where the page begins.", code=STALE_CURSOR, details=message[:200])
    return NeedsFixing(f"{place} did not accept this: {message}.", code="rejected", details=code)


def _left(extensions: Mapping[str, Any]) -> Left | None:
    with suppress(LookupError, TypeError, ValueError, ArithmeticError):
        cost = extensions["cost"]
        status = cost["throttleStatus"]
        return Left(
            points=float(status["currentlyAvailable"]),
            rate=float(status["restoreRate"]),
            cost=float(cost["requestedQueryCost"] or 0),
        )
    return None
