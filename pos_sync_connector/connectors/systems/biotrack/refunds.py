"""Money given back, as `Refund` records of the ticket that it was paid on. The database shows it in three ways:

    a ticket of its own, with a negative total, whose `refticketid` names the other       id "1/0000000456"
    sale rows marked `refunded`, whose `transactionid_original` is the `transactionid` of the rows they take back, or
      the sold rows themselves marked so                                                  id "1/0000000123#7001"
    an amount on the header (`refundtotalprice`) that neither of these explains           id "1/0000000123#amount"

One transaction may cover several lines: only what the refunding rows themselves say was given back counts, never all
lines of the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...pages import Cursor, Malformed, Page, parse_each
from .memory import Memory, short_digest
from .ranges import SLACK, first_key, newest_key
from .schema import Schema
from .session import Session
from .ticket_rows import Ticket, TicketRows, is_refund, is_refund_row, ticket_id
from .tickets import SERIAL, TABLE, TicketReader, net_of, tax_of
from .values import CENT, ZERO, ShopClock, amount, epoch, flag, from_epoch, text

_TICKETS, _LINES = "tickets", "lines"
# How many keys of sale lines are looked through for marked ones at a time.
_LINES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class _Given:
    """A refund before it is a record: who gave what back, on which ticket, and the rows that say so."""

    external_id: str
    order: tuple[int, str]
    ticket: Ticket
    sales: list[dict[str, Any]]
    amount: Decimal | None = None


class RefundReader:
    """Reads refunds for one connection; `window` as for orders."""

    def __init__(
        self,
        session: Session,
        schema: Schema,
        rows: TicketRows,
        tickets: TicketReader,
        clock: ShopClock,
        currency: str,
        window: timedelta,
    ) -> None:
        self._session, self._schema, self._rows, self._tickets = session, schema, rows, tickets
        self._clock, self._currency, self._window = clock, currency, window

    def pull(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Refund]]:
        """First by tickets, then by marked sale rows; after a full pass only new ones and those of the window."""
        self._schema.require("tickets", SERIAL, "datetime")
        self._schema.require("sales", "id", "ticketid")
        memory = Memory.loads(cursor.memory)
        since = None if cursor.since is None else started - self._window
        part, _, after = cursor.position.partition(" ")
        if part != _LINES:
            for given, position in self._by_tickets(memory, since, int(after or 0), size):
                page, malformed = self._fresh(given, memory, since, started)
                cursor = cursor.at(position or f"{_LINES} 0", started, memory=memory.dumps())
                yield Page(page, cursor, malformed=malformed)
            after = ""
        for given, position in self._by_lines(memory, since, int(after or 0)):
            page, malformed = self._fresh(given, memory, since, started)
            cursor = cursor.at(position, started, memory=memory.dumps())
            yield Page(page, cursor, malformed=malformed)

    # Where they are found

    def _by_tickets(
        self, memory: Memory, since: datetime | None, after: int, size: int
    ) -> Iterator[tuple[list[_Given], str]]:
        """Refunding tickets, and amounts on headers that nothing else explains."""
        newest = newest_key(self._session, TABLE, SERIAL)
        which, values = sql.SQL("TRUE"), []
        if since is not None:
            first = first_key(self._session, TABLE, SERIAL, since - SLACK)
            after = after or min(first - 1, memory.last.get(TABLE, 0))
            which = sql.SQL("(t.ticketserial > %s OR t.datetime >= %s)")
            values = [memory.last.get(TABLE, 0), epoch(since)]
        condition = sql.SQL(
            "t.ticketserial > %s AND (COALESCE({other}, '') <> '' OR COALESCE({given}, 0) <> 0) AND {which}"
        ).format(
            other=self._schema.value("tickets", "refticketid"),
            given=self._schema.value("tickets", "refundtotalprice"),
            which=which,
        )
        while True:
            with self._session.snapshot():
                headers = self._rows.headers(condition, [after, *values], size)
                tickets = self._rows.load(row for row in headers if self._rows.counts(row) and not flag(row["deleted"]))
                found = [self._of_ticket(ticket) for ticket in tickets if ticket.is_refund]
                found += self._amounts_left([ticket for ticket in tickets if not ticket.is_refund])
            ended = len(headers) < size
            after = headers[-1][SERIAL] if headers else after
            if ended:
                memory.last[TABLE] = max(newest, after)
            yield found, "" if ended else f"{_TICKETS} {after}"
            if ended:
                return

    def _by_lines(self, memory: Memory, since: datetime | None, after: int) -> Iterator[tuple[list[_Given], str]]:
        """Marked sale rows of tickets that give nothing back as a whole."""
        newest = newest_key(self._session, "sales", "id")
        if not after and since is not None:
            after = first_key(self._session, "sales", "id", since - SLACK) - 1
        query = sql.SQL(
            "SELECT DISTINCT t.location, t.ticketid FROM sales t WHERE t.id > %s AND t.id <= %s AND {} = 1"
        ).format(self._schema.value("sales", "refunded"))
        while True:
            until = after + _LINES_AT_ONCE
            with self._session.snapshot():
                wanted = {(row["location"], row["ticketid"]) for row in self._session.rows(query, [after, until])}
                headers = [row for row in self._rows.by_ids(wanted) if not is_refund(row) and not flag(row["deleted"])]
                found = [given for ticket in self._rows.load(headers) for given in self._of_lines(ticket)]
            after = until
            ended = until >= newest
            yield found, "" if ended else f"{_LINES} {after}"
            if ended:
                return

    def _of_ticket(self, ticket: Ticket) -> _Given:
        header = ticket.header
        order = (header["location"], text(header["refticketid"]))
        sales = [row for row in ticket.sales if not flag(row["deleted"])]
        return _Given(ticket.external_id, order, ticket, sales, abs(amount(header["totalprice"])))

    def _of_lines(self, ticket: Ticket) -> Iterator[_Given]:
        by_transaction: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in ticket.sales:
            if flag(row["refunded"]) and not flag(row["deleted"]):
                by_transaction[text(row["transactionid"]) or f"line-{row['id']}"].append(row)
        for number, sales in by_transaction.items():
            yield _Given(
                f"{ticket.external_id}#{number}", (ticket.header["location"], ticket.header["id"]), ticket, sales
            )

    def _amounts_left(self, tickets: list[Ticket]) -> list[_Given]:
        """Of each ticket what its header says was given back, less what refunding tickets and rows give back."""
        if not tickets:
            return []
        named = [ticket.header["id"] for ticket in tickets]
        others = self._rows.headers(sql.SQL("t.refticketid = ANY(%s)"), [named], 100 * len(named))
        explained: dict[str, Decimal] = defaultdict(Decimal)
        for row in others:
            if is_refund(row) and self._rows.counts(row) and not flag(row["deleted"]):
                explained[ticket_id(row["location"], row["refticketid"])] += abs(amount(row["totalprice"]))
        found = []
        for ticket in tickets:
            for given in self._of_lines(ticket):
                explained[ticket.external_id] += sum((_gross(row) for row in given.sales), ZERO)
            left = abs(amount(ticket.header["refundtotalprice"])) - explained[ticket.external_id]
            if left >= CENT:
                key = (ticket.header["location"], ticket.header["id"])
                found.append(_Given(f"{ticket.external_id}#amount", key, ticket, [], left))
        return found

    # Records

    def _fresh(
        self, given: list[_Given], memory: Memory, since: datetime | None, started: datetime
    ) -> tuple[tuple[rec.Refund, ...], tuple[Malformed, ...]]:
        """The records of a page that say something new."""
        with self._session.snapshot():
            originals = self._originals(given)
            refunds, malformed = parse_each(
                given,
                lambda item: self._refund(item, originals.get(item.order)),
                lambda item: item.external_id,
            )
        digests = {refund.external_id: short_digest(refund) for refund in refunds}
        fresh = [item for item in refunds if memory.seen.get(item.external_id) != digests[item.external_id]]
        # What later passes do not look at again needs no memory.
        first = started - self._window - SLACK
        recent = {item.external_id for item in given if (self._rows.sold_at(item.ticket.header) or started) >= first}
        memory.seen.update({key: found for key, found in digests.items() if key in recent})
        return (refunds if since is None else tuple(fresh)), malformed

    def _originals(self, given: Iterable[_Given]) -> dict[tuple[int, str], Ticket]:
        """The tickets that were refunded, with their lines."""
        own = {item.order: item.ticket for item in given if not item.ticket.is_refund}
        wanted = {item.order for item in given} - set(own)
        loaded = self._rows.load(self._rows.by_ids(wanted))
        return {**own, **{(ticket.header["location"], ticket.header["id"]): ticket for ticket in loaded}}

    def _refund(self, item: _Given, original: Ticket | None) -> rec.Refund:
        header = item.ticket.header
        sold = {line.external_id: line for line in self._tickets.lines(original)} if original else {}
        lines = tuple(self._line(row, original, sold) for row in item.sales)
        gross = item.amount if item.amount is not None else sum((line.gross or ZERO for line in lines), ZERO)
        tax = sum((line.tax or ZERO for line in lines), ZERO)
        if item.ticket.is_refund:
            tax = abs(amount(header["tax"]))
        elif not lines:
            tax = _tax_left(header, gross)
        moment = self._moment(item)
        if moment is None:
            raise ValueError("the refund has no time")
        payments = self._tickets.payments(item.ticket) if item.ticket.is_refund else ()
        return rec.Refund(
            external_id=item.external_id,
            order_id=ticket_id(*item.order),
            number=text(header["id"]),
            currency=self._currency,
            gross=gross,
            net=gross - tax,
            tax=tax,
            lines=lines,
            payments=tuple(_positive(payment) for payment in payments),
            reason=text(header["voidreason"]),
            location_id=str(header["location"]),
            refunded_at=moment,
            updated_at=self._clock.utc(header["modified_on"] or header["modified"]),
            raw={"header": header, "sales": item.sales},
        )

    def _line(
        self, row: Mapping[str, Any], original: Ticket | None, sold: Mapping[str, rec.OrderLine]
    ) -> rec.RefundLine:
        """No more than was paid: the rows of older versions do not know what the whole ticket took off."""
        net, tax, quantity = abs(net_of(row)), abs(tax_of(row)), abs(amount(row["weight"])) or Decimal(1)
        taken_back = _taken_back(row, original)
        line = sold.get(taken_back)
        if line is not None and line.net is not None:
            net = min(net, (line.net * quantity / line.quantity).quantize(CENT))
        return rec.RefundLine(
            order_line_id=taken_back,
            variant_id=str(row["productid"]) if row["productid"] else "",
            name=text(row["strain"]),
            quantity=quantity,
            net=net,
            tax=tax,
            gross=net + tax,
            restock=None if row["restocked"] is None else flag(row["restocked"]),
        )

    def _moment(self, item: _Given) -> datetime | None:
        if item.ticket.is_refund:
            return self._rows.sold_at(item.ticket.header)
        times = [from_epoch(row["returntime"]) or from_epoch(row["datetime"]) for row in item.sales]
        changed = self._clock.utc(item.ticket.header["modified_on"] or item.ticket.header["modified"])
        return max(filter(None, times), default=None) or changed or self._rows.sold_at(item.ticket.header)


def _taken_back(row: Mapping[str, Any], original: Ticket | None) -> str:
    """The id of the sale line that a row takes back: it names it, or is it, or shares transaction and product."""
    if row["returnsaleid"]:
        return str(row["returnsaleid"])
    if not is_refund_row(row):
        return str(row["id"])
    for sold in original.sales if original else ():
        same = (sold["transactionid"], sold["productid"]) == (row["transactionid_original"], row["productid"])
        if same and sold["id"] != row["id"]:
            return str(sold["id"])
    return ""


def _gross(row: Mapping[str, Any]) -> Decimal:
    return abs(amount(row["total"])) or abs(net_of(row)) + abs(tax_of(row))


def _tax_left(header: Mapping[str, Any], gross: Decimal) -> Decimal:
    """The tax in an amount that no line explains: as the header states it, where it is all of what was given back."""
    whole, tax = abs(amount(header["refundtotalprice"])), abs(amount(header["refundtax"]))
    return tax if gross == whole else (tax * gross / whole).quantize(CENT) if whole else ZERO


def _positive(payment: rec.Payment) -> rec.Payment:
    return replace(payment, amount=abs(payment.amount))
