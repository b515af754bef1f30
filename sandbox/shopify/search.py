"""Shopify's search syntax, as far as it is used here: `field:value`, comparisons, quotes, AND, OR and parentheses.

A field that is not known is no error: it is ignored, and a warning says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .values import Row

_TOKEN = re.compile(r"""\s*(\(|\)|AND\b|OR\b|([a-z_]+):(>=|<=|>|<)?("(?:\\.|[^"\\])*"|'[^']*'|[^\s()]+))""")
Field = Callable[[Row], Any]


class Search:
    """`matches(row)`; `warnings` name the fields that were ignored."""

    def __init__(self, text: str, fields: dict[str, Field], whole_days: bool = False):
        self.warnings: list[Row] = []
        self._fields = fields
        self._whole_days = whole_days
        self._tokens = list(self._split(text))
        self._text = text
        self._test = self._any() if self._tokens else lambda row: True

    def matches(self, row: Row) -> bool:
        return self._test(row)

    def _split(self, text: str):
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise ValueError(text[place:])
            yield found.group(1), found.group(2), found.group(3) or "", found.group(4) or ""
            place = found.end()

    def _any(self) -> Callable[[Row], bool]:
        parts = [self._all()]
        while self._tokens and self._tokens[0][0] == "OR":
            self._tokens.pop(0)
            parts.append(self._all())
        return lambda row: any(part(row) for part in parts)

    def _all(self) -> Callable[[Row], bool]:
        parts = [self._one()]
        while self._tokens and self._tokens[0][0] not in ("OR", ")"):
            if self._tokens[0][0] == "AND":
                self._tokens.pop(0)
            parts.append(self._one())
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Callable[[Row], bool]:
        whole, name, sign, value = self._tokens.pop(0)
        if whole == "(":
            inner = self._any()
            self._tokens.pop(0)
            return inner
        if value[:1] in "\"'":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        if name not in self._fields:
            self.warnings.append({"field": name, "code": "invalid_field", "message": f"Invalid search field: {name}."})
            return lambda row: True
        read = self._fields[name]
        if self._whole_days and name.endswith("_at"):
            value = value[:10]
            return lambda row: _compare(str(read(row))[:10], sign, value)
        return lambda row: _compare(read(row), sign, value)


def _compare(found: Any, sign: str, value: str) -> bool:
    if isinstance(found, list):
        return any(_compare(item, sign, value) for item in found)
    if found is None:
        return False
    left, right = str(found).lower(), value.lower()
    return {"": left == right, ">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}[sign]
