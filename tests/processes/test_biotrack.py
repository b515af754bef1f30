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
from connectors.connector import Cursor, Window
from connectors.errors import NeedsFixing
from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.biotrack_shop import SPECS, BioTrackShop, pages, pull

FLOWS = ("products", "stock", "customers", "orders", "refunds")
GENERATIONS = [biotrack.OLD, biotrack.NEWER, "specification"]
OVERLAP = biotrack_shop.OVERLAP
# Tickets that count: of one that is there twice the latest.
COUNTED = "(SELECT DISTINCT ON (location, id) * FROM tickets ORDER BY location, id, datetime DESC)"
REFUNDING = "COALESCE(refticketid, '') <> '' AND totalprice < 0"


@pytest.fixture(scope="module")
def role(workspace):
    with biotrack_shop.read_only_role(workspace) as made:
        yield made


@pytest.fixture(scope="module", params=GENERATIONS)
def shop(workspace, role, request):
    """A shop that no test changes, in each generation of the schema."""
    if request.param == "specification":
        yield specified(workspace, role)
    else:
        yield biotrack_shop.make(workspace, role, f"biotrack_{request.param}", request.param)


def specified(workspace, role) -> BioTrackShop:
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
    return biotrack_shop.make_with(workspace, role, "biotrack_specified", made, biotrack.NEWER, script=script)


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


@pytest.fixture(scope="module")
def base(workspace, role):
    return biotrack_shop.make(workspace, role, "biotrack_base", biotrack.NEWER)


@pytest.fixture
def living(workspace, base):
    """A shop that a test may change."""
    with base.copy(workspace, "biotrack_living") as made:
        made.allow()
        yield made


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


def test_locations_are_shops_or_rooms(base):
    with base.connect() as connector:
        assert [(place.external_id, place.holds_stock) for place in connector.locations()] == [
            ("1", True), ("2", True), ("3", True)]
    with base.connect(stock_by="room", rooms="0 3 4") as connector:
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
    until = datetime.now(timezone.utc)
    window = Window(starts_at=until - timedelta(days=200), ends_at=until - timedelta(days=20))
    with shop.connect() as connector:
        totals = {total.location_id: total for total in connector.control_totals(window)}
    assert len(totals) == 3
    for place, total in totals.items():
        orders = [order for order in records["orders"].values() if order.location_id == place
                  and window.starts_at <= order.created_at < window.ends_at
                  and order.status is rec.OrderStatus.COMPLETED]
        assert total.count == len(orders)
        assert total.gross == sum(order.totals.gross for order in orders)
        assert (total.net, total.tax) == (
            sum(order.totals.net for order in orders), sum(order.totals.tax for order in orders))
        refunds = [item for item in records["refunds"].values() if item.location_id == place
                   and kind_of(item) == "ticket" and window.starts_at <= item.refunded_at < window.ends_at]
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


def test_addresses_and_birthdays_where_they_are_asked_for(base):
    with base.connect(details="1") as connector:
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
def test_one_source_alone(base, source, kinds):
    with base.connect(price_source=source) as connector:
        products, _cursor = pull(connector, "products")
    rows = {str(row["id"]): row for row in base.made.tables["products"]}
    priced = {key for key, product in products.items() if price_of(product) is not None}
    assert priced
    if kinds:
        assert {rows[key]["_source"] for key in priced} == kinds


def test_another_level_gives_exactly_the_concerned_anew(base):
    with base.connect() as connector:
        before, cursor = pull(connector, "products")
    for level in (1, 2, 3, 4):
        with base.connect(price_level=str(level)) as connector:
            changed, _cursor = pull(connector, "products", cursor.next_pass(OVERLAP))
            again, _cursor = pull(connector, "products")
        concerned = {key for key, product in again.items() if price_of(product) != price_of(before[key])}
        assert concerned
        assert set(changed) == concerned
        wanted = {str(number): levels[level] for number, levels in base.made.prices.items()}
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


# Rooms ---------------------------------------------------------------------------------------------------------------

