"""Webhooks: subscriptions, and their events, signed and really sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from ..deliveries import Delivery, Sender
from .answers import Rejected, not_found, required
from .shop import Row, Shop


class Webhooks(Sender):
    """Sends what happens in a shop to its subscribers, one event after the other, in a thread of its own."""

    def __init__(self, shop: Shop, pause: Callable[[float], None] | None = None):
        super().__init__(pause, _retried)
        self._shop = shop
        shop.tell = self.tell

    def tell(self, kind: str, name: str, key: str, told: Row, *, deleted: bool = False) -> None:
        """An event for each subscription that wants its type."""
        data: Row = {"type": name, "id": key, "object": told, **({"deleted": True} if deleted else {})}
        event = {"merchant_id": self._shop.merchant["id"], "type": kind, "event_id": str(uuid.uuid4()),
                 "created_at": self._shop.stamp(), "data": data}  # fmt: skip
        body = json.dumps(event, ensure_ascii=False).encode()
        for subscription in list(self._shop.subscriptions.values()):
            if subscription["enabled"] and kind in subscription["event_types"]:
                self.send(signed(subscription, body, event["event_id"]))


def _retried(attempt: int) -> dict[str, str]:
    return {"square-retry-number": str(attempt), "square-retry-reason": "http_error"}


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
