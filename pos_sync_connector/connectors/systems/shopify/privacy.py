"""Shopify's privacy webhooks. They are set in the app's own configuration, not by subscriptions.

The signature does not cover the topic: a request is believed only where the signed body has the form of its topic.
"""

from __future__ import annotations

from ...privacy import PrivacyKind, PrivacyRequest
from .values import Row, text

_SHOP = frozenset({"shop_id", "shop_domain"})
# Topic: what is asked, what the body holds beside the shop, and which of that are the orders.
_TOPICS: dict[str, tuple[PrivacyKind, frozenset[str], str]] = {
    "customers/data_request": (
        PrivacyKind.TELL_CUSTOMER,
        frozenset({"customer", "orders_requested", "data_request"}),
        "orders_requested",
    ),
    "customers/redact": (
        PrivacyKind.ERASE_CUSTOMER,
        frozenset({"customer", "orders_to_redact"}),
        "orders_to_redact",
    ),
    "shop/redact": (PrivacyKind.ERASE_EVERYBODY, frozenset(), ""),
}
TOPICS = tuple(_TOPICS)


def read(topic: str, body: Row, event_id: str) -> PrivacyRequest:
    """Raises ValueError where the body is none of that topic."""
    kind, more, orders = _TOPICS[topic]
    if set(body) != _SHOP | more:
        raise ValueError("another body than the topic's")
    return PrivacyRequest(
        event_id=event_id,
        kind=kind,
        account_id=text(body["shop_domain"]),
        customer_id=text(body["customer"]["id"]) if more else "",
        order_ids=tuple(text(key) for key in body.get(orders) or ()),
    )
