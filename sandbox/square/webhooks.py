"""Webhooks: subscriptions, and their events, signed and really sent; on request twice, late, in another order or not at
all, as a network does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from .answers import Rejected, not_found, required
from .shop import Row, Shop

_TRIES = 5


@dataclass
class Mischief:
    """How events go astray: chances of being sent twice and of being lost, and how many are held back to be sent in
    the opposite order."""

    twice: float = 0.0
    lost: float = 0.0
    hold: int = 0
    random: Random = field(default_factory=lambda: Random(3))


@dataclass(frozen=True)
class Delivery:
    url: str
    headers: dict[str, str]
    body: bytes
    event_id: str
    status: int = 0


class Webhooks:
    """Sends what happens in a shop to its subscribers, one event after the other, in a thread of its own."""

    def __init__(self, shop: Shop, pause: Callable[[float], None] | None = None):
        self.mischief = Mischief()
        self.sent: list[Delivery] = []
        self._shop = shop
        self._pending: deque[Delivery] = deque()
        self._held: list[Delivery] = []
        self._wake = threading.Condition()
        self._busy = self._closing = False
        self._pause = pause or (lambda seconds: None)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        shop.tell = self.tell

    def tell(self, kind: str, name: str, key: str, told: Row, *, deleted: bool = False) -> None:
        """An event for each subscription that wants its type."""
        data: Row = {"type": name, "id": key, "object": told, **({"deleted": True} if deleted else {})}
        event = {"merchant_id": self._shop.merchant["id"], "type": kind, "event_id": str(uuid.uuid4()),
                 "created_at": self._shop.stamp(), "data": data}  # fmt: skip
        body = json.dumps(event, ensure_ascii=False).encode()
        for subscription in list(self._shop.subscriptions.values()):
            if subscription["enabled"] and kind in subscription["event_types"]:
                self._queue(signed(subscription, body, event["event_id"]))

    def release(self) -> None:
        """Sends what was held back, the newest first."""
        with self._wake:
            self._pending.extend(reversed(self._held))
            self._held.clear()
            self._wake.notify()

    def wait(self, seconds: float = 10) -> bool:
        """Until everything is sent; False if that took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._pending and not self._busy, seconds)

    def close(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(5)

    def _queue(self, delivery: Delivery) -> None:
        chance = self.mischief.random.random
        if chance() < self.mischief.lost:
            return
        copies = 2 if chance() < self.mischief.twice else 1
        with self._wake:
            self._held += [delivery] * copies
            full = len(self._held) > self.mischief.hold
        if full:
            self.release()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._pending or self._closing)
                if self._closing:
                    return
                delivery = self._pending.popleft()
                self._busy = True
            for attempt in range(_TRIES):
                status = _post(delivery, attempt)
                self.sent.append(Delivery(delivery.url, delivery.headers, delivery.body, delivery.event_id, status))
                if 200 <= status < 300 or self._closing:
                    break
                self._pause(0.5 * 2**attempt)
            with self._wake:
                self._busy = False
                self._wake.notify_all()


def signed(subscription: Row, body: bytes, event_id: str) -> Delivery:
    """The signature covers the address that was registered, byte for byte, and the raw body."""
    url = subscription["notification_url"]
    found = hmac.new(subscription["signature_key"].encode(), url.encode() + body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "x-square-hmacsha256-signature": base64.b64encode(found).decode(),
        "square-subscription-id": subscription["id"],
        "square-environment": "Sandbox",
    }
    return Delivery(url, headers, body, event_id)


def _post(delivery: Delivery, attempt: int) -> int:
    target = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=10)
    retried = {"square-retry-number": str(attempt), "square-retry-reason": "http_error"} if attempt else {}
    try:
        path = target.path + (f"?{target.query}" if target.query else "")
        connection.request("POST", path or "/", delivery.body, {**delivery.headers, **retried})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


# The API


def create_subscription(shop: Shop, body: Row) -> Row:
    given = body.get("subscription") or {}
    required(given, "event_types", "notification_url")
    if not given["notification_url"].startswith(("http://", "https://")):
        raise Rejected(400, "INVALID_VALUE", "Not an address.", field="subscription.notification_url")
    now = shop.stamp()
    row = {"id": shop.new_id("wbhk_"), "name": "Subscription", "enabled": True, "api_version": "2025-08-20", **given,
           "signature_key": secrets.token_urlsafe(16), "created_at": now, "updated_at": now}  # fmt: skip
    shop.subscriptions[row["id"]] = row
    return {"subscription": row}


def list_subscriptions(shop: Shop) -> Row:
    rows = [{key: value for key, value in row.items() if key != "signature_key"} for row in shop.subscriptions.values()]
    return {"subscriptions": rows} if rows else {}


def subscription(shop: Shop, key: str) -> Row:
    if key not in shop.subscriptions:
        raise not_found(f"subscription {key}")
    return {"subscription": shop.subscriptions[key]}


def update_subscription(shop: Shop, key: str, body: Row) -> Row:
    known: dict[str, Any] = subscription(shop, key)["subscription"]
    known |= {**(body.get("subscription") or {}), "updated_at": shop.stamp()}
    return {"subscription": known}


def delete_subscription(shop: Shop, key: str) -> Row:
    subscription(shop, key)
    del shop.subscriptions[key]
    return {}
