"""What goes wrong between the system "BioTrack" and its database: a sentence each, nothing lost, and it goes on."""

from __future__ import annotations

import base64
import secrets
import time

import pytest

from connectors.errors import Failure, NeedsFixing, Refused, RetryLater
from connectors.pages import Cursor
from connectors.registry import registry
from sandbox import biotrack
from tests.connectors.contract import fails
from tests.processes import biotrack_shop
from tests.processes.biotrack_shop import pull
from tests.processes.guarded_postgres import PASSWORD, GuardedPostgres

FLOWS = ("products", "stock", "customers", "orders", "refunds")
# A table, the flow that it takes along, and those that go on without it.
NEEDED = {
    "tickets": {"orders", "refunds"},
    "sales": {"orders", "refunds"},
    "customers": {"customers", "orders"},
    "inventory": {"stock"},
    "products": {"products", "stock"},
}
OPTIONAL = [
    "customerslog", "discounts", "payments", "memberdiscount", "mdiscount", "inventoryrooms", "inventorytypes",
    "inventorygrading", "productcategories", "terminals", "vendors", "taxcategories", "paymentmethods", "orgdata",
    "version",
]


@pytest.fixture(scope="module")
def base(workspace, biotrack_role):
    made = biotrack.make_shop(0.03, generation=biotrack.OLD)
    return biotrack_shop.make_with(workspace, biotrack_role, "biotrack_faults", made, biotrack.OLD)


@pytest.fixture
def shop(workspace, base):
    with base.copy(workspace, "biotrack_faulty") as made:
        made.allow()
        yield made


@pytest.fixture(scope="module")
def guarded():
    server = GuardedPostgres(f"guarded-{secrets.token_hex(3)}")
    server.start()
    try:
        with server.connect().cursor() as cursor:
            cursor.execute("CREATE DATABASE shop")
        connection = server.connect("shop")
        biotrack.create_schema(connection, biotrack.OLD)
        biotrack.load(connection, biotrack.make_shop(0.02, generation=biotrack.OLD))
        connection.close()
        yield server
    finally:
        server.remove()


def connect(server, **settings):
    """To the server that asks for passwords, patient for two seconds."""
    entered = {
        "host": server.host, "port": server.port, "database": "shop", "user": server.user, "password": PASSWORD,
        "sslmode": "disable", "timezone": biotrack.TIME_ZONE, **settings,
    }
    return registry.get("biotrack")(entered)


def told(failure: Failure) -> str:
    return f"{failure.sentence} {failure.details} {failure.trace}"


# The way in ----------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused(guarded):
    failure = fails(Refused, connect(guarded, password="open sesame, please").check)
    assert failure.code == "bad-credentials"
    assert "open sesame" not in told(failure)
    assert connect(guarded).check().name == "Green Door Collective"


def test_a_user_who_is_not_there_is_refused(guarded):
    assert fails(Refused, connect(guarded, user="nobody_here").check).code == "bad-credentials"


def test_ssl_is_asked_for_and_not_offered(guarded):
    failure = fails(NeedsFixing, connect(guarded, sslmode="require").check)
    assert failure.code == "no-ssl"
    # Where it is only wished for, the connection comes about without.
    assert connect(guarded, sslmode="prefer").check().name


def test_ssl_is_demanded_and_not_asked_for(guarded):
    guarded.admit("hostssl all all 127.0.0.1/32 scram-sha-256")
    try:
        failure = until(lambda: fails(Failure, connect(guarded).check), lambda failure: failure.code == "ssl-required")
        assert isinstance(failure, NeedsFixing)
        assert "SSL" in failure.sentence
    finally:
        guarded.admit("host all all 127.0.0.1/32 scram-sha-256")
    until(lambda: connect(guarded).check, lambda check: not raises(check))


def test_a_database_that_is_not_there(guarded):
    assert fails(NeedsFixing, connect(guarded, database="shoq").check).code == "no-database"


def test_nobody_listens(guarded):
    failure = fails(RetryLater, connect(guarded, port="9").check)
    assert failure.code == "unreachable"


@pytest.mark.parametrize("settings", [
    {"host": "no-such-host.invalid"}, {"port": "0"}, {"timezone": "Middle/Earth"}, {"currency": "dollars"},
    {"window": "-1"}, {"rooms": "floor"}, {"price_level": "gold"}, {"ssl_key": "not a key", "sslmode": "prefer"}])
def test_a_setting_that_cannot_be(guarded, settings):
    with connect(guarded, **settings) as connector:
        def ask():
            connector.check()
            for flow in FLOWS:
                pull(connector, flow)
        assert isinstance(fails(Failure, ask), NeedsFixing)


def test_certificates_pasted_in_one_line_are_lines_again():
    from connectors.systems.biotrack.session import read_pem

    body = base64.b64encode(bytes(range(256))).decode()
    whole = "-----BEGIN CERTIFICATE-----\n" + "\n".join(
        body[start : start + 64] for start in range(0, len(body), 64)) + "\n-----END CERTIFICATE-----\n"
    assert read_pem(whole) == whole
    assert read_pem(whole.replace("\n", " ")) == whole
    assert read_pem(whole * 2) == whole * 2


