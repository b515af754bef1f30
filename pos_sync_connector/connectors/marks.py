"""Our key within a text that people read, such as the reason of a refund, by which what was sent is known again."""

from __future__ import annotations

import re

_MARK = re.compile(r"\[odoo ([^\[\]]+)\]$")


def marked(text: str, key: str, most: int) -> str:
    """`text` with the key behind it, in `most` characters: of the key nothing is cut. It holds no square brackets."""
    mark = f"[odoo {key}]"
    return f"{text[: most - len(mark) - 1].strip()} {mark}".strip()


def unmarked(text: str) -> tuple[str, str]:
    """The text without the key, and the key; `""` where it bears none."""
    # Stripped first: a pattern that begins with spaces takes the square of their number.
    found = _MARK.search(text.rstrip())
    return (text[: found.start()].rstrip(), found.group(1)) if found else (text, "")
