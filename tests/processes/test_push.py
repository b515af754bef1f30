"""Orders of a hub in a shop: there within seconds, once whatever is cut or killed, many of them, and back with their
status."""
from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from decimal import Decimal

import pytest

from connectors import records as rec
from connectors.errors import RetryLater
from connectors.systems.odoo import Odoo as OdooSystem
from tools.database import Database

from . import giving_back
from .hub import Hub, Shop, wait_until
from .pushing import AFTER, BEFORE, DURING, Pair, cable

MANY = int(os.environ.get("PUSH_MANY", "100"))
SECONDS = 20

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def pair(taking_shop: Shop, hub_base: tuple[Database, str]) -> Iterator[Pair]:
    """A hub for all tests of this module, each of which sends orders of its own."""
    database, key = hub_base
    with cable(taking_shop) as wire, database.copy("pushing_hub") as copy:
        hub = Hub(copy, key)
        hub.server.start()
        yield Pair(hub, taking_shop, wire)
        complaints = hub.complaints()
        hub.server.kill()
        assert complaints == []


def test_a_confirmed_order_is_there_within_seconds_and_its_status_comes_back(pair: Pair) -> None:
    hub, shop = pair.hub, pair.shop
    hub.call("pos.sync.stream", "write", [pair.stream("orders_push")], vals={"push_on": "confirmation"})
    partner = pair.make_partner("Ida Tarbell", email="ida@example.com")
    order, = pair.make_orders(partner)
    started = time.monotonic()
    hub.call("sale.order", "action_confirm", [order])
    pair.wait_for(order, within=SECONDS)
    print(f"there after {time.monotonic() - started:.1f} s")
    hub.call("pos.sync.stream", "write", [pair.stream("orders_push")], vals={"push_on": "hand"})
    (remote, state, customer), = pair.at_shop(order)
    assert (state, customer) == ("sale", "Ida Tarbell")

    before = hub.value("SELECT count(*) FROM sale_order")
    own = hub.database.query("SELECT amount_total, partner_id FROM sale_order WHERE id = %s", order)
    hub.call("pos.sync.connection", "write", [pair.connection], vals={
        "orders_from": datetime.now(timezone.utc).date().isoformat()})
    hub.start(pair.connection, "orders_pull", "order_status_pull")
    hub.wait_for_flow(pair.connection, "orders_pull")
    hub.wait_for_flow(pair.connection, "order_status_pull")
    brought = hub.value(
        "SELECT count(*) FROM sale_order WHERE pos_sync_connection_id = %s AND pos_sync_external_id = %s",
        pair.connection, f"sale-{remote}")
    assert brought == 0
    assert hub.database.query("SELECT amount_total, partner_id FROM sale_order WHERE id = %s", order) == own
    print("other orders of the shop that came:", hub.value("SELECT count(*) FROM sale_order") - before)

    shop.call("sale.order", "action_cancel", [remote])
    hub.call("pos.sync.stream", "action_sync_now", [pair.stream("order_status_pull")])
    wait_until(lambda: status_of(pair, order) == "cancelled", "the status of the shop")
    for flow in ("orders_pull", "order_status_pull"):
        pair.switch(flow, on=False)
    hub.call("pos.sync.connection", "write", [pair.connection], vals={"orders_from": False})


def test_a_change_here_is_told_there(pair: Pair) -> None:
    partner = pair.make_partner("Nellie Bly", email="nellie@example.com")
    order, = pair.make_orders(partner)
    pair.hub.call("sale.order", "action_confirm", [order])
    pair.send([order])
    pair.wait_for(order)
    pair.hub.call("sale.order", "action_cancel", [order])
    wait_until(lambda: [state for _id, state, _name in pair.at_shop(order)] == ["cancel"], "the cancellation")


