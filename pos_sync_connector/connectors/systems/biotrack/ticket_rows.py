"""Tickets with the rows that belong to them, as the database has them.

A ticket is known by its location and its own id, a text whose leading zeros count. Where replication brought one in
twice, the row of the latest time counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg2 import sql

from ...lazy import cached_property
from .ranges import RowsOfTickets
from .schema import Schema
from .session import Session
from .values import ShopClock, amount, flag, from_epoch, text

HEADER = """
    ticketserial id price tax totalprice terminal userid datetime location customerid deleted refundprice refundtax
    refundtotalprice refticketid voidreason taxexempt pif preorder is_a_delivery created modified modified_on
""".split()
_SALE = """
    id ticketid location productid strain price tax total weight requiresweighing deleted refunded refticketid taxcat
    returnsaleid returntime restocked datetime transactionid transactionid_original price_post_discount
    price_adjusted_for_ticket_discounts price_post_everything tax_collected itemnumber
""".split()
_PAYMENT = """
    id ticketid location paymentmethod paymentamount amount datetime approvalcode deleted refunded pointsused on_account
""".split()
_DISCOUNT = "id ticketid location saleid discounttext discountcode amount isreward deleted refunded".split()
_KEY = ("location", "id")


@dataclass(slots=True)
class Ticket:
    """A header with its sale lines, payments and discounts."""

    header: Mapping[str, Any]
    sales: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    discounts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        return ticket_id(self.header["location"], self.header["id"])

    @property
    def is_refund(self) -> bool:
        return is_refund(self.header)

    @property
    def is_void(self) -> bool:
        return flag(self.header["deleted"])

    def raw(self) -> dict[str, Any]:
        names = ("header", "sales", "payments", "discounts")
        return {name: getattr(self, name) for name in names}


def ticket_id(location: Any, number: Any) -> str:
    return f"{location}/{text(number)}"


def split_id(external_id: str) -> tuple[int, str] | None:
    location, slash, number = external_id.partition("/")
    return (int(location), number) if slash and location.isdigit() and number else None


def is_refund(header: Mapping[str, Any]) -> bool:
    """A ticket of its own that gives money back on another. UNVERIFIED: that its total is negative."""
    other = text(header["refticketid"])
    return bool(other) and other != text(header["id"]) and amount(header["totalprice"]) < 0


def is_refund_row(sale: Mapping[str, Any]) -> bool:
    """A row beside the one that it takes back, which `transactionid_original` names."""
    original = sale["transactionid_original"]
    return flag(sale["refunded"]) and bool(original) and original != sale["transactionid"]


class TicketRows:
    """Reads tickets of one database."""

    def __init__(self, session: Session, schema: Schema, clock: ShopClock) -> None:
        self._session, self._schema, self._clock = session, schema, clock
        self._sales = RowsOfTickets(session, schema, "sales", _SALE)
        self._payments = RowsOfTickets(session, schema, "payments", _PAYMENT)
        self._discounts = RowsOfTickets(session, schema, "discounts", _DISCOUNT)

    def headers(self, condition: sql.Composable, values: Sequence[Any], limit: int) -> list[dict[str, Any]]:
        """Headers by serial; of one that is there twice only the row that counts."""
        self._schema.require("tickets", "ticketserial", "id", "datetime", "location", "totalprice")
        query = sql.SQL("SELECT {columns} FROM tickets t WHERE {condition} ORDER BY t.ticketserial LIMIT %s").format(
            columns=self._schema.pick("tickets", HEADER), condition=condition
        )
        return self._session.rows(query, [*values, limit])

    def counts(self, header: Mapping[str, Any]) -> bool:
        """Whether a header is the row of its ticket that counts."""
        newest = self._doubled.get((header["location"], header["id"]))
        return newest is None or newest == header["ticketserial"]

    def by_ids(self, wanted: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
        """The headers of tickets by location and id: a look at the whole table."""
        wanted = set(wanted)
        if not wanted:
            return []
        numbers = [number for _location, number in wanted]
        rows = self.headers(sql.SQL("t.id = ANY(%s)"), [numbers], 10 * len(numbers) + 100)
        return [row for row in rows if (row["location"], row["id"]) in wanted and self.counts(row)]

    def load(self, headers: Iterable[Mapping[str, Any]]) -> list[Ticket]:
        """The tickets of headers, with all that belongs to them."""
        self._schema.require("sales", "id", "ticketid", "price", "weight")
        tickets = {(row["location"], row["id"]): Ticket(row) for row in headers}
        moments = [moment for ticket in tickets.values() if (moment := self.sold_at(ticket.header))]
        if not moments:
            return list(tickets.values())
        numbers = sorted({number for _location, number in tickets})
        span = (min(moments), max(moments))
        self._share(tickets, "sales", self._sales.read(numbers, *span))
        without = {key: ticket for key, ticket in tickets.items() if not ticket.sales}
        if without:
            # Lines that were entered at another time than their ticket.
            self._share(without, "sales", self._sales.read_all(sorted({number for _location, number in without})))
        self._share(tickets, "payments", self._payments.read(numbers, *span))
        self._share(tickets, "discounts", self._discounts.read(numbers, *span))
        return list(tickets.values())

    def sold_at(self, header: Mapping[str, Any]) -> datetime | None:
        return from_epoch(header["datetime"]) or self._clock.utc(header["created"])

    def _share(self, tickets: Mapping[tuple[int, str], Ticket], name: str, rows: list[dict[str, Any]]) -> None:
        found = defaultdict(list)
        for row in rows:
            found[row["location"], row["ticketid"]].append(row)
        for key, ticket in tickets.items():
            getattr(ticket, name).extend(found.get(key, ()))

    @cached_property
    def _doubled(self) -> dict[tuple[int, str], int]:
        """The serial that counts for each ticket that is there more than once, found in one pass over the table."""
        query = """
            SELECT DISTINCT ON (t.location, t.id) t.location, t.id, t.ticketserial
              FROM tickets t
              JOIN (SELECT location, id FROM tickets GROUP BY 1, 2 HAVING count(*) > 1) d
                ON d.location = t.location AND d.id = t.id
             ORDER BY t.location, t.id, t.datetime DESC NULLS LAST, t.ticketserial DESC
        """
        return {(row["location"], row["id"]): row["ticketserial"] for row in self._session.rows(query)}
