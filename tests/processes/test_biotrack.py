"""The system "BioTrack" against a real PostgreSQL that holds a shop's year. SQL on the shop is the measure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg2
import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing
from connectors.windows import Days
from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.biotrack_shop import SPECS, BioTrackShop, pull

FLOWS = ("products", "stock", "customers", "orders", "refunds")
GENERATIONS = [biotrack.OLD, biotrack.NEWER, "specification"]
OVERLAP = biotrack_shop.OVERLAP
# Tickets that count: of one that is there twice the latest.
COUNTED = "(SELECT DISTINCT ON (location, id) * FROM tickets ORDER BY location, id, datetime DESC)"
REFUNDING = "COALESCE(refticketid, '') <> '' AND totalprice < 0"


@pytest.fixture(scope="module", params=GENERATIONS)
def shop(workspace, biotrack_role, request):
    """A shop that no test changes, in each generation of the schema."""
    if request.param == "specification":
        yield specified(workspace, biotrack_role)
    else:
        yield biotrack_shop.make(workspace, biotrack_role, f"biotrack_{request.param}", request.param)


def specified(workspace, biotrack_role) -> BioTrackShop:
    """The tables as the specification states them, with the columns that newer versions have."""
    if not SPECS.exists():
        pytest.skip(f"there is no specification at {SPECS}")
    script = (SPECS / "schema_2015_core.sql").read_text()
    for table, columns in json.loads((SPECS / "schema_newer_columns.json").read_text()).items():
        for column in columns if table in ("sales", "tickets", "products") else ():
            name, _colon, kind = column.partition(":")
            kind = kind or {"is_a_delivery": "smallint", "modified_on": "timestamptz", "is_medical": "smallint"}.get(
                name, "text")
            script += f"; ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}"
    made = biotrack.make_shop(biotrack_shop.SCALE, generation=biotrack.NEWER)
    return biotrack_shop.make_with(workspace, biotrack_role, "biotrack_specified", made, biotrack.NEWER, script=script)


@pytest.fixture(scope="module")
def everything(shop):
    """All records of a full pull by flow, and the cursors that follow."""
    connector = shop.connect(rooms="0,1,2,3,5")
    found = {flow: pull(connector, flow) for flow in FLOWS}
    connector.close()
    return found


@pytest.fixture(scope="module")
def records(everything):
    return {flow: found for flow, (found, _cursor) in everything.items()}


def cents(amount) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


# Who is there --------------------------------------------------------------------------------------------------------


def test_check_names_the_organisation_and_what_to_choose_from(shop):
    with shop.connect() as connector:
        account = connector.check()
        assert (account.external_id, account.name) == ("org-GDC-77", "Green Door Collective")
        assert account.version == "20151203"
        notes = "\n".join(account.notes)
        assert "Location 1, Downtown: rooms 0 (Bulk), 1 (Sales floor), 2 (Vault)" in notes
        assert "4 (Quarantine, quarantine: never counts)" in notes
        assert "Member levels: Member, Senior, Veteran, Staff." in notes
        assert [level.name for level in connector.price_levels()] == ["Member", "Senior", "Veteran", "Staff"]
        assert {tax.external_id: tax.rate for tax in connector.tax_rates()} == {
            "9": Decimal("8.25"), "10": Decimal("18.5"), "11": Decimal(2)}
        assert {method.kind for method in connector.payment_methods()} == {
            rec.PaymentKind.CASH, rec.PaymentKind.CARD, rec.PaymentKind.GIFT_CARD, rec.PaymentKind.POINTS}


def test_locations_are_shops_or_rooms(biotrack_base):
    with biotrack_base.connect() as connector:
        assert [(place.external_id, place.holds_stock) for place in connector.locations()] == [
            ("1", True), ("2", True), ("3", True)]
    with biotrack_base.connect(stock_by="room", rooms="0,3,4") as connector:
        places = {place.external_id: place for place in connector.locations()}
        # Room 4 is quarantined.
        assert set(places) == {"1", "2", "3", "1/0", "2/0", "3/0", "2/3"}
        assert not places["2"].holds_stock
        assert (places["2/3"].name, places["2/3"].parent_id) == ("Airport Road: Sales floor", "2")


# Orders --------------------------------------------------------------------------------------------------------------


def test_orders_equal_the_database_by_month_location_and_status(shop, records):
    found = defaultdict(lambda: [0, Decimal(0), Decimal(0), Decimal(0)])
    for order in records["orders"].values():
        group = found[f"{order.created_at:%Y-%m}", order.location_id, order.status.value]
        group[0] += 1
        for place, amount in enumerate((order.totals.gross, order.totals.net, order.totals.tax), 1):
            group[place] += amount
    expected = shop.query(f"""
        SELECT to_char(to_timestamp(datetime) AT TIME ZONE 'UTC', 'YYYY-MM'), location::text,
               CASE WHEN deleted = 1 THEN 'cancelled' WHEN pif = 0 OR preorder = 1 THEN 'open' ELSE 'completed' END,
               count(*), sum(totalprice), sum(price), sum(tax)
          FROM {COUNTED} t WHERE NOT ({REFUNDING}) GROUP BY 1, 2, 3
    """)
    assert {status for _month, _place, status, *_sums in expected} == {"cancelled", "open", "completed"}
    assert {tuple(key): list(sums) for *key, sums in ((*row[:3], row[3:]) for row in expected)} == dict(found)


def test_lines_add_up_to_the_ticket_to_the_cent(records):
    for order in records["orders"].values():
        assert sum(line.net for line in order.lines) == order.totals.net, order.external_id
        assert sum(line.tax for line in order.lines) == order.totals.tax, order.external_id
        for line in order.lines:
            assert abs(line.quantity * line.unit_price - line.discount - line.net) < Decimal("1e-9")


def test_weight_is_the_quantity(shop, records):
    """Weighed and counted lines, each against the database."""
    lines = [line for order in records["orders"].values() for line in order.lines]
    found = {unit: (len(group), sum(line.quantity for line in group))
             for unit in ("g", "") if (group := [line for line in lines if line.unit == unit])}
    expected = {unit: (count, weight) for unit, count, weight in shop.query(f"""
        SELECT CASE WHEN s.requiresweighing = 1 THEN 'g' ELSE '' END, count(*), sum(s.weight)
          FROM sales s JOIN {COUNTED} t ON t.id = s.ticketid AND t.location = s.location
         WHERE NOT ({REFUNDING.replace('refticketid', 't.refticketid')})
           AND (s.deleted = 0 OR t.deleted = 1) AND s.transactionid_original IS NULL GROUP BY 1
    """)}
    assert found == expected


def test_discounts_on_lines_and_tickets_are_what_the_database_notes(shop, records):
    """What tickets take off, without those that were voided."""
    found = sum(order.totals.discount for order in records["orders"].values()
                if order.status is not rec.OrderStatus.CANCELLED)
    assert found == shop.value("SELECT sum(amount) FROM discounts WHERE deleted = 0")


def test_payments_are_what_was_applied(shop, records):
    found = Counter()
    for order in records["orders"].values():
        for payment in order.payments:
            found[payment.method_id] += payment.amount
    expected = dict(shop.query(f"""
        SELECT lower(p.paymentmethod), sum(p.amount) FROM payments p
          JOIN {COUNTED} t ON t.id = p.ticketid AND t.location = p.location
         WHERE p.deleted = 0 AND t.totalprice > 0 GROUP BY 1
    """))
    assert found == expected
    assert shop.value("SELECT sum(paymentamount) FROM payments WHERE amount > 0") > sum(expected.values())


def test_ids_keep_their_zeros_and_a_ticket_that_came_twice_is_one(shop, records):
    assert all(order.external_id.split("/")[1].startswith("000") for order in records["orders"].values())
    twice = shop.query("SELECT location || '/' || id, max(datetime) FROM tickets GROUP BY 1 HAVING count(*) > 1")
    assert len(twice) >= 3
    for external_id, latest in twice:
        assert records["orders"][external_id].created_at.timestamp() == latest


def test_both_hours_of_the_night_that_comes_twice(shop, records):
    """An hour apart by the sun, the same on the shop's clock."""
    shown = defaultdict(list)
    for order in records["orders"].values():
        local = order.created_at.astimezone(ZoneInfo(biotrack.TIME_ZONE))
        shown[local.replace(tzinfo=None, fold=0)].append(order.created_at)
    twice = [moments for moments in shown.values() if len(set(moments)) > 1]
    assert twice
    assert {max(moments) - min(moments) for moments in twice} == {timedelta(hours=1)}


