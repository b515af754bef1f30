"""Tickets of BioTrack as `Order` records, with ids such as "1/0000123456": the location and the ticket's own id.

Their statuses, which the database does not name:

    deleted                                  CANCELLED (a void)
    preorder, or not paid in full (pif 0)    OPEN, not paid
    all others                               COMPLETED, paid

`weight` is the quantity: grams of what is weighed, else pieces. What a line costs in the end stands in the first of
price_post_everything, price_adjusted_for_ticket_discounts, price_post_discount and price that this version has. Where
only the ticket knows of a discount on all of it, the lines share it in proportion, as newer versions do themselves.
A ticket that gives money back is no order: `refunds.py` reads those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...lazy import cached_property
from ...pages import Cursor, Malformed, Page, parse_each
from ...windows import Window
from .customers import CustomerReader
from .memory import Memory, short_digest
from .ranges import SLACK, first_key, newest_key
from .schema import Schema
from .session import Session
from .setup import method_id, method_kind, tax_rate
from .ticket_rows import Ticket, TicketRows, is_refund, is_refund_row, split_id
from .values import CENT, ZERO, ShopClock, amount, epoch, first_amount, flag, from_epoch, shared_out, text

TABLE, SERIAL = "tickets", "ticketserial"


class TicketReader:
    """Reads orders for one connection. `window`: how far back a pass looks for voids and other late changes."""

    def __init__(
        self,
        session: Session,
        schema: Schema,
        rows: TicketRows,
        customers: CustomerReader,
        clock: ShopClock,
        currency: str,
        window: timedelta,
    ) -> None:
        self._session, self._schema, self._rows, self._customers = session, schema, rows, customers
        self._clock, self._currency, self._window = clock, currency, window

    def pull(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Order]]:
        """In a full pass all by serial; then new ones, and those of the window that have changed."""
        memory = Memory.loads(cursor.memory)
        full = cursor.since is None
        self._schema.require(TABLE, SERIAL, "datetime")
        with self._session.snapshot():
            newest = newest_key(self._session, TABLE, SERIAL)
            recent = first_key(self._session, TABLE, SERIAL, started - self._window - SLACK)
        last = memory.last.get(TABLE, 0)
        begin = 0 if full else min(recent - 1, last)
        after = int(cursor.position or begin)
        which, values = self._wanted(last, None if full else started - self._window)
        total = self._count(begin, which, values)
        while True:
            with self._session.snapshot():
                headers = self._rows.headers(which, [after, *values], size)
                tickets = self._rows.load(row for row in headers if self._rows.counts(row) and not is_refund(row))
                orders, malformed = self._orders(tickets)
            ended = len(headers) < size
            after = headers[-1][SERIAL] if headers else after
            serials = {ticket.external_id: str(ticket.header[SERIAL]) for ticket in tickets}
            fresh = []
            for order in orders:
                key, found = serials[order.external_id], short_digest(order)
                if full or memory.seen.get(key) != found:
                    fresh.append(order)
                if int(key) >= recent:
                    memory.seen[key] = found
            if ended:
                memory.keep(key for key in memory.seen if int(key) >= recent)
                memory.last[TABLE] = max(newest, after)
            cursor = cursor.at("" if ended else str(after), started, memory=memory.dumps())
            yield Page(tuple(fresh), cursor, malformed=malformed, total=total)
            if ended:
                return

    def sold_in(self, window: Window, size: int) -> Iterator[Page[rec.Order]]:
        """The tickets whose time lies in the window, voided ones too."""
        with self._session.snapshot():
            after = first_key(self._session, TABLE, SERIAL, window.starts_at - SLACK) - 1
            until = first_key(self._session, TABLE, SERIAL, window.ends_at + SLACK)
        which = sql.SQL("t.ticketserial > %s AND t.ticketserial < %s AND t.datetime >= %s AND t.datetime < %s")
        span = [epoch(window.starts_at), epoch(window.ends_at)]
        ended = False
        while not ended:
            with self._session.snapshot():
                headers = self._rows.headers(which, [after, until, *span], size)
                tickets = self._rows.load(row for row in headers if self._rows.counts(row) and not is_refund(row))
                orders, malformed = self._orders(tickets)
            ended = len(headers) < size
            after = headers[-1][SERIAL] if headers else after
            yield Page(orders, Cursor(position="" if ended else str(after)), malformed=malformed)

    def get(self, external_id: str) -> rec.Order | None:
        wanted = split_id(external_id)
        if wanted is None:
            return None
        with self._session.snapshot():
            headers = [row for row in self._rows.by_ids([wanted]) if not is_refund(row)]
            orders, malformed = self._orders(self._rows.load(headers))
        if malformed:
            raise malformed[0].failure
        return orders[0] if orders else None

    def _wanted(self, last: int, since: datetime | None) -> tuple[sql.Composable, list[int]]:
        """The condition on tickets after a serial: all, or those newer than `last` or sold since."""
        if since is None:
            return sql.SQL("t.ticketserial > %s"), []
        return sql.SQL("t.ticketserial > %s AND (t.ticketserial > %s OR t.datetime >= %s)"), [last, epoch(since)]

    def _count(self, after: int, which: sql.Composable, values: list[int]) -> int:
        query = sql.SQL("SELECT count(*) AS number FROM tickets t WHERE {}").format(which)
        row = self._session.row(query, [after, *values])
        return row["number"] if row else 0

    # Records

    def _orders(self, tickets: list[Ticket]) -> tuple[tuple[rec.Order, ...], tuple[Malformed, ...]]:
        named = {text(ticket.header["customerid"]) for ticket in tickets} - {""}
        customers = self._customers.existing(named) if named else set()
        return parse_each(
            [(ticket, customers) for ticket in tickets],
            lambda payload: self._order(*payload),
            lambda payload: payload[0].external_id,
        )

    def _order(self, ticket: Ticket, customers: set[str]) -> rec.Order:
        header = ticket.header
        sold_at = self._rows.sold_at(header)
        if sold_at is None:
            raise ValueError("the ticket has no time")
        status, paid = _status(ticket)
        customer = text(header["customerid"])
        lines = tuple(self.lines(ticket))
        net, tax = amount(header["price"]), amount(header["tax"])
        payments = tuple(self.payments(ticket))
        return rec.Order(
            external_id=ticket.external_id,
            number=text(header["id"]),
            status=status,
            paid=paid,
            currency=self._currency,
            channel="pos",
            order_type="delivery" if flag(header["is_a_delivery"]) else "",
            customer_id=customer if customer in customers else "",
            location_id=str(header["location"]),
            register=self._tills.get(header["terminal"], text(header["terminal"])),
            staff=text(header["userid"]),
            note=text(header["voidreason"]),
            lines=lines,
            payments=payments,
            totals=rec.OrderTotals(
                gross=amount(header["totalprice"]),
                net=net,
                tax=tax,
                discount=sum((line.discount for line in lines), ZERO),
                paid=sum((payment.amount for payment in payments), ZERO),
            ),
            created_at=sold_at,
            closed_at=sold_at if status is rec.OrderStatus.COMPLETED else None,
            updated_at=self._clock.utc(header["modified_on"] or header["modified"]),
            raw=ticket.raw(),
        )

    def lines(self, ticket: Ticket) -> Iterator[rec.OrderLine]:
        """What was sold. A void takes its lines along; they still say what it was."""
        sales = [row for row in ticket.sales if not is_refund_row(row) and (ticket.is_void or not flag(row["deleted"]))]
        nets = [net_of(row) for row in sales]
        nets = self._with_ticket_discounts(ticket, nets)
        for row, net in zip(sales, nets, strict=True):
            quantity, price = amount(row["weight"]) or Decimal(1), amount(row["price"])
            tax = tax_of(row)
            yield rec.OrderLine(
                external_id=str(row["id"]),
                variant_id=str(row["productid"]) if row["productid"] else "",
                name=text(row["strain"]) or self._product_name(row["productid"]),
                quantity=quantity,
                unit="g" if flag(row["requiresweighing"]) else "",
                unit_price=price / quantity,
                discount=price - net,
                taxes=self._taxes(row, tax),
                net=net,
                tax=tax,
                gross=net + tax,
            )

    def _with_ticket_discounts(self, ticket: Ticket, nets: list[Decimal]) -> list[Decimal]:
        """The lines' amounts less their share of what the ticket alone takes off, if its discounts say so much."""
        missing = sum(nets, ZERO) - amount(ticket.header["price"])
        if missing <= 0:
            return nets
        stated = sum(
            (
                abs(amount(row["amount"]))
                for row in ticket.discounts
                if not row["saleid"] and (ticket.is_void or not flag(row["deleted"]))
            ),
            ZERO,
        )
        if abs(stated - missing) > CENT:
            return nets
        return [net - share for net, share in zip(nets, shared_out(missing, nets), strict=True)]

    def payments(self, ticket: Ticket) -> Iterator[rec.Payment]:
        """What was applied, which is less than what was tendered where change was given."""
        for row in ticket.payments:
            if flag(row["deleted"]):
                continue
            name = text(row["paymentmethod"])
            kind = method_kind(name)
            if flag(row["on_account"]):
                kind = rec.PaymentKind.ON_ACCOUNT
            elif amount(row["pointsused"]):
                kind = rec.PaymentKind.POINTS
            yield rec.Payment(
                external_id=str(row["id"]),
                method_id=method_id(name),
                method_name=name,
                kind=kind,
                amount=first_amount(row["amount"], row["paymentamount"]) or ZERO,
                currency=self._currency,
                reference=text(row["approvalcode"]),
                paid_at=from_epoch(row["datetime"]),
            )

    def _taxes(self, sale: Mapping[str, Any], tax: Decimal) -> tuple[rec.LineTax, ...]:
        """None where none was taken: a customer or a ticket may be exempt."""
        if not tax or sale["taxcat"] is None:
            return ()
        known = self._rates.get(sale["taxcat"])
        return (
            rec.LineTax(
                tax_id=str(sale["taxcat"]), name=known[0] if known else "", rate=known[1] if known else None, amount=tax
            ),
        )

    def _product_name(self, number: Any) -> str:
        return self._names.get(number, "") or "Item"

    # What all pages share

    @cached_property
    def _rates(self) -> dict[Any, tuple[str, Decimal]]:
        if not self._schema.has("taxcategories", "id", "name", "rate"):
            return {}
        rows = self._session.rows("SELECT id, name, rate FROM taxcategories")
        return {row["id"]: (text(row["name"]), tax_rate(row)) for row in rows}

    @cached_property
    def _tills(self) -> dict[Any, str]:
        if not self._schema.has("terminals", "id", "terminalname"):
            return {}
        rows = self._session.rows("SELECT id, terminalname FROM terminals")
        return {row["id"]: text(row["terminalname"]) for row in rows}

    @cached_property
    def _names(self) -> dict[Any, str]:
        if not self._schema.has("products", "id", "name"):
            return {}
        return {row["id"]: text(row["name"]) for row in self._session.rows("SELECT id, name FROM products")}


def net_of(sale: Mapping[str, Any]) -> Decimal:
    """What a line costs before tax, after all discounts that its row knows of."""
    found = first_amount(
        sale["price_post_everything"],
        sale["price_adjusted_for_ticket_discounts"],
        sale["price_post_discount"],
        sale["price"],
    )
    return found or ZERO


def tax_of(sale: Mapping[str, Any]) -> Decimal:
    return first_amount(sale["tax_collected"], sale["tax"]) or ZERO


def _status(ticket: Ticket) -> tuple[rec.OrderStatus, bool]:
    header = ticket.header
    if ticket.is_void:
        return rec.OrderStatus.CANCELLED, False
    if flag(header["preorder"]) or header["pif"] == 0:
        return rec.OrderStatus.OPEN, False
    return rec.OrderStatus.COMPLETED, True
