"""Money taken and given back. Square tells it twice, and differently:

* a tender of an order: `amount_money` WITH the tip, `tip_money`;
* a payment of the Payments API: `amount_money` WITHOUT the tip, `tip_money`, `total_money` of both.

Both become the same `Payment`, whose amount is without the tip. Types of tenders and of payments' sources:

    CASH                                  cash
    CARD, THIRD_PARTY_CARD                card
    SQUARE_GIFT_CARD                      gift card
    BANK_ACCOUNT                          bank
    WALLET, SQUARE_ACCOUNT                wallet
    BUY_NOW_PAY_LATER, OTHER, EXTERNAL    other
    NO_SALE                               no money moved: left out
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from ... import records as rec
from ...moments import read_moment
from .values import Row, money, stated, text

_KINDS = {
    "CASH": ("Cash", rec.PaymentKind.CASH),
    "CARD": ("Card", rec.PaymentKind.CARD),
    "THIRD_PARTY_CARD": ("Card of another processor", rec.PaymentKind.CARD),
    "SQUARE_GIFT_CARD": ("Square gift card", rec.PaymentKind.GIFT_CARD),
    "BANK_ACCOUNT": ("Bank account", rec.PaymentKind.BANK),
    "WALLET": ("Wallet", rec.PaymentKind.WALLET),
    "SQUARE_ACCOUNT": ("Cash App", rec.PaymentKind.WALLET),
    "BUY_NOW_PAY_LATER": ("Buy now, pay later", rec.PaymentKind.OTHER),
    "OTHER": ("Other", rec.PaymentKind.OTHER),
}
# Sources of payments whose tender has another name.
_SOURCES = {"EXTERNAL": "OTHER", "CARD_ON_FILE": "CARD"}
_NO_MONEY = ("NO_SALE",)
_NOT_TAKEN = ("VOIDED", "FAILED", "AUTHORIZED")
_TAKEN = ("COMPLETED",)
# States of a refund whose money did not leave, and of one whose money has not left yet.
UNDONE, PENDING = ("REJECTED", "FAILED"), "PENDING"


def payment_methods() -> Iterator[rec.PaymentMethod]:
    for key, (name, kind) in _KINDS.items():
        yield rec.PaymentMethod(external_id=key, name=name, kind=kind)


def of_tenders(order: Row) -> tuple[rec.Payment, ...]:
    """What was taken for an order: not what was only reserved, voided or refused."""
    return tuple(
        _payment(
            row,
            row.get("payment_id") or row["id"],
            method=row["type"],
            amount=money(row.get("amount_money")) - money(row.get("tip_money")),
            fee=stated(row.get("processing_fee_money")),
        )
        for row in order.get("tenders") or ()
        if row["type"] not in _NO_MONEY and _status(row) not in _NOT_TAKEN
    )


def of_payment(row: Row) -> rec.Payment | None:
    """A payment of the Payments API; None where no money was taken."""
    if row.get("status") not in _TAKEN:
        return None
    fees = [money(fee.get("amount_money")) for fee in row.get("processing_fee") or ()]
    return _payment(
        row,
        row["id"],
        method=method_of(row),
        amount=money(row.get("amount_money")),
        fee=sum(fees, Decimal(0)) if fees else None,
    )


def method_of(payment: Row) -> str:
    """The type that the tender of a payment has. Square's gift cards are cards to the Payments API."""
    card = (payment.get("card_details") or {}).get("card") or {}
    if card.get("card_brand") == "SQUARE_GIFT_CARD":
        return "SQUARE_GIFT_CARD"
    source = payment.get("source_type") or "OTHER"
    return _SOURCES.get(source, source)


def types_of(*sales: Row) -> dict[str, str]:
    """Types of tenders by their id and that of their payment."""
    tenders = [tender for sale in sales for tender in sale.get("tenders") or ()]
    return {text(tender[key]): tender["type"] for tender in tenders for key in ("id", "payment_id") if tender.get(key)}


def given_back(refunds: Iterable[Row], tenders: dict[str, str]) -> tuple[rec.Payment, ...]:
    """What left by each refund, as positive amounts; `tenders`: types by the id of the tender or payment."""
    return tuple(
        _payment(
            row,
            refund_id(row),
            method=tenders.get(row.get("tender_id") or row.get("payment_id") or "", "OTHER"),
            amount=money(row.get("amount_money")),
        )
        for row in refunds
        if row.get("status") not in (*UNDONE, PENDING)
    )


def refund_id(row: Row) -> str:
    """As the Payments API and payouts know a refund: an order states only what follows the id of the tender in it."""
    key, tender = text(row["id"]), text(row.get("tender_id"))
    return key if not tender or key.startswith(f"{tender}_") else f"{tender}_{key}"


def paid_out(order: Row, tenders: dict[str, str]) -> Iterator[rec.Payment]:
    """What an exchange refunded, as negative amounts."""
    for item in given_back(order.get("refunds") or (), tenders):
        yield replace(item, amount=-item.amount)


def receipt_number(order: Row) -> str:
    """What stands on the receipt: the first four letters of the payment's id."""
    first = next((row for row in order.get("tenders") or () if row["type"] not in _NO_MONEY), {})
    return text(first.get("payment_id") or first.get("id"))[:4]


def _payment(row: Row, key: str, *, method: str, amount: Decimal, fee: Decimal | None = None) -> rec.Payment:
    name, kind = _KINDS.get(method, (method.replace("_", " ").capitalize(), rec.PaymentKind.OTHER))
    outside = row.get("external_details") or {}
    return rec.Payment(
        external_id=text(key),
        method_id=method,
        method_name=text(outside.get("source")) or name,
        kind=kind,
        amount=amount,
        tip=money(row.get("tip_money")),
        currency=text((row.get("amount_money") or {}).get("currency")),
        reference=text(row.get("note")),
        fee=fee,
        paid_at=read_moment(row.get("created_at")),
    )


def _status(tender: Row) -> str:
    details = (tender.get(name) for name in ("card_details", "buy_now_pay_later_details", "square_account_details"))
    return next((text(item["status"]) for item in details if item and item.get("status")), "")
