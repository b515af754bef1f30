"""Customers, orders with their status, and refunds of one connection to an Odoo: what is pulled besides products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...pages import Cursor, Page
from ...windows import Days, Window
from .customers import CustomerReader
from .order_status import OrderStatusReader
from .passes import Part, pages
from .pos_orders import MODEL as TILLS
from .pos_orders import PosOrderReader
from .refunds import CREDIT_NOTES, CreditNoteReader, PosRefundReader
from .rpc import Rpc
from .sale_orders import MODEL as SALES
from .sale_orders import SaleOrderReader
from .sold import SoldReader
from .totals import TotalsReader
from .values import key, number, wire

BOTH, SALE_ORDERS, POS_ORDERS = "both", "sale", "pos"


class SalesReader:
    """`orders` says which come: SALE_ORDERS, POS_ORDERS or BOTH. `places` are the ids of locations that hold stock;
    `now` is that Odoo's clock."""

    def __init__(
        self,
        rpc: Rpc,
        orders: str,
        currencies: dict[int, str],
        units: Callable[[], dict[int, rec.Unit]],
        places: Callable[[], frozenset[str]],
        now: Callable[[], datetime],
    ):
        self._rpc = rpc
        self._orders = orders
        self._currencies = currencies
        self._units = units
        self._places = places
        self._now = now

    # Customers

    def pull_customers(self, cursor: Cursor, size: int) -> Iterator[Page[rec.Customer]]:
        return self._pass({"res.partner": self.customers}, cursor, size)

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return _one(self.customers.read, number("partner", external_id))

    # Orders

    def pull_orders(self, cursor: Cursor, size: int) -> Iterator[Page[rec.Order]]:
        return self._pass(self._order_readers, cursor, size)

    def get_order(self, external_id: str) -> rec.Order | None:
        for kind, model in (("sale", SALES), ("pos", TILLS)):
            order = number(kind, external_id)
            if order is not None and model in self._order_readers:
                return _one(self._order_readers[model].read, order)
        return None

    def find_order(self, name: str) -> rec.Order | None:
        for kind, model in (("sale", SALES), ("pos", TILLS)):
            if model not in self._order_readers:
                continue
            rows = self._rpc.search_read(model, [("name", "=", name)], ["id"], limit=1)
            if rows and (order := self.get_order(key(kind, rows[0]["id"]))):
                return order
        return None

    def orders_in(self, window: Window, size: int) -> Iterator[Page[rec.Order]]:
        """Orders by their date, whatever their status."""
        dated = [("date_order", ">=", wire(window.starts_at)), ("date_order", "<", wire(window.ends_at))]
        readers = self._order_readers.items()
        parts = [_part(model, reader, lambda item: [*item.domain(None), *dated]) for model, reader in readers]
        return pages(self._rpc, parts, Cursor(), size, self._now)

    def pull_order_status(self, cursor: Cursor, size: int) -> Iterator[Page[rec.OrderStatusChange]]:
        readers = {SALES: OrderStatusReader(self.sale_orders)} if self.sale_orders.exists else {}
        return self._pass(readers, cursor, size)

    def pull_refunds(self, cursor: Cursor, size: int) -> Iterator[Page[rec.Refund]]:
        return self._pass(self._refund_readers(), cursor, size)

    def refunds_in(self, window: Window, size: int) -> Iterator[Page[rec.Refund]]:
        """Refunds by their date; that of a credit note has no time."""
        first, last = wire(window.starts_at - timedelta(days=1)), wire(window.ends_at + timedelta(days=1))
        dated = {
            CREDIT_NOTES: [("invoice_date", ">=", first[:10]), ("invoice_date", "<=", last[:10])],
            TILLS: [("date_order", ">=", first), ("date_order", "<", last)],
        }
        parts = [
            _part(model, reader, lambda item, name=model: [*item.domain(None), *dated[name]])
            for model, reader in self._refund_readers().items()
        ]
        return pages(self._rpc, parts, Cursor(), size, self._now)

    def _refund_readers(self) -> dict[str, Any]:
        notes = self.credit_notes
        readers: dict[str, Any] = {CREDIT_NOTES: notes} if SALES in self._order_readers and notes.exists else {}
        if TILLS in self._order_readers:
            readers[TILLS] = PosRefundReader(self._rpc, self._pos_orders)
        return readers

    def control_totals(self, days: Days, *, formatted: bool) -> Iterator[rec.ControlTotals]:
        """`formatted`: that Odoo groups by `formatted_read_group`."""
        readers = self._order_readers
        sales = self.sale_orders if SALES in readers else None
        tills = self._pos_orders if TILLS in readers else None
        return TotalsReader(self._rpc, self._currencies, sales, tills).of(days, formatted)

    # Readers

    def _pass(self, readers: Mapping[str, Any], cursor: Cursor, size: int) -> Iterator[Page[Any]]:
        """Over the models of `readers`, each of which gives a domain and reads ids."""
        parts = [_part(model, reader, lambda item: item.domain(cursor.since)) for model, reader in readers.items()]
        return pages(self._rpc, parts, cursor, size, self._now)

    @cached_property
    def _order_readers(self) -> Mapping[str, SaleOrderReader | PosOrderReader]:
        """Those of the models that are wanted and there."""
        wanted = {SALES: self.sale_orders, TILLS: self._pos_orders}
        left_out = {SALE_ORDERS: TILLS, POS_ORDERS: SALES}.get(self._orders)
        return {model: reader for model, reader in wanted.items() if model != left_out and reader.exists}

    @cached_property
    def credit_notes(self) -> CreditNoteReader:
        return CreditNoteReader(self._rpc, self._currencies)

    @cached_property
    def customers(self) -> CustomerReader:
        return CustomerReader(self._rpc)

    @cached_property
    def _sold(self) -> SoldReader:
        return SoldReader(self._rpc, self._units)

    @cached_property
    def sale_orders(self) -> SaleOrderReader:
        tills = self._pos_orders if self._orders == BOTH and self._pos_orders.exists else None
        return SaleOrderReader(self._rpc, self._sold, self.customers, self._currencies, self._places(), tills)

    @cached_property
    def _pos_orders(self) -> PosOrderReader:
        beside_sales = self._orders == BOTH
        return PosOrderReader(self._rpc, self._sold, self.customers, self._currencies, beside_sales)


def _part(model: str, reader: Any, domain: Callable[[Any], list[Any]]) -> Part:
    """A reader's part of a pass, of what `domain` says for it."""
    return Part(
        model,
        lambda started: domain(reader),
        lambda ids, started: dict(zip(("records", "malformed"), reader.read(ids), strict=True)),
    )


def _one(read: Callable[[Iterable[int]], Any], row_id: int | None) -> Any:
    """The record with that id, None where there is none; raises the failure of one that can't be read."""
    if row_id is None:
        return None
    records, malformed = read([row_id])
    if malformed:
        raise malformed[0].failure
    return records[0] if records else None