@pytest.mark.parametrize("when", [BEFORE, DURING, AFTER])
@pytest.mark.parametrize("call", ["res.partner/load", "sale.order/load", "sale.order/action_confirm"])
def test_cut_off_it_is_there_once(pair: Pair, call: str, when: str) -> None:
    name = f"Cut {call} {when}".replace("/", " ").title()
    partner = pair.make_partner(name, email=f"{abs(hash(name))}@example.com")
    order, = pair.make_orders(partner)
    pair.hub.call("sale.order", "action_confirm", [order])
    cuts = pair.wire.cuts
    pair.wire.cut(call, when)
    pair.send([order])
    wait_until(lambda: pair.wire.cuts > cuts, "the cut")
    wait_until(lambda: pair.message(order)[3], "the message to be put back")
    assert pair.message(order)[0] == "waiting"
    pair.go_on()
    pair.wait_for(order)
    assert [state for _id, state, _name in pair.at_shop(order)] == ["sale"]
    assert pair.shop.value("SELECT count(*) FROM res_partner WHERE name = %s", name) == 1
    assert linked(pair, order) == 1


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_killed_in_the_call_it_is_there_once(pair: Pair, when: str) -> None:
    partner = pair.make_partner(f"Killed {when}", email=f"killed{len(when)}@example.com")
    order, = pair.make_orders(partner)
    pair.hub.call("sale.order", "action_confirm", [order])
    pair.wire.cut("sale.order/load", when, pair.hub.server.kill)
    pair.send([order])
    wait_until(lambda: not pair.hub.server.running, "the kill")
    state, attempts, _key, _sentence = pair.message(order)
    assert (state, attempts) == ("sending", 1)
    pair.hub.server.start()
    pair.go_on()
    pair.wait_for(order)
    assert [state for _id, state, _name in pair.at_shop(order)] == ["sale"]
    assert linked(pair, order) == 1


def test_what_comes_back_here_comes_back_there_once(pair: Pair) -> None:
    """A return and its credit note in the hub are one credit note and one return in the shop, whose answer is lost."""
    hub, shop = pair.hub, pair.shop
    order, = pair.make_orders(pair.make_partner("Emma Noether", email="emma@example.com"))
    hub.call("sale.order", "action_confirm", [order])
    pair.send([order])
    pair.wait_for(order)
    (remote, _state, _customer), = pair.at_shop(order)
    delivered = giving_back.deliver(hub, order)
    wait_until(lambda: delivered_there(pair, remote) == 2, "the delivery in the shop")
    giving_back.invoice(shop, remote)
    bill = giving_back.invoice(hub, order)
    pair.switch("refunds_push", on=True)
    returned = giving_back.take_back(hub, delivered, 2)
    assert giving_back.sent(hub, pair.connection, order) == []
    pair.wire.cut("account.move/load", AFTER)
    note = giving_back.credit(hub, bill)
    wait_until(lambda: giving_back.sent(hub, pair.connection, order)[0][1], "the lost answer")
    hub.call("pos.sync.stream", "action_sync_now", [pair.stream("refunds_push")])
    wait_until(lambda: giving_back.sent(hub, pair.connection, order) == [("done", None)],
               f"the refund in the shop: {giving_back.sent(hub, pair.connection, order)}")  # fmt: skip
    assert giving_back.documents(shop, remote) == (1, 1)
    assert delivered_there(pair, remote) == 0
    assert giving_back.refunds(hub, pair.connection, order) == [(Decimal("15.00"), note, 1)]
    hub.call("pos.sync.stream", "write", [pair.stream("refunds_push")], vals={"enabled": False})
    assert giving_back.documents(hub, order) == (1, 1)
    assert hub.value("SELECT pos_sync_refund_id IS NOT NULL FROM stock_picking WHERE id = %s", returned)


def test_two_workers_send_each_order_once(pair: Pair) -> None:
    partner = pair.make_partner("Ada Byron", email="byron@example.com")
    orders = pair.make_orders(partner, 12)
    with ThreadPoolExecutor() as people:
        # Beside the hub's own job, the work is done twice more without the lock that a job holds.
        workers = [
            people.submit(
                pair.hub.database.call, "tests.processes.inside_hub:run_pushes", stream_id=pair.stream("orders_push"),
                until=time.time() + 12)
            for _number in range(2)
        ]
        pair.send(orders)
        for worker in workers:
            worker.result()
    for order in orders:
        pair.wait_for(order)
        assert len(pair.at_shop(order)) == 1
        assert linked(pair, order) == 1
    assert pair.shop.value("SELECT count(*) FROM res_partner WHERE email = 'byron@example.com'") == 1


