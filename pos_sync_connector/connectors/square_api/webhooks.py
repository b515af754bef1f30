"""What Square's webhooks tell, by type of event. Most name a record only, which is then read as it is now: they come
in any order, some twice. Types that are not listed are none of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..connector import Event, Flow, WebhookRequest
from ..errors import NeedsFixing
from ..moments import read_moment
from ..signatures import Scheme
from .stock import level
from .values import Row, text

SIGNATURE = Scheme(header="x-square-hmacsha256-signature", signs=("url", "body"))

Telling = Callable[[Row], Iterator[dict[str, Any]]]


def _record(flow: Flow, *path: str) -> Telling:
    """One record of a flow, whose id stands at `path` in the event's object."""

    def tell(data: Row) -> Iterator[dict[str, Any]]:
        value: Any = data.get("object") or {}
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        yield {"flow": flow, "external_id": text(value)}

    return tell


def _customer(data: Row) -> Iterator[dict[str, Any]]:
    yield {"flow": Flow.CUSTOMERS_PULL, "external_id": text(data["id"]), "deleted": bool(data.get("deleted"))}


def _counts(data: Row) -> Iterator[dict[str, Any]]:
    for row in (data.get("object") or {}).get("inventory_counts") or ():
        if row.get("state") == "IN_STOCK":
            found = level(row)
            yield {"flow": Flow.STOCK_PULL, "external_id": found.external_id, "record": found}


def _nudge(flow: Flow) -> Telling:
    return lambda data: iter([{"flow": flow}])


_EVENTS: dict[str, Telling] = {
    "order.created": _record(Flow.ORDERS_PULL, "order_created", "order_id"),
    "order.updated": _record(Flow.ORDERS_PULL, "order_updated", "order_id"),
    "order.fulfillment.updated": _record(Flow.ORDERS_PULL, "order_fulfillment_updated", "order_id"),
    "payment.created": _record(Flow.ORDERS_PULL, "payment", "order_id"),
    "payment.updated": _record(Flow.ORDERS_PULL, "payment", "order_id"),
    **dict.fromkeys(("refund.created", "refund.updated"), _nudge(Flow.REFUNDS_PULL)),
    **dict.fromkeys(("customer.created", "customer.updated", "customer.deleted"), _customer),
    "inventory.count.updated": _counts,
    "catalog.version.updated": _nudge(Flow.PRODUCTS_PULL),
    **dict.fromkeys(("location.created", "location.updated"), _nudge(Flow.SETUP_PULL)),
}
TOPICS = tuple(sorted(_EVENTS))


def read(request: WebhookRequest, key: str) -> list[Event]:
    """Raises Refused where the signature does not hold, NeedsFixing where the body is no event."""
    SIGNATURE.verify(key, request)
    try:
        body = json.loads(request.body)
        kind, event_id, account = str(body["type"]), str(body["event_id"]), text(body.get("merchant_id"))
        tell = _EVENTS.get(kind)
        happened = read_moment(body.get("created_at"))
        return [
            Event(event_id=event_id, account_id=account, happened_at=happened, **told)
            for told in (tell(body.get("data") or {}) if tell else ())
        ]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NeedsFixing(
            "Square sent a webhook that can't be read. The next pull brings what it told.",
            code="malformed",
            details=type(error).__name__,
        ) from None