SPLIT_PARTS = """
    SELECT i.id, split_part(part, ',', 1)::bigint AS room, split_part(part, ',', 2)::numeric AS quantity
      FROM inventory i, unnest(string_to_array(rtrim(i.roomdata, ':'), ':')) part
     WHERE i.roomdata <> ''
"""
# Lots by room: by the split where it adds up, else whole in the current room.
BY_ROOM = f"""
    WITH parts AS ({SPLIT_PARTS}),
    split AS (SELECT p.* FROM parts p JOIN inventory i ON i.id = p.id
               WHERE i.remainingweight = (SELECT sum(quantity) FROM parts q WHERE q.id = p.id)),
    live AS (
        SELECT i.* FROM inventory i JOIN products p ON p.id = i.productid
         WHERE p.deleted = 0 AND p.requiresinventory = 1 AND i.deleted = 0 AND i.transferredout = 0
           AND COALESCE(i.seized, 0) = 0 AND i.remainingweight > 0
    ),
    lots AS (
        SELECT productid, location, COALESCE(currentroom, 0) AS room, remainingweight AS quantity FROM live
         WHERE id NOT IN (SELECT id FROM split)
        UNION ALL
        SELECT l.productid, l.location, s.room, s.quantity FROM live l JOIN split s ON s.id = l.id
    )
"""
CHOICES = [
    ("", {0}), ("0", {0}), ("3", {3}), ("0, 3", {0, 3}), ("1 2", {1, 2}), ("3,4", {3}), ("9", {9}), ("77", set())]


@pytest.mark.parametrize(("entered", "counted"), CHOICES)
def test_chosen_rooms_are_summed(base, entered, counted):
    with base.connect(rooms=entered) as connector:
        levels, _cursor = pull(connector, "stock")
    expected = {f"{product}@{location}": quantity for product, location, quantity in base.query(f"""
        {BY_ROOM} SELECT productid, location, sum(quantity) FROM lots WHERE room = ANY(%s) GROUP BY 1, 2
        HAVING sum(quantity) > 0
    """, sorted(counted) or [-1])}
    assert {key: level.quantity for key, level in levels.items() if level.quantity} == expected
    assert bool(expected) is bool(counted)


def test_rooms_as_locations(base):
    with base.connect(rooms="0,1,2,3,4,5,9", stock_by="room") as connector:
        levels, _cursor = pull(connector, "stock")
        places = {place.external_id for place in connector.locations()}
    expected = {f"{product}@{location}/{room}": quantity for product, location, room, quantity in base.query(f"""
        {BY_ROOM} SELECT productid, location, room, sum(quantity) FROM lots WHERE room <> 4 GROUP BY 1, 2, 3
        HAVING sum(quantity) > 0
    """)}
    assert {key: level.quantity for key, level in levels.items() if level.quantity} == expected
    assert {level.location_id for level in levels.values()} <= places
    assert any(key.endswith("/9") for key in expected)


def test_what_has_no_stock_is_counted_as_none(base):
    with base.connect(rooms="1") as connector:
        levels, _cursor = pull(connector, "stock")
    kept = base.value("""
        SELECT count(DISTINCT (productid, i.location)) FROM inventory i JOIN products p ON p.id = i.productid
         WHERE p.deleted = 0 AND requiresinventory = 1 AND i.location = 1
    """)
    assert len([key for key in levels if key.endswith("@1")]) == kept
    assert any(not level.quantity for level in levels.values())


def test_rooms_must_be_numbers(base):
    with pytest.raises(NeedsFixing, match="0, 3"), base.connect(rooms="floor") as connector:
        pull(connector, "stock")


# The next pass -------------------------------------------------------------------------------------------------------


def following(shop, **settings):
    """The cursors after a full pass of every flow."""
    with shop.connect(**settings) as connector:
        return {flow: pull(connector, flow)[1].next_pass(OVERLAP) for flow in FLOWS}


def next_records(shop, cursors, **settings):
    """What the next pass of each flow brings, as ids, and the ids that it says are gone."""
    found, gone = {}, {}
    with shop.connect(**settings) as connector:
        for flow in FLOWS:
            made = pages(connector, flow, cursors[flow])
            assert [item.failure for page in made for item in page.malformed] == []
            found[flow] = {record.external_id for page in made for record in page.records}
            gone[flow] = {key for page in made for key in page.deleted}
            cursors[flow] = made[-1].cursor.next_pass(OVERLAP)
    return ({flow: ids for flow, ids in found.items() if ids}, {flow: ids for flow, ids in gone.items() if ids})


