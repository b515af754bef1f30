"""Each day agrees with the system's own count; what happens behind the hub's back is named, and fixed by a button: all
at once, but for what removes a sale, which is asked one by one.

Several systems at once, each with a little of everything. RECONCILE names those that are to take part (biotrack odoo
square shopify); BIOTRACK_YEAR is the size of the BioTrack shop (1: a year of 20,000 tickets), SHOP_YEAR_ORDERS the
orders of another Odoo's year instead of its demo data, RECONCILE_WITHIN the seconds that each step may take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from tests.processes.behind_the_back import SIDES, Named, Side
from tests.processes.hub import Hub, wait_until

FLOWS = ("products_pull", "stock_pull", "customers_pull", "orders_pull", "refunds_pull")
SYSTEMS = os.environ.get("RECONCILE", "biotrack square shopify").split()
WITHIN = float(os.environ.get("RECONCILE_WITHIN", "120"))

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def sides(request: pytest.FixtureRequest) -> Iterator[dict[str, Side]]:
    with ExitStack() as stack:
        yield {system: stack.enter_context(SIDES[system](request)) for system in SYSTEMS}


def test_every_day_agrees_and_what_changed_is_named_and_mended(hub: Hub, sides: dict[str, Side]) -> None:
    connections = {system: pulled(hub, system, side) for system, side in sides.items()}
    for connection in connections.values():
        wait_for_pull(hub, connection)

    check_all(hub, connections)
    assert {system: days(hub, connection, "differs") for system, connection in connections.items()} == {
        system: [] for system in sides
    }
    for connection in connections.values():
        assert len(days(hub, connection, "ok")) >= 3, connections

    expected = {system: side.change() for system, side in sides.items()}
    check_all(hub, connections)
    assert {system: differences(hub, connection) for system, connection in connections.items()} == expected

    hub.call("pos.sync.difference", "action_mend", [number for number, _cause in named(hub)])
    wait_until(
        lambda: all_answer(hub) and {cause for _number, cause in named(hub)} == {"missing_system"},
        f"all but the removals, of {connections}",
        within=WITHIN,
    )
    for number, _cause in named(hub):
        hub.call("pos.sync.difference", "action_mend", [number])
    wait_until(
        lambda: (
            all_answer(hub) and not hub.value("SELECT count(*) FROM pos_sync_reconciliation WHERE state = 'differs'")
        ),
        f"the days that were mended, of {connections}",
        within=WITHIN,
    )
    assert {system: differences(hub, connection) for system, connection in connections.items()} == {
        system: set() for system in sides
    }


def pulled(hub: Hub, system: str, side: Side) -> int:
    """A connection that pulls everything."""
    connection = hub.connect(side.settings, name=system, system=system)
    hub.map_all(connection)
    hub.start(connection, *FLOWS)
    return connection


def wait_for_pull(hub: Hub, connection: int) -> None:
    for flow in FLOWS:
        hub.wait_for_flow(connection, flow, within=WITHIN)
    # Shopify names its taxes on orders only.
    hub.map_all(connection)
    wait_until(
        lambda: not hub.value(
            "SELECT count(*) FROM pos_sync_message WHERE connection_id = %s AND state = 'waiting'", connection
        ),
        "the end of the inbox",
        within=WITHIN,
    )


def check_all(hub: Hub, connections: dict[str, int]) -> None:
    for connection in connections.values():
        hub.call("pos.sync.connection", "action_reconcile_all", [connection])

    wait_until(
        lambda: all_answer(hub) and not hub.value("SELECT count(reconcile_from) FROM pos_sync_connection"),
        "the check of all days",
        within=WITHIN,
    )


def all_answer(hub: Hub) -> bool:
    """Raises AssertionError where a system could not be asked."""
    rows = hub.database.query("SELECT name, reconcile_sentence FROM pos_sync_connection")
    assert not any(sentence for _name, sentence in rows), rows
    return True


def days(hub: Hub, connection: int, state: str) -> list[tuple[Any, ...]]:
    return hub.database.query(
        "SELECT d.date::text, l.external_id, d.system_count, d.order_count, d.system_gross, d.order_gross,"
        " d.system_tax, d.order_tax, d.system_tips, d.order_tips, d.system_refunds, d.order_refunds,"
        " (SELECT array_agg(m.external_id || ' ' || m.system_amount || ' ' || m.order_amount)"
        "    FROM pos_sync_reconciliation_method m WHERE m.reconciliation_id = d.id),"
        " (SELECT array_agg(concat_ws(' ', f.cause, f.external_id, f.name, f.amount))"
        "    FROM pos_sync_difference f WHERE f.reconciliation_id = d.id)"
        " FROM pos_sync_reconciliation d LEFT JOIN pos_sync_location l ON l.id = d.location_id"
        " WHERE d.connection_id = %s AND d.state = %s ORDER BY d.date", connection, state)  # fmt: skip


def named(hub: Hub) -> list[tuple[int, str]]:
    return hub.database.query("SELECT id, cause FROM pos_sync_difference ORDER BY id")


def differences(hub: Hub, connection: int) -> Named:
    rows: list[tuple[str, str, Decimal]] = hub.database.query(
        "SELECT cause, COALESCE(external_id, name), amount::numeric(16, 2) FROM pos_sync_difference"
        " WHERE connection_id = %s", connection)  # fmt: skip
    return set(rows)