# In the middle -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS)
def test_a_connection_cut_in_mid_page_is_tried_again(base, flow):
    """The page before counts; another process goes on after it, and in the end all of it is there."""
    with base.connect() as connector:
        wanted, _cursor = pull(connector, flow)
    connector = base.connect()
    vars(connector).update(products_a_page=20, levels_a_page=20, customers_a_page=20, orders_a_page=50)
    pages = getattr(connector, f"pull_{flow}")(Cursor())
    first = next(pages)
    assert not first.last
    ask, cut = connector._session.rows, []

    def rows(query, values=()):
        # Between two statements of a page.
        if not cut and ("FROM tickets" in str(query) or "FROM customers" in str(query) or "description" in str(query)):
            cut.append(True)
            base.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                         " AND application_name = 'pos_sync_connector'", base.name)
        return ask(query, values)

    connector._session.rows = rows
    if flow in ("stock", "products"):
        # What these read at the beginning of a pass they read once a process.
        pages = getattr(connector, f"pull_{flow}")(first.cursor)
        base.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                     " AND application_name = 'pos_sync_connector'", base.name)
    failure = fails(RetryLater, lambda: list(pages))
    assert failure.code == "broken-off"
    with base.connect() as connector:
        rest, _cursor = pull(connector, flow, Cursor.loads(first.cursor.dumps()))
    assert {record.external_id: record for record in first.records} | rest == wanted


def test_a_server_that_is_switched_off_and_on(guarded):
    connector = connect(guarded)
    connector.customers_a_page = 10
    pages = connector.pull_customers(Cursor())
    first = next(pages)
    guarded.stop()
    assert fails(RetryLater, lambda: next(pages)).code in ("broken-off", "unreachable")
    assert fails(RetryLater, connect(guarded).check).code == "unreachable"
    guarded.start_again()
    with connect(guarded) as again:
        rest, _cursor = pull(again, "customers", first.cursor)
    with connect(guarded) as again:
        wanted, _cursor = pull(again, "customers")
    assert {record.external_id: record for record in first.records} | rest == wanted


def test_a_statement_that_takes_too_long_is_given_up(shop):
    """A lock that somebody holds on a table, say while changing it."""
    with shop.connect() as connector:
        connector.statement_timeout = 0.2
        connector.check()
        holder = shop.server.connect(shop.name)
        holder.autocommit = False
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE tickets")
            failure = fails(RetryLater, lambda: pull(connector, "orders"))
            assert failure.code == "slow"
        holder.close()
        assert pull(connector, "orders")[0]


# What is not there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", NEEDED)
def test_a_table_that_may_not_be_read(shop, table):
    """The flows that need it say which it is; the others go on, and so do these once the right is given."""
    before = {flow: pull(shop.connect(), flow)[0] for flow in FLOWS}
    shop.execute(f"REVOKE SELECT ON {table} FROM {shop.role}")
    for flow in FLOWS:
        with shop.connect() as connector:
            if flow in NEEDED[table]:
                failure = fails(NeedsFixing, lambda connector=connector, flow=flow: pull(connector, flow))
                assert (failure.code, failure.trace) == ("not-readable", f"not-readable:{table}")
                assert table in failure.sentence
                assert "GRANT" in failure.fix
            else:
                assert pull(connector, flow)[0].keys() == before[flow].keys()
    shop.allow()
    assert {flow: pull(shop.connect(), flow)[0] for flow in FLOWS} == before


@pytest.mark.parametrize("table", NEEDED)
def test_a_table_that_is_missing(shop, table):
    shop.execute(f"DROP TABLE {table}")
    for flow in FLOWS:
        with shop.connect() as connector:
            if flow in NEEDED[table]:
                failure = fails(NeedsFixing, lambda connector=connector, flow=flow: pull(connector, flow))
                assert (failure.code, failure.trace) == ("no-table", f"no-table:{table}")
            else:
                assert pull(connector, flow)[0]


@pytest.mark.parametrize("way", ["DROP TABLE {}", "REVOKE SELECT ON {} FROM {role}"])
def test_a_table_that_nothing_hangs_on_costs_a_feature(shop, way):
    """One after the other is gone: every flow goes on, and the account's notes say what that costs."""
    with shop.connect() as connector:
        wanted = {flow: set(pull(connector, flow)[0]) for flow in FLOWS}
    for table in OPTIONAL:
        shop.execute(way.format(table, role=shop.role))
        with shop.connect() as connector:
            assert {flow: set(pull(connector, flow)[0]) for flow in FLOWS} == wanted, table
            notes = " ".join(connector.check().notes)
        if table not in ("mdiscount", "orgdata", "version"):
            assert f"“{table}”" in notes


def test_columns_that_are_missing_cost_what_they_say(shop):
    """All that older or other versions may lack, at once."""
    for table, columns in {
        "tickets": "refticketid refundprice refundtax refundtotalprice pif preorder voidreason modified taxexempt",
        "sales": "price_post_discount returnsaleid returntime restocked refunded transactionid_original taxcat",
        "customers": "modified created createdate points emailoptin ismember cell",
        "products": "externalbarcode defaultusable costperunit ismembersonly applymemberdiscount requiresinventory",
        "inventory": "roomdata currentroom seized grade priceout transferredout created",
        "payments": "pointsused on_account approvalcode datetime",
        "discounts": "isreward discountcode deleted",
    }.items():
        for column in columns.split():
            shop.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    shop.allow()
    with shop.connect() as connector:
        connector.check()
        for flow in FLOWS:
            found, cursor = pull(connector, flow)
            assert bool(found) is (flow != "refunds")
            assert pull(connector, flow, cursor.next_pass(biotrack_shop.OVERLAP))[0] == {}


def until(make, condition, within: float = 10.0):
    """What `make` gives once `condition` holds for it: the server reads its rules anew in its own time."""
    deadline = time.monotonic() + within
    while not condition(made := make()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return made


def raises(call) -> bool:
    try:
        call()
    except Failure:
        return True
    return False