def test_with_nothing_new_nothing_comes(everything, shop):
    cursors = {flow: cursor.next_pass(OVERLAP) for flow, (_found, cursor) in everything.items()}
    for _pass in range(2):
        assert next_records(shop, cursors, rooms="0,1,2,3,5") == ({}, {})


def test_with_nothing_new_little_is_read(living):
    """Tickets of the window only, customers that a moment names, one narrow look at products and lots."""
    cursors = following(living)
    living.execute("SELECT pg_stat_reset()")
    with living.connect() as connector:
        asked = noted(connector._session)
        for flow in FLOWS:
            pages(connector, flow, cursors[flow])
    window = living.value(
        "SELECT count(*) FROM tickets WHERE datetime >= extract(epoch FROM now() - interval '14 days')")
    headers = sum(len(result) for query, result in asked if "ticketserial" in query and "totalprice" in query
                  and "refticketid, ''" not in query and "ANY" not in query)
    assert 0 < headers <= window * 1.01
    customers = [len(result) for query, result in asked if "FROM customers" in query and "DISTINCT ON" in query]
    assert sum(customers) <= living.value(
        "SELECT count(*) FROM customers WHERE GREATEST(created, modified) > now() - interval '2 days'")
    assert len([query for query, _result in asked if "productdescription" in query]) == 1


def noted(session) -> list[tuple[str, list]]:
    """What the session will be asked and will answer."""
    asked, rows = [], session.rows

    def note(query, values=()):
        asked.append((str(query), rows(query, values)))
        return asked[-1][1]

    session.rows = note
    return asked


PROMISED = {
    "a new ticket": (
        """
        INSERT INTO tickets (id, location, datetime, price, tax, totalprice, transactionid, deleted, preorder)
             VALUES ('0009999991', 2, extract(epoch FROM now()), 10, 0, 10, 1, 0, 0);
        INSERT INTO sales (ticketid, location, datetime, price, tax, total, weight, productid, deleted, refunded)
             VALUES ('0009999991', 2, extract(epoch FROM now()), 10, 0, 10, 2, 1, 0, 0)
        """, {"orders": {"2/0009999991"}}, {}),
    "a new ticket of long ago, from a till that was offline": (
        """
        INSERT INTO tickets (id, location, datetime, price, tax, totalprice, deleted, preorder)
             VALUES ('0009999992', 3, extract(epoch FROM now() - interval '90 days'), 0, 0, 0, 0, 0)
        """, {"orders": {"3/0009999992"}}, {}),
    "a void inside the window": (
        "UPDATE tickets SET deleted = 1 WHERE ticketserial = {recent}", {"orders": {"{recent_id}"}}, {}),
    "a line less inside the window": (
        "UPDATE sales SET price = price - 1, price_post_everything = price - 1 WHERE id = (SELECT min(id) FROM sales"
        " WHERE (location || '/' || ticketid) = '{recent_id}')", {"orders": {"{recent_id}"}}, {}),
    "a pre-order that is paid": (
        "UPDATE tickets SET preorder = 0, pif = 1 WHERE ticketserial = {preorder}", {"orders": {"{preorder_id}"}}, {}),
    "a refund by a ticket": (
        """
        INSERT INTO tickets (id, location, refticketid, datetime, price, tax, totalprice, deleted, preorder)
             SELECT '0009999993', location, id, extract(epoch FROM now()), -1, 0, -1, 0, 0 FROM tickets
              WHERE ticketserial = {old}
        """, {"refunds": {"{old_place}/0009999993"}}, {}),
    "a refund by an amount inside the window": (
        "UPDATE tickets SET refundtotalprice = 1, refundprice = 1 WHERE ticketserial = {recent}",
        {"refunds": {"{recent_id}#amount"}}, {}),
    "a price": ("UPDATE products SET pricepoint = '88.50' WHERE id = 1", {"products": {"1"}}, {}),
    "a name": ("UPDATE products SET name = 'Renamed' WHERE id = 3", {"products": {"3"}}, {}),
    "a description": ("UPDATE products SET productdescription = 'New words' WHERE id = 4", {"products": {"4"}}, {}),
    "a price of a category": (
        "UPDATE productcategories SET pricepoint = '77.50' WHERE id = (SELECT productcategory FROM products"
        " WHERE id = 3)", {"products": {"{of_category}"}}, {}),
    "a product that is gone": ("UPDATE products SET deleted = 1 WHERE id = 2", {"stock": {"{stock_of_2}"}},
                               {"products": {"2"}}),
    "a count": ("UPDATE inventory SET remainingweight = remainingweight + 5 WHERE id = '{lot}'",
                {"stock": {"{lot_place}"}}, {}),
    "a lot in another room": ("UPDATE inventory SET currentroom = 4 WHERE id = '{lot}'",
                              {"stock": {"{lot_place}"}}, {}),
    "a lot that is sold out": ("UPDATE inventory SET remainingweight = 0 WHERE id = '{lot}'",
                               {"stock": {"{lot_place}"}}, {}),
    "a customer, by its moment": (
        "UPDATE customers SET firstname = 'Changed', modified = now() AT TIME ZONE 'America/Denver'"
        " WHERE customerid = '{customer}'", {"customers": {"{customer}"}}, {}),
    "a customer, by the log": (
        "UPDATE customers SET points = 7 WHERE customerid = '{customer}';"
        " INSERT INTO customerslog (customerid, lastaction) VALUES ('{customer}', 2)",
        {"customers": {"{customer}"}}, {}),
    "a new customer": (
        "INSERT INTO customers (customerid, firstname, created, accting_invoices_customer_id, deleted)"
        " VALUES ('0000000001', 'New', now() AT TIME ZONE 'America/Denver', 0, 0)", {"customers": {"0000000001"}}, {}),
    "a customer who is gone": (
        "UPDATE customers SET deleted = 1, modified = now() AT TIME ZONE 'America/Denver'"
        " WHERE customerid = '{customer}'", {}, {"customers": {"{customer}"}}),
}
SWEPT = {
    "a customer, by nothing": (
        "UPDATE customers SET firstname = 'Silent' WHERE customerid = '{customer}'", {"customers": {"{customer}"}}),
    "a void of long ago": ("UPDATE tickets SET deleted = 1 WHERE ticketserial = {old}", {"orders": {"{old_id}"}}),
}


