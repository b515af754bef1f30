"""Records as JSON and back, and their digest.

`dump` gives plain JSON values (Decimal and moments as text), `load` the same record again; `digest` is equal for equal
records, whatever `raw` and `updated_at` say, and whatever their numbers' trailing zeros.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from .door import Unreadable, clean_text, number

T = TypeVar("T")

_NOT_DIGESTED = frozenset({"raw", "updated_at"})
_NAMES: dict[type, tuple[tuple[str, Any], ...]] = {}
_HINTS: dict[type, dict[str, Any]] = {}


def dump(value: Any) -> Any:
    """Plain JSON values for a record, a tuple of them or a part of one."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [dump(item) for item in value]
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Unreadable):
        return value.shown
    if is_dataclass(value):
        return {item.name: dump(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {clean_text(str(key)): dump(item) for key, item in value.items()}
    return value


def dumps(value: Any) -> str:
    """`dump` as text, with keys in order."""
    return json.dumps(dump(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def as_decimal(value: float | int | str) -> Decimal:
    """The Decimal that a person would write for `value`: 0.1 is 0.1."""
    return Decimal(str(value))


def loads(text: str | None) -> Any:
    """What `dumps` made `text` from, as plain JSON values."""
    return json.loads(text or "null")


def load(kind: type[T], data: Mapping[str, Any]) -> T:
    """The record of class `kind` that `dump` made `data` from. Unknown keys are left out; raises ValueError."""
    hints = _HINTS.get(kind) or _HINTS.setdefault(kind, get_type_hints(kind))
    values = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name in data:
            values[item.name] = data[item.name] if item.name == "raw" else _load(hints[item.name], data[item.name])
        elif item.default is MISSING and item.default_factory is MISSING:
            raise ValueError(f"{kind.__name__}.{item.name} is missing")
    return kind(**values)


def _load(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_load(arguments[0], item) for item in value)
        return tuple(_load(part, item) for part, item in zip(arguments, value, strict=True))
    if arguments:
        return _load(next(part for part in arguments if part is not type(None)), value)
    if is_dataclass(hint):
        return load(hint, value)
    if hint is Decimal:
        return number(value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value


def digest(*values: Any) -> str:
    """32 hexadecimal characters over the values."""
    return hashlib.blake2b(repr(_essence(values)).encode(), digest_size=16).hexdigest()


def _essence(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool or kind is int or value is None:
        return value
    if kind is Decimal:
        return format(value.normalize(), "f") if value else "0"
    if kind is tuple or kind is list:
        return [_essence(item) for item in value]
    names = _NAMES.get(kind)
    if names is None and is_dataclass(value):
        names = _NAMES[kind] = tuple(
            (item.name, item.default if item.metadata.get("added") else None)
            for item in fields(value)
            if item.name not in _NOT_DIGESTED
        )
    if names is not None:
        # Fields that hold nothing are left out, so that a field added to a record later changes no digest.
        return [
            (name, _essence(item))
            for name, nothing in names
            if (item := getattr(value, name)) not in ("", None, ()) and (nothing is None or item != nothing)
        ]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return [(key, _essence(value[key])) for key in sorted(value)]
    return str(value)
