"""Shopify's orders as `Order` records. Where they stand: see `standing`.

What is booked is in the shop's currency, whatever the customer saw and paid in. A total is what was owed before
anything came back: returns are refunds, see `refunds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import Skip
from ...moments import read_moment
from ...pages import Cursor, Page, parse_each
from ...passes import Part
from . import order_fields as ask
from . import payments, terms
from .api import Api, quoted, since_text
from .fulfilments import fulfilments
from .order_lines import Shape
from .returned import Removed, edits, is_paid_in_part, removals
from .standing import hold_reason, sold_at, status_of
from .values import Row, gid, is_key, key_of, money, nodes, noted, stated, text

_MOST_IDS = 5
# The attribute of a draft that holds our key.
REFERENCE = "Odoo reference"
# Attributes that a sent order got from us.
OURS = (REFERENCE, "Odoo")
_TO_FULFIL = (rec.OrderStatus.OPEN, rec.OrderStatus.PAID)


def _listing(name: str, fields: str) -> str:
    return (
        f"query {name}($first: Int!, $after: String, $search: String) {{"
        " orders(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {"
        f" pageInfo {{ hasNextPage endCursor }} nodes {{ {fields} }} }} }}"
    )


ORDERS = _listing("Orders", ask.ORDER)
ORDERS_ON_TERMS = _listing("Orders", ask.ORDER + ask.PAYMENT_TERMS)
STATUSES = _listing("OrderStatuses", ask.STATUS)
_ONE = f"query Order($id: ID!) {{ order(id: $id) {{ {ask.ORDER} }} }}"
_ONE_ON_TERMS = f"query Order($id: ID!) {{ order(id: $id) {{ {ask.ORDER} {ask.PAYMENT_TERMS} }} }}"
_REFUNDS_OF = f"query RefundsOf($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Order {{ {ask.REFUNDS} }} }} }}"
_NAMED = "query OrderNamed($search: String!) { orders(first: 10, query: $search) { nodes { id name } } }"


class OrderReader:
    """Reads for one connection. `allows` tells whether the app has a permission."""

    def __init__(self, api: Api, allows: Callable[[str], bool] = lambda scope: False):
        self._api = api
        self._allows = allows

    @property
    def _listed(self) -> str:
        """What the app may not see would have the whole request refused."""
        return ORDERS_ON_TERMS if self._allows(terms.SCOPE) else ORDERS

    def part(self, since: datetime | None, limit: int) -> Part:
        return self._api.part(self._listed, ("orders",), limit, self.page, search=since_text(since))

    def status_part(self, since: datetime | None, limit: int) -> Part:
        return self._api.part(STATUSES, ("orders",), limit, self.status_page, search=since_text(since))

    def page(self, answer: Row) -> dict[str, Any]:
        rows = list(answer.get("nodes") or ())
        edited = self._removals(rows)
        records, malformed = parse_each(rows, lambda row: self.order(row, edited.get(key_of(row), {})), key_of)
        return {"records": records, "malformed": malformed}

    def status_page(self, answer: Row) -> dict[str, Any]:
        """How those stand that another system sent: their reference is its key."""
        rows = [row for row in answer.get("nodes") or () if reference_of(row) and not row.get("test")]
        records, malformed = parse_each(rows, self._status_change, key_of)
        return {"records": records, "malformed": malformed}

    def get(self, external_id: str) -> rec.Order | None:
        row = self.row(external_id)
        return self.order(row, self._removals([row]).get(key_of(row), {})) if row else None

    def find(self, number: str) -> rec.Order | None:
        """By its name, "#1001", with or without what the shop writes around the number."""
        wanted = number.strip()
        names = dict.fromkeys((wanted, f"#{wanted.lstrip('#')}", wanted.lstrip("#")))
        search = " OR ".join(f"name:{quoted(name)}" for name in names if name)
        rows = nodes(self._api.ask(_NAMED, search=search), "orders")
        # Shopify also finds names that only begin so.
        found = next((row for row in rows if row["name"].lower() in {name.lower() for name in names}), None)
        return self.get(key_of(found)) if found else None

    def row(self, external_id: str) -> dict[str, Any] | None:
        if not is_key(external_id):
            return None
        one = _ONE_ON_TERMS if self._allows(terms.SCOPE) else _ONE
        return self._api.ask(one, id=gid("Order", external_id)).get("order")

    # Records

    def order(self, row: dict[str, Any], removed: dict[str, Removed]) -> rec.Order:
        if row.get("test"):
            raise Skip("A test order: nothing was sold.", code="test-order")
        self._api.complete(row, "Order", "lineItems", ask.LINE)
        self._api.complete(row, "Order", "shippingLines", ask.SHIPPING)
        self._complete_parcels(row)
        shape = Shape(row, removed).read()
        gone = sum((item.subtotal + (0 if row["taxesIncluded"] else item.tax) for item in removed.values()), Decimal(0))
        tax = money(row.get("totalTaxSet")) - sum((item.tax for item in removed.values()), Decimal(0))
        tip = money(row.get("totalTipReceivedSet"))
        gross = money(row["totalPriceSet"]) - gone
        # A till takes the tip beside the order's total, a web checkout within.
        if gross - shape.gross < tip:
            gross += tip
        shape.add_plain("tip", rec.ChargeKind.TIP, "Tip", tip)
        received = payments.received(row, gross, tip)
        status, paid = status_of(row)
        return rec.Order(
            external_id=key_of(row),
            number=text(row.get("name")),
            status=status,
            paid=paid,
            currency=text(row["currencyCode"]),
            channel=text(row.get("sourceName")),
            customer_id=key_of(row.get("customer")),
            location_id=key_of(row.get("retailLocation")),
            note="\n".join(filter(None, (text(row.get("note")), noted(row.get("customAttributes"), OURS)))),
            source_reference=reference_of(row),
            purchase_order=text(row.get("poNumber")),
            tags=tuple(map(text, row.get("tags") or ())),
            discount_codes=tuple(map(text, row.get("discountCodes") or ())),
            payment_term=terms.payment_term(row),
            hold_reason=hold_reason(row) if status in _TO_FULFIL else "",
            price_includes_tax=bool(row.get("taxesIncluded")),
            lines=tuple(shape.lines),
            charges=tuple(shape.charges),
            payments=received,
            fulfilments=tuple(fulfilments(row)),
            shipping_address=terms.ship_to(row),
            billing_address=terms.bill_to(row),
            totals=rec.OrderTotals(
                gross=gross,
                net=gross - tax,
                tax=tax,
                discount=stated(row.get("totalDiscountsSet")),
                tip=tip,
                paid=sum((item.amount + item.tip for item in received), Decimal(0)),
                refunded=stated(row.get("totalRefundedSet")),
            ),
            created_at=read_moment(row.get("processedAt") or row["createdAt"]),  # type: ignore[arg-type]
            closed_at=sold_at(row, received, gross),
            updated_at=read_moment(row.get("updatedAt")),
            raw=row,
        )

    def _status_change(self, row: Row) -> rec.OrderStatusChange:
        self._complete_parcels(row)
        status, paid = status_of(row)
        return rec.OrderStatusChange(
            external_id=key_of(row),
            status=status,
            source_reference=reference_of(row),
            paid=paid,
            fulfilments=tuple(fulfilments(row)),
            reason=text(row.get("cancelReason")).lower(),
            updated_at=read_moment(row.get("updatedAt")),
            raw=row,
        )

    def of_ids(self, ids: Sequence[str], size: int) -> Iterator[Page[rec.Order]]:
        """Those of the orders that are there."""
        for first in range(0, len(ids), size):
            search = " OR ".join(f"id:{key}" for key in ids[first : first + size])
            rows = list(self._api.every(self._listed, "orders", search=search, most=size))
            yield Page(**self.page({"nodes": rows}), cursor=Cursor())

    # What is read apart, because few orders have it

    def _removals(self, rows: Sequence[Row]) -> dict[str, dict[str, Removed]]:
        """What edits took out, by order and line."""
        fewer = [row for row in rows if _has_fewer(row) and (not row.get("cancelledAt") or is_paid_in_part(row))]
        return {key_of(row): removals(edits(row), row.get("returnStatus")) for row in self.with_refunds(fewer)}

    def with_refunds(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        ids = [row["id"] for row in rows]
        found: list[dict[str, Any]] = []
        for first in range(0, len(ids), _MOST_IDS):
            found += filter(None, self._api.ask(_REFUNDS_OF, ids=ids[first : first + _MOST_IDS])["nodes"])
        for row in found:
            for refund in row["refunds"]:
                for name, selection in ask.OF_A_REFUND.items():
                    self._api.complete(refund, "Refund", name, selection)
        return found

    def _complete_parcels(self, row: Row) -> None:
        for parcel in row.get("fulfillments") or ():
            self._api.complete(parcel, "Fulfillment", "fulfillmentLineItems", ask.PARCEL_LINE)


def reference_of(row: Row) -> str:
    """The key of an order that was sent; one that was sent as a draft and completed there has it among its
    attributes."""
    marked = (item.get("value") for item in row.get("customAttributes") or () if item.get("key") == REFERENCE)
    return text(row.get("sourceIdentifier") or next(marked, ""))


def _has_fewer(row: Row) -> bool:
    """Whether units of a line are gone; the lines that an answer had no room for may hold some."""
    inner = row.get("lineItems") or {}
    fewer = any(line["currentQuantity"] < line["quantity"] for line in nodes(row, "lineItems"))
    return fewer or bool((inner.get("pageInfo") or {}).get("hasNextPage"))
