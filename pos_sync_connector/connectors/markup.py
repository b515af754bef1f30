"""Rich texts as plain ones."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 blockquote pre section article ul ol table hr".split())
_HIDDEN = frozenset(("script", "style"))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: str) -> str:
    """The words of a rich text, a line a paragraph."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = (re.sub(r"[ \xa0]+", " ", line).strip() for line in "".join(words.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def plain_if_rich(text: object) -> str:
    """The words of what may be plain already; "" for an empty one."""
    if not text or not isinstance(text, str):
        return ""
    return plain(text) if "<" in text else text.strip()
