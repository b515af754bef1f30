"""What Shopify's webhooks tell, by topic. Other topics are none of ours.

A body holds the whole record, in the form of Shopify's older interface, as it was when it was sent: webhooks come in
any order, some twice and some late. So only the id is taken of it, and the record is read as it is now.

The signature covers the body only, so that the topic may be anybody's: it names at worst a record that is then read, or
not found. What is deleted says so by a body that has nothing but the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...answers import Event, Told, WebhookRequest
from ...door import read_json
from ...errors import NeedsFixing
from ...flows import Flow
from ...moments import read_moment
from ...signatures import Scheme, header
from . import privacy
from .values import Row, text

SIGNATURE = Scheme(header="X-Shopify-Hmac-Sha256")
# Shopify is leaving out the X of its headers' names.
_PREFIXES = ("X-Shopify-", "Shopify-")

# Topic: the flow, and where in the body the id of its record stands; `""`: something of the flow has changed.
_TOPICS: dict[str, tuple[tuple[Flow, str], ...]] = {
    **dict.fromkeys(
        "orders/create orders/updated orders/paid orders/cancelled orders/edited orders/fulfilled "
        "orders/partially_fulfilled orders/delete".split(),
        ((Flow.ORDERS_PULL, "id"),),
    ),
    "order_transactions/create": ((Flow.ORDERS_PULL, "order_id"),),
    "refunds/create": ((Flow.ORDERS_PULL, "order_id"), (Flow.REFUNDS_PULL, "")),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), ((Flow.ORDERS_PULL, "order_id"),)),
    **dict.fromkeys(("products/create", "products/update", "products/delete"), ((Flow.PRODUCTS_PULL, "id"),)),
    **dict.fromkeys(
        ("inventory_levels/update", "inventory_levels/connect", "inventory_levels/disconnect"),
        ((Flow.STOCK_PULL, ""),),
    ),
    **dict.fromkeys(("customers/create", "customers/update", "customers/delete"), ((Flow.CUSTOMERS_PULL, "id"),)),
    "customers_email_marketing_consent/update": ((Flow.CUSTOMERS_PULL, "customer_id"),),
    "customers/merge": ((Flow.CUSTOMERS_PULL, ""),),
    **dict.fromkeys(("locations/create", "locations/update", "locations/delete"), ((Flow.SETUP_PULL, ""),)),
}
TOPICS: Mapping[str, frozenset[Flow]] = {
    topic: frozenset(flow for flow, _name in told) for topic, told in _TOPICS.items()
}
HELP = (
    "In the shop's admin open Settings, Notifications, Webhooks, and make one for each event below: format JSON, the "
    "webhook address as its URL, the newest version. Enter the key that stands below their list as the webhook secret."
)


def read(request: WebhookRequest, key: str) -> list[Told]:
    """Raises Refused where the signature does not hold, NeedsFixing where the body is no event."""
    Scheme(header=_named(request, "Hmac-Sha256")).verify(key, request)
    topic = _value(request, "Topic")
    try:
        body = read_json(request.body)
        event_id = _value(request, "Webhook-Id") or SIGNATURE.sign(key, body=request.body)
        if topic in privacy.TOPICS:
            return [privacy.read(topic, body, event_id)]
        happened = read_moment(_value(request, "Triggered-At") or body.get("updated_at"))
        return [
            Event(
                event_id=event_id,
                account_id=_value(request, "Shop-Domain"),
                happened_at=happened,
                deleted=bool(told["external_id"]) and topic.endswith("/delete") and set(body) == {"id"},
                **told,
            )
            for told in _told(topic, body)
        ]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NeedsFixing(
            "Shopify sent a webhook that can't be read. The next pull brings what it reported.",
            code="malformed",
            details=type(error).__name__,
        ) from None


def _told(topic: str, body: Row) -> Iterator[dict[str, Any]]:
    for flow, name in _TOPICS.get(topic, ()):
        # An edit stands within, and names its order.
        edit = body.get("order_edit")
        key = (edit["order_id"] if edit else body[name]) if name else ""
        yield {"flow": flow, "external_id": text(key)}


def _named(request: WebhookRequest, name: str) -> str:
    """The header's name as it came."""
    return next((prefix + name for prefix in _PREFIXES if header(request.headers, prefix + name)), _PREFIXES[0] + name)


def _value(request: WebhookRequest, name: str) -> str:
    return header(request.headers, _named(request, name))
