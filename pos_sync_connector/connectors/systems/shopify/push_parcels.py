"""Parcels of Shopify's orders, reported as fulfilments.

`fulfillmentCreate` has no idempotency key: what an earlier call made is known by what is in it, among the fulfilments
that are no younger than the parcel and no other parcel's. What is to be fulfilled stands in fulfilment orders, one for
each place that it is sent from; a fulfilment belongs to one place, so that a parcel may be several.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ...answers import Pushed
from ...errors import NeedsFixing
from ...moments import read_moment
from ...parcels import Parcel
from .api import Api
from .order_fields import PARCEL_LINE
from .values import Row, gid, key_of, nodes, text

# Clocks differ by a little.
_EARLIER = timedelta(minutes=5)
_OPEN = ("OPEN", "IN_PROGRESS")
_WAITING = ("ON_HOLD", "SCHEDULED")
_LEFT = "id remainingQuantity lineItem { id }"
_ORDER = f"""
query OrderToShip($id: ID!) {{ order(id: $id) {{
  id cancelledAt
  fulfillments {{ id status createdAt trackingInfo(first: 10) {{ company number url }}
    fulfillmentLineItems(first: 20) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {PARCEL_LINE} }} }} }}
  fulfillmentOrders(first: 10) {{ nodes {{ id status assignedLocation {{ location {{ id }} }}
    lineItems(first: 40) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_LEFT} }} }} }} }} }} }}
"""
_FULFIL = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { userErrors { field message } fulfillment { id } } }
"""
_TRACK = """
mutation TrackParcel($id: ID!, $tracking: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: $notify) {
    userErrors { field message } } }
"""


class ParcelPusher:
    def __init__(self, api: Api):
        self._api = api

    def push(self, parcel: Parcel) -> Pushed:
        row = self._api.ask(_ORDER, id=gid("Order", parcel.order_id)).get("order")
        if row is None:
            raise NeedsFixing("Shopify does not have this order any more.", code="not-found")
        made = {key_of(item): item for item in row["fulfillments"]}
        known = [made[key] for key in parcel.parcel_id.split(",") if key in made]
        left: dict[str, int] = {}
        if not known:
            left = _pieces(parcel)
            known = self._find(row["fulfillments"], parcel, left)
        self._track(known, parcel)
        keys = [key_of(item) for item in known]
        if any(left.values()):
            keys += self._make(row, parcel, left)
        return Pushed(external_id=",".join(keys))

    def _find(self, fulfilments: Iterable[dict[str, Any]], parcel: Parcel, left: dict[str, int]) -> list[Row]:
        """What is made of the parcel already; takes it off `left`."""
        others = {key for other in parcel.others for key in other.split(",")}
        found = []
        for item in fulfilments:
            made_at = read_moment(item["createdAt"])
            early = made_at is None or made_at < parcel.shipped_at - _EARLIER
            if early or key_of(item) in others or item["status"] in ("CANCELLED", "ERROR", "FAILURE"):
                continue
            self._api.complete(item, "Fulfillment", "fulfillmentLineItems", PARCEL_LINE)
            inside = {key_of(line["lineItem"]): line["quantity"] or 0 for line in nodes(item, "fulfillmentLineItems")}
            if inside and all(many <= left.get(key, 0) for key, many in inside.items()):
                for key, many in inside.items():
                    left[key] -= many
                found.append(item)
        return found

    def _make(self, row: Row, parcel: Parcel, left: dict[str, int]) -> list[str]:
        """Fulfilments of what is `left` of the parcel, one for each place."""
        by_place: dict[str, list[dict[str, Any]]] = {}
        waits = False
        for source in nodes(row, "fulfillmentOrders"):
            waits |= source["status"] in _WAITING
            if source["status"] not in _OPEN:
                continue
            self._api.complete(source, "FulfillmentOrder", "lineItems", _LEFT)
            lines = list(_taken(nodes(source, "lineItems"), left))
            if lines:
                place = text(((source["assignedLocation"] or {}).get("location") or {}).get("id"))
                body = {"fulfillmentOrderId": source["id"], "fulfillmentOrderLineItems": lines}
                by_place.setdefault(place, []).append(body)
        if any(left.values()):
            raise _too_little(row, waits)
        made = []
        for bodies in by_place.values():
            wanted: dict[str, Any] = {"lineItemsByFulfillmentOrder": bodies, "notifyCustomer": parcel.notify}
            if tracking := _tracking(parcel):
                wanted["trackingInfo"] = tracking
            made.append(self._api.change(_FULFIL, "fulfillmentCreate", fulfillment=wanted)["fulfillment"])
        return [key_of(item) for item in made]

    def _track(self, known: Iterable[Row], parcel: Parcel) -> None:
        """Carrier and tracking where they are others than Shopify has."""
        tracking = _tracking(parcel)
        for item in known:
            boxes = item["trackingInfo"] or []
            there = {
                "company": text((boxes or [{}])[0].get("company")),
                "url": text((boxes or [{}])[0].get("url")),
                "numbers": [text(box.get("number")) for box in boxes],
            }
            wanted = {**tracking, "numbers": _numbers(parcel)}
            wanted.pop("number", None)
            if any(there[name] != value for name, value in wanted.items() if value):
                self._api.change(
                    _TRACK, "fulfillmentTrackingInfoUpdate", again=True, id=item["id"], tracking=tracking,
                    notify=parcel.notify,
                )  # fmt: skip


def _pieces(parcel: Parcel) -> dict[str, int]:
    if any(many != many.to_integral_value() for _line, many in parcel.lines):
        raise NeedsFixing(
            "Shopify counts whole pieces only, and the parcel has a part of one. Report it in Shopify by hand, then "
            "drop this message.",
            code="part-of-a-piece",
        )
    return {line: int(many) for line, many in parcel.lines}


def _taken(lines: Iterable[Row], left: dict[str, int]) -> Iterable[dict[str, Any]]:
    """What lines of a fulfilment order give of `left`, which is the less for it."""
    for line in lines:
        key = key_of(line["lineItem"])
        many = min(left.get(key, 0), line["remainingQuantity"])
        if many > 0:
            left[key] -= many
            yield {"id": line["id"], "quantity": many}


def _too_little(row: Row, waits: bool) -> NeedsFixing:
    if row["cancelledAt"]:
        return NeedsFixing(
            "The order is cancelled in Shopify, and a parcel of it has left. Look at both, then drop this message.",
            code="cancelled-there",
        )
    if waits:
        return NeedsFixing(
            "Shopify holds the order back. Release it there, then press “Retry”.", code="held-there"
        )
    return NeedsFixing(
        "Less of the order is left to be fulfilled in Shopify than the parcel has. Compare the order in both: what is "
        "fulfilled there already needs no report, and this message can be dropped.",
        code="less-left",
    )


def _numbers(parcel: Parcel) -> list[str]:
    return [number.strip() for number in parcel.tracking_number.split(",") if number.strip()]


def _tracking(parcel: Parcel) -> dict[str, Any]:
    numbers = _numbers(parcel)
    told: dict[str, Any] = {"company": parcel.carrier, "url": parcel.tracking_url}
    told |= {"numbers": numbers} if len(numbers) > 1 else {"number": "".join(numbers)}
    return {name: value for name, value in told.items() if value}


