"""What Shopify gives back, as `Refund` records. They stand on their orders, whose change they are found by."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...marks import unmarked
from ...moments import read_moment
from ...pages import parse_each
from ...passes import Part
from . import payments
from .api import Api, since_text
from .order_lines import RETURNED, is_edit
from .orders import OrderReader
from .values import Row, key_of, money, nodes, text

_LISTING = """
query RefundedOrders($first: Int!, $after: String, $search: String) {
  orders(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt test } } }
"""
# An exchange for something as dear or dearer gives no money back.
_GAVE_BACK = "(financial_status:refunded OR financial_status:partially_refunded OR " + " OR ".join(
    f"return_status:{word.lower()}" for word in RETURNED
) + ")"
_ZERO = Decimal(0)


class RefundReader:
    """Reads for one connection."""

    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def part(self, since: datetime | None, limit: int) -> Part:
        return self._api.part(_LISTING, ("orders",), limit, self.page, search=since_text(since, _GAVE_BACK))

    def page(self, answer: Row) -> dict[str, Any]:
        orders = self._orders.with_refunds([row for row in answer.get("nodes") or () if not row.get("test")])
        items = [
            (order, row)
            for order in orders
            for row in order["refunds"]
            if order["cancelledAt"] or not is_edit(row, order.get("returnStatus"))
        ]
        records, malformed = parse_each(items, lambda item: refund(*item), lambda item: key_of(item[1]))
        return {"records": records, "malformed": malformed}


def refund(order: Row, row: Row) -> rec.Refund:
    """A refund of an order, by the location that sold it, as Shopify books its money: the goods may have gone back to
    another. What came back is worth more than was given back where it was exchanged for other goods: those stand on the
    order, and what they cost was set off."""
    inclusive, currency = bool(order.get("taxesIncluded")), text(order["currencyCode"])
    lines = tuple(_line(item, inclusive) for item in nodes(row, "refundLineItems"))
    shipping = nodes(row, "refundShippingLines")
    goods_tax = sum((line.tax or _ZERO for line in lines), _ZERO)
    tax = goods_tax + sum((money(item["taxAmountSet"]) for item in shipping), _ZERO)
    worth = sum((line.gross or _ZERO for line in lines), _ZERO)
    worth += sum((money(item["subtotalAmountSet"]) for item in shipping), _ZERO)
    worth += _ZERO if inclusive else tax - goods_tax
    given = money(row.get("totalRefundedSet"))
    reason, reference = unmarked(text(row.get("note")))
    exchanged = worth > given and not nodes(row, "orderAdjustments") and not order.get("cancelledAt")
    gross = worth if exchanged else given
    return rec.Refund(
        external_id=key_of(row),
        order_id=key_of(order),
        number=text(order.get("name")),
        currency=currency,
        gross=gross,
        net=gross - tax if gross == worth else None,
        tax=tax if gross == worth else None,
        lines=lines,
        payments=payments.given_back(nodes(row, "transactions"), currency),
        reason=reason,
        source_reference=reference,
        location_id=key_of(order.get("retailLocation")),
        refunded_at=read_moment(row.get("processedAt") or row["createdAt"]),  # type: ignore[arg-type]
        updated_at=read_moment(row.get("updatedAt")),
        raw=row,
    )


def _line(row: Row, inclusive: bool) -> rec.RefundLine:
    subtotal, tax = money(row["subtotalSet"]), money(row["totalTaxSet"])
    gross = subtotal if inclusive else subtotal + tax
    sold = row["lineItem"]
    return rec.RefundLine(
        order_line_id=key_of(sold),
        variant_id=key_of(sold.get("variant")),
        name=text(sold.get("name")),
        quantity=Decimal(row["quantity"]),
        net=gross - tax,
        tax=tax,
        gross=gross,
        restock=row.get("restockType") != "NO_RESTOCK",
    )


