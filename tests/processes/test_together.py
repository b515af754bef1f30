"""What happens at the same time: two servers on one stream, people who change what runs, two connections that bring the
same product. Nothing is made twice, nothing anybody wrote is lost, and nobody sees an error."""
from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.database import Database

from .hub import Hub, Shop, wait_until
from .state import duplicates

_FAR_ENOUGH = 200
# What the shop's own data asks for: one reference on several products, and combos that wait for their parts.
_EXPECTED = {"ambiguous", "waits"}
_HOUSEKEEPING = "pos_sync_connector", "ir_cron_housekeeping"


@pytest.fixture
def running(shop: Shop, hub: Hub) -> Iterator[tuple[Hub, int]]:
    """A hub in its first pull of products, a page or two far."""
    connection = hub.connect(shop.settings)
    hub.map_all(connection)
    hub.start(connection, "products_pull")
    wait_until(lambda: hub.read_count(connection, "products_pull"), "the first page")
    yield hub, connection
    assert duplicates(hub.database) == []


def test_two_servers_and_impatient_people_on_one_stream(shop: Shop, running: tuple[Hub, int]) -> None:
    hub, connection = running
    stream = hub.stream(connection, "products_pull")
    other = Hub(hub.database, hub.key)
    other.server.log_path = hub.server.log_path.with_name("other.log")

    def press_sync_now(server: Hub) -> None:
        for _page in pages_until_far_enough(hub, connection):
            server.call("pos.sync.stream", "action_sync_now", [stream])

    with other.server, ThreadPoolExecutor() as people:
        # Beside both servers' jobs, the stream's work is done once more without the lock that a job holds.
        without_lock = people.submit(
            hub.database.call, "tests.processes.inside_hub:run_slices", stream_id=stream, slices=2)
        for impatient in [people.submit(press_sync_now, server) for server in (hub, other, hub)]:
            impatient.result()
        without_lock.result()
        hub.call("pos.sync.connection", "action_off", [connection])
        wait_until_idle(hub, connection)
    assert other.complaints() == []
    (read, told, links), *further = hub.database.query(
        """
        SELECT run.read_count,
               COALESCE(created_count, 0) + COALESCE(updated_count, 0) + COALESCE(unchanged_count, 0)
                   + COALESCE(failed_count, 0) + COALESCE(held_count, 0) + COALESCE(skipped_count, 0),
               (SELECT count(*) FROM pos_sync_mapping WHERE entity = 'product')
          FROM pos_sync_run run WHERE run.flow = 'products_pull'
        """)
    assert further == [], "one pass is one run"
    assert read == told
    assert read >= links
    assert unexpected(hub, connection) == []


def test_what_people_save_on_a_running_stream_stays(running: tuple[Hub, int]) -> None:
    hub, connection = running
    stream = hub.stream(connection, "products_pull")
    saved = 0
    for saved in pages_until_far_enough(hub, connection):
        hub.call("pos.sync.stream", "write", [stream], vals={"interval_number": saved, "sweep_days": saved})
        hub.call("pos.sync.connection", "write", [connection], vals={"color": saved % 12, "name": f"Shop {saved}"})
    assert saved > 1
    row = hub.database.query(
        """
        SELECT stream.interval_number, stream.sweep_days, connection.name, stream.sentence
          FROM pos_sync_stream stream JOIN pos_sync_connection connection ON connection.id = stream.connection_id
         WHERE stream.id = %s
        """, stream)[0]
    assert row == (saved, saved, f"Shop {saved}", None)
    assert unexpected(hub, connection) == []