def facts(shop) -> dict[str, str]:
    """What the changes are made to."""
    plain = "deleted = 0 AND preorder = 0 AND totalprice > 5 AND COALESCE(refundtotalprice, 0) = 0"
    recent, recent_id = shop.query(f"""
        SELECT ticketserial, location || '/' || id FROM tickets t WHERE {plain}
           AND datetime > extract(epoch FROM now() - interval '13 days')
           AND NOT EXISTS (SELECT FROM tickets o WHERE o.id = t.id AND o.ticketserial <> t.ticketserial)
           AND NOT EXISTS (SELECT FROM sales s WHERE s.ticketid = t.id AND s.refunded = 1) LIMIT 1
    """)[0]
    old, old_id, old_place = shop.query(f"""
        SELECT ticketserial, location || '/' || id, location FROM tickets t WHERE {plain}
           AND datetime < extract(epoch FROM now() - interval '60 days')
           AND NOT EXISTS (SELECT FROM tickets o WHERE o.id = t.id AND o.ticketserial <> t.ticketserial) LIMIT 1
    """)[0]
    preorder, preorder_id = shop.query("""
        SELECT ticketserial, location || '/' || id FROM tickets WHERE preorder = 1
           AND datetime > extract(epoch FROM now() - interval '13 days') LIMIT 1
    """)[0]
    lot, lot_place = shop.query("""
        SELECT i.id, productid || '@' || i.location FROM inventory i JOIN products p ON p.id = i.productid
         WHERE currentroom = 0 AND i.deleted = 0 AND transferredout = 0 AND seized IS NULL AND roomdata IS NULL
           AND remainingweight > 0 AND p.deleted = 0 AND requiresinventory = 1 LIMIT 1
    """)[0]
    return {
        "recent": recent, "recent_id": recent_id, "old": old, "old_id": old_id, "old_place": old_place,
        "preorder": preorder, "preorder_id": preorder_id, "lot": lot, "lot_place": lot_place,
        "customer": shop.value("SELECT customerid FROM customers WHERE deleted = 0 AND firstname <> ''"
                               " AND created < now() - interval '9 days' AND (modified IS NULL"
                               " OR modified < now() - interval '9 days') LIMIT 1"),
        "stock_of_2": ",".join(f"2@{place}" for (place,) in shop.query(
            "SELECT DISTINCT location FROM inventory WHERE productid = 2")),
        "of_category": ",".join(str(number) for (number,) in shop.query(
            "SELECT id FROM products WHERE deleted = 0 AND COALESCE(pricepoint, '') !~ '[.]' AND productcategory ="
            " (SELECT productcategory FROM products WHERE id = 3)")),
    }


