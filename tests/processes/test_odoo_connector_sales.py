"""Customers, orders, refunds and totals of the system "Odoo" against a real second Odoo; SQL on it is the measure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors import records as rec
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.windows import Days
from tests.connectors.contract import digests
from tools.database import Database
from tools.odoo_server import OdooServer
from tools.templates import SHOP, shop_year
from tools.workspace import Workspace

from .keys import make_key

ORDERS = 160
LONG_AGO = "2020-01-01 00:00:00"
TABLES = (
    "res_partner loyalty_card mail_blacklist sale_order sale_order_line account_move account_move_line "
    "payment_transaction pos_order pos_order_line pos_payment stock_picking"
).split()
# Orders of tills all of whose lines take back lines of others.
RETURNS = """
    SELECT o.id FROM pos_order o JOIN pos_order_line l ON l.order_id = o.id
     GROUP BY o.id HAVING bool_and(l.refunded_orderline_id IS NOT NULL)
"""
# Those, and the ones all of whose lines come from sale orders: no orders of their own.
NO_ORDERS = f"""{RETURNS} OR bool_and(l.sale_order_origin_id IS NOT NULL)"""
# What an order of a till settles of sale orders: it counts there.
SETTLED = """
    LATERAL (
        SELECT coalesce(sum(l.price_subtotal_incl), 0) AS gross,
               coalesce(sum(l.price_subtotal_incl - l.price_subtotal), 0) AS tax
          FROM pos_order_line l
         WHERE l.order_id = o.id AND l.sale_order_origin_id IS NOT NULL AND l.refunded_orderline_id IS NULL)
