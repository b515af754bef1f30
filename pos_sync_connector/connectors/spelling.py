"""Names that people type in several ways: case and blanks make no other tag, channel or payment term."""

from __future__ import annotations


def spelling(name: str) -> str:
    """What all spellings of a name share."""
    return " ".join(name.casefold().split())
