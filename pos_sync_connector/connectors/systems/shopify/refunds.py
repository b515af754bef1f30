"""Shopify's refunds as `Refund` records. They stand on their orders, whose change they are found by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
from .orders import OrderReader
from .returned import RETURNED, Worth, edits, is_on_its_way, received, total, worth
from .values import Row, key_of, nodes, text

_LISTING = """
query RefundedOrders($first: Int!, $after: String, $search: String) {
  orders(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt test } } }
"""
# An exchange for something as dear or dearer refunds no money.
_REFUNDED = "(financial_status:refunded OR financial_status:partially_refunded OR " + " OR ".join(
    f"return_status:{word.lower()}" for word in RETURNED
) + ")"
_ZERO = Decimal(0)


class RefundReader:
    """Reads for one connection."""

    def __init__(self, api: Api, orders: OrderReader):
        self._api = api
        self._orders = orders

    def part(self, since: datetime | None, limit: int) -> Part:
        return self._api.part(_LISTING, ("orders",), limit, self.page, search=since_text(since, _REFUNDED))

    def page(self, answer: Row) -> dict[str, Any]:
        orders = self._orders.with_refunds([row for row in answer.get("nodes") or () if not row.get("test")])
        items = [(order, row) for order in orders for row in told(order)]
        records, malformed = parse_each(items, lambda item: refund(*item), lambda item: key_of(item[1]))
        return {"records": records, "malformed": malformed}


def told(order: Row) -> Iterator[Row]:
    """The refunds of an order that are records; money that is on its way is none yet."""
    edited = [key_of(row) for row in edits(order)]
    for row in order.get("refunds") or ():
        if not is_on_its_way(row) and key_of(row) not in edited:
            yield row


def refund(order: Row, row: Row) -> rec.Refund:
    """A refund of an order, by the location that sold it, as Shopify books its money: the goods may have gone back to
    another. Where less was refunded than what came back is worth, and no adjustment says that it was kept, the rest
    was set off against other goods or is still owed; where more was, it returns what was overpaid."""
    inclusive, currency = bool(order.get("taxesIncluded")), text(order["currencyCode"])
    found = worth(row, inclusive)
    if not found.money and order.get("cancelledAt") and not received(order):
        found = _without_money(found)
    over = _overpaid(order, row, found)
    beyond = max(found.money - found.amount - over, _ZERO)
    tip = sum((item.amount for item in found.charges if item.kind is rec.ChargeKind.TIP), _ZERO)
    reason, reference = unmarked(text(row.get("note")))
    gross = found.amount + over + beyond
    return rec.Refund(
        external_id=key_of(row),
        order_id=key_of(order),
        number=text(order.get("name")),
        currency=currency,
        gross=gross,
        net=None if beyond else gross - found.tax,
        tax=None if beyond else found.tax,
        lines=found.lines,
        charges=found.charges,
        overpayment=over,
        payments=payments.refunded(nodes(row, "transactions"), currency, tip),
        reason=reason,
        source_reference=reference,
        location_id=key_of(order.get("retailLocation")),
        refunded_at=read_moment(row.get("processedAt") or row["createdAt"]),  # type: ignore[arg-type]
        updated_at=read_moment(row.get("updatedAt")),
        raw=row,
    )


def _overpaid(order: Row, row: Row, found: Worth) -> Decimal:
    """How much of the money returns what was paid beyond what the order came to before this refund: its total, less
    what edits and earlier refunds took off it, against what was received and not refunded yet."""
    beyond = found.money - found.amount
    if beyond <= 0:
        return _ZERO
    if found.outstanding:
        return beyond
    balance = received(order) - total(order)
    for item in sorted(order.get("refunds") or (), key=lambda item: (text(item.get("createdAt")), key_of(item))):
        if key_of(item) == key_of(row):
            break
        if not is_on_its_way(item):
            earlier = worth(item, bool(order.get("taxesIncluded")))
            # What was refunded without a reason made the order cheaper, unless it had been overpaid.
            balance += earlier.amount
            balance -= min(earlier.money, max(balance, _ZERO))
    return min(beyond, max(balance, _ZERO))


def _without_money(found: Worth) -> Worth:
    """Goods of an order that nobody paid: they come back, and nothing is refunded for them."""
    lines = tuple(replace(line, net=_ZERO, tax=_ZERO, gross=_ZERO) for line in found.lines)
    return Worth(lines, (), _ZERO)
