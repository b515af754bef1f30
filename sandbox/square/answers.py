"""How Square says no, and how it pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

Row = dict[str, Any]


class Rejected(Exception):
    """An error answer."""

    def __init__(
        self, status: int, code: str, detail: str, *, category: str = "INVALID_REQUEST_ERROR", field: str = ""
    ):
        super().__init__(detail)
        self.status = status
        error = {"category": category, "code": code, "detail": detail}
        self.body = {"errors": [{**error, "field": field} if field else error]}


def not_found(what: str) -> Rejected:
    return Rejected(404, "NOT_FOUND", f"Could not find {what}.")


def required(body: Row, *names: str) -> None:
    for name in names:
        if body.get(name) in (None, "", []):
            raise Rejected(400, "MISSING_REQUIRED_PARAMETER", "Field must be set", field=name)


def limit_of(request: Row, default: int, most: int) -> int:
    limit = int(request.get("limit") or default)
    if limit < 1:
        raise Rejected(400, "VALUE_TOO_LOW", f"limit must be at least 1, was {limit}", field="limit")
    if limit > most:
        raise Rejected(400, "VALUE_TOO_HIGH", f"limit must be at most {most}, was {limit}", field="limit")
    return limit


def page(
    rows: Iterable[Row], request: Row, limit: int, sorted_by: Callable[[Row], Any], *, descending: bool = False
) -> tuple[list[Row], str]:
    """One page of rows and the cursor that follows it, `""` at the end. The cursor remembers the last row, so that what
    changes meanwhile moves no other; with a cursor the rest of the request must be what it was."""
    asked = {key: value for key, value in request.items() if key != "cursor"}
    print_ = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    ordered = sorted(((list(_key(sorted_by(row))), row) for row in rows), key=lambda pair: pair[0], reverse=descending)
    if request.get("cursor"):
        try:
            known, after = json.loads(base64.urlsafe_b64decode(request["cursor"]))
        except ValueError:
            raise Rejected(400, "INVALID_CURSOR", "Invalid cursor.", field="cursor") from None
        if known != print_:
            raise Rejected(400, "INVALID_CURSOR", "The cursor belongs to another query.", field="cursor")
        ordered = [pair for pair in ordered if (pair[0] < after if descending else pair[0] > after)]
    chosen = ordered[:limit]
    if len(ordered) <= limit:
        return [row for _key_, row in chosen], ""
    cursor = base64.urlsafe_b64encode(json.dumps([print_, chosen[-1][0]]).encode()).decode()
    return [row for _key_, row in chosen], cursor


def listed(name: str, rows: list[Row], cursor: str = "", **more: Any) -> Row:
    """Square leaves out what is empty."""
    return {**({name: rows} if rows else {}), **({"cursor": cursor} if cursor else {}), **more}


def _key(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
