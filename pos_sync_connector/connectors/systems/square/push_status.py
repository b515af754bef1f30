"""Brings an order in Square to the status that it has here: handed over with its tracking, paid, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from .api import Api
from .fulfilments import details_of
from .orders import OrderReader
from .push_orders import cancel, change, pay_rest
from .values import Row

_S = rec.FulfilmentStatus
# Square's state for ours.
_STATES = {
    _S.ACCEPTED: "RESERVED",
    _S.PACKED: "PREPARED",
    _S.READY: "PREPARED",
    _S.SHIPPED: "COMPLETED",
    _S.DELIVERED: "COMPLETED",
    _S.PICKED_UP: "COMPLETED",
    _S.RETURNED: "FAILED",
    _S.CANCELLED: "CANCELED",
}
_ENDED = ("COMPLETED", "CANCELED", "FAILED")


class StatusPusher:
    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def push(self, wanted: rec.OrderStatusChange, key: str) -> Pushed:
        """What is done already is not done again. Square completes a fulfilment of a paid order only."""
        row = self._orders.row(wanted.external_id)
        if row is None:
            raise NeedsFixing("Square does not have this order any more.", code="not-found")
        done = Pushed(external_id=wanted.external_id)
        if wanted.status is rec.OrderStatus.CANCELLED:
            cancel(self._api, row, key)
            return done
        if wanted.paid and row.get("state") == "OPEN":
            pay_rest(self._api, row, key)
            row = self._orders.row(wanted.external_id) or row
        changes = list(self._fulfilments(row, wanted))
        if changes:
            change(self._api, row, {"fulfillments": changes}, key)
        return done

    def _fulfilments(self, row: Row, wanted: rec.OrderStatusChange) -> Iterator[dict[str, Any]]:
        """What is to be changed of Square's fulfilments, which it keeps one of an order: the last of ours counts."""
        latest = wanted.fulfilments[-1] if wanted.fulfilments else None
        if latest is None:
            return
        for item in row.get("fulfillments") or ():
            if item.get("state") in _ENDED:
                continue
            body: dict[str, Any] = {"uid": item["uid"], "state": _STATES[latest.status]}
            if item.get("type") == "SHIPMENT":
                told = {
                    "carrier": latest.carrier[:50],
                    "tracking_number": latest.tracking_number[:100],
                    "tracking_url": latest.tracking_url[:2000],
                }
                told = {name: value for name, value in told.items() if value and details_of(item).get(name) != value}
                if told:
                    body["shipment_details"] = told
            if body["state"] != item.get("state") or len(body) > 2:
                yield body
