"""Money received and refunded. Of Shopify's transactions only those count that succeeded:

    SALE, CAPTURE                                             money received
    REFUND                                                    money refunded
    CHANGE                                                    what was too much, returned in cash at once
    AUTHORIZATION, EMV_AUTHORIZATION, VOID, SUGGESTED_REFUND  no money moved

Gateways are the payment methods: a word such as "shopify_payments", "cash" or "gift_card", or the name that the
merchant gave a manual one. Store credit is what the shop owes, as a gift card's is. Where cash is rounded, a
transaction's amount is that before it, and the rounding stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ... import records as rec
from ...moments import read_moment
from .values import Row, key_of, money, text

RECEIVED = ("SALE", "CAPTURE")
_KINDS = {
    "cash": ("Cash", rec.PaymentKind.CASH),
    "gift_card": ("Gift card", rec.PaymentKind.GIFT_CARD),
    "shopify_payments": ("Shopify Payments", rec.PaymentKind.CARD),
    "shopify_store_credit": ("Store credit", rec.PaymentKind.GIFT_CARD),
    "paypal": ("PayPal", rec.PaymentKind.WALLET),
    "bogus": ("Bogus (test)", rec.PaymentKind.CARD),
    "manual": ("Manual", rec.PaymentKind.OTHER),
    "Cash on Delivery (COD)": ("Cash on delivery", rec.PaymentKind.CASH),
    "Bank Deposit": ("Bank deposit", rec.PaymentKind.BANK),
    "exchange-credit": ("Exchange credit", rec.PaymentKind.OTHER),
}


def payment_methods() -> list[rec.PaymentMethod]:
    """Those that Shopify names; a merchant's own come with the orders."""
    return [rec.PaymentMethod(external_id=key, name=name, kind=kind) for key, (name, kind) in _KINDS.items()]


def received(order: Row, owed: Decimal, tip: Decimal) -> tuple[rec.Payment, ...]:
    """What was received for an order that comes to `owed`, of which `tip` is a tip. Where more was handed over than
    owed the change is taken off the cash."""
    rows = [row for row in order.get("transactions") or () if row["status"] == "SUCCESS"]
    currency = text(order["currencyCode"])
    found = [_payment(row, currency) for row in rows if row["kind"] in RECEIVED]
    change = sum((abs(money(row["amountSet"])) for row in rows if row["kind"] == "CHANGE"), Decimal(0))
    over = sum((item.amount for item in found), Decimal(0)) - owed
    if change and over > 0:
        found = _take_off(found, min(change, over))
    return tuple(_with_tip(found, tip))


def refunded(rows: Iterable[Row], currency: str, tip: Decimal) -> tuple[rec.Payment, ...]:
    """What left by a refund's transactions, as positive amounts; of it `tip` is a tip."""
    found = [_payment(row, currency) for row in rows if row["kind"] == "REFUND" and row["status"] == "SUCCESS"]
    return tuple(_with_tip(found, tip))


def _payment(row: Row, currency: str) -> rec.Payment:
    gateway = text(row.get("gateway"))
    name, kind = _KINDS.get(gateway, (text(row.get("formattedGateway")) or gateway, rec.PaymentKind.OTHER))
    return rec.Payment(
        external_id=key_of(row),
        method_id=gateway,
        method_name=name,
        kind=kind,
        amount=abs(money(row["amountSet"])),
        rounding=money(row.get("amountRoundingSet")),
        currency=currency,
        paid_at=read_moment(row.get("processedAt") or row.get("createdAt")),
    )


def _take_off(found: list[rec.Payment], change: Decimal) -> list[rec.Payment]:
    """The change off the cash, the last first."""
    kept = []
    for payment in sorted(found, key=lambda item: item.kind is rec.PaymentKind.CASH, reverse=True):
        off = min(change, payment.amount)
        change -= off
        kept.append(replace(payment, amount=payment.amount - off))
    return sorted(kept, key=lambda item: [known.external_id for known in found].index(item.external_id))


def _with_tip(found: list[rec.Payment], tip: Decimal) -> Iterable[rec.Payment]:
    """Shopify tells the tip of the order only: it falls on the payments from the last one on."""
    shared = []
    for payment in reversed(found):
        part = min(tip, payment.amount)
        tip -= part
        shared.append(replace(payment, amount=payment.amount - part, tip=part))
    return reversed(shared)