def test_an_order_and_others_are_found_by_id(shop, records):
    with shop.connect(rooms="0,1,2,3,5") as connector:
        for flow, get in (("orders", connector.get_order), ("customers", connector.get_customer),
                          ("products", connector.get_product), ("stock", connector.get_stock)):
            for external_id in list(records[flow])[::max(1, len(records[flow]) // 7)]:
                assert get(external_id) == records[flow][external_id]
            assert get("no-such-thing") is None
        deleted = shop.value("SELECT min(id) FROM products WHERE deleted = 1")
        assert connector.get_product(str(deleted)).archived


# Refunds -------------------------------------------------------------------------------------------------------------


def test_refunds_are_all_the_money_given_back(shop, records):
    """Of tickets of their own, of rows marked on the ticket, and of what only a header says."""
    refunds = records["refunds"].values()
    ways = {kind: sum(refund.gross for refund in refunds if kind_of(refund) == kind)
            for kind in ("ticket", "row", "amount")}
    own = shop.value(f"SELECT -sum(totalprice) FROM {COUNTED} t WHERE deleted = 0 AND {REFUNDING}")
    rows = shop.value(f"""
        SELECT sum(abs(s.total)) FROM sales s JOIN {COUNTED} t ON t.id = s.ticketid AND t.location = s.location
         WHERE s.refunded = 1 AND s.deleted = 0 AND t.totalprice > 0
    """)
    amounts = shop.value(f"""
        SELECT sum(refundtotalprice) FROM {COUNTED} t WHERE refundtotalprice > 0 AND NOT EXISTS (
            SELECT FROM tickets r WHERE r.refticketid = t.id AND r.location = t.location)
    """)
    assert ways == {"ticket": own, "row": rows, "amount": amounts}
    assert all(ways.values())
    assert {refund.order_id for refund in refunds} <= records["orders"].keys()
    assert not {refund.external_id for refund in refunds} & records["orders"].keys()


def kind_of(refund) -> str:
    _ticket, mark, way = refund.external_id.partition("#")
    return "ticket" if not mark else "amount" if way == "amount" else "row"


def test_a_refunded_line_names_the_line_that_was_sold(records):
    for refund in records["refunds"].values():
        sold = {line.external_id: line for line in records["orders"][refund.order_id].lines}
        for line in refund.lines:
            assert sold[line.order_line_id].variant_id == line.variant_id
            assert line.quantity <= sold[line.order_line_id].quantity
            assert line.gross <= sold[line.order_line_id].gross


def test_control_totals_equal_sums_of_what_was_pulled(shop, records):
    today = datetime.now(timezone.utc).date()
    days = Days(first=today - timedelta(days=200), last=today - timedelta(days=20), zone="America/New_York",
                zones={"2": "Pacific/Kiritimati"})
    with shop.connect() as connector:
        totals = list(connector.control_totals(days))
    assert [total.day for total in totals] == sorted(total.day for total in totals)
    assert len({total.location_id for total in totals}) == 3
    sold = [order for order in records["orders"].values() if order.status is rec.OrderStatus.COMPLETED
            and days.day_of(order.created_at, order.location_id)]
    assert len(sold) == sum(total.count for total in totals)
    for total in totals:
        place = total.location_id
        orders = [order for order in sold if order.location_id == place
                  and days.day_of(order.created_at, place) == total.day]
        assert total.count == len(orders)
        assert total.gross == sum(order.totals.gross for order in orders)
        assert (total.net, total.tax) == (
            sum(order.totals.net for order in orders), sum(order.totals.tax for order in orders))
        refunds = [item for item in records["refunds"].values() if item.location_id == place
                   and kind_of(item) == "ticket" and days.day_of(item.refunded_at, place) == total.day]
        assert total.refunds == sum(refund.gross for refund in refunds)
        paid = sum(payment.amount for order in orders for payment in order.payments)
        assert sum(amount for _method, amount in total.payments) == paid - total.refunds


# Customers -----------------------------------------------------------------------------------------------------------


def test_customers_come_with_little_about_them(shop, records):
    assert set(records["customers"]) == {
        number for (number,) in shop.query("SELECT customerid FROM customers WHERE deleted = 0")}
    for customer in records["customers"].values():
        assert not customer.addresses
        assert customer.birthday is None
        assert "MED" not in repr(customer)
        assert customer.raw is None
    accents = [customer for customer in records["customers"].values() if not customer.last_name.isascii()]
    assert accents
    refused = shop.value("SELECT count(*) FROM customers WHERE deleted = 0 AND emailoptin = 0")
    consents = Counter(customer.marketing for customer in records["customers"].values())
    assert consents == {rec.Consent.NO: refused, rec.Consent.UNKNOWN: len(records["customers"]) - refused}


def test_addresses_and_birthdays_where_they_are_asked_for(biotrack_base):
    with biotrack_base.connect(details="1") as connector:
        customers, _cursor = pull(connector, "customers")
    assert all(customer.addresses for customer in customers.values())
    born = {customer.birthday for customer in customers.values()} - {None}
    assert born
    assert {(day.year, day.month) for day in born} <= {
        (year, month) for year in (1900, 1985, 1992, 2001) for month in (2, 11)}


# Products and prices -------------------------------------------------------------------------------------------------


def test_products_are_priced_from_every_source(shop, records):
    """At least 95 of 100 cost what the shop means them to, and those that nothing tells a price of have none."""
    products = records["products"]
    assert set(products) == {str(number) for (number,) in shop.query("SELECT id FROM products WHERE deleted = 0")}
    wanted = {str(number): levels[0] for number, levels in shop.made.prices.items()}
    right = [key for key, price in wanted.items() if price_of(products[key]) is not None
             and abs(price_of(products[key]) - price) <= Decimal("0.01")]
    assert len(right) >= 0.95 * len(wanted)
    rows = {str(row["id"]): row for row in shop.made.tables["products"]}
    assert {rows[key]["_source"] for key in right} == {"point", "tiers", "category", "lot", "sale"}
    nowhere = [key for key in products if rows[key]["_source"] == "nowhere"]
    assert nowhere
    assert all(price_of(products[key]) is None or rows[key]["productcategory"] > 100 or "lot" for key in nowhere)
    assert not any(price.amount <= 0 for product in products.values() for price in product.variants[0].prices)


def price_of(product: rec.Product) -> Decimal | None:
    prices = product.variants[0].prices
    return prices[0].amount if prices else None


@pytest.mark.parametrize(("source", "kinds"), [
    ("point", {"point", "tiers"}), ("category", {"category"}), ("lot", {"lot"}), ("sale", None)])
def test_one_source_alone(biotrack_base, source, kinds):
    with biotrack_base.connect(price_source=source) as connector:
        products, _cursor = pull(connector, "products")
    rows = {str(row["id"]): row for row in biotrack_base.made.tables["products"]}
    priced = {key for key, product in products.items() if price_of(product) is not None}
    assert priced
    if kinds:
        assert {rows[key]["_source"] for key in priced} == kinds


def test_another_level_gives_exactly_the_concerned_anew(biotrack_base):
    with biotrack_base.connect() as connector:
        before, cursor = pull(connector, "products")
    for level in (1, 2, 3, 4):
        with biotrack_base.connect(price_level=str(level)) as connector:
            changed, _cursor = pull(connector, "products", cursor.next_pass(OVERLAP))
            again, _cursor = pull(connector, "products")
        concerned = {key for key, product in again.items() if price_of(product) != price_of(before[key])}
        assert concerned
        assert set(changed) == concerned
        wanted = {str(number): levels[level] for number, levels in biotrack_base.made.prices.items()}
        right = [key for key, price in wanted.items() if price_of(again[key]) is not None
                 and abs(price_of(again[key]) - price) <= Decimal("0.01")]
        assert len(right) >= 0.95 * len(wanted)


def test_units_hold_what_a_piece_holds(shop, records):
    rows = {str(row["id"]): row for row in shop.made.tables["products"]}
    found = Counter()
    for key, product in records["products"].items():
        if rows[key]["requiresweighing"]:
            assert product.unit == rec.Unit(name="g")
        elif rows[key]["defaultusable"]:
            assert product.unit.factor == Decimal(rows[key]["defaultusable"])
            assert product.unit.base == "g"
        else:
            assert product.unit is None
        found[product.unit and product.unit.name] += 1
    assert set(found) == {"g", "3.5 g", "1 g", "0.5 g", None}


# Encodings -----------------------------------------------------------------------------------------------------------


def test_text_of_a_database_without_encoding(workspace, biotrack_role):
    made = biotrack.make_shop(0.02, generation=biotrack.OLD)
    shop = biotrack_shop.make_with(workspace, biotrack_role, "biotrack_ascii", made, biotrack.OLD, encoding="SQL_ASCII")
    connection = shop.server.connect(shop.name)
    connection.set_client_encoding("LATIN1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers SET lastname = %s WHERE customerid = %s", ["Núñez Müller", f"{7:010d}"])
        cursor.execute("UPDATE products SET name = %s WHERE id = 5", [b"Caf\xe9".decode("latin-1")])
    connection.close()
    with shop.connect() as connector:
        customers, _cursor = pull(connector, "customers")
        products, _cursor = pull(connector, "products")
        orders, _cursor = pull(connector, "orders")
    assert customers[f"{7:010d}"].last_name == "Núñez Müller"
    assert products["5"].name == "Café"
    written = {row["customerid"]: row["firstname"] for row in made.tables["customers"] if not row["deleted"]}
    assert {key: customer.first_name for key, customer in customers.items()} == written
    assert {order.staff for order in orders.values()} >= {"kim", "renée"}


# Reading only --------------------------------------------------------------------------------------------------------


def test_the_database_refuses_to_be_written_to(biotrack_base):
    """By the session, whatever the role may do."""
    with biotrack_base.connect(user=biotrack_base.server.user) as connector:
        session = connector._session
        assert session.row("SHOW default_transaction_read_only")["default_transaction_read_only"] == "on"
        assert session.row("SHOW statement_timeout")["statement_timeout"] == "2s"
        assert session.row("SELECT application_name AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()") == {
            "name": "pos_sync_connector"}
        with pytest.raises(NeedsFixing) as caught:
            session.rows("DELETE FROM tickets RETURNING 1")
        assert isinstance(caught.value.__cause__, psycopg2.errors.ReadOnlySqlTransaction)
    assert biotrack_base.value("SELECT count(*) FROM tickets")
