"""Paging: one loop, and the ways in which systems say where the next page begins.

`pages(fetch, following, start)` calls `fetch(position)` until `following(position, answer)` gives `""`. A position is
text, so that a provider can put it into its cursor and go on there in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urljoin

from requests.utils import parse_header_links

from .errors import NeedsFixing

T = TypeVar("T")
Following = Callable[[str, T], str]


def pages(fetch: Callable[[str], T], following: Following[T], start: str = "") -> Iterator[tuple[T, str]]:
    """Pairs of an answer and the position of the next one, `""` after the last."""
    position = start
    while True:
        answer = fetch(position)
        after = following(position, answer)
        if after and after == position:
            raise NeedsFixing(
                "The system names the same page again and again. Tell its support that its paging does not move on.",
                code="paging-stuck",
            )
        yield answer, after
        if not after:
            return
        position = after


def link_header(headers_of: Callable[[Any], Mapping[str, str]], url_of: Callable[[Any], str]) -> Following[Any]:
    """The address in a `Link: <...>; rel="next"` header, made absolute."""

    def following(position: str, answer: Any) -> str:
        links = parse_header_links(headers_of(answer).get("Link") or "")
        target = next((link["url"] for link in links if link.get("rel") == "next"), "")
        return urljoin(url_of(answer), target) if target else ""

    return following


def body_cursor(*path: str) -> Following[Any]:
    """The text found at `path` in the body: `body_cursor("paging", "next")`."""

    def following(position: str, answer: Any) -> str:
        for key in path:
            answer = answer.get(key) if isinstance(answer, Mapping) else None
        return "" if answer in (None, False, "") else str(answer)

    return following


def offset(limit: int, rows_of: Callable[[Any], Sequence[Any]]) -> Following[Any]:
    """How many rows were read so far; a page shorter than `limit` is the last."""

    def following(position: str, answer: Any) -> str:
        count = len(rows_of(answer))
        return str(int(position or 0) + count) if count >= limit else ""

    return following


def page_number(count_of: Callable[[Any], int], first: int = 1) -> Following[Any]:
    """The number of the next page, while `count_of` (the number of pages that the answer states) is not reached."""

    def following(position: str, answer: Any) -> str:
        number = int(position or first)
        return str(number + 1) if number - first + 1 < count_of(answer) else ""

    return following


def version(rows_of: Callable[[Any], Sequence[Any]], version_of: Callable[[Any], Any]) -> Following[Any]:
    """The highest version in the page; a page without rows is the last."""

    def following(position: str, answer: Any) -> str:
        rows = rows_of(answer)
        return str(max(version_of(row) for row in rows)) if rows else ""

    return following
