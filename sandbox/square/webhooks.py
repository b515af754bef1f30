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
from urllib.parse import urlsplit

from ..deliveries import Delivery, Sender
from .answers import Rejected, limit_of, listed, not_found, page, required
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


_EVENT_TYPES = frozenset(
    "bank_account.created bank_account.disabled bank_account.verified booking.created booking.updated card.created "
    "card.disabled card.forgotten card.updated catalog.version.updated customer.created customer.deleted "
    "customer.updated device.code.paired dispute.created dispute.evidence.created dispute.state.updated "
    "gift_card.activity.created gift_card.activity.updated gift_card.created gift_card.customer_linked "
    "gift_card.customer_unlinked gift_card.updated inventory.count.updated invoice.canceled invoice.created "
    "invoice.deleted invoice.payment_made invoice.published invoice.refunded invoice.scheduled_charge_failed "
    "invoice.updated labor.shift.created labor.shift.deleted labor.shift.updated location.created location.updated "
    "loyalty.account.created loyalty.account.deleted loyalty.account.updated loyalty.event.created "
    "loyalty.program.created loyalty.program.updated loyalty.promotion.created loyalty.promotion.updated "
    "merchant.custom_attribute.owned.updated oauth.authorization.revoked order.created order.fulfillment.updated "
    "order.updated payment.created payment.updated payout.failed payout.paid payout.sent refund.created "
    "refund.updated subscription.created subscription.updated team_member.created team_member.updated "
    "terminal.checkout.created terminal.checkout.updated terminal.refund.created terminal.refund.updated "
    "vendor.created vendor.updated".split()
)


def create_subscription(shop: Shop, body: Row) -> Row:
    given = body.get("subscription") or {}
    required(given, "event_types", "notification_url")
    _check(given)
    now = shop.stamp()
    row = {"id": shop.new_id("wbhk_"), "name": "Subscription", "enabled": True, "api_version": "2025-08-20", **given,
           "signature_key": secrets.token_urlsafe(16), "created_at": now, "updated_at": now}  # fmt: skip
    shop.subscriptions[row["id"]] = row
    return {"subscription": row}


def list_subscriptions(shop: Shop, request: Row) -> Row:
    """Those that are enabled unless all are asked for, and never their keys."""
    rows = [_told(row) for row in shop.subscriptions.values()
            if row["enabled"] or request.get("include_disabled") == "true"]  # fmt: skip
    chosen, cursor = page(rows, request, limit_of(request, 100, 100), lambda row: (row["created_at"], row["id"]))
    return listed("subscriptions", chosen, cursor)


def subscription(shop: Shop, key: str) -> Row:
    if key not in shop.subscriptions:
        raise not_found(f"subscription {key}")
    return {"subscription": shop.subscriptions[key]}


def update_subscription(shop: Shop, key: str, body: Row) -> Row:
    """What is not given stays."""
    known: dict[str, Any] = subscription(shop, key)["subscription"]
    given = {name: value for name, value in (body.get("subscription") or {}).items() if name not in _READ_ONLY}
    _check(given)
    known |= {**given, "updated_at": shop.stamp()}
    return {"subscription": _told(known)}


def renew_key(shop: Shop, key: str) -> Row:
    known = subscription(shop, key)["subscription"]
    known |= {"signature_key": secrets.token_urlsafe(16), "updated_at": shop.stamp()}
    return {"signature_key": known["signature_key"]}


def delete_subscription(shop: Shop, key: str) -> Row:
    subscription(shop, key)
    del shop.subscriptions[key]
    return {}


_READ_ONLY = ("id", "signature_key", "created_at", "updated_at")


def _told(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "signature_key"}


def _check(given: Row) -> None:
    """Known types of events only; an address over TLS, but for what runs on this computer beside the sandbox."""
    unknown = sorted(set(given.get("event_types") or ()) - _EVENT_TYPES)
    if unknown:
        raise Rejected(400, "INVALID_VALUE", f"Unknown event type {unknown[0]}.", field="subscription.event_types")
    url = given.get("notification_url")
    if url is not None:
        target = urlsplit(url)
        near = target.scheme == "http" and target.hostname in ("127.0.0.1", "localhost")
        if not target.hostname or not (target.scheme == "https" or near):
            raise Rejected(400, "INVALID_VALUE", "Must be an HTTPS address.", field="subscription.notification_url")
