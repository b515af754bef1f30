"""What the pass after a full one brings of a BioTrack shop: each promised change and only it, and little is read."""

from __future__ import annotations

import pytest

from connectors.pages import Cursor
from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.biotrack_shop import OVERLAP, pages, pull

FLOWS = ("products", "stock", "customers", "orders", "refunds")


@pytest.fixture
def living(workspace, biotrack_base):
    """A shop that a test may change."""
    with biotrack_base.copy(workspace, "biotrack_living") as made:
        made.allow()
        yield made


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


@pytest.mark.parametrize("generation", [biotrack.OLD, biotrack.NEWER])
def test_with_nothing_new_nothing_comes(workspace, biotrack_role, biotrack_base, generation):
    shop = biotrack_base
    if generation == biotrack.OLD:
        shop = biotrack_shop.make(workspace, biotrack_role, "biotrack_old", generation)
    cursors = following(shop, rooms="0,1,2,3,5")
    for _pass in range(2):
        assert next_records(shop, cursors, rooms="0,1,2,3,5") == ({}, {})


def test_with_nothing_new_little_is_read(living):
    """Tickets of the window only, customers that a moment names, one narrow look at products and lots."""
    cursors = following(living)
    with living.connect() as connector:
        asked = noted(connector._session)
        pages(connector, "orders", cursors["orders"])
        tickets, asked[:] = list(asked), []
        for flow in ("products", "stock", "customers", "refunds"):
            pages(connector, flow, cursors[flow])
    window = living.value(
        "SELECT count(*) FROM tickets WHERE datetime >= extract(epoch FROM now() - interval '14 days')")
    headers = sum(len(result) for query, result in tickets if "FROM tickets" in query and "totalprice" in query)
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


def test_a_pass_goes_on_in_another_process(biotrack_base):
    """Each page is asked for by a new connector, from the cursor as it is stored."""
    for flow in FLOWS:
        with biotrack_base.connect() as connector:
            wanted, whole = pull(connector, flow)
        cursor, found = Cursor(), {}
        while True:
            with biotrack_base.connect() as connector:
                vars(connector).update(products_a_page=37, levels_a_page=61, customers_a_page=83, orders_a_page=250)
                page = next(getattr(connector, f"pull_{flow}")(Cursor.loads(cursor.dumps())))
            assert not found.keys() & {record.external_id for record in page.records}
            assert page.total is None or page.total >= len(wanted)
            found |= {record.external_id: record for record in page.records}
            cursor = page.cursor
            if page.last:
                break
        assert found == wanted
        with biotrack_base.connect() as connector:
            assert pull(connector, flow, cursor.next_pass(OVERLAP))[0] == {}
            assert pull(connector, flow, whole.next_pass(OVERLAP))[0] == {}
