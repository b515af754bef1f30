"""A route between two shops over a hub: every order once on each side, whatever is pulled again."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from tools.templates import SHOP
from tools.workspace import Workspace

from .hub import Hub, Shop, wait_until
from .keys import make_key

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def source_shop(workspace: Workspace) -> Iterator[Shop]:
    """A second shop of the same demo data: what is sold has the same ids in both."""
    with SHOP.copy(workspace, "source_shop") as database:
        shop = Shop(database, make_key(database), cron_workers=0)
        with shop.server:
            yield shop


def test_orders_go_on_once_and_never_back(source_shop: Shop, taking_shop: Shop, hub: Hub) -> None:
    source = hub.connect({**source_shop.settings, "orders": "sale"}, name="Till")
    hub.call("pos.sync.connection", "action_make_taxes", [source])
    target = hub.connect({**taking_shop.settings, "orders": "sale"}, name="ERP")
    for connection in (source, target):
        hub.call("pos.sync.connection", "write", [connection], vals={"entries_from": False})
    # What belongs together is known by its codes after a pull of the products; here both have the same ids.
    hub.database.execute(
        "UPDATE pos_sync_tax SET tax_id = ours.tax_id FROM pos_sync_tax ours WHERE ours.connection_id = %s "
        "AND pos_sync_tax.connection_id = %s AND pos_sync_tax.external_id = ours.external_id", source, target)
    streams = [hub.stream(target, flow) for flow in ("customers_push", "orders_push", "order_status_push")]
    hub.call("pos.sync.stream", "write", streams, vals={"enabled": True})
    hub.call("pos.sync.route", "create", vals_list=[
        {"source_connection_id": source, "target_connection_id": target, "status_from": "paid"}])
    at_target = taking_shop.value("SELECT count(*) FROM sale_order")

    hub.call("pos.sync.connection", "write", [source], vals={"review_new": False})
    flows = ("products_pull", "customers_pull", "orders_pull")
    hub.start(source, *flows)
    for flow in flows:
        hub.wait_for_flow(source, flow, within=240)
    link_products(hub, source, target)
    routed = hub.value(
        "SELECT count(*) FROM sale_order WHERE pos_sync_connection_id = %s "
        "AND pos_sync_status IN ('paid', 'completed') AND state != 'cancel'", source)
    assert routed >= 5, (hub.messages(source)[:5], hub.database.query(
        "SELECT pos_sync_status, state, count(*) FROM sale_order WHERE pos_sync_connection_id = %s GROUP BY 1, 2",
        source))

    def arrived() -> bool:
        # What was being held when its products were linked is sent a moment later.
        sent, failed = outcome(hub, target)
        assert not [why for _name, state, why in failed if state == "failed"], failed
        return sent == routed and not pending(hub, target)

    wait_until(arrived, "the orders at the target", within=300)
    sent = routed
    assert taking_shop.value("SELECT count(*) FROM sale_order") == at_target + sent
    assert twice(taking_shop) == []

    # Twice more from the source, and back from the target.
    tomorrow = (datetime.now(timezone.utc) + timedelta(days=1)).date().isoformat()
    hub.call("pos.sync.connection", "write", [target], vals={"orders_from": tomorrow})
    here = hub.value("SELECT count(*) FROM sale_order")
    hub.start(target, "orders_pull")
    hub.wait_for_flow(target, "orders_pull")
    assert hub.value(
        "SELECT count(*) FROM pos_sync_mapping WHERE connection_id = %s AND remote_status IS NOT NULL", target) == sent
    pull_again(hub, source)
    assert pending(hub, target) == 0
    assert hub.value("SELECT count(*) FROM sale_order") == here
    assert taking_shop.value("SELECT count(*) FROM sale_order") == at_target + sent


def pull_again(hub: Hub, connection: int) -> None:
    stream = hub.stream(connection, "orders_pull")
    before = hub.value("SELECT sweep_last FROM pos_sync_stream WHERE id = %s", stream)
    hub.call("pos.sync.stream", "action_pull_everything", [stream])
    wait_until(
        lambda: hub.database.query(
            "SELECT 1 FROM pos_sync_stream WHERE id = %s AND sweep_last > %s AND sweep = 0 AND run_id IS NULL",
            stream, before), "all orders of the source", within=240)


def link_products(hub: Hub, source: int, target: int) -> None:
    """The products that came with the orders, linked to those of the same id at the target. Held orders follow."""
    rows = hub.database.query(
        "SELECT external_id, product_id FROM pos_sync_mapping WHERE connection_id = %s AND entity = 'variant' "
        "AND product_id IS NOT NULL", source)
    hub.call("pos.sync.mapping", "create", vals_list=[
        {"connection_id": target, "entity": "variant", "external_id": external_id, "product_id": product}
        for external_id, product in rows])


def pending(hub: Hub, target: int) -> int:
    return hub.value(
        "SELECT count(*) FROM pos_sync_message WHERE connection_id = %s AND direction = 'out' "
        "AND state IN ('waiting', 'sending')", target)


def outcome(hub: Hub, target: int) -> tuple[int, list[tuple[str, str, str]]]:
    """How many orders were sent, and name, state and sentence of those that were not."""
    rows = hub.database.query(
        "SELECT name, state, sentence FROM pos_sync_message WHERE connection_id = %s AND flow = 'orders_push'", target)
    return sum(state == "done" for _name, state, _why in rows), [row for row in rows if row[1] != "done"]


def twice(shop: Shop) -> list[tuple[str, int]]:
    return shop.database.query(
        "SELECT client_order_ref, count(*) FROM sale_order WHERE client_order_ref IS NOT NULL "
        "GROUP BY 1 HAVING count(*) > 1")
