"""Webhook subscriptions at Square: those of one address are made one, which sends the topics asked for.

They belong to the application, so that its own token is needed: one that a seller gave it is not allowed to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...subscriptions import Subscribed, is_ours
from .api import Api, at
from .values import Row, text

_PATH = "v2/webhooks/subscriptions"
_NAME = "Odoo"


class Subscriptions:
    """`key`: the signature key that is known; another one goes to `store` as soon as Square tells it."""

    def __init__(self, api: Api, version: str, key: str, store: Callable[[Mapping[str, str]], None]):
        self._api = api
        self._version = version
        self._key = key
        self._store = store

    def register(self, url: str, topics: Iterable[str]) -> Subscribed:
        """Without topics nothing is sent there any more."""
        wanted = sorted(topics)
        mine = [row for row in self._every() if is_ours(text(row.get("notification_url")), url)]
        kept = self._mended(mine, url, wanted) if wanted else None
        for row in mine:
            if not kept or row["id"] != kept["id"]:
                self._api.delete(f"{_PATH}/{row['id']}")
        return Subscribed(topics=tuple(sorted(kept["event_types"]))) if kept else Subscribed()

    def _mended(self, mine: list[dict[str, Any]], url: str, topics: list[str]) -> dict[str, Any]:
        """The one subscription that stays, as it is to be."""
        best = next((row for row in mine if row.get("notification_url") == url), mine[0] if mine else None)
        told = {"enabled": True, "event_types": topics, "notification_url": url, "api_version": self._version}
        if best is None:
            body: Row = {"idempotency_key": str(uuid.uuid4()), "subscription": {"name": _NAME, **told}}
            kept = self._api.ask(_PATH, body, "subscription")["subscription"]
        elif told != {**{name: best.get(name) for name in told}, "event_types": sorted(best.get("event_types") or ())}:
            kept = self._api.put(f"{_PATH}/{best['id']}", {"subscription": told}, "subscription")["subscription"]
        else:
            kept = best
        key = self._key_of(kept)
        if key != self._key:
            self._store({"webhook_key": key})
        return kept

    def _key_of(self, row: Row) -> str:
        """The key that its webhooks are signed with: Square tells it when asked for one subscription only."""
        path = f"{_PATH}/{row['id']}"
        found = row if row.get("signature_key") else self._api.get(path, "subscription")["subscription"]
        if not found.get("signature_key"):
            body = {"idempotency_key": str(uuid.uuid4())}
            found = self._api.ask(f"{path}/signature-key", body, "signature_key")
        return text(found["signature_key"])

    def _every(self) -> Iterable[dict[str, Any]]:
        def fetch(position: str) -> Row:
            return self._api.get(_PATH, "subscriptions", params=at(position, {"include_disabled": "true"}))

        return self._api.every(fetch, "subscriptions")