"""
SOLD = "state IN ('paid', 'done', 'invoiced')"


class Shop:
    """A running shop and what was made in it."""

    def __init__(self, database: Database, server: OdooServer) -> None:
        self.database = database
        self.server = server
        self.key = make_key(database)
        self.facts: dict[str, Any] = json.loads(
            self.query("SELECT value FROM ir_config_parameter WHERE key = 'shop.year'")[0][0]
        )

    def connect(self, **more: str) -> Any:
        settings = {"url": self.server.url, "database": self.database.name, "login": "admin", "api_key": self.key}
        return registry.get("odoo")({**settings, **more})

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.query(statement, *values)


def open_shop(workspace: Workspace, label: str):
    with shop_year(ORDERS, SHOP).copy(workspace, label) as database, OdooServer(database, cron_workers=0) as server:
        yield Shop(database, server)


@pytest.fixture(scope="module")
def shop(workspace):
    """A shop that no test changes."""
    yield from open_shop(workspace, "sales_shop")


@pytest.fixture(scope="module")
def changing_shop(workspace):
    yield from open_shop(workspace, "changing_sales_shop")


@pytest.fixture(params=["json2", "xmlrpc"], scope="module")
def pulled(shop, request):
    """All orders and refunds, by id, over each protocol."""
    connector = shop.connect(protocol=request.param)
    return {**everything(connector.pull_orders), **everything(connector.pull_refunds)}


@pytest.fixture(scope="module")
def orders(pulled):
    return {number: item for number, item in pulled.items() if isinstance(item, rec.Order)}


@pytest.fixture(scope="module")
def refunds(pulled):
    return {number: item for number, item in pulled.items() if isinstance(item, rec.Refund)}


def everything(pull, cursor: Cursor = Cursor()) -> dict[str, Any]:
    pages = list(pull(cursor))
    assert [item.failure for page in pages for item in page.malformed] == []
    return {record.external_id: record for page in pages for record in page.records}


def cents(amount: Any) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


# Orders --------------------------------------------------------------------------------------------------------------


def test_orders_equal_the_shop_by_month_currency_and_state(shop, orders):
    found: dict[tuple, list] = defaultdict(lambda: [0, Decimal(0), Decimal(0), Decimal(0)])
    for order in orders.values():
        kind = order.external_id.partition("-")[0]
        group = found[kind, f"{order.created_at:%Y-%m}", order.currency, order.raw["order"]["state"]]
        group[0] += 1
        for place, amount in enumerate((order.totals.gross, order.totals.net, order.totals.tax), 1):
            group[place] += amount
    company = shop.facts["company"]
    expected = shop.query(
        f"""
        SELECT 'sale', to_char(o.date_order, 'YYYY-MM'), c.name, o.state, count(*),
               sum(o.amount_total), sum(o.amount_untaxed), sum(o.amount_tax)
          FROM sale_order o JOIN res_currency c ON c.id = o.currency_id WHERE o.company_id = %s GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT 'pos', to_char(o.date_order, 'YYYY-MM'), c.name, o.state, count(*),
               sum(o.amount_total - s.gross), sum(o.amount_total - s.gross - o.amount_tax + s.tax),
               sum(o.amount_tax - s.tax)
          FROM pos_order o CROSS JOIN {SETTLED} s
          JOIN pos_config p ON p.id = o.config_id JOIN account_journal j ON j.id = p.journal_id
          JOIN res_company k ON k.id = o.company_id JOIN res_currency c ON c.id = coalesce(j.currency_id, k.currency_id)
         WHERE o.company_id = %s AND o.id NOT IN ({NO_ORDERS}) GROUP BY 1, 2, 3, 4
        """,
        company,
        company,
    )
    assert {key: tuple(values) for key, values in found.items()} == {row[:4]: row[4:] for row in expected}
    assert {(kind, currency) for kind, _month, currency, _state in found} == {
        (kind, currency) for kind in ("sale", "pos") for currency in ("USD", "EUR")
    }
    assert len({month for _kind, month, _currency, _state in found}) > 11


def test_lines_and_charges_are_all_that_was_sold(shop, orders):
    expected = {
        f"{kind}-{number}": (lines, cents(net), cents(gross))
        for kind, number, lines, net, gross in shop.query(
            """
            SELECT 'sale', order_id, count(*), sum(price_subtotal), sum(price_total) FROM sale_order_line
             WHERE display_type IS NULL AND NOT coalesce(is_downpayment, false) GROUP BY order_id
            UNION ALL
            SELECT 'pos', order_id, count(*), sum(price_subtotal), sum(price_subtotal_incl) FROM pos_order_line
             WHERE sale_order_origin_id IS NULL GROUP BY order_id
            """
        )
    }
    for number, order in orders.items():
        parts = [*order.lines, *(item for item in order.charges if item.kind is not rec.ChargeKind.ROUNDING)]
        net = sum((part.net for part in parts), Decimal(0))
        tax = sum((part.tax for part in parts), Decimal(0))
        assert (len(parts), cents(net), cents(net + tax)) == expected.get(number, (0, 0, 0)), number
        before = [line.unit_price * line.quantity - line.discount for line in order.lines]
        for line, amount in zip(order.lines, before, strict=True):
            stated = line.gross if any(tax.inclusive for tax in line.taxes) else line.net
            # A price with tax is split first, then each part is rounded.
            assert abs(amount - stated) <= Decimal("0.0101"), (number, line)


def test_statuses(shop, orders):
    found = Counter((order.external_id.partition("-")[0], order.raw["order"]["state"], order.status.value)
                    for order in orders.values())  # fmt: skip
    delivered = shop.query(
        "SELECT id FROM sale_order WHERE company_id = %s AND state = 'sale' AND delivery_status = 'full'",
        shop.facts["company"],
    )
    assert set(found) == {
        ("sale", "draft", "draft"),
        ("sale", "sent", "open"),
        ("sale", "sale", "paid"),
        ("sale", "sale", "completed"),
        ("sale", "cancel", "cancelled"),
        ("pos", "draft", "open"),
        ("pos", "paid", "completed"),
        ("pos", "done", "completed"),
        ("pos", "cancel", "cancelled"),
    }
    assert len(delivered) > 10
    for (number,) in delivered:
        assert orders[f"sale-{number}"].status is rec.OrderStatus.COMPLETED
    to_do, invoiced, credited, paid_back = (orders[f"sale-{number}"] for number in shop.facts["sale"]["hours"])
    assert to_do.status is rec.OrderStatus.PAID
    assert [order.status for order in (invoiced, credited, paid_back)] == [rec.OrderStatus.COMPLETED] * 3
    assert [order.paid for order in (to_do, invoiced, credited, paid_back)] == [False, False, False, True]


def test_money_taken_and_given_back_by_method(shop, pulled):
    found: dict[str, Decimal] = defaultdict(Decimal)
    for item in pulled.values():
        sign = 1 if isinstance(item, rec.Order) else -1
        for payment in item.payments:
            found[payment.method_id] += sign * payment.amount
    expected = shop.query(
        """
        SELECT 'pos-method-' || p.payment_method_id, sum(p.amount) FROM pos_payment p
          JOIN pos_order o ON o.id = p.pos_order_id WHERE o.company_id = %s GROUP BY 1
        """,
        shop.facts["company"],
    )
    assert found == dict(expected)
    assert len(found) >= 5
    known = {method.external_id: method.name for method in shop.connect().payment_methods()}
    assert set(found) <= set(known)
    changes = shop.query(
        "SELECT DISTINCT pos_order_id FROM pos_payment WHERE company_id = %s AND is_change AND amount < 0",
        shop.facts["company"],
    )
    assert len(changes) > 5
    for (number,) in changes:
        order = pulled[f"pos-{number}"]
        assert [payment.kind for payment in order.payments] == [rec.PaymentKind.CASH]
        assert order.payments[0].amount == order.totals.paid


def test_tips_and_rounding(shop, orders):
    tips = dict(
        shop.query(
            f"""SELECT 'pos-' || o.id, o.tip_amount FROM pos_order o
                 WHERE o.company_id = %s AND o.tip_amount > 0 AND o.id NOT IN ({NO_ORDERS}) AND EXISTS (
                    SELECT FROM pos_order_line l JOIN pos_config c ON c.id = o.config_id
                     WHERE l.order_id = o.id AND l.product_id = c.tip_product_id)""",
            shop.facts["company"],
        )
    )
    assert len(tips) > 3
    assert {number: order.totals.tip for number, order in orders.items() if order.totals.tip} == tips
    rounded = [
        (order, charge)
        for order in orders.values()
        for charge in order.charges
        if charge.kind is rec.ChargeKind.ROUNDING
    ]
    assert len(rounded) > 5
    for order, charge in rounded:
        assert order.register == "Rounding till"
        assert order.totals.gross % Decimal("0.05") == 0
        assert 0 < abs(charge.amount) < Decimal("0.05")


def test_combos(shop, orders):
    for number in (f"sale-{shop.facts['sale']['menu']}", f"pos-{shop.facts['pos']['combo']}"):
        order = orders[number]
        parent, child = order.lines
        assert (parent.name, parent.gross, parent.parent_id) == ("Menu of one", 0, "")
        assert child.parent_id == parent.external_id
        assert child.gross == order.totals.gross
        assert child.combo_choice_id.startswith("combo-")


def test_the_odd_order_is_read_to_the_last_detail(shop, orders):
    order = orders[f"sale-{shop.facts['sale']['odd']}"]
    (line,) = order.lines
    assert (line.name, line.note) == ("Eggs", "from the farm")
    assert (line.quantity, line.unit, line.unit_price) == (24, "Units", 3)
    (tax,) = line.taxes
    assert (tax.name, tax.rate, tax.inclusive, tax.amount) == ("8.25% on top", Decimal("8.25"), False, line.tax)
    assert tax.tax_id in {rate.external_id for rate in shop.connect().tax_rates()}
    (charge,) = order.charges
    assert (charge.kind, charge.amount) == (rec.ChargeKind.DISCOUNT, Decimal("-7.2"))
    assert order.source_reference == "PO-77"
    assert order.note == "Leave it\nat the door"
    assert order.customer_id == f"partner-{shop.facts['sale']['tomas']}"
    assert (order.shipping_address.name, order.shipping_address.street) == ("Back door", "Rue Haute 7")
    assert order.channel == "sale"


def test_orders_name_locations_customers_and_products_that_exist(shop, pulled, orders):
    connector = shop.connect()
    places = {place.external_id for place in connector.locations()}
    assert {item.location_id for item in pulled.values() if item.location_id} <= places
    assert {order.location_id for order in orders.values() if order.channel == "pos"} & places
    customers = everything(connector.pull_customers)
    for number in {order.customer_id for order in orders.values() if order.customer_id} - set(customers):
        assert connector.get_customer(number).external_id == number
    assert len({order.customer_id for order in orders.values()} & set(customers)) >= 3


def test_which_orders(shop, orders):
    for setting in ("sale", "pos"):
        found = everything(shop.connect(orders=setting).pull_orders)
        # Alone a till's order counts, whatever it settles.
        settling = {f"pos-{shop.facts['settled']['pos']}"} if setting == "pos" else set()
        assert set(found) == {number for number in orders if number.startswith(f"{setting}-")} | settling
        kinds = {"sale": "move-", "pos": "pos-"}
        refunds = everything(shop.connect(orders=setting).pull_refunds)
        assert {number[: len(kinds[setting])] for number in refunds} == {kinds[setting]}


def test_small_pages_and_other_processes_give_the_same(shop, pulled):
    cursor, found = Cursor(), {}
    for method in ("pull_orders", "pull_refunds"):
        cursor = Cursor()
        while True:
            connector = shop.connect()
            connector.orders_a_page = connector.refunds_a_page = 23
            page = next(getattr(connector, method)(Cursor.loads(cursor.dumps())))
            found |= {record.external_id: record for record in page.records}
            cursor = page.cursor
            if page.last:
                break
    assert digests(found.values()) == digests(pulled.values())


@pytest.mark.parametrize("kind", ["sale", "pos"])
def test_one_order_by_its_id(shop, orders, kind):
    connector = shop.connect()
    for number in [number for number in orders if number.startswith(kind)][-3:]:
        assert digests([connector.get_order(number)]) == digests([orders[number]])
    assert connector.get_order(f"{kind}-999999") is None
    assert shop.connect(orders={"sale": "pos", "pos": "sale"}[kind]).get_order(number) is None


# Refunds -------------------------------------------------------------------------------------------------------------


def test_refunds_of_tills_equal_the_shop(shop, orders, refunds):
    expected = {
        (f"pos-{number}", origin): (cents(-net), cents(-gross))
        for number, origin, net, gross in shop.query(
            f"""
            SELECT l.order_id, coalesce('sale-' || o.sale_order_origin_id, 'pos-' || o.order_id),
                   sum(l.price_subtotal), sum(l.price_subtotal_incl)
              FROM pos_order_line l JOIN pos_order_line o ON o.id = l.refunded_orderline_id
              JOIN pos_order r ON r.id = l.order_id
             WHERE r.company_id = %s AND r.id IN ({RETURNS}) AND r.{SOLD} GROUP BY 1, 2
            """,
            shop.facts["company"],
        )
    }
    found = {
        (number.partition("/")[0], refund.order_id): (
            cents(sum((line.net for line in refund.lines), Decimal(0))),
            cents(sum((line.gross for line in refund.lines), Decimal(0))),
        )
        for number, refund in refunds.items()
        if number.startswith("pos-")
    }
    assert found == expected
    assert {f"pos-{shop.facts['pos'][name]}" for name in ("full", "partial")} <= set(refunds)
    assert f"pos-{shop.facts['pos']['parked']}" not in {*refunds, *orders}
    for refund in refunds.values():
        assert refund.order_id in orders
        lines = {line.external_id for line in orders[refund.order_id].lines}
        charges = {charge.external_id for charge in orders[refund.order_id].charges}
        assert {line.order_line_id for line in refund.lines if line.variant_id} <= lines
        assert {line.order_line_id for line in refund.lines if not line.variant_id} <= charges


def test_a_full_refund_gives_all_back(shop, orders, refunds):
    refund = refunds[f"pos-{shop.facts['pos']['full']}"]
    order = orders[refund.order_id]
    assert (refund.gross, refund.net, refund.tax) == (order.totals.gross, order.totals.net, order.totals.tax)
    assert sum(payment.amount for payment in refund.payments) == order.totals.gross
    assert [line.quantity for line in refund.lines] == [line.quantity for line in order.lines]
    assert refund.location_id == order.location_id


def test_one_return_of_two_orders_is_two_refunds(shop, refunds):
    several = f"pos-{shop.facts['pos']['several']}"
    parts = [refund for number, refund in refunds.items() if number.startswith(f"{several}/")]
    assert {part.order_id for part in parts} == {f"pos-{number}" for number in shop.facts["pos"]["several_of"]}
    ((total, paid),) = shop.query("SELECT amount_total, amount_paid FROM pos_order WHERE id = %s", int(several[4:]))
    assert abs(sum(part.gross for part in parts) + total) < Decimal("0.05")
    assert sum(payment.amount for part in parts for payment in part.payments) == -paid


def test_what_takes_back_and_sells_is_an_order(shop, orders, refunds):
    number = f"pos-{shop.facts['pos']['mixed']}"
    assert number not in refunds
    back = [line for line in orders[number].lines if line.refunded_line_id]
    assert len(back) == 1
    assert back[0].quantity < 0
    assert back[0].gross < 0


def test_credit_notes(shop, refunds):
    expected = {
        f"move-{number}": (f"sale-{order}", gross, net)
        for number, order, gross, net in shop.query(
            """
            SELECT DISTINCT m.id, s.order_id, m.amount_total, m.amount_untaxed FROM account_move m
              JOIN account_move_line l ON l.move_id = m.id
              JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
              JOIN sale_order_line s ON s.id = r.order_line_id
             WHERE m.company_id = %s AND m.move_type = 'out_refund' AND m.state = 'posted'
            """,
            shop.facts["company"],
        )
    }
    found = {
        number: (refund.order_id, refund.gross, refund.net)
        for number, refund in refunds.items()
        if number.startswith("move-")
    }
    assert found == expected
    _to_do, _invoiced, half, whole = (f"sale-{number}" for number in shop.facts["sale"]["hours"])
    by_order = {refund.order_id: refund for refund in refunds.values()}
    assert by_order[half].lines[0].quantity == 1
    assert by_order[whole].lines[0].quantity == 2
    assert by_order[half].reason == "Too much"


# Sale orders settled at a till ---------------------------------------------------------------------------------------


def test_a_till_that_settles_a_sale_order_takes_its_payment(shop, pulled):
    settled, settling, back = (shop.facts["settled"][name] for name in ("sale", "pos", "back"))
    assert f"pos-{settling}" not in pulled
    order = pulled[f"sale-{settled}"]
    ((paid,),) = shop.query("SELECT amount_paid FROM pos_order WHERE id = %s", settling)
    assert sum(payment.amount for payment in order.payments) == paid == order.totals.gross
    assert order.paid
    refund = pulled[f"pos-{back}"]
    assert refund.order_id == order.external_id
    assert [line.order_line_id for line in refund.lines] == [line.external_id for line in order.lines]


def test_a_till_that_sells_besides_what_it_settles_counts_what_it_sells(shop, pulled):
    settled, mixed, back = (shop.facts["settled_too"][name] for name in ("sale", "pos", "back"))
    order, sale = pulled[f"pos-{mixed}"], pulled[f"sale-{settled}"]
    ((total, paid),) = shop.query("SELECT amount_total, amount_paid FROM pos_order WHERE id = %s", mixed)
    assert len(order.lines) == 1
    assert order.totals.gross == order.totals.net + order.totals.tax == order.totals.paid
    assert sum(payment.amount for payment in order.payments) == order.totals.gross
    assert sum(payment.amount for payment in (*order.payments, *sale.payments)) == paid == total
    assert sale.paid
    # A till rounds the tax of what it sells together once.
    assert abs(sum(line.gross for line in order.lines) - order.totals.gross) <= Decimal("0.01")
    assert abs(sum(payment.amount for payment in sale.payments) - sale.totals.gross) <= Decimal("0.01")
    refunds = {item.order_id: item for number, item in pulled.items() if number.startswith(f"pos-{back}/")}
    assert set(refunds) == {sale.external_id, order.external_id}
    for item in (sale, order):
        assert abs(refunds[item.external_id].gross - item.totals.gross) <= Decimal("0.01")
    assert shop.connect(orders="pos").get_order(f"pos-{mixed}").totals.gross == total


def test_without_sale_orders_the_till_itself_counts(shop):
    settled, settling, back = (shop.facts["settled"][name] for name in ("sale", "pos", "back"))
    connector = shop.connect(orders="pos")
    order = connector.get_order(f"pos-{settling}")
    assert order.totals.gross == order.totals.paid
    refund = everything(connector.pull_refunds)[f"pos-{back}"]
    assert refund.order_id == f"pos-{settling}"
    assert not shop.connect(orders="sale").get_order(f"sale-{settled}").payments


# Totals --------------------------------------------------------------------------------------------------------------


ZONE = "Europe/Berlin"
# Clocks were put forward on 30 March.
DAYS = {
    "formatted_read_group": Days(first=date(2025, 3, 1), last=date(2025, 9, 30), zone=ZONE),
    "read_group": Days(first=date(2025, 3, 26), last=date(2025, 4, 3), zone=ZONE),
}


@pytest.mark.parametrize(("way", "days"), DAYS.items(), ids=DAYS)
def test_control_totals_equal_the_shop(shop, way, days):
    totals = list(shop.connect()._sales.control_totals(days, formatted=way == "formatted_read_group"))
    dated = "(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date"
    within = f"o.company_id = %s AND {dated} BETWEEN %s AND %s"
    limits = (shop.facts["company"], ZONE, days.first, days.last)
    tills = shop.query(
        f"""
        SELECT {dated}, 'pos-' || o.config_id, count(*) FILTER (WHERE sold),
               coalesce(sum(o.amount_total - s.gross) FILTER (WHERE sold), 0),
               coalesce(sum(o.amount_tax - s.tax) FILTER (WHERE sold), 0),
               coalesce(-sum(o.amount_total) FILTER (WHERE back), 0)
          FROM pos_order o CROSS JOIN {SETTLED} s CROSS JOIN LATERAL (
            SELECT o.id IN ({RETURNS}) AS back, o.id NOT IN ({NO_ORDERS}) AS sold) r
         WHERE {within} AND {SOLD} GROUP BY 1, 2
        """,
        ZONE,
        *limits,
    )
    found = {(item.day, item.location_id): item for item in totals if item.location_id.startswith("pos-")}
    assert {place: (item.count, item.gross, item.tax, item.refunds) for place, item in found.items()} == {
        row[:2]: row[2:] for row in tills
    }
    methods = shop.query(
        f"""
        SELECT {dated}, 'pos-method-' || p.payment_method_id, sum(p.amount) FROM pos_payment p
          JOIN pos_order o ON o.id = p.pos_order_id WHERE {within} AND {SOLD} GROUP BY 1, 2
        """,
        ZONE,
        *limits,
    )
    taken: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for item in found.values():
        for method, amount in item.payments:
            taken[item.day, method] += amount
    assert taken == {row[:2]: row[2] for row in methods}
    tips = shop.query(
        f"""
        SELECT coalesce(sum(l.price_subtotal_incl), 0) FROM pos_order_line l JOIN pos_order o ON o.id = l.order_id
          JOIN pos_config c ON c.id = o.config_id AND c.tip_product_id = l.product_id
         WHERE {within} AND {SOLD} AND o.id NOT IN ({NO_ORDERS})
        """,
        *limits,
    )
    assert sum(item.tips for item in found.values()) == tips[0][0]
    sales = shop.query(
        f"""
        SELECT {dated}, 'warehouse-' || o.warehouse_id, c.name, count(*), sum(o.amount_total), sum(o.amount_untaxed),
               sum(o.amount_tax)
          FROM sale_order o JOIN res_currency c ON c.id = o.currency_id
         WHERE {within} AND o.state = 'sale' GROUP BY 1, 2, 3
        """,
        ZONE,
        *limits,
    )
    assert {
        (item.day, item.location_id, item.currency): (item.count, item.gross, item.net, item.tax)
        for item in totals
        if item.location_id.startswith("warehouse-")
    } == {row[:3]: row[3:] for row in sales}
    assert sales
    assert tills


def test_credit_notes_are_counted_on_their_day(shop, refunds):
    noted = {number: refund for number, refund in refunds.items() if number.startswith("move-")}
    dates = sorted(refund.refunded_at.date() for refund in noted.values())
    days = Days(first=dates[0], last=dates[-1])
    expected: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for refund in noted.values():
        expected[refund.refunded_at.date(), refund.currency] += refund.gross
    found = {(item.day, item.currency): item.refunds for item in shop.connect().control_totals(days)
             if item.location_id == ""}  # fmt: skip
    assert found == expected
    assert expected


# Customers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["json2", "xmlrpc"])
def test_customers_equal_the_shop(shop, protocol):
    found = everything(shop.connect(protocol=protocol).pull_customers)
    rows = shop.query(
        """
        SELECT p.id, coalesce(p.email, ''), coalesce(p.phone, ''), coalesce(p.vat, ''), NOT p.active,
               coalesce(p.lang, ''),
               (SELECT g.name->>'en_US' FROM res_partner_res_partner_category_rel r
                  JOIN res_partner_category g ON g.id = r.category_id
                 WHERE r.partner_id = p.id ORDER BY g.name LIMIT 1),
               (SELECT round(sum(c.points)::numeric, 6)
                  FROM loyalty_card c JOIN loyalty_program l ON l.id = c.program_id
                 WHERE c.partner_id = p.id AND l.program_type = 'loyalty' AND c.active),
               (SELECT count(*) FROM res_partner a
                 WHERE a.parent_id = p.id AND a.active AND a.type IN ('invoice', 'delivery', 'other'))
               + (coalesce(p.street, p.street2, p.city, p.zip) IS NOT NULL OR p.state_id IS NOT NULL
                  OR p.country_id IS NOT NULL)::int
          FROM res_partner p
         WHERE (p.parent_id IS NULL OR p.type = 'contact') AND p.partner_share
           AND (p.company_id IS NULL OR p.company_id = %s)
           AND p.id NOT IN (SELECT partner_id FROM res_company)
           AND p.id NOT IN (
               SELECT partner_id FROM res_users WHERE login IN ('public', 'portaltemplate', '__system__', 'default'))
        """,
        shop.facts["company"],
    )
    assert len(rows) > 30
    assert {
        number: (
            item.email, item.phone, item.vat, item.archived, item.language, item.group_name or None,
            item.points if item.points is None else round(item.points, 6), len(item.addresses),
        )
        for number, item in found.items()
    } == {f"partner-{row[0]}": row[1:] for row in rows}  # fmt: skip


def test_the_customers_that_were_made_here(shop):
    connector = shop.connect()
    tomas, ann, prince = (connector.get_customer(f"partner-{shop.facts['sale'][name]}")
                          for name in ("tomas", "ann", "prince"))  # fmt: skip
    assert (tomas.first_name, tomas.last_name, tomas.company_name) == ("Tomás", "Condor", "")
    assert (tomas.group_name, tomas.note) == ("Regulars", "Likes tea")
    assert tomas.points >= Decimal("42.5")
    assert tomas.group_id in {group.external_id for group in connector.customer_groups()}
    own, door = tomas.addresses
    assert (own.zip, own.country, own.kind) == ("1000", "BE", rec.AddressKind.CONTACT)
    assert (door.name, door.street, door.kind) == ("Back door", "Rue Haute 7", rec.AddressKind.DELIVERY)
    assert tomas.marketing is rec.Consent.UNKNOWN
    assert (ann.first_name, ann.last_name, ann.company_name) == ("Ann", "Lee", "Müller & Söhne")
    assert (prince.first_name, prince.last_name) == ("Prince", "")
    assert prince.marketing is rec.Consent.NO
    assert prince.marketing_at is not None


# What changed --------------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(changing_shop):
    """The shop as if nothing had happened since long ago, and the cursor of a pass that ended then."""
    for table in TABLES:
        changing_shop.database.execute(f"UPDATE {table} SET write_date = %s", LONG_AGO)
    return Cursor(since=datetime.fromisoformat(LONG_AGO).replace(tzinfo=timezone.utc) + timedelta(days=1))


def test_nothing_changed(changing_shop, quiet):
    connector = changing_shop.connect()
    for pull in (connector.pull_customers, connector.pull_orders, connector.pull_refunds):
        assert everything(pull, quiet) == {}


@pytest.mark.parametrize(
    ("table", "column"),
    [("sale_order", "id"), ("sale_order_line", "order_id"), ("pos_order", "id"), ("pos_order_line", "order_id"),
     ("pos_payment", "pos_order_id")],
)  # fmt: skip
def test_whatever_an_order_is_made_of_brings_it_again(changing_shop, quiet, table, column):
    kind = table.partition("_")[0]
    ((number,),) = changing_shop.query(
        f"SELECT max({column}) FROM {table} WHERE company_id = %s AND {column} NOT IN ({NO_ORDERS})",
        changing_shop.facts["company"],
    )
    connector = touched(changing_shop, table, column, number)
    assert list(everything(connector.pull_orders, quiet)) == [f"{kind}-{number}"]


def test_a_delivery_brings_its_order(changing_shop, quiet):
    ((picking, order),) = changing_shop.query(
        """SELECT max(p.id), p.sale_id FROM stock_picking p JOIN sale_order o ON o.id = p.sale_id
            WHERE o.company_id = %s GROUP BY p.sale_id ORDER BY 1 DESC LIMIT 1""",
        changing_shop.facts["company"],
    )
    connector = touched(changing_shop, "stock_picking", "id", picking)
    assert list(everything(connector.pull_orders, quiet)) == [f"sale-{order}"]


def touched(shop: Shop, table: str, column: str, number: int) -> Any:
    shop.database.execute(
        f"UPDATE {table} SET write_date = now() AT TIME ZONE 'UTC' WHERE {column} = %s", number
    )
    return shop.connect()


def test_an_invoice_brings_its_order_and_a_credit_note_its_refund(changing_shop, quiet):
    whole = changing_shop.facts["sale"]["hours"][3]
    ((note,),) = changing_shop.query(
        """SELECT DISTINCT m.id FROM account_move m JOIN account_move_line l ON l.move_id = m.id
             JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
             JOIN sale_order_line s ON s.id = r.order_line_id
            WHERE m.move_type = 'out_refund' AND s.order_id = %s""",
        whole,
    )
    connector = touched(changing_shop, "account_move", "id", note)
    assert list(everything(connector.pull_orders, quiet)) == [f"sale-{whole}"]
    assert list(everything(connector.pull_refunds, quiet)) == [f"move-{note}"]


def test_whatever_a_customer_is_made_of_brings_it_again(changing_shop, quiet):
    tomas, prince = (changing_shop.facts["sale"][name] for name in ("tomas", "prince"))
    for table, column, number, expected in (
        ("res_partner", "id", tomas, tomas),
        ("res_partner", "parent_id", tomas, tomas),
        ("loyalty_card", "partner_id", tomas, tomas),
    ):
        changing_shop.database.execute("UPDATE res_partner SET write_date = %s", LONG_AGO)
        changing_shop.database.execute("UPDATE loyalty_card SET write_date = %s", LONG_AGO)
        connector = touched(changing_shop, table, column, number)
        assert list(everything(connector.pull_customers, quiet)) == [f"partner-{expected}"]
    changing_shop.database.execute("UPDATE loyalty_card SET write_date = %s", LONG_AGO)
    changing_shop.database.execute(
        """UPDATE mail_blacklist SET active = false, write_date = now() AT TIME ZONE 'UTC'
            WHERE email = 'prince@example.com'"""
    )
    ((number, customer),) = everything(changing_shop.connect().pull_customers, quiet).items()
    assert number == f"partner-{prince}"
    assert customer.marketing is rec.Consent.UNKNOWN
