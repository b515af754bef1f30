"""Square's orders as `Order` records. Its states:

    DRAFT                      DRAFT
    OPEN, nothing paid yet     OPEN
    OPEN, all of it paid       PAID
    OPEN, all of it fulfilled  COMPLETED, not paid (an invoice, cash on delivery)
    COMPLETED                  COMPLETED
    CANCELED                   CANCELLED

An order that only takes back what another one sold is a refund and no order: see `refunds`. One that takes back and
sells, or takes back what no order names, is an order with lines of negative quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ... import records as rec
from ...moments import read_moment, write_moment
from ...pagers import body_cursor
from ...pages import Malformed, parse_each
from ...passes import Part
from . import fulfilments as handing
from . import payments
from .adding_up import check_sum
from .api import Api, at, rows
from .order_lines import Shape
from .values import Row, money, pass_end, stated, text

_STATES = {
    "DRAFT": rec.OrderStatus.DRAFT,
    "OPEN": rec.OrderStatus.OPEN,
    "COMPLETED": rec.OrderStatus.COMPLETED,
    "CANCELED": rec.OrderStatus.CANCELLED,
}
_MOST_PLACES = 10
_MOST_IDS = 100
# How far back an order is looked for by its number.
_LOOK_BACK = timedelta(days=90)
_MOST_SEARCHED = 500
Reading = Callable[[Sequence[Row]], dict[str, Any]]


class OrderReader:
    """Reads for one connection. `places`: ids of its locations, with their currencies."""

    def __init__(self, api: Api, places: Callable[[], dict[str, str]]):
        self._api = api
        self._places = places

    # Pages

    def parts(self, since: datetime | None, limit: int, read: Reading, states: Sequence[str] = ()) -> list[Part]:
        """A pass over what was modified since then, oldest first; Square searches ten locations at a time."""
        places = sorted(self._places())
        return [
            self._part(places[first : first + _MOST_PLACES], since, limit, read, states)
            for first in range(0, len(places), _MOST_PLACES)
        ]

    def _part(
        self, places: list[str], since: datetime | None, limit: int, read: Reading, states: Sequence[str]
    ) -> Part:
        def fetch(position: str, started: datetime) -> dict[str, Any]:
            span = {**({"start_at": write_moment(since)} if since else {}), "end_at": pass_end(started)}
            # Square refuses to filter by one moment and sort by another.
            query: dict[str, Any] = {
                "filter": {"date_time_filter": {"updated_at": span}},
                "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
            }
            if states:
                query["filter"]["state_filter"] = {"states": list(states)}
            body: dict[str, Any] = {"location_ids": places, "query": query, "limit": limit}
            return self._api.ask("v2/orders/search", at(position, body), "orders")

        return Part(
            name=f"orders {places[0]}",
            fetch=fetch,
            following=body_cursor("cursor"),
            read=lambda answer: read(rows(answer, "orders")),
        )

    def page(self, found: Sequence[Row]) -> dict[str, Any]:
        records, malformed = self.read(row for row in found if not is_refund(row))
        return {"records": records, "malformed": malformed}

    def status_page(self, found: Sequence[Row]) -> dict[str, Any]:
        """How those stand that another system sent: their reference is its key."""
        records, malformed = parse_each(
            (row for row in found if row.get("reference_id")), status_change, lambda row: row["id"]
        )
        return {"records": records, "malformed": malformed}

    def read(self, found: Iterable[Row]) -> tuple[tuple[rec.Order, ...], tuple[Malformed, ...]]:
        found = list(found)
        sales = self._source_sales(found)
        return parse_each(found, lambda row: self.order(row, sales), lambda row: row["id"])

    def get(self, external_id: str) -> rec.Order | None:
        row = self.row(external_id)
        return self.order(row, self._source_sales([row])) if row and not is_refund(row) else None

    def find(self, number: str, now: datetime) -> rec.Order | None:
        """The newest with that number on its receipt or ticket, or that reference. Square's search knows none of them:
        the orders of the last months are looked through."""
        places = sorted(self._places())
        span = {"start_at": write_moment(now - _LOOK_BACK)}
        query = {
            "filter": {"date_time_filter": {"created_at": span}},
            "sort": {"sort_field": "CREATED_AT", "sort_order": "DESC"},
        }
        wanted, found = number.strip().lower(), []
        for first in range(0, len(places), _MOST_PLACES):
            body = {"location_ids": places[first : first + _MOST_PLACES], "query": query, "limit": _MOST_SEARCHED}

            def fetch(position: str, body: dict[str, Any] = body) -> Row:
                return self._api.ask("v2/orders/search", at(position, body), "orders")

            named = (
                row
                for row in self._api.every(fetch, "orders")
                if not is_refund(row) and wanted in {name.lower() for name in _names(row)}
            )
            found += [row for row in (next(named, None),) if row]
        newest = max(found, key=lambda row: text(row.get("created_at")), default=None)
        return self.get(newest["id"]) if newest else None

    def _source_sales(self, found: Iterable[Row]) -> dict[str, dict[str, Any]]:
        """The sales that exchanges refund, by their ids: their tenders tell how."""
        ids = [back.get("source_order_id") for row in found if row.get("refunds") for back in row.get("returns") or ()]
        return self.rows(filter(None, ids)) if any(ids) else {}

    def row(self, external_id: str) -> dict[str, Any] | None:
        return self._api.find(f"v2/orders/{external_id}", "order")

    def rows(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        found = self._api.each("v2/orders/batch-retrieve", "orders", ids, _MOST_IDS, "order_ids")
        return {row["id"]: row for row in found}

    # Records

    def order(self, row: Row, sales: Mapping[str, Row] = MappingProxyType({})) -> rec.Order:
        """`sales`: those that it takes back from."""
        currency = currency_of(row) or self._places().get(row.get("location_id") or "", "")
        back = bool(row.get("returns"))
        shape = Shape(row, currency).sold().returned()
        totals = row.get("net_amounts") if back else None
        gross = money(totals["total_money"]) if totals else money(row.get("total_money"))
        check_sum(f"order {row['id']}", gross, shape.total(), currency)
        tax = stated(totals.get("tax_money")) if totals else stated(row.get("total_tax_money"))
        tenders = payments.types_of(row, *sales.values())
        taken = payments.of_tenders(row) + (tuple(payments.paid_out(row, tenders)) if back else ())
        status, paid = status_of(row)
        customer = _customer_id(row)
        return rec.Order(
            external_id=row["id"],
            number=payments.receipt_number(row) or text(row.get("ticket_name")),
            status=status,
            paid=paid,
            currency=currency,
            channel=text((row.get("source") or {}).get("name")),
            order_type=handing.order_type(row),
            customer_id=customer,
            location_id=text(row.get("location_id")),
            note=handing.note(row),
            source_reference=text(row.get("reference_id")),
            price_includes_tax=any(tax.get("type") == "INCLUSIVE" for tax in row.get("taxes") or ()),
            lines=tuple(shape.lines),
            charges=tuple(shape.charges),
            payments=taken,
            fulfilments=tuple(handing.fulfilments(row)),
            shipping_address=handing.delivery_address(row),
            # Whoever has no card there is known by what the order says of the person.
            billing_address=None if customer else handing.buyer(row),
            totals=rec.OrderTotals(
                gross=gross,
                net=None if tax is None else gross - tax,
                tax=tax,
                discount=stated(row.get("total_discount_money")),
                tip=stated((totals or {}).get("tip_money") or row.get("total_tip_money")),
                paid=sum((item.amount + item.tip for item in taken), Decimal(0)),
            ),
            due_at=handing.due_at(row),
            created_at=read_moment(row.get("created_at") or row.get("updated_at")),  # type: ignore[arg-type]
            closed_at=read_moment(row.get("closed_at")) or (handing.fulfilled_at(row) if not paid else None),
            updated_at=read_moment(row.get("updated_at")),
            raw=row,
        )


def status_change(row: Row) -> rec.OrderStatusChange:
    status, paid = status_of(row)
    return rec.OrderStatusChange(
        external_id=row["id"],
        status=status,
        source_reference=text(row.get("reference_id")),
        paid=paid,
        payments=payments.of_tenders(row),
        fulfilments=tuple(handing.fulfilments(row)),
        updated_at=read_moment(row.get("updated_at")),
        raw=row,
    )


def status_of(row: Row) -> tuple[rec.OrderStatus, bool]:
    """Where an order stands, and whether all of it is paid."""
    status = _STATES[row.get("state") or "OPEN"]
    if status is rec.OrderStatus.COMPLETED:
        return status, money(row.get("net_amount_due_money")) <= 0
    if status is not rec.OrderStatus.OPEN:
        return status, False
    # What is due, as Square states it, leaves out money that is only reserved.
    taken = sum((item.amount + item.tip for item in payments.of_tenders(row)), Decimal(0))
    paid = taken > 0 and taken >= money(row.get("total_money"))
    if paid:
        return rec.OrderStatus.PAID, True
    return (rec.OrderStatus.COMPLETED if handing.fulfilled_at(row) else status), False


def is_refund(row: Row) -> bool:
    """Whether an order only takes back what other orders sold."""
    returns = row.get("returns") or ()
    sells = row.get("line_items") or row.get("service_charges")
    return bool(returns) and not sells and all(back.get("source_order_id") for back in returns)


def currency_of(row: Row) -> str:
    """Of an order's amounts; `""` where it states none."""
    stated_money = [row.get("total_money"), (row.get("net_amounts") or {}).get("total_money")]
    stated_money += [line.get("base_price_money") for line in row.get("line_items") or ()]
    return next((text(item["currency"]) for item in stated_money if item and item.get("currency")), "")


def _customer_id(row: Row) -> str:
    """Tills note the customer on the payment, online orders may do so on the fulfilment."""
    named = [tender.get("customer_id") for tender in row.get("tenders") or ()]
    named += [person.get("customer_id") for person in handing.recipients(row)]
    return text(row.get("customer_id") or next(filter(None, named), None))


def _names(row: Row) -> tuple[str, ...]:
    """What people call an order by."""
    names = (payments.receipt_number(row), text(row.get("ticket_name")), text(row.get("reference_id")))
    return tuple(filter(None, names))
