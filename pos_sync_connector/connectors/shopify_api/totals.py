"""What Shopify's book of tender transactions says was taken and given back: a book of its own beside the orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from .. import records as rec
from ..connector import Window
from ..moments import read_moment
from .api import Api
from .values import key_of, text

_TENDERS = """
query Tenders($first: Int!, $after: String, $search: String) {
  tenderTransactions(first: $first, after: $after, query: $search) {
    pageInfo { hasNextPage endCursor }
    nodes { id test processedAt amount { amount currencyCode } order { id retailLocation { id } } } } }
"""
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class TotalsReader:
    def __init__(self, api: Api):
        self._api = api

    def of(self, window: Window) -> Iterator[rec.ControlTotals]:
        """By location and currency; web orders have no location. Neither tax nor tips stand in the book, and its words
        for methods are not those of the orders."""
        orders: dict[tuple[str, str], set[str]] = defaultdict(set)
        taken: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        back: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        search = (
            f"processed_at:>='{window.starts_at.strftime(_FORM)}' AND processed_at:<'{window.ends_at.strftime(_FORM)}'"
        )
        for row in self._api.every(_TENDERS, "tenderTransactions", search=search):
            moment = read_moment(row.get("processedAt"))
            if row.get("test") or moment is None or not window.starts_at <= moment < window.ends_at:
                continue
            order = row.get("order") or {}
            location = key_of(order.get("retailLocation"))
            if window.location_id and location != window.location_id:
                continue
            place = location, text(row["amount"]["currencyCode"])
            amount = Decimal(str(row["amount"]["amount"]))
            if amount < 0:
                back[place] -= amount
            else:
                taken[place] += amount
                orders[place].add(key_of(order) or key_of(row))
        for location, currency in sorted({*taken, *back}):
            yield rec.ControlTotals(
                currency=currency,
                location_id=location,
                starts_at=window.starts_at,
                ends_at=window.ends_at,
                count=len(orders[location, currency]),
                gross=taken[location, currency],
                refunds=back[location, currency],
            )
