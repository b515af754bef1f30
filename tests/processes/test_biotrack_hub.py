"""A BioTrack shop in a real hub: everything arrives, equals SQL on the shop's database, and comes once."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.hub import wait_until

FLOWS = ("products_pull", "stock_pull", "customers_pull", "orders_pull", "refunds_pull")
COUNTED = "(SELECT DISTINCT ON (location, id) * FROM tickets ORDER BY location, id, datetime DESC)"
COMPLETED = "t.deleted = 0 AND t.pif = 1 AND t.preorder = 0 AND t.totalprice > 0"
# All that a pull writes to but its own notes: nothing of it may move when nothing changed.
WRITTEN = """
    product_template product_product product_pricelist_item stock_quant stock_move res_partner sale_order
    sale_order_line pos_sync_refund pos_sync_points loyalty_card loyalty_history
""".split()


@pytest.fixture
def shop(workspace, biotrack_role):
    rows = biotrack.make_shop(biotrack_shop.SCALE, generation=biotrack.NEWER)
    made = biotrack_shop.make_with(workspace, biotrack_role, "biotrack_for_hub", rows, biotrack.NEWER)
    yield made
    workspace.drop(made.name)


def connect(hub, shop) -> int:
    """A connection with locations and taxes mapped, a program whose points all orders earn, and nothing pulled yet."""
    connection = hub.connect(shop.settings, name="BioTrack", system="biotrack")
    hub.map_all(connection)
    hub.call("pos.sync.connection", "action_make_program", [connection])
    hub.call("pos.sync.connection", "write", [connection],
             vals={"points_from": "2000-01-01", "entries_from": "2000-01-01"})
    return connection


def wait_for_all(hub, connection: int, flows=FLOWS) -> None:
    for flow in flows:
        hub.wait_for_flow(connection, flow, within=400)


def pulled_again(hub, connection: int) -> dict[str, tuple[int, ...]]:
    """What another full pull of everything did, by flow: read, created, updated, unchanged, left out."""
    before = runs(hub, connection)
    hub.call("pos.sync.stream", "action_pull_everything", [hub.stream(connection, flow) for flow in FLOWS])
    wait_until(lambda: all(run > before[flow] for flow, run in runs(hub, connection).items()), "a second pull",
               within=400)
    return {flow: hub.database.query(
        "SELECT read_count, COALESCE(created_count, 0), COALESCE(updated_count, 0), COALESCE(unchanged_count, 0),"
        " COALESCE(skipped_count, 0) + COALESCE(failed_count, 0) + COALESCE(held_count, 0)"
        " FROM pos_sync_run WHERE id = %s", run)[0] for flow, run in runs(hub, connection).items()}


def runs(hub, connection: int) -> dict[str, int]:
    """The last run of each flow that ended."""
    return dict(hub.database.query(
        "SELECT flow, CASE WHEN run_id IS NULL THEN COALESCE(last_run_id, 0) ELSE 0 END FROM pos_sync_stream"
        " WHERE connection_id = %s AND flow = ANY(%s)", connection, list(FLOWS)))


def written(hub) -> dict[str, str]:
    return {table: str(hub.database.query(f"SELECT count(*), max(write_date) FROM {table}")[0]) for table in WRITTEN}


def test_everything_arrives_equals_the_shop_and_comes_once(hub, shop):
    connection = connect(hub, shop)
    hub.start(connection, *FLOWS)
    wait_for_all(hub, connection)

    kinds = defaultdict(list)
    for external_id, state, code, sentence in hub.messages(connection):
        if state in ("waiting", "held", "failed"):
            kinds[code].append((external_id, sentence))
    # Only what nothing tells the price of waits for a person, and its counts with it.
    assert set(kinds) == {"no-price", "waits"}, {code: found[:3] for code, found in kinds.items()}
    unpriced = {external_id for external_id, _sentence in kinds["no-price"]}
    assert unpriced == {key for key, product in biotrack_shop.pull(shop.connect(), "products")[0].items()
                        if not product.variants[0].prices}
    assert {key.partition("@")[0] for key, _sentence in kinds["waits"]} <= unpriced
    assert_sales_equal(hub, shop)
    assert_stock_equal(hub, shop)
    assert_points_equal(hub, shop)

    before = written(hub)
    for flow, (read, created, updated, unchanged, left_out) in pulled_again(hub, connection).items():
        assert (flow, created, updated, unchanged + left_out) == (flow, 0, 0, read)
        assert left_out == 0 or flow in ("products_pull", "stock_pull")
        assert read
    assert written(hub) == before


def assert_sales_equal(hub, shop) -> None:
    """Count, gross, net and tax by month: as Odoo made them of lines and taxes, not only as they were stated."""
    expected = shop.query(f"""
        SELECT to_char(to_timestamp(datetime) AT TIME ZONE 'UTC', 'YYYY-MM'), count(*), sum(totalprice), sum(price),
               sum(tax)
          FROM {COUNTED} t WHERE {COMPLETED} GROUP BY 1 ORDER BY 1
    """)
    found = hub.database.query("""
        SELECT to_char(date_order, 'YYYY-MM'), count(*), sum(amount_total)::numeric(16, 2),
               sum(pos_sync_net)::numeric(16, 2), sum(pos_sync_tax)::numeric(16, 2)
          FROM sale_order WHERE pos_sync_status = 'completed' AND state = 'sale' GROUP BY 1 ORDER BY 1
    """)
    assert found == expected
    statuses = hub.database.query("SELECT pos_sync_status, state, count(*) FROM sale_order GROUP BY 1, 2 ORDER BY 1")
    assert statuses == shop.query(f"""
        SELECT CASE WHEN deleted = 1 THEN 'cancelled' WHEN preorder = 1 THEN 'open' ELSE 'completed' END,
               CASE WHEN deleted = 1 THEN 'cancel' WHEN preorder = 1 THEN 'draft' ELSE 'sale' END, count(*)
          FROM {COUNTED} t WHERE totalprice > 0 GROUP BY 1, 2 ORDER BY 1
    """)
    assert hub.value("SELECT sum(gross)::numeric(16, 2) FROM pos_sync_refund") == given_back(shop)


def given_back(shop) -> Decimal:
    """Each way of giving money back, by SQL of its own."""
    return shop.value(f"""
        SELECT (SELECT -sum(totalprice) FROM {COUNTED} t WHERE refticketid <> '')
             + (SELECT sum(abs(total)) FROM sales s WHERE refunded = 1 AND s.ticketid NOT IN (
                    SELECT id FROM tickets WHERE refticketid <> ''))
             + (SELECT COALESCE(sum(refundtotalprice), 0) FROM {COUNTED} t WHERE refundtotalprice > 0
                   AND id NOT IN (SELECT refticketid FROM tickets WHERE refticketid <> ''))
    """)


def assert_stock_equal(hub, shop) -> None:
    """Room 0, where nobody chose any."""
    expected = shop.query("""
        SELECT p.id, i.location, sum(i.remainingweight) FROM inventory i JOIN products p ON p.id = i.productid
         WHERE p.deleted = 0 AND requiresinventory = 1 AND i.deleted = 0 AND transferredout = 0 AND seized IS NULL
           AND COALESCE(currentroom, 0) = 0 AND remainingweight > 0
           AND COALESCE((SELECT sum(split_part(part, ',', 2)::numeric) FROM unnest(string_to_array(
                rtrim(roomdata, ':'), ':')) part), -1) <> remainingweight
         GROUP BY 1, 2 ORDER BY 1, 2
    """)
    found = hub.database.query("""
        SELECT m.external_id::int, l.external_id::int, sum(q.quantity)::numeric(16, 2)
          FROM stock_quant q
          JOIN pos_sync_location l ON l.stock_location_id = q.location_id
          JOIN pos_sync_mapping m ON m.entity = 'variant' AND m.product_id = q.product_id
         GROUP BY 1, 2 HAVING sum(q.quantity) <> 0 ORDER BY 1, 2
    """)
    unpriced = {int(key) for (key,) in hub.database.query(
        "SELECT external_id FROM pos_sync_message WHERE code = 'no-price'")}
    assert found == [row for row in expected if row[0] not in unpriced]


def assert_points_equal(hub, shop) -> None:
    """A point a unit of what was paid before tax and not given back, and what BioTrack had before."""
    basis = hub.value("SELECT points_basis FROM pos_sync_connection")
    column = {"subtotal": "price", "total": "totalprice"}[basis]
    expected = {}
    for customer, points in shop.query("SELECT customerid, points FROM customers WHERE deleted = 0"):
        expected[customer] = cents(points or 0)
    for customer, number, amount in shop.query(f"""
        SELECT customerid, location || '/' || id, {column} FROM {COUNTED} t
         WHERE {COMPLETED} AND customerid IN (SELECT customerid FROM customers)
    """):
        back = refunded(shop, column).get(number, Decimal(0))
        expected[customer] = expected.get(customer, Decimal(0)) + cents(amount - min(back, amount))
    found = {customer: cents(points) for customer, points in hub.database.query("""
        SELECT m.external_id, sum(p.points)
          FROM pos_sync_points p
          JOIN pos_sync_mapping m ON m.entity = 'customer' AND m.partner_id = p.partner_id
         GROUP BY 1
    """)}
    # Two customers of the shop may be one partner: what both have is compared.
    partners = defaultdict(list)
    for customer, partner in hub.database.query(
            "SELECT external_id, partner_id FROM pos_sync_mapping WHERE entity = 'customer'"):
        partners[partner].append(customer)
    for customers in partners.values():
        wanted = sum((expected.get(customer, Decimal(0)) for customer in customers), Decimal(0))
        assert found.get(customers[0], Decimal(0)) == wanted, customers


_REFUNDED: dict[tuple[str, str], dict[str, Decimal]] = {}


def refunded(shop, column: str) -> dict[str, Decimal]:
    """What was given back on each ticket, net or gross."""
    if (shop.name, column) not in _REFUNDED:
        found: dict[str, Decimal] = defaultdict(Decimal)
        line = {"price": "COALESCE(price_post_everything, price_adjusted_for_ticket_discounts)",
                "totalprice": "total"}[column]
        for query in (
            f"SELECT location || '/' || refticketid, -{column} FROM {COUNTED} t WHERE refticketid <> ''",
            f"SELECT location || '/' || ticketid, abs({line}) FROM sales WHERE refunded = 1 AND ticketid NOT IN ("
            " SELECT id FROM tickets WHERE refticketid <> '')",
            f"SELECT location || '/' || id, refund{column} FROM {COUNTED} t WHERE refundtotalprice > 0"
            " AND id NOT IN (SELECT refticketid FROM tickets WHERE refticketid <> '')",
        ):
            for number, amount in shop.query(query):
                found[number] += amount
        _REFUNDED[shop.name, column] = found
    return _REFUNDED[shop.name, column]


def cents(amount) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