def test_two_tries_at_the_same_moment_make_one_order(taking_shop: Shop) -> None:
    """An earlier try may still be at work in the shop: the shop itself makes sure that there is one."""
    product = taking_shop.call("product.product", "create", vals_list=[{"name": "Twin", "taxes_id": [[5]]}])[0]
    now = datetime.now(timezone.utc).replace(microsecond=0)
    order = rec.Order(
        external_id="twin", number="TWIN", status=rec.OrderStatus.OPEN, currency="USD", created_at=now,
        lines=(rec.OrderLine(external_id="1", variant_id=f"variant-{product}", name="Twin", quantity=Decimal(1),
                             unit_price=Decimal(5), net=Decimal(5), tax=Decimal(0), gross=Decimal(5)),),
        totals=rec.OrderTotals(gross=Decimal(5)))

    def push(key: str) -> str:
        with OdooSystem(taking_shop.settings) as system:
            for _again in range(10):
                try:
                    return system.push_order(order, key=key).external_id
                except RetryLater as busy:
                    assert busy.code == "conflict"
        raise AssertionError("it never came to an end")

    with ThreadPoolExecutor(4) as tries:
        for number in range(5):
            key = f"TWIN-{number}"
            made = set(tries.map(push, [key] * 4))
            assert len(made) == 1
            count = taking_shop.value("SELECT count(*) FROM sale_order WHERE client_order_ref = %s", key)
            assert count == 1


def test_a_customer_that_the_shop_has_is_linked(pair: Pair) -> None:
    values = {"name": "Rosa Parks", "email": "Rosa@Example.com", "phone": "(212) 555-0143"}
    known, = pair.shop.call("res.partner", "create", vals_list=[values])
    partner = pair.make_partner("Parks, Rosa", phone="+1 212 555 0143")
    order, = pair.make_orders(partner)
    pair.send([order])
    pair.wait_for(order)
    assert pair.shop.value("SELECT count(*) FROM res_partner WHERE name ILIKE '%%parks%%'") == 1
    assert pair.hub.value(
        "SELECT external_id FROM pos_sync_mapping WHERE partner_id = %s AND connection_id = %s",
        partner, pair.connection) == f"partner-{known}"


def test_many_at_once_with_a_progress(pair: Pair) -> None:
    hub = pair.hub
    partner = pair.make_partner("Grace Hopper", email="grace@example.com")
    unknown = pair.make_product("Unknown there")
    orders = pair.make_orders(partner, MANY)
    bad = pair.make_orders(partner, 3, unknown)
    started = time.monotonic()
    pair.send(orders[: MANY // 2] + bad + orders[MANY // 2:])
    pressed = time.monotonic() - started
    seen = set()

    def ended() -> bool:
        run = hub.database.query(
            "SELECT run.read_count, run.total FROM pos_sync_stream stream JOIN pos_sync_run run "
            "ON run.id = stream.run_id WHERE stream.id = %s", pair.stream("orders_push"))
        seen.update(run)
        return not hub.value(
            "SELECT count(*) FROM pos_sync_message WHERE direction = 'out' AND state IN ('waiting', 'sending')")

    wait_until(ended, "all orders", within=600)
    print(f"{MANY} orders: button {pressed:.1f} s, all there after {time.monotonic() - started:.0f} s")
    assert len({read for read, _total in seen}) > 5, "no progress to be seen"
    assert {total for _read, total in seen} == {MANY + 3}
    keys = [pair.message(order)[2] for order in orders]
    there = pair.shop.database.query(
        "SELECT client_order_ref, count(*) FROM sale_order WHERE client_order_ref = ANY(%s) GROUP BY 1", keys)
    assert sorted(there) == sorted((key, 1) for key in keys)
    failed = hub.database.query(
        "SELECT order_id FROM pos_sync_message WHERE direction = 'out' AND state IN ('held', 'failed')")
    assert sorted(order for order, in failed) == sorted(bad)
    hub.call("pos.sync.message", "action_drop", [
        number for number, in hub.database.query(
            "SELECT id FROM pos_sync_message WHERE order_id = ANY(%s)", bad)])


def status_of(pair: Pair, order: int) -> str:
    return pair.hub.value(
        "SELECT remote_status FROM pos_sync_mapping WHERE sale_order_id = %s AND connection_id = %s",
        order, pair.connection)


def delivered_there(pair: Pair, remote: int) -> int:
    return pair.shop.value("SELECT sum(qty_delivered)::int FROM sale_order_line WHERE order_id = %s", remote)


def linked(pair: Pair, order: int) -> int:
    return pair.hub.value(
        "SELECT count(*) FROM pos_sync_mapping WHERE sale_order_id = %s AND connection_id = %s", order, pair.connection)
