"""What becomes of orders now and then, told by the sandbox and read: what the records come to is what the shop says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.windows import Days
from sandbox.shopify import ShopifySandbox, books, make_shop
from sandbox.shopify.fates import FATES
from sandbox.shopify.values import gid

UNTIL = datetime.now(timezone.utc) - timedelta(hours=1)
S = rec.OrderStatus
K = rec.ChargeKind


@pytest.fixture(scope="module")
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.01, orders=0, until=UNTIL, rare=2)) as running:
        running.shop.scopes.append("read_payment_terms")
        yield running


@pytest.fixture(scope="module")
def connector(account: ShopifySandbox) -> Any:
    made = registry.get("shopify")(account.settings())
    made.orders_a_page = 4
    return made


@pytest.fixture(scope="module")
def orders(connector: Any) -> dict[str, rec.Order]:
    return {found.external_id: found for page in connector.pull_orders(Cursor()) for found in page.records}


@pytest.fixture(scope="module")
def refunds(connector: Any) -> dict[str, list[rec.Refund]]:
    found: dict[str, list[rec.Refund]] = defaultdict(list)
    for page in connector.pull_refunds(Cursor()):
        assert not page.malformed
        for item in page.records:
            found[item.order_id].append(item)
    return found


def of(orders: dict[str, rec.Order], fate: str) -> rec.Order:
    return next(found for found in orders.values() if found.note == fate)


def amount(bag: Any) -> D:
    return D(str(bag["shopMoney"]["amount"]))


def test_every_fate_comes_to_what_the_shop_says(account: ShopifySandbox, orders, refunds) -> None:
    """What is sold and kept: the order less its refunds, without what only returns an overpayment."""
    assert len(orders) == 2 * len(FATES)
    for key, found in orders.items():
        lines = sum((item.gross for item in found.lines), D(0)) + sum((c.net + c.tax for c in found.charges), D(0))
        assert lines == found.totals.gross, found.note
        row = account.shop.orders[gid("Order", key)]
        pending = sum(amount(item["priceSet"]) for back in row["refunds"] if not amount(back["totalRefundedSet"])
                      for item in back["refundLineItems"] if back["transactions"])  # fmt: skip
        kept = found.totals.gross - sum((item.gross - item.overpayment for item in refunds[key]), D(0))
        assert kept == amount(row["currentTotalPriceSet"]) + pending, found.note
        moved = sum((item.amount for item in found.payments), D(0))
        back = sum((item.amount for refund in refunds[key] for item in refund.payments), D(0))
        assert back == amount(row["totalRefundedSet"]), found.note
        if found.status is not S.COMPLETED and found.note != "a deposit":
            assert moved - back == kept, found.note


def test_each_is_read_as_what_it_is(orders, refunds) -> None:
    assert [item.is_gift_card for item in of(orders, "a gift card").lines] == [False, True]
    remitted = [tax for part in of(orders, "a marketplace remits the tax").lines for tax in part.taxes]
    assert remitted
    assert all(tax.remitted_by_channel for tax in remitted)
    (cash,) = of(orders, "cash, rounded").payments
    assert (cash.rounding, cash.amount) == (D("0.02"), of(orders, "cash, rounded").totals.gross)
    assert not [item for item in of(orders, "cash, rounded").charges if item.kind is K.ROUNDING]
    assert refunds[of(orders, "a refund on its way").external_id] == []
    edited = of(orders, "edited and refunded")
    assert [(item.gross, item.overpayment) for item in refunds[edited.external_id]] == [(D(20), D(20))]
    assert len(edited.lines) == 1
    for fate, kind in (("shipping refunded", K.SHIPPING), ("a fee was kept", K.FEE), ("goodwill", K.DISCOUNT)):
        (refund,) = refunds[of(orders, fate).external_id]
        assert [item.kind for item in refund.charges] == [kind]
    (refund,) = refunds[of(orders, "exchanged").external_id]
    assert (refund.gross, refund.payments) == (D(20), ())
    cancelled = of(orders, "cancelled and refunded")
    (refund,) = refunds[cancelled.external_id]
    assert (cancelled.status, refund.gross, len(refund.lines)) == (S.CANCELLED, cancelled.totals.gross, 2)
    deposit = of(orders, "a deposit")
    assert (deposit.status, deposit.paid, deposit.totals.paid, deposit.closed_at) == (S.OPEN, False, D(30), None)
    assert of(orders, "a risk").hold_reason


def test_an_order_on_account_is_sold_and_owed(orders) -> None:
    found = of(orders, "on account")
    assert (found.status, found.paid, found.payments, found.payment_term) == (S.COMPLETED, False, (), "Net 30")
    assert found.purchase_order.startswith("PO-")
    assert (found.billing_address.company, found.billing_address.vat) == ("Millbrook Works", "US-123")


def test_terms_are_not_asked_for_by_an_app_that_may_not_see_them(account: ShopifySandbox) -> None:
    account.shop.scopes.remove("read_payment_terms")
    try:
        found = registry.get("shopify")(account.settings())
        assert {item.payment_term for page in found.pull_orders(Cursor()) for item in page.records} == {""}
    finally:
        account.shop.scopes.append("read_payment_terms")


def test_its_own_book_says_the_same(account: ShopifySandbox, connector, orders, refunds) -> None:
    totals = list(connector.control_totals(Days(first=UNTIL.date() - timedelta(days=90), last=UNTIL.date())))
    assert sum(item.gross for item in totals) == sum(found.totals.paid for found in orders.values())
    out = sum(item.amount for rows in refunds.values() for refund in rows for item in refund.payments)
    assert sum(item.refunds for item in totals) == out > 0
    assert {key: found.totals.gross for key, found in orders.items()} == {
        key: sold for key, (_currency, sold) in books.sold(account.shop).items()
    }
