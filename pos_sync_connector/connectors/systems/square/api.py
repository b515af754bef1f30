"""Requests to Square's API, and what its answers and errors look like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import Failure, NeedsFixing, Refused
from ...http import Answer, HttpConnector
from ...http_failures import explain_foreign
from ...pagers import body_cursor, pages
from ...passes import STALE_CURSOR

Row = Mapping[str, Any]
# Square's own words for what is no fault of the connection's settings.
_CODES = {"NOT_FOUND": "no-such-record", "INVALID_CURSOR": STALE_CURSOR, "IDEMPOTENCY_KEY_REUSED": "key-reused"}
_BY_STATUS = frozenset({401, 403, 408, 409, 429})


class Api:
    """What is asked of one account. An answer without any of the keys that were expected is not Square's: `{}` is an
    empty list there, and nothing else is."""

    def __init__(self, http: HttpConnector):
        self._http = http

    def get(self, path: str, *keys: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._checked(self._http.json("GET", path, params=params), keys)

    def ask(self, path: str, body: Row, *keys: str) -> dict[str, Any]:
        """A POST that only reads, or that Square makes once by its idempotency key: it may be sent again."""
        return self._checked(self._http.json("POST", path, body=body, idempotent=True), keys)

    def put(self, path: str, body: Row | None, *keys: str) -> dict[str, Any]:
        return self._checked(self._http.json("PUT", path, body=body, idempotent=True), keys)

    def delete(self, path: str) -> None:
        """What is gone already stays so."""
        try:
            self._checked(self._http.json("DELETE", path, idempotent=True), ())
        except NeedsFixing as failure:
            if failure.code != "no-such-record":
                raise

    def find(self, path: str, key: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """What stands under `key` in the answer; None where Square has no such thing."""
        try:
            return self.get(path, key, params=params).get(key)
        except NeedsFixing as failure:
            if failure.code != "no-such-record":
                raise
            return None

    def get_if_allowed(self, path: str, key: str, params: Mapping[str, Any], without: NeedsFixing) -> dict[str, Any]:
        """Raises `without` where the connection has no permission for this: it goes on with all else."""
        try:
            return self.get(path, key, params=params)
        except Refused as failure:
            if failure.code != "forbidden":
                raise
            without.details = failure.details
            raise without from None

    def every(self, fetch: Callable[[str], Row], key: str) -> Iterator[dict[str, Any]]:
        """All rows of what `fetch(cursor)` gives page by page."""
        for answer, _after in pages(fetch, body_cursor("cursor")):
            yield from rows(answer, key)

    def each(self, path: str, key: str, ids: Iterable[str], most: int, name: str, **more: Any) -> list[dict[str, Any]]:
        """The rows with these ids, `most` a request; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        found: list[dict[str, Any]] = []
        for first in range(0, len(wanted), most):
            found += rows(self.ask(path, {name: wanted[first : first + most], **more}, key), key)
        return found

    def _checked(self, answer: Any, keys: Sequence[str]) -> dict[str, Any]:
        if not isinstance(answer, dict) or (answer and not {*keys, "cursor", "errors", "count"} & set(answer)):
            raise explain_foreign(self._http._place(""))
        return answer


def at(position: str, request: Row) -> dict[str, Any]:
    """A request for the page that begins at a cursor: all else in it must stay as it was."""
    return {**request, "cursor": position} if position else dict(request)


def rows(answer: Row, key: str) -> list[dict[str, Any]]:
    """Raises ValueError where something else than a list stands there."""
    found = answer.get(key) or []
    if not isinstance(found, list):
        raise ValueError(f"{key} is no list")
    return found


def explain(place: str, answer: Answer, redact: Callable[[str], str]) -> Failure | None:
    """The failure that an error body of Square's means; None where the status says it all."""
    if answer.ok or answer.status >= 500 or answer.status in _BY_STATUS:
        return None
    try:
        error = json.loads(answer.body)["errors"][0]
        code, detail = str(error["code"]), str(error.get("detail") or error["code"])
    except (ValueError, LookupError, TypeError):
        return None
    field = f" ({error['field']})" if error.get("field") else ""
    return NeedsFixing(
        f"{place} did not accept this: {redact(detail).rstrip('.')}{field}.",
        code=_CODES.get(code, "rejected"),
        details=f"HTTP {answer.status} {code}",
        trace=f"rejected:{code}:{error.get('field') or ''}",
    )
