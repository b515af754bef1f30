"""Answers of a system with one value spoilt, as broken servers and hostile people send them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[Any, ...]
DROP = object()


class Raw(str):
    """Text that stands in the JSON as it is."""


def _deep(_value: Any) -> Raw:
    return Raw("[" * 5000 + "]" * 5000)


SPOILS: dict[str, Callable[[Any], Any]] = {
    "drop": lambda value: DROP,
    "null": lambda value: None,
    "empty": lambda value: type(value)() if isinstance(value, (str, list, dict)) else "",
    "object": lambda value: {"id": {"a": 1}},
    "list": lambda value: [value, None],
    "list of null": lambda value: [None],
    "number": lambda value: 7,
    "yes": lambda value: True,
    "number as text": lambda value: str(value) if isinstance(value, (int, float)) else "12",
    "text": lambda value: "tea for two",
    "huge text": lambda value: "x" * 8192,
    "spaces": lambda value: " " * 50_000,
    "deep": _deep,
    "NUL": lambda value: "a\x00b",
    "half an emoji": lambda value: "a\ud83d",
    "huge exponent": lambda value: Raw("1e999999"),
    "huge exponent as text": lambda value: "1e999999",
    "many digits": lambda value: Raw("9" * 400),
    "many digits as text": lambda value: "9" * 5000,
    "NaN": lambda value: Raw("NaN"),
    "NaN as text": lambda value: "NaN",
    "Infinity": lambda value: Raw("-Infinity"),
    "negative": lambda value: -1,
    "fraction": lambda value: Raw("0.1234567890123456789"),
    "year 1": lambda value: "0001-01-01T00:00:00+14:00",
    "year 9999": lambda value: "9999-12-31T23:59:59-14:00",
}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where values stand, from the top on."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


def spoilt(answer: Any, path: Path, kind: str) -> bytes:
    """The JSON of an answer with the value at `path` spoilt."""
    placed: dict[str, str] = {}

    def copied(value: Any, rest: Path) -> Any:
        if not rest:
            new = SPOILS[kind](value)
            if isinstance(new, Raw):
                placed["@@spoilt@@"] = str(new)
                return "@@spoilt@@"
            return new
        made = dict(value) if isinstance(value, dict) else list(value)
        new = copied(value[rest[0]], rest[1:])
        if new is DROP:
            del made[rest[0]]
        else:
            made[rest[0]] = new
        return made

    text = json.dumps(copied(answer, path))
    for mark, raw in placed.items():
        text = text.replace(json.dumps(mark), raw)
    return text.encode()


def some(answer: Any, most: int, seed: int) -> list[tuple[Path, str]]:
    """So many pairs of a place and what is done to it; the same for the same seed."""
    chance = random.Random(seed)
    places = list(paths(answer))
    return [(chance.choice(places), chance.choice(list(SPOILS))) for _turn in range(most)] if places else []
