"""A Square account and a Shopify shop in a real hub: their year arrives to the cent, a second pass changes nothing, and
what happens there is here seconds later."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.deliveries import Mischief
from tests.processes import web_shops
from tests.processes.hub import Hub, wait_until
from tests.processes.second_pass import pulled_again, written
from tests.processes.web_shops import WebShop

REAL_TIME = 5.0
pytestmark = pytest.mark.alone


@pytest.fixture(params=web_shops.SHOPS)
def web_shop(request: pytest.FixtureRequest) -> Iterator[WebShop]:
    yield from web_shops.open_shop(request.param)


def test_a_year_arrives_and_what_happens_is_here_in_seconds(hub: Hub, web_shop: WebShop) -> None:
    connection = hub.connect(web_shop.account.settings(), name="Web", system=web_shop.system)
    hub.map_all(connection)
    hub.call("pos.sync.connection", "action_make_program", [connection])
    hub.call("pos.sync.connection", "write", [connection], vals={"points_basis": "subtotal"})
    flows = [flow for (flow,) in hub.database.query(
        "SELECT flow FROM pos_sync_stream WHERE connection_id = %s AND flow LIKE '%%_pull' AND flow <> 'setup_pull'"
        " ORDER BY sequence", connection)]  # fmt: skip
    assert set(flows) >= {"products_pull", "stock_pull", "customers_pull", "orders_pull", "refunds_pull"}
    hub.start(connection, *flows)
    for flow in flows:
        hub.wait_for_flow(connection, flow)
    settled(hub, connection)
    assert open_messages(hub, connection) == Counter(), [
        row for row in hub.messages(connection) if row[1] in ("waiting", "held", "failed")]
    assert arrived(hub, connection) == web_shop.books.sold(web_shop.account.shop)
    assert taken(hub, connection) == web_shop.books.taken(web_shop.account.shop)

    before = written(hub)
    for flow, (read, created, updated, unchanged, left_out) in pulled_again(hub, connection, flows).items():
        assert (flow, created, updated, unchanged + left_out) == (flow, 0, 0, read)
        assert read
        assert left_out == 0
    assert written(hub) == before

    sold = webhooks_bring_it(hub, connection, web_shop)
    web_shop.webhooks.mischief = Mischief()
    web_shop.exchange(sold)
    wait_until(lambda: arrived(hub, connection) == web_shop.books.sold(web_shop.account.shop), "all that was sold",
               within=30)  # fmt: skip
    wait_until(lambda: taken(hub, connection) == web_shop.books.taken(web_shop.account.shop), "all that was taken",
               within=30)  # fmt: skip
    assert open_messages(hub, connection) == Counter()
    # What is not paid is what came back without its money.
    gross, paid, back, given = money_of(hub, sold)
    assert gross - paid == back - given

    # Who is switched off has the system send nothing any more.
    hub.call("pos.sync.connection", "action_off", [connection])
    wait_until(lambda: not web_shop.account.shop.subscriptions, "the end of the subscriptions", within=30)


def webhooks_bring_it(hub: Hub, connection: int, web_shop: WebShop) -> str:
    """The id of what was sold."""
    hub.call("pos.sync.connection", "write", [connection], vals={"webhook_base": hub.server.url})
    answer = hub.call("pos.sync.connection", "action_register_webhooks", [connection])["params"]
    assert answer["type"] == "success", answer["message"]
    registered = str(list(web_shop.account.shop.subscriptions.values()))
    assert all(topic in registered for topic in web_shop.topics)
    wanted = [(web_shop.total, "completed", web_shop.untaxed)]

    # The later events first, each of them twice.
    web_shop.webhooks.mischief = Mischief(twice=1.0, hold=100)
    sold = web_shop.sell("k1")
    began = time.monotonic()
    web_shop.webhooks.release()
    try:
        wait_until(lambda: order(hub, sold)[:1] == wanted, "the order", within=REAL_TIME)
    finally:
        print(f"{web_shop.system}: {order(hub, sold)} {time.monotonic() - began:.1f} s after its webhooks, "
              f"which were answered {[item.status for item in web_shop.webhooks.sent]}")  # fmt: skip

    # All of it three times more: still the same, once.
    web_shop.webhooks.mischief = Mischief()
    assert web_shop.webhooks.wait()
    told = list(web_shop.webhooks.sent)
    for delivery in [*told, *reversed(told), *told]:
        web_shop.webhooks.send(delivery)
    assert web_shop.webhooks.wait()
    assert {item.status for item in web_shop.webhooks.sent} == {200}
    settled(hub, connection)
    assert order(hub, sold) == wanted

    # One that is lost comes with the next poll.
    web_shop.webhooks.mischief = Mischief(lost=1.0)
    lost = web_shop.sell("k2")
    hub.call("pos.sync.stream", "action_sync_now", [hub.stream(connection, "orders_pull")])
    wait_until(lambda: order(hub, lost) == wanted, "the order whose webhook was lost", within=30)
    return sold


def settled(hub: Hub, connection: int) -> None:
    wait_until(lambda: not hub.value(
        "SELECT count(*) FROM pos_sync_message WHERE connection_id = %s AND state = 'waiting'", connection),
        "the end of the inbox", within=30)  # fmt: skip


def open_messages(hub: Hub, connection: int) -> Counter[tuple[str, str]]:
    return Counter(
        (state, code) for _id, state, code, _sentence in hub.messages(connection)
        if state in ("waiting", "held", "failed")
    )  # fmt: skip


def arrived(hub: Hub, connection: int) -> dict[str, tuple[str, Decimal]]:
    """Currency and total of each order, as Odoo computes it of lines and taxes."""
    return {key: (currency, amount) for key, currency, amount in hub.database.query(
        "SELECT pos_sync_external_id, c.name, amount_total::numeric(16, 2) FROM sale_order"
        " JOIN res_currency c ON c.id = currency_id WHERE pos_sync_connection_id = %s", connection)}  # fmt: skip


def taken(hub: Hub, connection: int) -> dict[str, Decimal]:
    """Money of orders and refunds, by currency."""
    return dict(hub.database.query(
        "SELECT c.name, sum(amount + COALESCE(tip, 0))::numeric(16, 2) FROM pos_sync_payment"
        " JOIN res_currency c ON c.id = currency_id WHERE connection_id = %s GROUP BY 1", connection))  # fmt: skip


def money_of(hub: Hub, external_id: str) -> tuple[Decimal, ...]:
    """Of an order: its total, what was paid for it, what came back and what was given for that."""
    ((order, total),) = hub.database.query(
        "SELECT id, amount_total::numeric(16, 2) FROM sale_order WHERE pos_sync_external_id = %s", external_id)
    payments = "SELECT COALESCE(sum(amount + COALESCE(tip, 0)), 0)::numeric(16, 2) FROM pos_sync_payment WHERE "
    refunds = "SELECT id FROM pos_sync_refund WHERE order_id = %s"
    return (
        total,
        hub.value(f"{payments} order_id = %s AND refund_id IS NULL", order),
        hub.value("SELECT COALESCE(sum(gross), 0)::numeric(16, 2) FROM pos_sync_refund WHERE order_id = %s", order),
        -hub.value(f"{payments} refund_id IN ({refunds})", order),
    )  # fmt: skip


def order(hub: Hub, external_id: str) -> list[tuple[Any, ...]]:
    """Total, status and points of the orders of that id."""
    return hub.database.query(
        "SELECT amount_total::numeric(16, 2), pos_sync_status, (SELECT sum(points)::numeric(16, 2) FROM pos_sync_points"
        " WHERE order_id = sale_order.id) FROM sale_order WHERE pos_sync_external_id = %s", external_id)  # fmt: skip