def test_switched_off_and_on_again(running: tuple[Hub, int]) -> None:
    hub, connection = running
    hub.call("pos.sync.connection", "action_off", [connection])
    wait_until_idle(hub, connection)
    read = hub.read_count(connection, "products_pull")
    links = hub.value("SELECT count(*) FROM pos_sync_mapping")
    hub.call("pos.sync.connection", "action_on", [connection])
    wait_until(lambda: hub.read_count(connection, "products_pull") > read, "the page after it was switched on")
    pages, read = hub.database.query("SELECT page_count, read_count FROM pos_sync_run WHERE flow = 'products_pull'")[0]
    assert read == pages * (read // pages), "it goes on in the same run, page by page"
    assert hub.value("SELECT count(*) FROM pos_sync_mapping") > links
    stream = hub.stream(connection, "products_pull")
    hub.call("pos.sync.stream", "write", [stream], vals={"enabled": False})
    wait_until_idle(hub, connection)
    assert hub.value("SELECT enabled FROM pos_sync_stream WHERE id = %s", stream) is False


def test_deleted_while_it_runs(running: tuple[Hub, int]) -> None:
    hub, connection = running
    products = hub.value("SELECT count(*) FROM product_template")
    crons = hub.database.query("SELECT cron_id FROM pos_sync_stream WHERE connection_id = %s", connection)
    actions = hub.database.query(
        "SELECT ir_actions_server_id FROM ir_cron WHERE id IN %s", tuple(cron for (cron,) in crons))
    hub.call("pos.sync.connection", "unlink", [connection])
    housekeeping = hub.value("SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s", *_HOUSEKEEPING)

    def is_gone() -> bool:
        if hub.value("SELECT count(*) FROM pos_sync_connection"):
            hub.call("ir.cron", "method_direct_trigger", [housekeeping])
        return not hub.value("SELECT count(*) FROM pos_sync_connection")

    wait_until(is_gone, "the end of the deleted connection")
    for table, rows in (("ir_cron", crons), ("ir_act_server", actions)):
        left = hub.value(f"SELECT count(*) FROM {table} WHERE id IN %s", tuple(number for (number,) in rows))
        assert left == 0, table
    for table in ("pos_sync_stream", "pos_sync_run", "pos_sync_mapping", "pos_sync_setting", "pos_sync_message"):
        assert hub.value(f"SELECT count(*) FROM {table}") == 0, table
    assert hub.value("SELECT count(*) FROM product_template") >= products


def test_two_connections_bring_the_same_products_at_once(shop: Shop, hub: Hub) -> None:
    """Two companies of the shop share their products: the second connection links what the first has made."""
    connections = []
    for position, company in enumerate(shop.companies):
        connection = hub.connect({**shop.settings, "company": f"company-{company}"}, name=f"Shop {position}")
        # Where a company has no such tax of its own its products come without.
        taxes = hub.call("pos.sync.tax", "search", domain=[["connection_id", "=", connection]])
        hub.call("pos.sync.tax", "write", taxes, vals={"ignored": True})
        connections.append(connection)
    for connection in connections:
        hub.start(connection, "products_pull")
    for connection in connections:
        wait_until(lambda: hub.read_count(connection, "products_pull") >= _FAR_ENOUGH, "the pull")  # noqa: B023
    for connection in connections:
        hub.call("pos.sync.connection", "action_off", [connection])
        wait_until_idle(hub, connection)
    assert duplicates(hub.database) == []
    for connection in connections:
        assert unexpected(hub, connection) == []
    common = hub.value("""
        SELECT count(*) FROM (
            SELECT product_id FROM pos_sync_mapping WHERE entity = 'variant' AND product_id IS NOT NULL
             GROUP BY product_id HAVING count(DISTINCT connection_id) = 2) linked_twice
    """)
    assert common > _FAR_ENOUGH // 2
    owners = hub.database.query("""
        SELECT product_tmpl_id, count(*) FROM pos_sync_mapping
         WHERE owns_identity GROUP BY product_tmpl_id HAVING count(*) > 1
    """)
    assert owners == []


def test_a_location_mapped_while_its_stock_begins_to_arrive(hub_base: tuple[Database, str]) -> None:
    with hub_base[0].copy("location_race") as database:
        found = database.call("tests.processes.inside_hub:map_location_while_a_pass_begins")
    assert found["repeated"], "the two did not meet: the test shows nothing"
    assert found["restarted"], "counts that were skipped before are never read again"


def pages_until_far_enough(hub: Hub, connection: int) -> Iterator[int]:
    """Counts up while the page after each committed one is being imported."""
    read = page = 0
    while read < _FAR_ENOUGH:
        read = wait_until(lambda before=read: now_read(hub, connection, before), "the next page")
        page += 1
        yield page


def now_read(hub: Hub, connection: int, before: int) -> int:
    """How much was read, once it is more than before."""
    read = hub.read_count(connection, "products_pull")
    return read if read > before else 0


def wait_until_idle(hub: Hub, connection: int) -> None:
    """Returns when no job of the connection runs any more: nobody holds the lock of its crons."""

    def idle() -> bool:
        free = hub.database.query(
            """
            SELECT id FROM ir_cron
             WHERE id IN (SELECT cron_id FROM pos_sync_stream WHERE connection_id = %s) FOR UPDATE SKIP LOCKED
            """, connection)
        return len(free) == hub.value("SELECT count(*) FROM pos_sync_stream WHERE connection_id = %s", connection)

    wait_until(idle, "the end of the running page")


def unexpected(hub: Hub, connection: int) -> list[tuple[object, ...]]:
    """Messages that the shop's data does not ask for, such as those that a concurrency error would leave."""
    return [message for message in hub.messages(connection) if message[2] not in _EXPECTED]
