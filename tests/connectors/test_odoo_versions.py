"""Every flow with every version of Odoo, of one shop: the same records come, but for what a version does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import connectors  # noqa: F401 - registers the systems
from connectors import records as rec
from connectors.connector import Connector
from connectors.errors import RetryLater
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.odoo.versions import LACKS
from connectors.windows import Days, Window
from tests.connectors.contract import fails
from tests.connectors.fake_time import FakeTime
from tests.connectors.loopback import BROKEN, Loopback, Request
from tests.connectors.odoo_shop import CARD, SHOP, TEA
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN, NEWEST, OLDEST, OlderOdoo

VERSIONS = range(OLDEST, NEWEST + 1)
SOLD_AT = datetime(2024, 5, 5, 10, tzinfo=timezone.utc)
GUIDE = Path(__file__).parents[2] / "docs" / "admin.md"
Connect = Callable[..., Connector]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def connect(version: int, time: FakeTime) -> Iterator[Connect]:
    """A connector for the shop in an Odoo of that version, which must understand all that it is asked."""
    older = OlderOdoo(f"{version}.0", SHOP)
    with Loopback(older) as server:

        def connected(**settings: Any) -> Connector:
            given = {"url": server.url, "database": DATABASE, "login": LOGIN, "api_key": KEY, **settings}
            return registry.get("odoo")(given, clock=time.clock, sleep=time.sleep)

        yield connected
    assert older.wrong == []


@pytest.fixture
def odoo(connect: Connect) -> Connector:
    return connect()


def pulled(pages: Iterator[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for page in pages:
        assert page.malformed == ()
        found |= {record.external_id: record for record in page.records}
    return found


def test_the_form(odoo: Connector, version: int) -> None:
    account = odoo.check()
    assert (account.external_id, account.currency) == ("u-u-i-d/company-3", "EUR")
    assert account.notes == tuple(f"Odoo {version}: {sentence}" for sentence in LACKS.get(version, ()))
    assert [place.external_id for place in odoo.locations()] == ["warehouse-1", "pos-1"]
    assert [(rate.name, rate.rate) for rate in odoo.tax_rates()] == [("19 %", 19)]
    assert [level.name for level in odoo.price_levels()] == ["Public"]
    assert [group.name for group in odoo.customer_groups()] == ["Stammgast"]
    assert [journal.name for journal in odoo.payment_journals()] == ["Bank"]
    assert [company.name for company in odoo.companies()] == ["Altes Haus"]
    assert [(method.name, method.kind) for method in odoo.payment_methods()] == [
        ("Bar", rec.PaymentKind.CASH),
        ("Karte", rec.PaymentKind.CARD),
        ("Überweisung", rec.PaymentKind.BANK),
    ]


def test_the_guide_says_it_too(version: int) -> None:
    lacking = " ".join(LACKS.get(version, ())) or "nothing"
    assert f"\n| {version} | {lacking} |\n" in GUIDE.read_text(encoding="utf-8")


def test_products_and_their_prices(connect: Connect, version: int) -> None:
    products = pulled(connect(price_level="pricelist-2").pull_products(Cursor()))
    tea, menu = products["template-10"], products["template-15"]
    assert (tea.tracked, tea.kind, tea.images[0].checksum) == (True, rec.ProductKind.GOODS, "c0ffee")
    assert tea.tags == (("Bio",) if version >= 16 else ())
    assert [price.amount for price in tea.variants[0].prices] == [Decimal("11.9"), Decimal("11.9")]
    assert not products["template-11"].tracked
    choices = [(choice.external_id, [item.variant_id for item in choice.items]) for choice in menu.combos]
    assert choices == ([("combo-40", ["variant-100"])] if version >= 17 else [])


def test_stock(odoo: Connector) -> None:
    (level,) = pulled(odoo.pull_stock(Cursor())).values()
    assert level.external_id == "variant-100@warehouse-1"
    assert odoo.get_stock(level.external_id) == replace(level, updated_at=odoo.get_stock(level.external_id).updated_at)


def test_customers(odoo: Connector, version: int) -> None:
    (tom,) = pulled(odoo.pull_customers(Cursor())).values()
    assert (tom.first_name, tom.email, tom.group_name) == ("Tom", "tom@example.com", "Stammgast")
    assert tom.mobile == ("0171 1" if version < 19 else "")
    assert (tom.marketing, [address.street for address in tom.addresses]) == (rec.Consent.NO, ["", "Hof 1"])
    assert tom.points == (12 if version >= 16 else None)


def test_sales(odoo: Connector) -> None:
    orders = pulled(odoo.pull_orders(Cursor()))
    paid, web, quotation = (orders[f"sale-{number}"] for number in (1, 2, 3))
    assert [order.status for order in (paid, web, quotation)] == [
        rec.OrderStatus.COMPLETED,
        rec.OrderStatus.PAID,
        rec.OrderStatus.DRAFT,
    ]
    assert (paid.paid, paid.location_id, paid.staff) == (True, "warehouse-1", "Ann")
    assert paid.shipping_address.street == "Hof 1"
    (line,) = paid.lines
    assert (line.quantity, line.gross, line.unit, line.taxes[0].tax_id) == (2, Decimal("23.8"), "Units", "tax-5")
    (payment,) = paid.payments
    assert (payment.method_id, payment.kind, payment.reference) == ("provider-6", rec.PaymentKind.BANK, "X-1")
    assert (payment.method_name in ("custom", "transfer"), payment.paid_at) == (True, SOLD_AT)
    reward = web.charges[0]
    assert (reward.kind, reward.amount) == (rec.ChargeKind.DISCOUNT, Decimal("-2.38"))


def test_gift_cards(odoo: Connector, version: int) -> None:
    """They are money on a card where the version has them; 14 has none, there it is an ordinary product."""
    web = pulled(odoo.pull_orders(Cursor()))["sale-2"]
    cards = [charge for charge in web.charges if charge.external_id == "line-33"]
    if version == 14:
        assert cards == []
    else:
        assert [(card.kind, card.amount, card.code) for card in cards] == [(rec.ChargeKind.GIFT_CARD, -5, "G-1")]


@pytest.mark.parametrize("sold", [TEA, CARD])
def test_gift_cards_that_are_sold(version: int, sold: int) -> None:
    """The shop owes what is on them: they are no goods, but for 14, which has none."""
    lines = [{**row, "product_id": sold} if row["id"] == 31 else row for row in SHOP["sale.order.line"]]
    made = {"id": 4, "code": "G-4", "buy_line_id": 31 if sold == CARD else False}
    older = OlderOdoo(f"{version}.0", {**SHOP, "sale.order.line": lines, "gift.card": [*SHOP["gift.card"], made]})
    with Loopback(older) as server:
        odoo = registry.get("odoo")({"url": server.url, "database": DATABASE, "login": LOGIN, "api_key": KEY})
        line = pulled(odoo.pull_orders(Cursor()))["sale-2"].lines[0]
    assert line.is_gift_card == (sold == CARD and version > 14)
    assert older.wrong == []


def test_tills(odoo: Connector, version: int) -> None:
    orders = pulled(odoo.pull_orders(Cursor()))
    assert "pos-51" not in orders
    sale, menu = orders["pos-50"], orders["pos-52"]
    assert (sale.register, sale.staff, sale.note, sale.totals.gross) == ("Kasse", "Ann", "Heiß", Decimal("24.8"))
    assert [charge.kind for charge in sale.charges] == [rec.ChargeKind.TIP]
    kinds = [(payment.kind, payment.amount) for payment in sale.payments]
    assert kinds == [(rec.PaymentKind.CASH, 20), (rec.PaymentKind.CARD, Decimal("4.8"))]
    parent, part = menu.lines
    assert menu.order_type == ("take_away" if version in (17, 18) else "")
    if version >= 17:
        assert (part.parent_id, part.combo_choice_id) == (parent.external_id, "combo-40")


def test_refunds(odoo: Connector) -> None:
    refunds = pulled(odoo.pull_refunds(Cursor()))
    assert list(refunds) == ["move-75", "pos-51"]
    note, back = refunds.values()
    assert (note.order_id, note.gross, note.reason) == ("sale-1", Decimal("11.9"), "Kalt")
    assert [line.order_line_id for line in note.lines] == ["line-30"]
    assert (back.order_id, back.gross, back.tax) == ("pos-50", Decimal("11.9"), Decimal("1.9"))
    assert [(line.order_line_id, line.quantity) for line in back.lines] == [("line-60", 1)]
    assert [(payment.kind, payment.amount) for payment in back.payments] == [(rec.PaymentKind.CASH, Decimal("11.9"))]


def test_order_status(odoo: Connector) -> None:
    (change,) = pulled(odoo.pull_order_status(Cursor())).values()
    assert (change.external_id, change.status, change.source_reference) == ("sale-2", rec.OrderStatus.PAID, "WEB-2")
    assert [item.status for item in change.fulfilments] == [rec.FulfilmentStatus.READY]


def test_what_it_counts_itself(odoo: Connector) -> None:
    days = Days(first=date(2024, 5, 5), last=date(2024, 5, 6), zone="UTC")
    found = {(total.day.day, total.location_id): total for total in odoo.control_totals(days)}
    till, sales, back = found[5, "pos-1"], found[5, "warehouse-1"], found[6, "pos-1"]
    assert (till.count, till.gross, till.tips) == (2, Decimal("39.08"), 1)
    assert dict(till.payments) == {"pos-method-1": 20, "pos-method-2": Decimal("19.08")}
    assert (sales.count, sales.gross) == (2, Decimal("35.7"))
    assert (back.refunds, dict(back.payments)) == (Decimal("11.9"), {"pos-method-1": Decimal("-11.9")})
    assert found[6, ""].refunds == Decimal("11.9")


def test_in_a_window(odoo: Connector) -> None:
    begins, ends = (datetime(2024, 5, day, tzinfo=timezone.utc) for day in (5, 7))
    window = Window(starts_at=begins, ends_at=ends)
    assert list(pulled(odoo.orders_in(window))) == ["sale-1", "sale-2", "sale-3", "pos-50", "pos-52"]
    assert list(pulled(odoo.refunds_in(window))) == ["move-75", "pos-51"]


def test_one_at_a_time(odoo: Connector) -> None:
    assert odoo.get_product("variant-100").name == "Tee"
    assert odoo.get_customer("partner-20").last_name == "Condor"
    assert odoo.get_order("pos-50").number == "Kasse/50"
    assert odoo.find_order("S2").external_id == "sale-2"


@pytest.mark.parametrize(
    "flow", ["pull_products", "pull_stock", "pull_customers", "pull_orders", "pull_refunds", "pull_order_status"]
)
def test_a_next_pass(connect: Connect, flow: str) -> None:
    """It asks for what changed since: nothing did."""
    pull = getattr(connect(price_level="pricelist-2"), flow)
    *_pages, last = pull(Cursor())
    assert pulled(pull(Cursor(since=last.cursor.reached))) == {}
    changed = pulled(pull(Cursor(since=datetime(2024, 5, 6, tzinfo=timezone.utc))))
    assert changed if flow != "pull_stock" else True


@pytest.mark.parametrize(
    "settings", [{"orders": "sale"}, {"orders": "pos"}, {"stock_by": "locations"}, {"products": "all"}]
)
def test_settings(connect: Connect, settings: dict[str, str]) -> None:
    odoo = connect(**settings)
    kinds = {external_id.partition("-")[0] for external_id in pulled(odoo.pull_orders(Cursor()))}
    assert kinds == ({settings["orders"]} if "orders" in settings else {"sale", "pos"})
    (level,) = pulled(odoo.pull_stock(Cursor())).values()
    assert level.location_id == ("location-8" if "stock_by" in settings else "warehouse-1")
    assert len(pulled(odoo.pull_products(Cursor()))) == 6


@pytest.mark.parametrize("protocol", ["xmlrpc", "auto"])
def test_a_page_with_the_version_that_fails(version: int, time: FakeTime, protocol: str) -> None:
    """It says nothing about the rest of that Odoo."""
    older = OlderOdoo(f"{version}.0", SHOP)

    def answer(request: Request) -> Any:
        return BROKEN if request.path == "/web/version" else older(request)

    with Loopback(answer) as server:
        given = {"url": server.url, "database": DATABASE, "login": LOGIN, "api_key": KEY, "protocol": protocol}
        odoo = registry.get("odoo")(given, clock=time.clock, sleep=time.sleep)
        assert odoo.check().version == f"{version}.0"
        asked = [request.path for request in server.requests]
    assert ("/web/version" in asked) == (protocol == "auto")
    assert older.wrong == []


def test_a_server_that_fails_altogether(time: FakeTime) -> None:
    with Loopback(lambda request: BROKEN) as server:
        given = {"url": server.url, "database": DATABASE, "login": LOGIN, "api_key": KEY}
        odoo = registry.get("odoo")(given, clock=time.clock, sleep=time.sleep)
        assert fails(RetryLater, odoo.check).code == "server-error"
