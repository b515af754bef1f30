"""What a system sends to us of its own accord, as it is registered there: addresses, and the topics of webhooks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """What a system sends to an address of ours. `missing`: topics that it was asked for and does not send, with its
    own words about them in `why`."""

    topics: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    why: str = ""


def is_ours(registered: str, url: str) -> bool:
    """Whether a registered address is this connection's, whatever server it names: both end in the same token."""
    return _token(registered) == _token(url) != ""


def _token(url: str) -> str:
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]
