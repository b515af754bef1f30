"""How Square's orders reach the customer. Its states, by kind of fulfilment:

                PICKUP       SHIPMENT     DELIVERY
    PROPOSED    -            -            -            nobody at the shop has taken it on yet
    RESERVED    ACCEPTED     ACCEPTED     ACCEPTED
    PREPARED    READY        PACKED       READY
    COMPLETED   PICKED_UP    SHIPPED      DELIVERED
    CANCELED    CANCELLED    CANCELLED    CANCELLED
    FAILED      CANCELLED    RETURNED     RETURNED
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from ... import records as rec
from ...moments import read_moment
from .values import Row, address, number, text

_S = rec.FulfilmentStatus
_STATES: dict[str, dict[str, rec.FulfilmentStatus]] = {
    "RESERVED": {"": _S.ACCEPTED},
    "PREPARED": {"": _S.READY, "SHIPMENT": _S.PACKED},
    "COMPLETED": {"": _S.PICKED_UP, "SHIPMENT": _S.SHIPPED, "DELIVERY": _S.DELIVERED},
    "CANCELED": {"": _S.CANCELLED},
    "FAILED": {"": _S.RETURNED, "PICKUP": _S.CANCELLED},
}
_DETAILS = ("pickup_details", "shipment_details", "delivery_details")
_DUE = ("pickup_at", "deliver_at", "expected_shipped_at")
_MOMENTS = (
    "delivered_at shipped_at picked_up_at completed_at failed_at canceled_at packaged_at ready_at in_progress_at "
    "accepted_at placed_at"
).split()


def fulfilments(order: Row) -> Iterator[rec.Fulfilment]:
    for place, row in enumerate(order.get("fulfillments") or ()):
        states: Mapping[str, rec.FulfilmentStatus] = _STATES.get(row.get("state") or "", {})
        kind = text(row.get("type"))
        status = states.get(kind) or states.get("")
        if not status:
            continue
        details = details_of(row)
        yield rec.Fulfilment(
            external_id=text(row.get("uid")) or f"{order['id']}:{place}",
            order_id=order["id"],
            status=status,
            carrier=text(details.get("carrier") or details.get("courier_provider_name")),
            tracking_number=text(details.get("tracking_number")),
            tracking_url=text(details.get("tracking_url")),
            lines=tuple(
                (text(entry["line_item_uid"]), number(entry["quantity"])) for entry in row.get("entries") or ()
            ),
            updated_at=_moment(details),
            raw=row,
        )


def details_of(row: Row) -> Row:
    return next((row[name] for name in _DETAILS if row.get(name)), {})


def fulfilled_at(order: Row) -> datetime | None:
    """When the last of an order was fulfilled; None while something of it waits, or where it has no fulfilments."""
    rows = [row for row in order.get("fulfillments") or () if row.get("state") not in ("CANCELED", "FAILED")]
    if not rows or any(row.get("state") != "COMPLETED" for row in rows):
        return None
    moments = (_moment(details_of(row)) for row in rows)
    return max(filter(None, moments), default=read_moment(order.get("updated_at")))


def _moment(details: Row) -> datetime | None:
    return next((read_moment(details[name]) for name in _MOMENTS if details.get(name)), None)


def order_type(order: Row) -> str:
    """ "pickup", "shipment", "delivery": of the first fulfilment."""
    return next((text(row.get("type")).lower() for row in order.get("fulfillments") or ()), "")


def due_at(order: Row) -> datetime | None:
    all_details = [details_of(row) for row in order.get("fulfillments") or ()]
    return next((read_moment(item[name]) for item in all_details for name in _DUE if item.get(name)), None)


def recipients(order: Row) -> list[Row]:
    return [details_of(row).get("recipient") or {} for row in order.get("fulfillments") or ()]


def delivery_address(order: Row) -> rec.Address | None:
    """The first place that something of the order is sent to."""
    found = (_address(person, rec.AddressKind.DELIVERY) for person in recipients(order) if person.get("address"))
    return next(filter(None, found), None)


def buyer(order: Row) -> rec.Address | None:
    """The first person that the order names, with or without a place."""
    found = (_address(person, rec.AddressKind.INVOICE) for person in recipients(order))
    return next(filter(None, found), None)


def _address(person: Row, kind: rec.AddressKind) -> rec.Address | None:
    name, phone, email = (text(person.get(key)) for key in ("display_name", "phone_number", "email_address"))
    place = address(person.get("address"), kind, name, phone)
    if place:
        return replace(place, email=email)
    return rec.Address(kind=kind, name=name, phone=phone, email=email) if name or email else None


def note(order: Row) -> str:
    """What the customer or the shop wrote on the fulfilments."""
    notes = (
        text(item.get("note") or item.get("shipping_note"))
        for item in map(details_of, order.get("fulfillments") or ())
    )
    return "\n".join(filter(None, notes))
