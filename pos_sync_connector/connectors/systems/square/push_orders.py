"""Orders sent to Square: made once by an idempotency key, compared with what Square computes, then paid.

    DRAFT                a draft
    OPEN                 to be paid there, with a fulfilment: without one Square's tills don't show it
    PAID                 paid with one payment of ours, open until it is handed over there
    COMPLETED            paid, without a fulfilment, so that Square completes it
    CANCELLED            cancelled

Our key stands in `reference_id`, by which an order is known again when it comes back. Square can't search by it: what
a lost answer made is looked for among the newest orders that this application made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from ...moments import write_moment
from ...money import minor_unit
from .api import Api, at
from .keys import reference, short_key
from .order_body import order_body
from .orders import OrderReader
from .values import Row, as_money, money, stated

SOURCE = "pos_sync_connector"
# So long ago an order may have been made whose answer was lost.
_LOOK_BACK = timedelta(days=7)
_MOST_PLACES = 10
_EXTERNAL = {
    rec.PaymentKind.CARD: "CARD",
    rec.PaymentKind.BANK: "BANK_TRANSFER",
    rec.PaymentKind.GIFT_CARD: "OTHER_GIFT_CARD",
    rec.PaymentKind.POINTS: "STORED_BALANCE",
    rec.PaymentKind.ON_ACCOUNT: "STORED_BALANCE",
}


class OrderPusher:
    """`place` gives the location of an order that names none, `now` Square's clock."""

    def __init__(
        self,
        api: Api,
        orders: OrderReader,
        places: Callable[[], dict[str, str]],
        place: Callable[[], str],
        now: Callable[[], datetime],
    ):
        self._api = api
        self._orders = orders
        self._places = places
        self._place = place
        self._now = now

    def find(self, key: str) -> Pushed | None:
        row = self._find(key)
        return Pushed(external_id=row["id"], complete=False) if row else None

    def push(self, order: rec.Order, key: str) -> Pushed:
        row = self._make(order, key)
        if order.status is rec.OrderStatus.CANCELLED:
            cancel(self._api, row, key)
        elif order.paid:
            settle(self._api, row, order, key)
        sent = [line.external_id for line in order.lines]
        made = [line["uid"] for line in row.get("line_items") or ()]
        # Square keeps the uids that we gave the lines, and with them their order.
        return Pushed(external_id=row["id"], lines=tuple(zip(sent, made, strict=False)))

    def _make(self, order: rec.Order, key: str) -> dict[str, Any]:
        location = order.location_id or self._place()
        self._check_currency(order, location)
        body = order_body(order, location, key, SOURCE)
        self._settle_rounding(order, body)
        try:
            answer = self._api.ask("v2/orders", {"idempotency_key": key, "order": body}, "order")
        except NeedsFixing as failure:
            # An earlier try made it, and the order has changed here since.
            row = self._find(key) if failure.code == "key-reused" else None
            if not row:
                raise
            return row
        return answer["order"]

    def _check_currency(self, order: rec.Order, location: str) -> None:
        currency = self._places().get(location, "")
        if currency and currency != order.currency:
            raise NeedsFixing(
                f"The order is in {order.currency}, the location in Square sells in {currency}. Send it to a location "
                "with its currency.",
                code="wrong-currency",
                trace=f"wrong-currency:{order.currency}",
            )

    def _settle_rounding(self, order: rec.Order, body: dict[str, Any]) -> None:
        """Square computes the taxes itself, and rounds half a cent to the even one: what is a cent a line off becomes
        a charge or a discount of its own."""
        gross = order.totals.gross - taken_otherwise(order)
        computed = self._computed(body)
        most = (len(order.lines) + len(order.charges)) * minor_unit(order.currency)
        if computed != gross and abs(gross - computed) <= most:
            body |= _rounding(body, gross - computed, order.currency)
            computed = self._computed(body)
        if computed != gross:
            raise NeedsFixing(
                f"Square computes {computed} for the order, here it is {gross}. Compare the taxes that are mapped to "
                "each other, then retry.",
                code="total-differs",
                details=f"{computed} there, {gross} here",
            )

    def _computed(self, body: Row) -> Decimal:
        return money(self._api.ask("v2/orders/calculate", {"order": body}, "order")["order"].get("total_money"))

    def _find(self, key: str) -> dict[str, Any] | None:
        """The order with our key among the newest of this application."""
        since = {"start_at": write_moment(self._now() - _LOOK_BACK)}
        query = {
            "filter": {"date_time_filter": {"created_at": since}, "source_filter": {"source_names": [SOURCE]}},
            "sort": {"sort_field": "CREATED_AT", "sort_order": "DESC"},
        }
        places = sorted(self._places())
        for first in range(0, len(places), _MOST_PLACES):
            body = {"location_ids": places[first : first + _MOST_PLACES], "query": query, "limit": 500}

            def fetch(position: str, body: dict[str, Any] = body) -> Row:
                return self._api.ask("v2/orders/search", at(position, body), "orders")

            for row in self._api.every(fetch, "orders"):
                if row.get("reference_id") == reference(key):
                    return row
        return None


