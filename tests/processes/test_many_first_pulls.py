"""Six first pulls are under way on two cron workers: what somebody asks for now starts within seconds, and what a
webhook tells is here."""
from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from .hub import Hub, Shop, wait_until
from .web_shops import SquareShop

_BUSY = 6
_STARTS_WITHIN = 10.0
_ARRIVES_WITHIN = 10.0
pytestmark = pytest.mark.alone


def test_a_triggered_stream_starts_soon(shop: Shop, new_hub: Callable[..., Hub]) -> None:
    """Each connection is in a company of its own, since one account may be connected once in a company."""
    hub = new_hub(cron_workers=2)
    connections = [hub.connect(shop.settings, company=company) for company in make_companies(hub, _BUSY + 1)]
    for connection in connections:
        taxes = hub.call("pos.sync.tax", "search", domain=[["connection_id", "=", connection]])
        hub.call("pos.sync.tax", "write", taxes, vals={"ignored": True})
    *busy, last = connections
    with closing(SquareShop(orders=0)) as square:
        connect_square(hub, square)
        while_they_are_busy(hub, busy, last, square)
    for connection in connections:
        hub.call("pos.sync.connection", "action_off", [connection])


def while_they_are_busy(hub: Hub, busy: list[int], last: int, square: SquareShop) -> None:
    for connection in busy:
        hub.start(connection, "products_pull")
    for connection in busy:
        wait_until(lambda: hub.read_count(connection, "products_pull"), "the first page of each")  # noqa: B023
    begun = time.monotonic()
    hub.start(last, "products_pull")
    wait_until(
        lambda: hub.value(
            "SELECT run_id FROM pos_sync_stream WHERE id = %s", hub.stream(last, "products_pull")),
        "the start of the seventh stream", within=4 * _STARTS_WITHIN)
    waited = time.monotonic() - begun
    print(f"with {_BUSY} first pulls running, a triggered stream started after {waited:.1f} s")
    begun = time.monotonic()
    sold = square.sell("k1")
    wait_until(lambda: order(hub, sold) == [(square.total, square.untaxed)], "an order and its points",
               within=4 * _ARRIVES_WITHIN)
    arrived = time.monotonic() - begun
    print(f"with {_BUSY} first pulls running, an order was here by its webhook after {arrived:.1f} s")
    ended = [connection for connection in busy if hub.value(
        "SELECT first_done FROM pos_sync_stream WHERE id = %s", hub.stream(connection, "products_pull"))]
    assert ended == [], "not all six were still running"
    assert waited < _STARTS_WITHIN
    assert arrived < _ARRIVES_WITHIN


def connect_square(hub: Hub, square: SquareShop) -> None:
    """A Square account whose customers are here, and that sends webhooks."""
    connection = hub.connect(square.account.settings(), name="Square", system="square")
    hub.map_all(connection)
    hub.call("pos.sync.connection", "action_make_program", [connection])
    hub.call("pos.sync.connection", "write", [connection],
             vals={"webhook_base": hub.server.url, "points_basis": "subtotal"})
    hub.start(connection, "products_pull", "customers_pull", "orders_pull")
    hub.wait_for_flow(connection, "orders_pull")
    answer = hub.call("pos.sync.connection", "action_register_webhooks", [connection])["params"]
    assert answer["type"] == "success", answer["message"]


def order(hub: Hub, external_id: str) -> list[tuple[Any, ...]]:
    """Total and points of the orders of that id."""
    return hub.database.query(
        "SELECT amount_total::numeric(16, 2), (SELECT sum(points)::numeric(16, 2) FROM pos_sync_points"
        " WHERE order_id = sale_order.id) FROM sale_order WHERE pos_sync_external_id = %s", external_id)


def make_companies(hub: Hub, number: int) -> list[int]:
    """The hub's own company and others, all of which the administrator may work in."""
    user, first = hub.database.query("SELECT id, company_id FROM res_users WHERE login = 'admin'")[0]
    others = hub.call(
        "res.company", "create", vals_list=[{"name": f"Company {position}"} for position in range(2, number + 1)])
    hub.call("res.users", "write", [user], vals={"company_ids": [[4, company] for company in others]})
    return [first, *others]
