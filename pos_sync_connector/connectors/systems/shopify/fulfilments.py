"""How Shopify's orders reach the customer. Its words, the closer one first:

    READY_FOR_PICKUP                              READY
    PICKED_UP                                     PICKED_UP
    DELIVERED                                     DELIVERED
    NOT_DELIVERED, FAILURE                        RETURNED
    CANCELED, CANCELLED, ERROR                    CANCELLED
    PENDING, OPEN                                 ACCEPTED
    all others (SUCCESS, IN_TRANSIT, FULFILLED)   SHIPPED
"""

from __future__ import annotations

from collections.abc import Iterator

from ... import records as rec
from ...moments import read_moment
from .values import Row, key_of, nodes, number, text

_S = rec.FulfilmentStatus
_STATES = {
    "READY_FOR_PICKUP": _S.READY,
    "PICKED_UP": _S.PICKED_UP,
    "DELIVERED": _S.DELIVERED,
    "NOT_DELIVERED": _S.RETURNED,
    "FAILURE": _S.RETURNED,
    "CANCELED": _S.CANCELLED,
    "CANCELLED": _S.CANCELLED,
    "ERROR": _S.CANCELLED,
    "PENDING": _S.ACCEPTED,
    "OPEN": _S.ACCEPTED,
}


def fulfilments(order: Row) -> Iterator[rec.Fulfilment]:
    for row in order.get("fulfillments") or ():
        words = (text(row.get("displayStatus")), text(row.get("status")))
        parcels = [item for item in row.get("trackingInfo") or () if item]
        first = next(iter(parcels), {})
        yield rec.Fulfilment(
            external_id=key_of(row),
            order_id=key_of(order),
            status=next((_STATES[word] for word in words if word in _STATES), _S.SHIPPED),
            carrier=text(first.get("company")),
            # One for each box.
            tracking_number=", ".join(filter(None, (text(item.get("number")) for item in parcels))),
            tracking_url=text(first.get("url")),
            lines=tuple(
                (key_of(item["lineItem"]), number(item.get("quantity") or 0))
                for item in nodes(row, "fulfillmentLineItems")
            ),
            updated_at=read_moment(row.get("updatedAt")),
            raw=row,
        )
