"""Square's cash drawers: what was in them at first, what moved, what should be there and what was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import codec
from connectors.cash_counts import CashCount
from connectors.errors import NeedsFixing, Refused
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.square.api import Api
from connectors.systems.square.cash_drawers import CashDrawerReader, cash_count
from sandbox.square import SquareSandbox, make_shop

WHEN = datetime.now(timezone.utc) - timedelta(hours=1)
MADE = "2026-03-02T08:00:00Z"


@pytest.fixture(scope="module")
def account() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_shop(0.01, orders=150, until=WHEN)) as running:
        yield running


def pull(account: SquareSandbox, since: datetime | None = None) -> list[CashCount]:
    with registry.get("square")(account.settings()) as square:
        square.cash_counts_a_page = 7
        pages = list(square.pull_cash_counts(Cursor(since=since)))
    assert [found for page in pages for found in page.malformed] == []
    return [record for page in pages for record in page.records]


def test_cash_that_was_taken_and_refunded_is_that_of_the_payments(account: SquareSandbox) -> None:
    shop, found = account.shop, pull(account)
    today = datetime.now(timezone.utc).date().isoformat()
    cash = {key for key, row in shop.payments.items() if row["source_type"] == "CASH"}
    taken = [row for row in shop.payments.values() if row["id"] in cash and row["created_at"][:10] < today]
    given = [row for row in shop.refunds.values() if row["payment_id"] in cash and row["status"] == "COMPLETED"]
    assert sum(item.cash_sales for item in found) == D(sum(row["total_money"]["amount"] for row in taken)) / 100
    assert sum(item.cash_refunds for item in found) == D(sum(row["amount_money"]["amount"] for row in given)) / 100
    assert {item.location_id for item in found} == {"LOC000", "LOC001"}
    for item in found:
        moved = item.cash_sales - item.cash_refunds + item.paid_in - item.paid_out
        assert item.expected == item.opening + moved
    assert {item.difference for item in found if item.counted is not None} == {D(0), D("-0.35")}
    assert {item.paid_in for item in found} == {D(0), D(20)}
    assert {item.paid_out for item in found} == {D(0), D(15)}


def test_a_later_pass_brings_what_was_opened_since(account: SquareSandbox) -> None:
    since = WHEN - timedelta(days=30)
    assert {item.external_id for item in pull(account, since)} == {
        item.external_id for item in pull(account) if item.opened_at >= since
    }


def shift(**more: Any) -> dict[str, Any]:
    """100.00, 50.00 of sales, 10.00 refunded, 20.00 paid in, 5.00 paid out: 155.00."""
    amounts = {"opened_cash": 10000, "cash_payment": 5000, "cash_refunds": 1000, "cash_paid_in": 2000,
               "cash_paid_out": 500, "expected_cash": 15500}  # fmt: skip
    return {"id": "S1", "state": "CLOSED", "location_id": "L1", "opened_at": MADE, "ended_at": "2026-03-02T18:00:00Z",
            "closed_at": "2026-03-02T18:05:00Z", "description": "Bar", "updated_at": "2026-03-02T18:05:00Z",
            **{f"{name}_money": {"amount": amount, "currency": "USD"} for name, amount in amounts.items()},
            "closed_cash_money": {"amount": 15200, "currency": "USD"}, **more}  # fmt: skip


def test_a_shift_to_the_cent() -> None:
    found = cash_count(shift())
    assert (found.opening, found.cash_sales, found.cash_refunds) == (D(100), D(50), D(10))
    assert (found.paid_in, found.paid_out, found.expected, found.counted) == (D(20), D(5), D(155), D(152))
    assert (found.difference, found.name, found.location_id) == (D(-3), "Bar", "L1")
    assert codec.load(CashCount, codec.dump(found)) == found


def test_what_nobody_counted_has_no_difference() -> None:
    found = cash_count(shift(state="ENDED", closed_at=None, closed_cash_money=None))
    assert (found.counted, found.difference) == (None, None)


def test_a_shift_whose_movements_do_not_come_to_what_is_expected_is_held() -> None:
    with pytest.raises(NeedsFixing) as caught:
        cash_count(shift(cash_paid_in_money={"amount": 1900, "currency": "USD"}))
    assert caught.value.code == "parts-differ"


def test_a_drawer_that_is_open_is_none_yet() -> None:
    assert CashDrawerReader(None).page({"cash_drawer_shifts": [{"id": "S1", "state": "OPEN"}]}, "L1")["records"] == ()  # type: ignore[arg-type]


def test_a_refused_look_does_not_stop_the_connection() -> None:
    class Forbidden(Api):
        def __init__(self) -> None:
            pass

        def get(self, *_asked: Any, **_params: Any) -> Any:
            raise Refused("No.", code="forbidden")

    (part,) = CashDrawerReader(Forbidden()).parts(["L1"], None, 5)
    with pytest.raises(NeedsFixing) as caught:
        part.fetch("", WHEN)
    assert caught.value.code == "cash-drawers-forbidden"


def test_the_permission_is_asked_for_where_the_engine_moves_it() -> None:
    """Nobody is asked to allow what nothing reads."""
    square = registry.get("square")
    assert square.implements("pull_cash_counts")
    assert ("CASH_DRAWER_READ" in square.oauth.scopes) is (Flow.CASH_COUNTS_PULL in square.flows())
