"""Rich texts as plain ones."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_BLOCKS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 blockquote pre section article ul ol table hr".split())
_HIDDEN = ("script", "style")
_PART = re.compile(r"<!--|-->|</?[a-zA-Z][a-zA-Z0-9:]*|<[!?]|[<>\"']|[^<>\"'-]+|-")


def _words(text: str) -> Iterator[str]:
    """What the text says, and a line break for each block. Each part of it is looked at once, however broken; what
    begins and never ends is no markup."""
    within = quote = ""
    begins = 0
    for found in _PART.finditer(text):
        part = found[0]
        if within == "comment":
            within = "" if part == "-->" else within
        elif within in _HIDDEN:
            within = "tag" if part.lower() == f"</{within}" else within
        elif within:
            if quote:
                quote = "" if part == quote else quote
            elif part in ('"', "'"):
                quote = part
            elif part.endswith(">"):
                within = within.removeprefix("tag").strip()
        elif part == "<!--":
            within, begins = "comment", found.start()
        elif len(part) > 1 and part[0] == "<":
            name = part[1:].lower()
            within, begins = f"tag {name}" if name in _HIDDEN else "tag", found.start()
            if name.lstrip("/") in _BLOCKS:
                yield "\n"
        else:
            yield re.sub(r"\s+", " ", part)
    if within and within not in _HIDDEN:
        yield re.sub(r"\s+", " ", text[begins:])


def plain(text: str) -> str:
    """The words of a rich text, a line a paragraph."""
    lines = (re.sub(r"[ \xa0]+", " ", html.unescape(line)).strip() for line in "".join(_words(text)).split("\n"))
    return "\n".join(line for line in lines if line)


def plain_if_rich(text: object) -> str:
    """The words of what may be plain already; "" for an empty one."""
    if not text or not isinstance(text, str):
        return ""
    return plain(text) if "<" in text else text.strip()
