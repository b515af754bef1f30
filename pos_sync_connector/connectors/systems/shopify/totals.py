"""What Shopify's book of tender transactions says was taken and given back: a book of its own beside the orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from ... import records as rec
from ...moments import read_moment
from ...windows import Days, Window
from .api import Api
from .values import Row, key_of, number, text

_TENDERS = """
query Tenders($first: Int!, $after: String, $search: String) {
  tenderTransactions(first: $first, after: $after, query: $search) {
    pageInfo { hasNextPage endCursor }
    nodes { id test processedAt amount { amount currencyCode } order { id retailLocation { id } } } } }
"""
_FORM = "%Y-%m-%dT%H:%M:%SZ"


# So many days are asked for at a time: the book has no order that is promised.
_AT_A_TIME = 7


class TotalsReader:
    def __init__(self, api: Api):
        self._api = api

    def of(self, days: Days) -> Iterator[rec.ControlTotals]:
        """Web orders have no location. Neither tax nor tips stand in the book, and its words for methods are not those
        of the orders."""
        for part in days.parts(_AT_A_TIME):
            yield from self._of(part)

    def _of(self, days: Days) -> Iterator[rec.ControlTotals]:
        orders: dict[tuple[date, str, str], set[str]] = defaultdict(set)
        taken: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
        back: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
        for moment, row in self._list(days.window()):
            order = row.get("order") or {}
            location = key_of(order.get("retailLocation"))
            day = days.day_of(moment, location)
            if day is None:
                continue
            place = day, location, text(row["amount"]["currencyCode"])
            amount = number(row["amount"]["amount"])
            if amount < 0:
                back[place] -= amount
            else:
                taken[place] += amount
                orders[place].add(key_of(order) or key_of(row))
        for place in sorted({*taken, *back}):
            yield rec.ControlTotals(
                day=place[0],
                location_id=place[1],
                currency=place[2],
                count=len(orders[place]),
                gross=taken[place],
                refunds=back[place],
            )

    def orders_paid(self, window: Window) -> list[str]:
        """The ids of orders that a payment within the window names."""
        orders = (
            key_of(row.get("order")) for _moment, row in self._list(window) if number(row["amount"]["amount"]) > 0
        )
        return sorted({*orders} - {""})

    def _list(self, window: Window) -> Iterator[tuple[datetime, Row]]:
        """(when it was booked, row) of what is in the book within the window."""
        first, last = (moment.strftime(_FORM) for moment in (window.starts_at, window.ends_at))
        search = f"processed_at:>='{first}' AND processed_at:<'{last}'"
        for row in self._api.every(_TENDERS, "tenderTransactions", search=search):
            moment = read_moment(row.get("processedAt"))
            if moment and window.holds(moment) and not row.get("test"):
                yield moment, row
