"""What Square's payments book says was taken and given back: a book of its own beside the orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .. import records as rec
from ..connector import Window
from ..moments import read_moment, write_moment
from . import payments
from .api import Api, at
from .values import Row, money, text

_ZERO = Decimal(0)
_GIVEN_BACK = ("PENDING", "COMPLETED")


class TotalsReader:
    """Counts for one connection. Neither tax nor net amounts stand on payments."""

    def __init__(self, api: Api):
        self._api = api

    def of(self, window: Window) -> Iterator[rec.ControlTotals]:
        """By location and currency: payments and refunds made within the window, orders by their payments."""
        orders: dict[tuple[str, str], set[str]] = defaultdict(set)
        sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        methods: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self._list("payments", window):
            payment = payments.of_payment(row)
            if payment is None:
                continue
            place = text(row.get("location_id")), payment.currency
            orders[place].add(text(row.get("order_id")) or payment.external_id)
            sums[place]["gross"] += payment.amount + payment.tip
            sums[place]["tips"] += payment.tip
            methods[place][payment.method_id] += payment.amount + payment.tip
        for row in self._list("refunds", window):
            if row.get("status") in _GIVEN_BACK:
                place = text(row.get("location_id")), text(row["amount_money"]["currency"])
                sums[place]["refunds"] += money(row["amount_money"])
        for (location, currency), found in sorted(sums.items()):
            yield rec.ControlTotals(
                currency=currency,
                location_id=location,
                starts_at=window.starts_at,
                ends_at=window.ends_at,
                count=len(orders[location, currency]),
                gross=found.get("gross", _ZERO),
                tips=found.get("tips", _ZERO),
                refunds=found.get("refunds", _ZERO),
                payments=tuple(sorted(methods[location, currency].items())),
            )

    def orders_paid(self, window: Window) -> list[str]:
        """The ids of orders that a payment within the window names."""
        return sorted({text(row.get("order_id")) for row in self._list("payments", window)} - {""})

    def _list(self, kind: str, window: Window) -> Iterator[Row]:
        """Payments or refunds that were made within the window, whose end is not part of it."""
        params: dict[str, Any] = {
            "begin_time": write_moment(window.starts_at),
            "end_time": write_moment(window.ends_at),
            "limit": 100,
        }
        if window.location_id:
            params["location_id"] = window.location_id

        def fetch(position: str) -> Row:
            return self._api.get(f"v2/{kind}", kind, params=at(position, params))

        for row in self._api.every(fetch, kind):
            made = read_moment(row.get("created_at"))
            if made and made < window.ends_at:
                yield row
