"""The door: what comes in from a system, over JSON, XML-RPC or a database, is bounded here once for all of them.

A value that nobody can use becomes an `Unreadable`. It raises ValueError where it is used, so that it costs the record
that needs it, and neither the page around it nor a record that has no use for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

# Digits before the decimal point, and after it: floats of binary systems have noise far behind it.
MOST_DIGITS, MOST_DECIMALS = 20, 40
MOST_DEPTH = 60
# What is looked up in an index: ids, and the causes that name them.
MOST_ID, MOST_KEY = 255, 400
_SHOWN = 40
_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Unreadable:
    """Stands where a value was that can't be used; `shown` is as much of it as a person needs to see."""

    __slots__ = ("shown", "why")

    def __init__(self, shown: str, why: str):
        self.shown = shorten(shown, _SHOWN)
        self.why = why

    def __repr__(self) -> str:
        return f"<{self.why}: {self.shown}>"

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_arguments: object) -> NoReturn:
        raise ValueError(f"{self.shown} is {self.why}")

    __str__ = __format__ = __int__ = __float__ = __index__ = __bool__ = _refuse  # type: ignore[assignment]
    __len__ = __iter__ = __contains__ = __getitem__ = __eq__ = __hash__ = _refuse  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __abs__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse


def bounded_key(key: str, most: int = MOST_KEY) -> str:
    """The key as it is, or a digest of it where it is too long for an index."""
    return key if len(key) <= most else hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# Numbers -------------------------------------------------------------------------------------------------------------


def is_bounded(value: Decimal) -> bool:
    """Whether the number is finite and has as many digits as money and quantities may need."""
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return exponent >= -MOST_DECIMALS and (value.adjusted() if value else exponent) < MOST_DIGITS  # type: ignore[operator]


def number(value: Any) -> Decimal:
    """A number of any type, or as text, exactly; raises ValueError for what is none or has no bounds."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal, float)):
        raise ValueError(f"{_described(value)} is no number")
    try:
        found = Decimal(str(value) if isinstance(value, (float, str)) else value)
    except InvalidOperation:
        raise ValueError(f"{_described(value)} is no number") from None
    if not is_bounded(found):
        raise ValueError(f"{_described(value)} is no number with at most {MOST_DIGITS} digits")
    return found


def _read(read: Callable[[Any], Any], value: Any, why: str = "no usable number") -> Any:
    if isinstance(value, Unreadable):
        return value
    try:
        return read(value)
    except (ValueError, ArithmeticError):
        return Unreadable(str(value)[: _SHOWN + 1], why)


def read_number(text: str) -> Decimal | Unreadable:
    """The number as it stands on the wire."""
    return _read(number, text)


def read_integer(text: str) -> int | Unreadable:
    return int(text) if len(text) <= MOST_DIGITS else Unreadable(text, "no usable number")


def readable(read: Callable[[Any], Any], value: Any, why: str) -> Any:
    """What `read` makes of a value, or an `Unreadable`: where one value would cost all rows around it."""
    return _read(read, value, why)


# Text ----------------------------------------------------------------------------------------------------------------


def clean_text(text: str) -> str:
    """Without what no database stores: NUL is left out, half an emoji becomes a replacement character."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return _NEVER_STORED.sub(lambda found: "" if found[0] == "\x00" else "�", text)


def text(value: Any) -> str:
    """A text, or a number as one; nothing is `""`. Raises ValueError for an object, a list or a yes-or-no."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None:
        return ""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(number(value))
    raise ValueError(f"{_described(value)} is no text")


def _described(value: Any) -> str:
    if isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool):
        return shorten(repr(value) if isinstance(value, str) else str(value), _SHOWN)
    return value.shown if isinstance(value, Unreadable) else type(value).__name__


# Shape ---------------------------------------------------------------------------------------------------------------


def clean(value: Any, room: int = MOST_DEPTH) -> Any:
    """The same value, its texts clean, and what is nested too deeply an `Unreadable`."""
    kind = type(value)
    if kind is str:
        return clean_text(value)
    if kind is dict:
        if not room:
            return Unreadable("an object", "nested too deeply")
        return {clean_text(key): clean(item, room - 1) for key, item in value.items()}
    if kind is list:
        return [clean(item, room - 1) for item in value] if room else Unreadable("a list", "nested too deeply")
    return value


def read_json(body: bytes | str) -> Any:
    """JSON with its decimal numbers as Decimal, bounded. Raises ValueError for what is no JSON."""
    words = body.decode("utf-8-sig", "replace") if isinstance(body, bytes) else body
    try:
        found = _parse(words)
    except RecursionError:
        found = _parse(_without_depths(words))
    return clean(found)


def _parse(words: str) -> Any:
    # Not strict: a raw control character in one name must not cost the page.
    return json.loads(
        words,
        parse_float=read_number,
        parse_int=read_integer,
        parse_constant=lambda name: Unreadable(name, "no usable number"),
        strict=False,
    )


def _without_depths(words: str) -> str:
    """The JSON with empty lists and objects where it is nested more deeply than `clean` lets in."""
    kept, depth, begins = [], 0, 0
    for token in _STRINGS_AND_BRACKETS.finditer(words):
        mark = token[0][0]
        if mark in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                kept.append(words[begins : token.end()])
        elif mark in "]}":
            if depth == MOST_DEPTH + 1:
                begins = token.start()
            depth -= 1
    if depth:
        raise ValueError("no JSON: it ends in the middle")
    return "".join([*kept, words[begins:]])