def _rounding(body: Row, amount: Decimal, currency: str) -> dict[str, Any]:
    """The parts of an order's body that make its total as much higher, or lower."""
    row = {"uid": "rounding", "name": "Rounding", "amount_money": as_money(abs(amount), currency)}
    if amount > 0:
        charge = {**row, "calculation_phase": "TOTAL_PHASE", "taxable": False}
        return {"service_charges": [*body.get("service_charges", ()), charge]}
    return {"discounts": [*body.get("discounts", ()), {**row, "scope": "ORDER", "type": "FIXED_AMOUNT"}]}


def taken_otherwise(order: rec.Order) -> Decimal:
    """What of the total is no part of Square's order: tips are paid with the payment, gift cards are money."""
    return sum(
        (
            charge.amount
            for charge in order.charges
            if charge.kind is rec.ChargeKind.GIFT_CARD or (charge.kind is rec.ChargeKind.TIP and order.paid)
        ),
        Decimal(0),
    )


def settle(api: Api, row: Row, order: rec.Order, key: str) -> None:
    """Pays what is due with one payment: Square wants an order's payments to be its whole total."""
    tips = sum((charge.amount for charge in order.charges if charge.kind is rec.ChargeKind.TIP), Decimal(0))
    kinds = {payment.kind for payment in order.payments}
    pay_rest(
        api,
        row,
        key,
        tip=tips,
        kind=next(iter(kinds)) if len(kinds) == 1 else rec.PaymentKind.OTHER,
        name=", ".join(dict.fromkeys(item.method_name for item in order.payments if item.method_name)),
    )


def pay_rest(
    api: Api,
    row: Row,
    key: str,
    *,
    tip: Decimal = Decimal(0),
    kind: rec.PaymentKind = rec.PaymentKind.OTHER,
    name: str = "",
) -> None:
    """Pays what is still due. Doing so twice with one key pays once."""
    currency = row["total_money"]["currency"]
    due = stated(row.get("net_amount_due_money"))
    due = money(row["total_money"]) if due is None else due
    if row.get("tenders") or row.get("state") == "COMPLETED":
        return
    if not due and not tip:
        api.ask(f"v2/orders/{row['id']}/pay", {"idempotency_key": short_key(key, "pay"), "payment_ids": []}, "order")
        return
    amount = as_money(due, currency)
    body: dict[str, Any] = {
        "idempotency_key": short_key(key, "payment"),
        "amount_money": amount,
        "order_id": row["id"],
        "location_id": row["location_id"],
    }
    if tip:
        body["tip_money"] = as_money(tip, currency)
    if kind is rec.PaymentKind.CASH:
        body |= {"source_id": "CASH", "cash_details": {"buyer_supplied_money": as_money(due + tip, currency)}}
    else:
        outside = {"type": _EXTERNAL.get(kind, "OTHER"), "source": (name or "Odoo")[:255]}
        body |= {"source_id": "EXTERNAL", "external_details": outside}
    api.ask("v2/payments", body, "payment")


def cancel(api: Api, row: Row, key: str) -> None:
    """Cancels the order with its fulfilments; raises NeedsFixing for one that is paid: it must be refunded there."""
    if row.get("state") == "CANCELED":
        return
    if row.get("tenders") or row.get("state") == "COMPLETED":
        raise NeedsFixing(
            "The order is paid in Square and can't be cancelled there. Refund it in Square.", code="already-paid"
        )
    waiting = [
        {"uid": item["uid"], "state": "CANCELED"}
        for item in row.get("fulfillments") or ()
        if item.get("state") not in ("CANCELED", "COMPLETED", "FAILED")
    ]
    change(api, row, {"state": "CANCELED", **({"fulfillments": waiting} if waiting else {})}, key)


def change(api: Api, row: Row, values: Row, key: str) -> dict[str, Any]:
    """Changes parts of an order as it was read; one that was changed meanwhile is a conflict."""
    body = {"location_id": row["location_id"], "version": row.get("version", 1), **values}
    return api.put(
        f"v2/orders/{row['id']}",
        {"idempotency_key": short_key(key, "change", str(row.get("version"))), "order": body},
        "order",
    )["order"]