def filled(wanted: dict[str, set[str]], known: dict[str, str]) -> dict[str, set[str]]:
    found = {flow: {part for text in ids for part in text.format(**known).split(",") if part}
             for flow, ids in wanted.items()}
    return {flow: ids for flow, ids in found.items() if ids}


def test_each_promised_change_and_only_it_comes_with_the_next_pass(living):
    known, cursors = facts(living), following(living)
    assert next_records(living, cursors) == ({}, {})
    for what, (change, wanted, gone) in PROMISED.items():
        living.execute(change.format(**known))
        assert (what, *next_records(living, cursors)) == (what, filled(wanted, known), filled(gone, known))
        assert (what, *next_records(living, cursors)) == (what, {}, {})
        if what == "a void inside the window":
            living.execute("UPDATE tickets SET deleted = 0 WHERE ticketserial = {recent}".format(**known))
            next_records(living, cursors)
        if what in ("a lot in another room", "a lot that is sold out"):
            living.execute(f"UPDATE inventory SET currentroom = 0, remainingweight = 8 WHERE id = '{known['lot']}'")
            next_records(living, cursors)


@pytest.mark.parametrize("what", SWEPT)
def test_what_nothing_tells_comes_with_the_sweep(living, what):
    change, wanted = SWEPT[what]
    known, cursors = facts(living), following(living)
    before = {flow: pull(living.connect(), flow)[0] for flow in wanted}
    living.execute(change.format(**known))
    assert next_records(living, cursors) == ({}, {})
    for flow, ids in filled(wanted, known).items():
        after, _cursor = pull(living.connect(), flow)
        assert {key for key, record in after.items() if record != before[flow].get(key)} == ids


def test_a_pass_goes_on_in_another_process(base):
    """Each page is asked for by a new connector, from the cursor as it is stored."""
    for flow in FLOWS:
        with base.connect() as connector:
            wanted, whole = pull(connector, flow)
        cursor, found = Cursor(), {}
        while True:
            with base.connect() as connector:
                vars(connector).update(products_a_page=37, levels_a_page=61, customers_a_page=83, orders_a_page=250)
                page = next(getattr(connector, f"pull_{flow}")(Cursor.loads(cursor.dumps())))
            assert not found.keys() & {record.external_id for record in page.records}
            found |= {record.external_id: record for record in page.records}
            cursor = page.cursor
            if page.last:
                break
        assert found == wanted
        with base.connect() as connector:
            assert pull(connector, flow, cursor.next_pass(OVERLAP))[0] == {}
            assert pull(connector, flow, whole.next_pass(OVERLAP))[0] == {}


# Encodings -----------------------------------------------------------------------------------------------------------


def test_text_of_a_database_without_encoding(workspace, role):
    made = biotrack.make_shop(0.02, generation=biotrack.OLD)
    shop = biotrack_shop.make_with(workspace, role, "biotrack_ascii", made, biotrack.OLD, encoding="SQL_ASCII")
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


def test_the_database_refuses_to_be_written_to(base):
    """By the session, whatever the role may do."""
    with base.connect(user=base.server.user) as connector:
        session = connector._session
        assert session.row("SHOW default_transaction_read_only")["default_transaction_read_only"] == "on"
        assert session.row("SHOW statement_timeout")["statement_timeout"] == "2s"
        assert session.row("SELECT application_name AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()") == {
            "name": "pos_sync_connector"}
        with pytest.raises(NeedsFixing) as caught:
            session.rows("DELETE FROM tickets RETURNING 1")
        assert isinstance(caught.value.__cause__, psycopg2.errors.ReadOnlySqlTransaction)
    assert base.value("SELECT count(*) FROM tickets")
