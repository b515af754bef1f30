"""What Square's payments book says was taken and given back: a book of its own beside the orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import Any

from ... import records as rec
from ...moments import read_moment, write_moment
from ...windows import Days, Window
from . import payments
from .api import Api, at
from .values import Row, money, text

_ZERO = Decimal(0)
_GIVEN_BACK = ("COMPLETED",)
# No two time zones are further apart: what is older than this before a moment is over everywhere.
_OVER = timedelta(hours=26)
# A day, location and currency.
_Place = tuple[date, str, str]


@dataclass(slots=True)
class _Sums:
    """What was taken and given back on a day at a place."""

    orders: set[str] = field(default_factory=set)
    gross: Decimal = _ZERO
    tips: Decimal = _ZERO
    refunds: Decimal = _ZERO
    methods: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


class TotalsReader:
    """Counts for one connection. Neither tax nor net amounts stand on payments."""

    def __init__(self, api: Api):
        self._api = api

    def of(self, days: Days) -> Iterator[rec.ControlTotals]:
        """By the day on which a payment or a refund was made, orders by their payments. Both books are read side by
        side from the oldest on, so a day is told as soon as it is over."""
        found: dict[_Place, _Sums] = defaultdict(_Sums)
        window = days.window()
        entries = merge(self._list("payments", window), self._list("refunds", window), key=lambda entry: entry[0])
        told = days.first
        for moment, kind, row in entries:
            over = (moment - _OVER).date()
            if over > told:
                yield from self._told(found, over)
                told = over
            day = days.day_of(moment, text(row.get("location_id")))
            if day is not None:
                (self._take if kind == "payments" else self._give)(found, day, row)
        yield from self._told(found, date.max)

    def _take(self, found: dict[_Place, _Sums], day: date, row: Row) -> None:
        payment = payments.of_payment(row)
        if payment is None:
            return
        sums = found[day, text(row.get("location_id")), payment.currency]
        sums.orders.add(text(row.get("order_id")) or payment.external_id)
        sums.gross += payment.amount + payment.tip
        sums.tips += payment.tip
        sums.methods[payment.method_id] += payment.amount + payment.tip

    def _give(self, found: dict[_Place, _Sums], day: date, row: Row) -> None:
        if row.get("status") in _GIVEN_BACK:
            amount = row["amount_money"]
            found[day, text(row.get("location_id")), text(amount["currency"])].refunds += money(amount)

    def _told(self, found: dict[_Place, _Sums], before: date) -> Iterator[rec.ControlTotals]:
        """The days before a date, which are then forgotten."""
        for place in sorted(key for key in found if key[0] < before):
            sums = found.pop(place)
            yield rec.ControlTotals(
                day=place[0],
                location_id=place[1],
                currency=place[2],
                count=len(sums.orders),
                gross=sums.gross,
                tips=sums.tips,
                refunds=sums.refunds,
                payments=tuple(sorted(sums.methods.items())),
            )

    def orders_paid(self, window: Window) -> list[str]:
        """The ids of orders that a payment within the window names."""
        return sorted({text(row.get("order_id")) for _moment, _kind, row in self._list("payments", window)} - {""})

    def _list(self, kind: str, window: Window) -> Iterator[tuple[datetime, str, Row]]:
        """(when it was made, kind, row) of payments or refunds within the window, whose end is not part of it."""
        params: dict[str, Any] = {
            "begin_time": write_moment(window.starts_at),
            "end_time": write_moment(window.ends_at),
            "sort_order": "ASC",
            "limit": 100,
        }
        if window.location_id:
            params["location_id"] = window.location_id

        def fetch(position: str) -> Row:
            return self._api.get(f"v2/{kind}", kind, params=at(position, params))

        for row in self._api.every(fetch, kind):
            made = read_moment(row.get("created_at"))
            if made and made < window.ends_at:
                yield made, kind, row
