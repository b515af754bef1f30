"""Each day agrees with the system's own count; what happens behind the hub's back is named, and mended by a button."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox import biotrack
from tests.processes import biotrack_shop
from tests.processes.hub import wait_until

FLOWS = ("products_pull", "stock_pull", "customers_pull", "orders_pull", "refunds_pull")
Named = set[tuple[str, str, Decimal]]


def pull_all(hub, connection: int) -> None:
    hub.map_all(connection)
    hub.start(connection, *FLOWS)
    for flow in FLOWS:
        hub.wait_for_flow(connection, flow)


def check_all(hub, connection: int) -> None:
    hub.call("pos.sync.connection", "action_reconcile_all", [connection])
    wait_for_check(hub, connection)


def wait_for_check(hub, connection: int) -> None:
    def over() -> bool:
        ((left, sentence),) = hub.database.query(
            "SELECT reconcile_from IS NOT NULL OR EXISTS (SELECT FROM pos_sync_difference d WHERE d.mending"
            " AND d.connection_id = c.id), reconcile_sentence FROM pos_sync_connection c WHERE id = %s",
            connection,
        )
        assert not sentence, sentence
        return not left

    wait_until(over, "the check of all days")


def days(hub, connection: int, state: str) -> list[tuple[Any, ...]]:
    return hub.database.query(
        "SELECT d.date::text, l.external_id, d.system_count, d.order_count, d.system_gross, d.order_gross,"
        " d.system_tax, d.order_tax, d.system_tips, d.order_tips, d.system_refunds, d.order_refunds,"
        " (SELECT array_agg(m.external_id || ' ' || m.system_amount || ' ' || m.order_amount)"
        "    FROM pos_sync_reconciliation_method m WHERE m.reconciliation_id = d.id)"
        " FROM pos_sync_reconciliation d LEFT JOIN pos_sync_location l ON l.id = d.location_id"
        " WHERE d.connection_id = %s AND d.state = %s ORDER BY d.date", connection, state)  # fmt: skip


def differences(hub, connection: int) -> Named:
    return set(hub.database.query(
        "SELECT cause, COALESCE(external_id, name), amount::numeric(16, 2) FROM pos_sync_difference"
        " WHERE connection_id = %s", connection))  # fmt: skip


def assert_named_and_mended(hub, connection: int, change: Callable[[], Named]) -> None:
    """All days agree; then exactly what `change` has done shows, and the buttons mend it."""
    check_all(hub, connection)
    assert days(hub, connection, "differs") == [], differences(hub, connection)
    assert len(days(hub, connection, "ok")) >= 3
    expected = change()
    check_all(hub, connection)
    assert differences(hub, connection) == expected
    ids = [number for (number,) in hub.database.query(
        "SELECT id FROM pos_sync_difference WHERE connection_id = %s", connection)]  # fmt: skip
    hub.call("pos.sync.difference", "action_mend", ids)
    wait_until(lambda: not days(hub, connection, "differs"), "the days that were mended")
    assert differences(hub, connection) == set()


@pytest.fixture
def tills(workspace, biotrack_role) -> Iterator[biotrack_shop.BioTrackShop]:
    rows = biotrack.make_shop(0.01, generation=biotrack.NEWER)
    made = biotrack_shop.make_with(workspace, biotrack_role, "biotrack_reconciled", rows, biotrack.NEWER)
    yield made
    workspace.drop(made.name)


def test_biotrack(hub, tills):
    connection = hub.connect(tills.settings, name="BioTrack", system="biotrack")
    pull_all(hub, connection)

    def change() -> Named:
        sold = tills.query("""
            SELECT t.ticketserial, t.location || '/' || t.id, t.totalprice::numeric(16, 2) FROM tickets t
             WHERE t.deleted = 0 AND t.pif = 1 AND t.preorder = 0 AND t.totalprice > 0
               AND COALESCE(t.refundtotalprice, 0) = 0
               AND 2 <= (SELECT count(*) FROM sales s WHERE s.ticketid = t.id AND s.location = t.location)
               AND NOT EXISTS (SELECT FROM discounts d WHERE d.ticketid = t.id AND d.location = t.location)
               AND NOT EXISTS (SELECT FROM sales s WHERE s.ticketid = t.id AND s.location = t.location
                                  AND (s.deleted = 1 OR s.refunded = 1))
               AND NOT EXISTS (SELECT FROM tickets r WHERE r.refticketid = t.id)
               AND 1 = (SELECT count(*) FROM tickets r WHERE r.id = t.id AND r.location = t.location)
             ORDER BY t.ticketserial DESC LIMIT 3
        """)
        (latest, copied, gross), (edited, number, _gross), (dropped, gone, taken) = sold
        (line, less) = tills.query(f"""
            SELECT s.id, (COALESCE(s.price_post_everything, s.price) + COALESCE(s.tax_collected, s.tax))::numeric(16, 2)
              FROM sales s JOIN tickets t ON t.id = s.ticketid AND t.location = s.location
             WHERE t.ticketserial = {edited} ORDER BY s.id LIMIT 1
        """)[0]
        tills.execute(f"""
            UPDATE tickets t SET price = t.price - COALESCE(s.price_post_everything, s.price),
                   tax = t.tax - COALESCE(s.tax_collected, s.tax), totalprice = t.totalprice - {less}
              FROM sales s WHERE s.id = {line} AND t.ticketserial = {edited};
            DELETE FROM sales WHERE id = {line};
            DELETE FROM payments p USING tickets t
             WHERE t.ticketserial = {dropped} AND p.ticketid = t.id AND p.location = t.location;
            DELETE FROM tickets WHERE ticketserial = {dropped};
            CREATE TEMP TABLE new_ticket AS SELECT * FROM tickets WHERE ticketserial = {latest};
            CREATE TEMP TABLE new_sales AS SELECT s.* FROM sales s JOIN new_ticket t
                ON t.id = s.ticketid AND t.location = s.location;
            CREATE TEMP TABLE new_payments AS SELECT p.* FROM payments p JOIN new_ticket t
                ON t.id = p.ticketid AND t.location = p.location;
            UPDATE new_ticket SET id = '0099999999', ticketserial = (SELECT max(ticketserial) + 1 FROM tickets);
            UPDATE new_sales SET ticketid = '0099999999', id = id + (SELECT max(id) FROM sales);
            UPDATE new_payments SET ticketid = '0099999999', id = id + (SELECT max(id) FROM payments);
            UPDATE new_ticket SET datetime = (SELECT max(datetime) FROM tickets);
            UPDATE new_sales SET datetime = (SELECT max(datetime) FROM tickets);
            UPDATE new_payments SET datetime = (SELECT max(datetime) FROM tickets);
            INSERT INTO tickets SELECT * FROM new_ticket;
            INSERT INTO sales SELECT * FROM new_sales;
            INSERT INTO payments SELECT * FROM new_payments;
        """)
        added = copied.partition("/")[0] + "/0099999999"
        return {("missing_odoo", added, gross), ("amount", number, -less), ("missing_system", gone, -taken)}

    assert_named_and_mended(hub, connection, change)
