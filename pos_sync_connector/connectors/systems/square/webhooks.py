"""What Square's webhooks tell, by type of event. Most name a record only, which is then read as it is now: they come
in any order, some twice. Types that are not listed are none of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...answers import Event, WebhookRequest
from ...door import read_json
from ...errors import NeedsFixing
from ...flows import Flow
from ...moments import read_moment
from ...settings import Setting, SettingKind
from ...signatures import Scheme
from .stock import level
from .values import Row, text

SETTINGS = (
    Setting(
        "webhook_key",
        "Webhook signature key",
        SettingKind.SECRET,
        required=False,
        help="Your application, Webhooks, Subscriptions: the signature key of the one with this connection's address.",
    ),
    Setting(
        "app_token",
        "Application's access token",
        SettingKind.SECRET,
        required=False,
        help="Only after Connect, to register webhooks: a permission can't do that. Your application, Credentials, "
        "Production access token.",
    ),
)
SIGNATURE = Scheme(header="x-square-hmacsha256-signature", signs=("url", "body"))

Telling = Callable[[Row], Iterator[dict[str, Any]]]


def _record(*path: str) -> Telling:
    """One record, whose id stands at `path` in the event's object."""

    def tell(data: Row) -> Iterator[dict[str, Any]]:
        value: Any = data.get("object") or {}
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        yield {"external_id": text(value)}

    return tell


def _customer(data: Row) -> Iterator[dict[str, Any]]:
    yield {"external_id": text(data["id"]), "deleted": bool(data.get("deleted"))}


def _counts(data: Row) -> Iterator[dict[str, Any]]:
    for row in (data.get("object") or {}).get("inventory_counts") or ():
        if row.get("state") == "IN_STOCK":
            found = level(row)
            yield {"external_id": found.external_id, "record": found}


def _nudge(data: Row) -> Iterator[dict[str, Any]]:
    yield {}


_EVENTS: dict[str, tuple[Flow, Telling]] = {
    "order.created": (Flow.ORDERS_PULL, _record("order_created", "order_id")),
    "order.updated": (Flow.ORDERS_PULL, _record("order_updated", "order_id")),
    "order.fulfillment.updated": (Flow.ORDERS_PULL, _record("order_fulfillment_updated", "order_id")),
    **dict.fromkeys(("payment.created", "payment.updated"), (Flow.ORDERS_PULL, _record("payment", "order_id"))),
    **dict.fromkeys(("refund.created", "refund.updated"), (Flow.REFUNDS_PULL, _nudge)),
    **dict.fromkeys(("payout.sent", "payout.paid", "payout.failed"), (Flow.PAYOUTS_PULL, _nudge)),
    **dict.fromkeys(("customer.created", "customer.updated", "customer.deleted"), (Flow.CUSTOMERS_PULL, _customer)),
    "inventory.count.updated": (Flow.STOCK_PULL, _counts),
    "catalog.version.updated": (Flow.PRODUCTS_PULL, _nudge),
    **dict.fromkeys(("location.created", "location.updated"), (Flow.SETUP_PULL, _nudge)),
}
TOPICS: Mapping[str, frozenset[Flow]] = {kind: frozenset({flow}) for kind, (flow, _tell) in _EVENTS.items()}
HELP = (
    "At developer.squareup.com open your application, Webhooks, Subscriptions, Add subscription, with the webhook "
    "address below as its URL. Then show its signature key, and enter that in the settings of this connection."
)


def read(request: WebhookRequest, key: str) -> list[Event]:
    """Raises Refused where the signature does not hold, NeedsFixing where the body is no event."""
    SIGNATURE.verify(key, request)
    try:
        body = read_json(request.body)
        kind, event_id, account = str(body["type"]), str(body["event_id"]), text(body.get("merchant_id"))
        flow, tell = _EVENTS.get(kind) or (None, None)
        happened = read_moment(body.get("created_at"))
        return [
            Event(event_id=event_id, account_id=account, happened_at=happened, flow=flow, **told)
            for told in (tell(body.get("data") or {}) if flow and tell else ())
        ]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NeedsFixing(
            "Square sent a webhook that can't be read. The next pull brings what it reported.",
            code="malformed",
            details=type(error).__name__,
        ) from None
