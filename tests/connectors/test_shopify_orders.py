"""Shopify's orders and refunds as records: money to the cent, and what is told from what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, Skip
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.shopify.payments import received
from connectors.systems.shopify.standing import status_of
from connectors.windows import Days
from sandbox.shopify import ShopifySandbox, books, make_shop
from sandbox.shopify.money import Purse
from sandbox.shopify.parts import cents_of
from tests.connectors.shopify_rows import gone, line, order, read, sale

UNTIL = datetime.now(timezone.utc) - timedelta(hours=1)
YEAR = Days(first=UNTIL.date() - timedelta(days=400), last=UNTIL.date() + timedelta(days=1))
S = rec.OrderStatus


def adds_up(found: rec.Order) -> None:
    lines = sum((item.gross for item in found.lines), D(0)) + sum((c.net + c.tax for c in found.charges), D(0))
    assert lines == found.totals.gross
    taxes = sum((item.tax for item in found.lines), D(0)) + sum((c.tax for c in found.charges), D(0))
    assert taxes == found.totals.tax
    for item in found.lines:
        assert item.unit_price * item.quantity - item.discount == (item.gross if found.price_includes_tax else item.net)


MONEY = {
    "tax added": (order(), "20.90", "1.90"),
    "tax included": (order(taxesIncluded=True, totalPriceSet=Purse("USD").bag(1900)), "19.00", "1.90"),
    "tip at the till, beside the total": (order(totalTipReceivedSet=Purse("USD").bag(300)), "23.90", "1.90"),
    "tip on the web, within the total": (
        order(totalTipReceivedSet=Purse("USD").bag(300), totalPriceSet=Purse("USD").bag(2390)), "23.90", "1.90",
    ),
    "tip on the web, as a line too": (
        order(
            totalTipReceivedSet=Purse("USD").bag(300), totalPriceSet=Purse("USD").bag(2390),
            lineItems={"nodes": [line("1", price=1000, many=2, off=[100], tax=190),
                                 line("2", price=300, title="Tip", variant=None, product=None)]},
        ), "23.90", "1.90",
    ),
    "duties": (
        order(
            totalPriceSet=Purse("USD").bag(2440),
            lineItems={"nodes": [line("1", price=1000, many=2, off=[100], tax=190,
                                      duties=[{"id": "gid://shopify/Duty/3", "price": Purse("USD").bag(350),
                                               "taxLines": []}])]},
        ), "24.40", "1.90",
    ),
    "shipping with tax and a discount": (
        order(
            totalPriceSet=Purse("USD").bag(2530), totalTaxSet=Purse("USD").bag(230),
            shippingLines={"nodes": [
                {"id": "gid://shopify/ShippingLine/4", "title": "Post", "isRemoved": False,
                 "originalPriceSet": Purse("USD").bag(500), "taxLines": [Purse("USD").tax_line("Tax", 0.1, 40)],
                 "discountAllocations": [{"allocatedAmountSet": Purse("USD").bag(100)}]}]},
        ), "25.30", "2.30",
    ),
    "taxes on the order only": (
        order(
            taxLines=[Purse("USD").tax_line("Tax", 0.1, 190)],
            lineItems={"nodes": [line("1", price=1000), line("2", price=900), line("3", price=0, taxable=False)]},
        ), "20.90", "1.90",
    ),
    "cash rounding, which is the drawer's": (
        order(transactions=[{**sale("SALE", 2090), "amountRoundingSet": Purse("USD").bag(-5)}]), "20.90", "1.90",
    ),
    "additional fee": (
        order(totalPriceSet=Purse("USD").bag(2190),
              additionalFees=[{"id": "gid://shopify/AdditionalFee/6", "name": "Import", "price": Purse("USD").bag(100),
                               "taxLines": []}]), "21.90", "1.90",
    ),
    "paid in another currency": (
        order(totalPriceSet=Purse("USD", "EUR").bag(2090), presentmentCurrencyCode="EUR"), "20.90", "1.90",
    ),
    "yen": (
        order(currencyCode="JPY", totalPriceSet=Purse("JPY").bag(209000), totalTaxSet=Purse("JPY").bag(19000),
              lineItems={"nodes": [line("1", price=100000, many=2, off=[10000], tax=19000)]}), "2090", "190",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("row", "gross", "tax"), MONEY.values(), ids=MONEY)
def test_money_is_right_to_the_cent(row: dict, gross: str, tax: str) -> None:
    found = read(row)
    assert (found.totals.gross, found.totals.tax) == (D(gross), D(tax))
    adds_up(found)


def test_what_an_edit_takes_out_is_no_part_of_the_order() -> None:
    found = read(order(), [gone(money=0)])
    assert (found.lines[0].quantity, found.totals.gross, found.totals.tax) == (D(1), D("10.45"), D("0.95"))
    adds_up(found)


def test_what_comes_back_later_stays_sold() -> None:
    assert read(order(), [gone(money=1045)]).totals.gross == D("20.90")


def test_change_and_what_did_not_succeed_are_not_counted() -> None:
    rows = [sale("AUTHORIZATION", 2090, "x"), sale("SALE", 1090, "x", "FAILURE"), sale("SALE", 1000, "gift_card"),
            sale("SALE", 1500), sale("CHANGE", 410)]  # fmt: skip
    found = received(order(transactions=rows), D("20.90"), D("2.00"))
    assert [(item.method_id, item.amount, item.tip) for item in found] == [
        ("gift_card", D("10.00"), D("0")),
        ("cash", D("8.90"), D("2.00")),
    ]


STATUSES = {
    ("PENDING", "UNFULFILLED", None, None): (S.OPEN, False),
    ("AUTHORIZED", "UNFULFILLED", None, None): (S.OPEN, False),
    ("PENDING", "FULFILLED", None, None): (S.COMPLETED, False),
    ("AUTHORIZED", "FULFILLED", None, None): (S.COMPLETED, False),
    ("PARTIALLY_PAID", "FULFILLED", None, None): (S.COMPLETED, False),
    ("PARTIALLY_PAID", "PARTIALLY_FULFILLED", None, "2026-03-30T00:00:00Z"): (S.OPEN, False),
    ("PAID", "UNFULFILLED", None, None): (S.PAID, True),
    ("PAID", "PARTIALLY_FULFILLED", None, None): (S.PAID, True),
    ("PAID", "FULFILLED", None, None): (S.COMPLETED, True),
    ("PAID", "UNFULFILLED", None, "2026-03-30T00:00:00Z"): (S.COMPLETED, True),
    ("PARTIALLY_REFUNDED", "FULFILLED", None, None): (S.COMPLETED, True),
    ("VOIDED", "UNFULFILLED", None, None): (S.CANCELLED, False),
    ("REFUNDED", "UNFULFILLED", "2026-03-30T00:00:00Z", None): (S.CANCELLED, True),
}


@pytest.mark.parametrize(("words", "wanted"), STATUSES.items(), ids=map(str, STATUSES))
def test_status(words: tuple, wanted: tuple) -> None:
    names = ("displayFinancialStatus", "displayFulfillmentStatus", "cancelledAt", "closedAt")
    assert status_of(order(**dict(zip(names, words, strict=True)))) == wanted


def test_a_test_order_is_left_out() -> None:
    with pytest.raises(Skip):
        read(order(test=True))


def test_a_bundle_is_the_parent_of_its_components() -> None:
    group = {"id": "gid://shopify/LineItemGroup/3", "title": "Set", "quantity": 1,
             "variantId": "gid://shopify/ProductVariant/9"}  # fmt: skip
    rows = [line("1", price=1000, lineItemGroup=group), line("2", price=900, lineItemGroup=group)]
    found = read(order(lineItems={"nodes": rows}, totalPriceSet=Purse("USD").bag(1900), totalTaxSet=None))
    assert [(item.external_id, item.variant_id, item.parent_id) for item in found.lines] == [
        ("3", "9", ""), ("1", "7", "3"), ("2", "7", "3"),
    ]  # fmt: skip
    adds_up(found)


# A year of a shop


@pytest.fixture(scope="module")
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.02, orders=500, until=UNTIL)) as running:
        yield running


@pytest.fixture(scope="module")
def connector(account: ShopifySandbox) -> Any:
    made = registry.get("shopify")(account.settings())
    made.orders_a_page = 6
    return made


@pytest.fixture(scope="module")
def year(connector: Any) -> list[rec.Order]:
    return [found for page in connector.pull_orders(Cursor()) for found in page.records]


def test_a_years_orders_are_right_to_the_cent(account: ShopifySandbox, year: list[rec.Order]) -> None:
    assert len(year) == 500
    for found in year:
        adds_up(found)
        row = account.shop.orders[f"gid://shopify/Order/{found.external_id}"]
        edits = [back for back in row["refunds"] if not cents_of(back["totalRefundedSet"])]
        out = {item["lineItem"]["id"] for back in edits for item in back["refundLineItems"]
               if item["quantity"] == item["lineItem"]["quantity"]}  # fmt: skip
        left = len(row["lineItems"]) - len(out)
        assert (found.currency, left) == ("USD", sum(not _is_bundle(item) for item in found.lines))
        edited = bool(edits)
        if found.status in (S.PAID, S.COMPLETED) and not edited:
            assert found.totals.paid == found.totals.gross
    kinds = {charge.kind for found in year for charge in found.charges}
    assert kinds >= {rec.ChargeKind.TIP, rec.ChargeKind.SHIPPING, rec.ChargeKind.DUTY}


def test_as_many_in_yen_have_no_cents() -> None:
    with ShopifySandbox(make_shop(0.02, orders=500, until=UNTIL, currency="JPY")) as running:
        connector = registry.get("shopify")(running.settings())
        connector.orders_a_page = 6
        found = [item for page in connector.pull_orders(Cursor()) for item in page.records]
        assert {item.external_id: item.totals.gross for item in found} == {
            key: amount for key, (_currency, amount) in books.sold(running.shop).items()
        }
    for item in found:
        adds_up(item)
        amounts = [line.gross for line in item.lines] + [charge.amount for charge in item.charges]
        assert {amount % 1 for amount in amounts} <= {D(0)}
        assert item.currency == "JPY"


def test_its_own_book_says_the_same(connector: Any, year: list[rec.Order]) -> None:
    """Money taken and given back, by the orders and their refunds and by the tenders."""
    totals = list(connector.control_totals(YEAR))
    refunds = [found for page in connector.pull_refunds(Cursor()) for found in page.records]
    assert sum(item.gross for item in totals) == sum(found.totals.paid for found in year)
    assert sum(item.refunds for item in totals) == sum(p.amount for found in refunds for p in found.payments) > 0
    assert sum(item.count for item in totals) == sum(bool(found.payments) for found in year)


def test_the_taxes_of_orders_are_known_before_them(account: ShopifySandbox, year: list[rec.Order]) -> None:
    """Of the newest, in few requests; an app that may see no orders has none."""
    connector = registry.get("shopify")(account.settings())
    known = {item.external_id: item for item in connector.tax_rates()}
    charged = {tax.tax_id: tax for found in year for part in (*found.lines, *found.charges) for tax in part.taxes}
    assert known.keys() == charged.keys()
    assert {key: (item.name, item.rate, item.inclusive, item.from_orders) for key, item in known.items()} == {
        key: (tax.name, tax.rate, tax.inclusive, True) for key, tax in charged.items()
    }
    assert {(item.rate, item.inclusive) for item in known.values()} == {
        (D("7.25"), False), (D("1"), False), (D("20"), True)}  # fmt: skip
    account.shop.scopes.remove("read_orders")
    try:
        assert list(connector.tax_rates()) == []
    finally:
        account.shop.scopes.append("read_orders")


def test_older_orders_are_told_to_be_hidden(account: ShopifySandbox, year: list[rec.Order]) -> None:
    account.shop.scopes.remove("read_all_orders")
    try:
        connector = registry.get("shopify")(account.settings())
        seen = [found for page in connector.pull_orders(Cursor()) for found in page.records]
        complete = connector.complete_from(Flow.ORDERS_PULL)
        assert 0 < len(seen) < len(year)
        assert complete is not None
        assert min(found.created_at for found in seen) >= complete
        assert connector.check().notes
        assert connector.complete_from(Flow.PRODUCTS_PULL) is None
    finally:
        account.shop.scopes.append("read_all_orders")


def test_a_search_that_shopify_ignores_is_an_error(connector: Any) -> None:
    query = "query Q($search: String) { orders(first: 1, query: $search) { nodes { id } } }"
    with pytest.raises(NeedsFixing, match="search for") as caught:
        connector._api.ask(query, search="updated:>2026")
    assert caught.value.code == "search-ignored"


def _is_bundle(item: rec.OrderLine) -> bool:
    return item.unit_price == 0 and item.variant_id != "" and item.gross == 0 and not item.sku and not item.taxes
