"""What every system must do that counts its own sales (`control_totals`); for a class that is a `SystemContract` too:

    class TestSquare(SystemContract, TotalsContract): ...
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice

import pytest

from connectors.connector import Connector
from connectors.flows import Flow
from connectors.windows import Days
from tests.connectors.contract import Connect, Connected

# As far from one another as places can be.
_ZONES = "Pacific/Kiritimati", "Pacific/Pago_Pago"
_ELSEWHERE = "America/New_York"
_MOST_DAYS = 4


class TotalsContract(Connected):
    @pytest.fixture(scope="class")
    @classmethod
    def days(cls, everything) -> Days:
        """The last days on which something was sold, at places all over the world."""
        orders = [order for page in everything[Flow.ORDERS_PULL] for order in page.records]
        sold = sorted({order.created_at.date() for order in orders})
        places = sorted({order.location_id for order in orders} - {""})
        zones = {place: _ZONES[number % 2] for number, place in enumerate(places)}
        return Days(first=sold[-_MOST_DAYS], last=sold[-1], zone=_ELSEWHERE, zones=zones)

    def test_days_come_in_their_order(self, connect: Connect, days: Days) -> None:
        totals = list(connect().control_totals(days))
        assert sum(total.gross for total in totals) > 0
        assert [total.day for total in totals] == sorted(total.day for total in totals)
        assert days.first <= totals[0].day
        assert totals[-1].day <= days.last
        keys = [(total.day, total.location_id, total.currency) for total in totals]
        assert len({*keys}) == len(keys)

    def test_many_days_are_what_each_is_alone(self, connect: Connect, days: Days) -> None:
        """So whoever stops after a day goes on with the next one."""
        connector = connect()
        alone = [total for day in days.parts(1) for total in connector.control_totals(day)]
        assert list(connector.control_totals(days)) == alone

    def test_wherever_places_are_all_that_was_sold_is_on_some_day(self, connect: Connect, everything, days) -> None:
        sold = [order.created_at.date() for page in everything[Flow.ORDERS_PULL] for order in page.records]
        in_utc = Days(first=min(sold) - timedelta(days=2), last=days.last + timedelta(days=2))
        connector = connect()
        found = sums(connector, in_utc)
        assert found == sums(connector, replace(days, first=in_utc.first, last=in_utc.last))
        assert sum(sold for sold, _given in found.values()) > 0

    def test_what_was_given_back_is_counted_where_its_refunds_stand(self, connect: Connect, everything, days) -> None:
        refunds = [refund for page in everything[Flow.REFUNDS_PULL] for refund in page.records]
        assert refunds
        says_payments = any(refund.payments for refund in refunds)
        moments = [refund.refunded_at.date() for refund in refunds]
        whole = replace(days, first=min(moments) - timedelta(days=2), last=max(moments) + timedelta(days=2))
        left = {place: given for place, (_sold, given) in sums(connect(), whole).items()}
        for refund in refunds:
            # An exchange gives no money back.
            given = abs(sum(payment.amount for payment in refund.payments)) if says_payments else refund.gross
            if given:
                left[refund.location_id, refund.currency] -= given
        # The count has refunds, too, that belong to no sale.
        assert [place for place, amount in left.items() if amount < 0] == []

    def test_who_asks_may_stop(self, connect: Connect, days: Days) -> None:
        connector = connect()
        for _time in range(2):
            assert len(list(islice(connector.control_totals(days), 1))) == 1
        assert list(connector.control_totals(days))


def sums(connector: Connector, days: Days) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """What was sold and what was given back, by place and currency."""
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for total in connector.control_totals(days):
        key = total.location_id, total.currency
        found[key] = found[key][0] + total.gross, found[key][1] + (total.refunds or 0)
    return found
