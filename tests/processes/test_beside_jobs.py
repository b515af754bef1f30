"""What happens beside a job in real servers: a slow system keeps no other flow from starting, and what a person saves
at the same moment costs the job a moment, never its run."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .hub import Hub, Shop, wait_until
from .slow_door import SlowDoor

_STARTS_WITHIN = 10.0
# A request of the slow system takes longer than all else here.
_SLOW = 90.0
_FOLLOWS_WITHIN = 60.0
_WAITS_FOR_A_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def test_a_slow_flow_keeps_no_other_from_starting(shop: Shop, new_hub: Callable[..., Hub]) -> None:
    hub = new_hub()
    first, second = shop.companies
    with SlowDoor(shop.server.url) as door:
        slow = hub.connect({**shop.settings, "url": door.url, "company": f"company-{first}"}, name="Slow")
        quick = hub.connect({**shop.settings, "company": f"company-{second}"}, name="Quick")
        door.delay = _SLOW
        hub.start(slow, "products_pull")
        wait_until(lambda: runs(hub, slow, "products_pull"), "the slow flow")
        for flow in ("customers_pull", "orders_pull", "refunds_pull"):
            asked = time.monotonic()
            hub.start(quick, flow)
            wait_until(lambda flow=flow: runs(hub, quick, flow), f"the beginning of {flow}")
            assert time.monotonic() - asked < _STARTS_WITHIN, flow
        assert not hub.read_count(slow, "products_pull"), "the slow flow was not slow: this shows nothing"
        # Its worker sits in a request, as does a person's server: it is not waited for.
        hub.server.kill()


def runs(hub: Hub, connection: int, flow: str) -> int:
    return hub.value(
        "SELECT count(*) FROM pos_sync_run WHERE stream_id = %s", hub.stream(connection, flow))


def test_a_save_at_the_moment_of_a_job_is_kept_and_so_is_what_was_asked_for(
    shop: Shop, new_hub: Callable[..., Hub]
) -> None:
    hub = new_hub()
    connection = hub.connect(shop.settings)
    hub.map_all(connection)
    stream = hub.stream(connection, "customers_pull")
    # Without waking it.
    hub.database.execute("UPDATE pos_sync_stream SET enabled = TRUE WHERE id = %s", stream)
    with saving(hub, "UPDATE pos_sync_stream SET interval_number = 77, write_date = now() WHERE id = %s", stream):
        ask_for(hub, stream)
        wait_until(lambda: hub.value(_WAITS_FOR_A_LOCK, hub.database.name), "the job at the saved row")
    wait_until(
        lambda: hub.value("SELECT first_done FROM pos_sync_stream WHERE id = %s", stream), "the pass after the save",
        within=_FOLLOWS_WITHIN)
    row = hub.database.query(
        "SELECT interval_number, sentence, failure_kind FROM pos_sync_stream WHERE id = %s", stream)
    assert row == [(77, None, None)]


def test_a_save_at_the_moment_of_the_job_of_the_days(shop: Shop, new_hub: Callable[..., Hub]) -> None:
    """The job of the night notes on the connection which days are to be compared, while somebody saves it."""
    hub = new_hub()
    connection = hub.connect(shop.settings)
    hub.call("pos.sync.connection", "write", [connection], vals={"reconcile_days": 3})
    with saving(hub, "UPDATE pos_sync_connection SET color = 7, write_date = now() WHERE id = %s", connection):
        job = hub.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_reconcile_nightly'")
        hub.database.execute("UPDATE ir_cron SET nextcall = now() - interval '1 minute' WHERE id = %s", job)
        hub.wake_crons()
        wait_until(lambda: hub.value(_WAITS_FOR_A_LOCK, hub.database.name), "the job at the saved row")
    wait_until(
        lambda: hub.value(
            "SELECT reconcile_from IS NOT NULL OR EXISTS (SELECT FROM pos_sync_reconciliation) "
            "FROM pos_sync_connection WHERE id = %s", connection),
        "the days to be compared", within=_FOLLOWS_WITHIN)
    assert hub.value("SELECT color FROM pos_sync_connection WHERE id = %s", connection) == 7


@contextmanager
def saving(hub: Hub, statement: str, *values: object) -> Iterator[None]:
    """A person's save that has written and not yet committed."""
    connection: Any = hub.database.workspace.postgres.connect(hub.database.name)
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
        yield
        connection.commit()
    finally:
        connection.close()


def ask_for(hub: Hub, stream: int) -> None:
    """The flow has never run and so is due: its job only has to be woken."""
    cron = hub.value("SELECT cron_id FROM pos_sync_stream WHERE id = %s", stream)
    hub.database.execute("UPDATE ir_cron SET nextcall = now() - interval '1 minute' WHERE id = %s", cron)
    hub.wake_crons()
