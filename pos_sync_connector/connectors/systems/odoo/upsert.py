"""Making rows in another Odoo exactly once: `load`, Odoo's own import, under an External ID made of an idempotency key.

The External ID is unique in that database. A second try that overlaps with a first one, whose answer was lost, waits
for it and is refused; one that comes later changes the row that is there. Source: Odoo, `models.load` and
`ir.model.data`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...errors import Failure, NeedsFixing, without_values
from .rpc import Rpc, conflict
from .values import wire

MODULE = "__pos_sync__"
# How PostgreSQL says that somebody else was quicker, which `load` hands on like a mistake in the data.
_CONFLICTS = ("could not serialize access", "deadlock detected")


def external_id(kind: str, key: str) -> str:
    """The External ID of what `key` made, "__pos_sync__.order_S00042-1a2b3c4d". Different keys give different ones."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", key)
    if plain != key:
        plain += "_" + hashlib.blake2b(key.encode(), digest_size=4).hexdigest()
    return f"{MODULE}.{kind}_{plain}"


def upsert(
    rpc: Rpc,
    model: str,
    name: str,
    values: Mapping[str, Any],
    lines: Mapping[str, Mapping[str, Any]] | None = None,
    lines_field: str = "",
) -> int:
    """The id of the row with the External ID `name`, made or changed to `values` in one transaction, with its `lines`
    by External ID.

    Ids are given as int, several as a list of them; None, "" and [] empty a field. Raises NeedsFixing with Odoo's own
    words for what it refuses, RetryLater where another transaction was at the same rows.
    """
    header = {"id": name, **{_column(key, value): _cell(value) for key, value in values.items()}}
    rows = [
        {f"{lines_field}/id": line_name}
        | {f"{lines_field}/{_column(key, value)}": _cell(value) for key, value in line.items()}
        for line_name, line in (lines or {}).items()
    ]
    columns = [*header, *dict.fromkeys(column for row in rows for column in row)]
    first, *rest = rows or [{}]
    data = [[row.get(column, "") for column in columns] for row in ({**header, **first}, *rest)]
    # Moments are read in the time zone of the context.
    answer = rpc.call(model, "load", fields=columns, data=data, context={"tz": "UTC"}, gives=dict, idempotent=False)
    if not answer.get("ids"):
        raise _refused(answer.get("messages") or ())
    return int(answer["ids"][0])


def _column(name: str, value: Any) -> str:
    return f"{name}/.id" if isinstance(value, Ids) else name


class Ids(tuple):
    """Ids of rows that a field refers to."""

    __slots__ = ()

    @classmethod
    def of(cls, *numbers: int | None) -> Ids:
        return cls(number for number in numbers if number)


def _cell(value: Any) -> str:
    if isinstance(value, Ids):
        return ",".join(str(number) for number in value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return wire(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _refused(messages: Sequence[Mapping[str, Any]]) -> Failure:
    texts = [" ".join(str(item.get("message") or "").split()) for item in messages]
    if busy := next((text for text in texts if text.startswith(_CONFLICTS)), ""):
        return conflict(busy)
    first = next(filter(None, texts), "it gave no reason")
    return NeedsFixing(
        f"That Odoo refuses: {first[:300].rstrip(' .')}.",
        code="rejected",
        details="\n".join(texts)[:1000],
        trace=f"rejected:{without_values(first)}",
    )
