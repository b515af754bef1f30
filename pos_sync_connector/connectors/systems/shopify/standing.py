"""Where an order stands at Shopify, which tells three things apart. Of these the first that fits counts:

    cancelled, or payment VOIDED                                   CANCELLED
    payment PAID, PARTIALLY_REFUNDED, REFUNDED and
        FULFILLED, RESTOCKED or archived                           COMPLETED
        any other fulfilment                                       PAID
    payment PENDING, AUTHORIZED, PARTIALLY_PAID, EXPIRED or none and
        FULFILLED: sold on credit, or paid at the door             COMPLETED, and not paid
        any other fulfilment                                       OPEN
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ... import records as rec
from ...moments import read_moment
from .values import Row, stated, text

_PAID = ("PAID", "PARTIALLY_REFUNDED", "REFUNDED")
_DONE = ("FULFILLED", "RESTOCKED")
_NO_PARCEL = ("CANCELLED", "ERROR", "FAILURE")
_ADVICE = {
    "CANCEL": "Shopify advises to cancel it: a high risk of fraud.",
    "INVESTIGATE": "Shopify advises to check it first: a risk of fraud.",
}


def status_of(row: Row) -> tuple[rec.OrderStatus, bool]:
    """Where an order stands, and whether all of it is paid."""
    paid = row.get("displayFinancialStatus") in _PAID
    if row.get("cancelledAt") or row.get("displayFinancialStatus") == "VOIDED":
        return rec.OrderStatus.CANCELLED, paid
    handed_over = row.get("displayFulfillmentStatus") == "FULFILLED"
    if not paid:
        return (rec.OrderStatus.COMPLETED if handed_over else rec.OrderStatus.OPEN), False
    done = row.get("displayFulfillmentStatus") in _DONE or row.get("closedAt")
    return (rec.OrderStatus.COMPLETED if done else rec.OrderStatus.PAID), True


def sold_at(row: Row, payments: tuple[rec.Payment, ...], owed: Decimal) -> datetime | None:
    """When the order became a sale: all of it was paid, or all of it had left, whichever came first. None where that is
    when it was made. What an exchange or an edit made dearer later does not move it."""
    made = read_moment(row.get("processedAt") or row["createdAt"])
    found = []
    if row.get("displayFulfillmentStatus") == "FULFILLED":
        sent = [read_moment(item.get("createdAt")) for item in row.get("fulfillments") or () if _left(item)]
        found += [max(moment for moment in sent if moment)] if any(sent) else []
    if status_of(row)[1]:
        first = stated(row.get("originalTotalPriceSet"))
        found.append(_all_paid(payments, owed if first is None else min(first, owed)) or made)
    moment = min((item for item in found if item), default=None)
    return moment if moment and made and moment > made else None


def hold_reason(row: Row) -> str:
    """Why it must not be fulfilled yet."""
    held = ["Shopify has put it on hold."] if row.get("displayFulfillmentStatus") == "ON_HOLD" else []
    advice = _ADVICE.get(text((row.get("risk") or {}).get("recommendation")))
    return " ".join([*held, *([advice] if advice else [])])


def _left(parcel: Row) -> bool:
    return parcel.get("status") not in _NO_PARCEL


def _all_paid(payments: tuple[rec.Payment, ...], owed: Decimal) -> datetime | None:
    """When so much had been paid; None where that was never reached."""
    total = Decimal(0)
    for payment in sorted((item for item in payments if item.paid_at), key=lambda item: item.paid_at):  # type: ignore[arg-type, return-value]
        total += payment.amount + payment.tip
        if total >= owed:
            return payment.paid_at
    return None
