"""Parcels of Square's orders, reported on their fulfilments.

An application can't say which lines a fulfilment is of, nor add a second one: what left stands in the fulfilment's
metadata, an entry for each parcel, by which one that was reported is known again. The fulfilment is PREPARED while
parts of it have left, and COMPLETED with the last one; the tracking numbers of all stand on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ...answers import Pushed
from ...errors import NeedsFixing, Skip
from ...parcels import Parcel
from .api import Api
from .fulfilments import details_of
from .keys import short_key
from .orders import OrderReader
from .push_orders import change
from .values import Row, money, number, text

_ENDED = ("COMPLETED", "CANCELED", "FAILED")
_OURS, _MOST = "parcel-", 10
_APART = "; "


class ParcelPusher:
    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def push(self, parcel: Parcel, key: str) -> Pushed:
        row = self._orders.row(parcel.order_id)
        if row is None:
            raise NeedsFixing("Square does not have this order any more.", code="not-found")
        name = _name(key)
        done = Pushed(external_id=name)
        all_ = list(row.get("fulfillments") or ())
        known = [item for item in all_ if name in (item.get("metadata") or {})]
        mine = known or [item for item in all_ if item.get("state") not in _ENDED and _holds(item, parcel)]
        if not mine:
            raise Skip("The order has nothing in Square that is still to be fulfilled.", code="nothing-left")
        changes = [body for item in mine if (body := self._change(row, item, parcel, name))]
        if not changes:
            return done
        if row.get("state") in ("COMPLETED", "CANCELED"):
            raise NeedsFixing(
                "Square does not change orders that are completed. Enter the tracking there by hand, then drop this "
                "message.",
                code="completed-there",
            )
        ends = any(body.get("state") == "COMPLETED" for body in changes)
        if ends and money(row.get("net_amount_due_money")) and not row.get("tenders"):
            raise NeedsFixing(
                "Square completes paid orders only. Take the payment there, then press “Retry”.", code="not-paid"
            )
        change(self._api, row, {"fulfillments": changes}, key)
        return done

    def _change(self, row: Row, item: Row, parcel: Parcel, name: str) -> dict[str, Any] | None:
        """What is new of a fulfilment."""
        kept = {key: value for key, value in (item.get("metadata") or {}).items() if key.startswith(_OURS)}
        wanted = {**kept, name: _entry(row, parcel)}
        if len(wanted) > _MOST:
            raise NeedsFixing(
                "Square keeps ten parcels of an order at most. Note this one there by hand, then drop this message.",
                code="too-many-parcels",
            )
        body: dict[str, Any] = {"metadata": wanted} if wanted != kept else {}
        state = item.get("state")
        if state not in _ENDED:
            ready = parcel.is_last or all(many <= 0 for many in _left(row, item, parcel).values())
            wish = "COMPLETED" if ready else "PREPARED"
            if wish != state:
                body["state"] = wish
        if item.get("type") == "SHIPMENT":
            numbers = ", ".join(filter(None, (value.partition(_APART)[0] for value in wanted.values())))
            told = {
                "carrier": parcel.carrier[:50],
                "tracking_number": numbers[:100],
                "tracking_url": parcel.tracking_url[:2000],
            }
            told = {key: value for key, value in told.items() if value and details_of(item).get(key) != value}
            if told:
                body["shipment_details"] = told
        return {"uid": item["uid"], **body} if body else None


def _name(key: str) -> str:
    """The key as a key of metadata, which takes 60 plain characters."""
    plain = _OURS + re.sub(r"[^a-zA-Z0-9_-]", "-", key)
    return plain if len(plain) <= 60 else f"{_OURS}{short_key(key)}"


def _entry(row: Row, parcel: Parcel) -> str:
    """What left, for people: the tracking number comes first."""
    names = {line["uid"]: text(line.get("name")) for line in row.get("line_items") or ()}
    goods = ", ".join(f"{many.normalize():f} x {names.get(line, line)}" for line, many in parcel.lines)
    number_ = parcel.tracking_number.replace(_APART, ", ")
    return _APART.join((number_, parcel.carrier, goods))[:255]


def _lines(row: Row, item: Row) -> Iterator[tuple[str, Decimal]]:
    """What a fulfilment is of: all of the order where it does not say."""
    for entry in item.get("entries") or ():
        yield text(entry["line_item_uid"]), number(entry["quantity"])
    if not item.get("entries"):
        for line in row.get("line_items") or ():
            yield line["uid"], number(line["quantity"])


def _holds(item: Row, parcel: Parcel) -> bool:
    own = {text(entry["line_item_uid"]) for entry in item.get("entries") or ()}
    return not own or bool(own & {line for line, _many in parcel.lines})


def _left(row: Row, item: Row, parcel: Parcel) -> Mapping[str, Decimal]:
    left = dict(_lines(row, item))
    for line, many in parcel.shipped:
        if line in left:
            left[line] -= many
    return left
