"""Brings an order in Shopify to the status that it has here: paid, handed over with its tracking, cancelled."""

from __future__ import annotations

from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from .api import Api
from .push_drafts import DraftPusher, is_draft
from .push_orders import cancel
from .values import Row, gid, nodes

_S = rec.FulfilmentStatus
_HANDED_OVER = (_S.SHIPPED, _S.DELIVERED, _S.PICKED_UP)
_OPEN = ("OPEN", "IN_PROGRESS", "SCHEDULED")
_ORDER = """
query OrderToChange($id: ID!) { order(id: $id) {
  id cancelledAt canMarkAsPaid
  fulfillments { id status trackingInfo(first: 1) { company number url } }
  fulfillmentOrders(first: 20) { nodes { id status } } } }
"""
_PAID = """
mutation MarkPaid($input: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $input) { userErrors { field message } } }
"""
_FULFIL = """
mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { userErrors { field message } fulfillment { id } } }
"""
_TRACK = """
mutation Track($id: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: false) {
    userErrors { field message } } }
"""


class StatusPusher:
    def __init__(self, api: Api):
        self._api = api

    def push(self, wanted: rec.OrderStatusChange) -> Pushed:
        """What is done already is not done again: each step looks at what is there."""
        key = wanted.external_id
        if is_draft(key):
            draft = DraftPusher(self._api)
            key = draft.order_of(key)
            if not key:
                # Nobody has made an order of it yet.
                if wanted.status is rec.OrderStatus.CANCELLED:
                    draft.drop(wanted.external_id)
                return Pushed(external_id=wanted.external_id)
        row = self._api.ask(_ORDER, id=gid("Order", key)).get("order")
        if row is None:
            raise NeedsFixing("Shopify does not have this order any more.", code="not-found")
        done = Pushed(external_id=wanted.external_id)
        if wanted.status is rec.OrderStatus.CANCELLED:
            cancel(self._api, row)
            return done
        if wanted.paid and row.get("canMarkAsPaid"):
            self._api.change(_PAID, "orderMarkAsPaid", again=True, input={"id": row["id"]})
        latest = wanted.fulfilments[-1] if wanted.fulfilments else None
        if latest and latest.status in _HANDED_OVER:
            self._hand_over(row, latest)
        return done

    def _hand_over(self, row: Row, latest: rec.Fulfilment) -> None:
        """All that is still to be handed over, in one parcel; where nothing is, the tracking of the last parcel."""
        told = {"company": latest.carrier, "number": latest.tracking_number, "url": latest.tracking_url}
        tracking = {name: value for name, value in told.items() if value}
        waiting = [item["id"] for item in nodes(row, "fulfillmentOrders") if item["status"] in _OPEN]
        if waiting:
            body: dict[str, Any] = {
                "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": key} for key in waiting],
                "notifyCustomer": False,
            }
            if tracking:
                body["trackingInfo"] = tracking
            self._api.change(_FULFIL, "fulfillmentCreate", fulfillment=body)
            return
        parcels = [item for item in row.get("fulfillments") or () if item["status"] == "SUCCESS"]
        known = next(iter(parcels[-1]["trackingInfo"]), {}) if parcels else {}
        if parcels and any(known.get(name) != value for name, value in tracking.items()):
            self._api.change(
                _TRACK, "fulfillmentTrackingInfoUpdate", again=True, id=parcels[-1]["id"], tracking=tracking
            )
