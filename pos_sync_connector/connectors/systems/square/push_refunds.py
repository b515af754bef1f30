"""Refunds sent to Square: money goes back by the payments that it was taken with, goods by a change of the inventory.

Square takes no goods with a refund: which they were stands in its reason, with our key, by which a refund is known
again, on the refund of the payment and in the order that Square makes for it. Each payment is refunded under a key of
its own; what an earlier try did is read off the payment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ... import records as rec
from ...errors import NeedsFixing
from ...marks import marked, unmarked
from ...refunding import check_left, goods_text
from . import payments
from .api import Api
from .keys import short_key
from .orders import OrderReader, currency_of, is_refund
from .refunds import RefundReader
from .stock import StockReader
from .values import Row, as_money, money, text

_REASON = 192
_COMPLETED = "COMPLETED"


class _Taken(NamedTuple):
    """A payment of the sale with what has been given back of it."""

    row: dict[str, Any]
    refunds: list[dict[str, Any]]

    @property
    def left(self) -> Decimal:
        return money(self.row.get("total_money")) - sum(map(_amount, self.refunds), Decimal(0))


class RefundPusher:
    """`now` gives Square's clock."""

    def __init__(
        self,
        api: Api,
        orders: OrderReader,
        refunds: RefundReader,
        stock: StockReader,
        now: Callable[[], datetime],
    ):
        self._api = api
        self._orders = orders
        self._refunds = refunds
        self._stock = stock
        self._now = now

    def push(self, refund: rec.Refund, key: str) -> tuple[rec.Refund, ...]:
        sale = self._orders.row(refund.order_id)
        if sale is None:
            raise NeedsFixing("Square does not have this order any more.", code="not-found")
        made = self._give_back(sale, refund, key) if refund.gross > 0 else []
        self._stock.put_back(
            [line for line in refund.lines if line.restock and line.variant_id],
            refund.location_id or text(sale.get("location_id")),
            key,
            self._now(),
        )
        return self._told(made, sale)

    def _told(self, made: Sequence[Row], sale: Row) -> tuple[rec.Refund, ...]:
        """As the refunds will be read: by the orders that Square made for them. What is not there yet follows so."""
        if not made:
            return ()
        orders = self._orders.rows(text(row.get("order_id")) for row in made)
        told: list[rec.Refund] = []
        for row in made:
            order = orders.get(text(row.get("order_id")))
            if order and is_refund(order):
                told += self._refunds.of_orders([order])["records"]
            elif order and row.get("status") == _COMPLETED:
                told.append(self._refunds.amount(row, sale))
        return tuple(told)

    def _give_back(self, sale: Row, refund: rec.Refund, key: str) -> list[dict[str, Any]]:
        """The refunds with our key, those made just now among them."""
        taken = [self._taken(tender) for tender in sale.get("tenders") or () if tender.get("type") != "NO_SALE"]
        ours = [(item, row) for item in taken for row in item.refunds if _key_of(row) == key]
        left = refund.gross - sum((_amount(row) for _item, row in ours), Decimal(0))
        made = [row for _item, row in ours]
        if left <= 0:
            return made
        # A payment that an earlier try has refunded a part of gave all it had to give.
        open_ = [item for item in taken if all(item is not known for known, _row in ours)]
        self._check(sale, refund, open_, left)
        for item in open_:
            part = min(item.left, left)
            if part > 0:
                made.append(self._refund(item.row, refund, part, key))
                left -= part
        return made

    def _taken(self, tender: Row) -> _Taken:
        row = self._api.get(f"v2/payments/{tender.get('payment_id') or tender['id']}", "payment")["payment"]
        refunds = [self._api.get(f"v2/refunds/{key}", "refund")["refund"] for key in row.get("refund_ids") or ()]
        return _Taken(row, [item for item in refunds if item.get("status") not in payments.UNDONE])

    def _check(self, sale: Row, refund: rec.Refund, taken: Iterable[_Taken], left: Decimal) -> None:
        """Nothing is sent that can't be given back as a whole."""
        rows = list(taken)
        if any(item.row.get("status") != _COMPLETED for item in rows):
            raise NeedsFixing(
                "A payment of this order is not completed in Square: nothing can be refunded yet. Complete it there, "
                "then retry.",
                code="not-paid",
            )
        paid = sum((item.left for item in rows), Decimal(0)) if sale.get("tenders") else None
        check_left("Square", refund, due=left, left=paid, currency=currency_of(sale))

    def _refund(self, payment: Row, refund: rec.Refund, amount: Decimal, key: str) -> dict[str, Any]:
        body = {
            "idempotency_key": short_key(key, "refund", payment["id"]),
            "payment_id": payment["id"],
            "amount_money": as_money(amount, refund.currency),
            "reason": marked(goods_text(refund), key, _REASON),
        }
        return self._api.ask("v2/refunds", body, "refund")["refund"]


def _amount(row: Row) -> Decimal:
    return money(row.get("amount_money"))


def _key_of(row: Row) -> str:
    return unmarked(text(row.get("reason")))[1]
