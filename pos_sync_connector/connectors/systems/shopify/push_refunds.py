"""Refunds sent to Shopify: the money by the transactions that took it, the goods with it, by their lines. Goods that
come back later than their money change the inventory only.

Our key stands in the refund's note, by which it is found on its order before it is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...marks import marked, unmarked
from ...refunding import check_left, goods_text
from . import order_fields as ask
from .api import Api, once
from .orders import OrderReader
from .refunds import refund as read_refund
from .stock import StockReader
from .values import Row, gid, key_of, money, text

_NOTE = 5000
_TAKEN = ("SALE", "CAPTURE")
_GIVEN = ("SUCCESS", "PENDING")
_UNFULFILLED = ("UNFULFILLED", "OPEN", "ON_HOLD", "SCHEDULED", "PENDING_FULFILLMENT")
_ORDER = f"""
query OrderToRefund($id: ID!) {{ order(id: $id) {{
  id currencyCode presentmentCurrencyCode displayFulfillmentStatus transactions {{ {ask.TRANSACTION} }} }} }}
"""
CREATE = """
mutation GiveBack($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { userErrors { field message } refund { id } } }
"""


class RefundPusher:
    """`place` gives the location of a refund that names none; `restocks`: whether Shopify's stock goes up with what
    comes back."""

    def __init__(self, api: Api, orders: OrderReader, stock: StockReader, place: Callable[[], str], restocks: bool):
        self._api = api
        self._orders = orders
        self._stock = stock
        self._place = place
        self._restocks = restocks

    def push(self, refund: rec.Refund, key: str) -> tuple[rec.Refund, ...]:
        row = self._api.ask(_ORDER, id=gid("Order", refund.order_id)).get("order")
        if row is None:
            raise NeedsFixing("Shopify does not have this order any more.", code="not-found")
        refund = replace(refund, location_id=refund.location_id or self._place())
        if refund.gross <= 0:
            back = [line for line in refund.lines if line.restock and self._restocks]
            self._stock.put_back(back, refund.location_id, key)
            return ()
        made = self._made(row, key)
        if not made:
            self._give_back(row, refund, key)
            made = self._made(row, key)
        return made

    def _made(self, row: Row, key: str) -> tuple[rec.Refund, ...]:
        """The refund of the order that bears our key."""
        return tuple(
            read_refund(order, item)
            for order in self._orders.with_refunds([row])
            for item in order["refunds"]
            if unmarked(text(item.get("note")))[1] == key
        )

    def _give_back(self, row: Row, refund: rec.Refund, key: str) -> None:
        currency = text(row["currencyCode"])
        if row["presentmentCurrencyCode"] != currency:
            raise NeedsFixing(
                f"The order was paid in {row['presentmentCurrencyCode']}, and the shop keeps its books in {currency}. "
                "Refund it in Shopify.",
                code="wrong-currency",
            )
        taken = list(_taken(row))
        left = sum((rest for _item, rest in taken), Decimal(0)) if taken else None
        check_left("Shopify", refund, due=refund.gross, left=left, currency=currency)
        body: dict[str, Any] = {
            "orderId": row["id"],
            "note": marked(goods_text(refund), key, _NOTE),
            "notify": False,
            "transactions": list(_transactions(row, taken, refund.gross)),
            "refundLineItems": list(self._lines(row, refund)),
        }
        self._api.change(CREATE, "refundCreate", again=True, input=body, key=once(key))

    def _lines(self, row: Row, refund: rec.Refund) -> Iterator[dict[str, Any]]:
        """Whole pieces of lines that Shopify knows; the rest is money alone."""
        back = "CANCEL" if row.get("displayFulfillmentStatus") in _UNFULFILLED else "RETURN"
        for line in refund.lines:
            if not line.order_line_id or line.quantity < 1 or line.quantity != line.quantity.to_integral_value():
                continue
            item = {"lineItemId": gid("LineItem", line.order_line_id), "quantity": int(line.quantity)}
            if line.restock and self._restocks and refund.location_id:
                yield {**item, "restockType": back, "locationId": gid("Location", refund.location_id)}
            else:
                yield {**item, "restockType": "NO_RESTOCK"}


def _taken(row: Row) -> Iterator[tuple[dict[str, Any], Decimal]]:
    """What took money, with what is left of it."""
    given: dict[str, Decimal] = defaultdict(Decimal)
    transactions = row.get("transactions") or ()
    for item in transactions:
        if item["kind"] in ("REFUND", "CHANGE") and item["status"] in _GIVEN:
            # One that names no other is of whichever the same gateway took.
            given[key_of(item.get("parentTransaction")) or text(item.get("gateway"))] += abs(money(item["amountSet"]))
    for item in transactions:
        if item["kind"] not in _TAKEN or item["status"] != "SUCCESS":
            continue
        left = money(item["amountSet"]) - given[key_of(item)]
        otherwise = min(left, given[text(item.get("gateway"))])
        given[text(item.get("gateway"))] -= otherwise
        yield item, left - otherwise


def _transactions(row: Row, taken: list[tuple[dict[str, Any], Decimal]], due: Decimal) -> Iterator[dict[str, Any]]:
    for item, left in taken:
        part = min(left, due)
        if part > 0:
            due -= part
            yield {
                "orderId": row["id"],
                "parentId": item["id"],
                "gateway": item["gateway"],
                "kind": "REFUND",
                "amount": format(part, "f"),
            }
