"""The demo's web systems: a Square account and a Shopify shop on their sandboxes. What those counted themselves says
whether all came."""
from __future__ import annotations

import time
from collections import defaultdict
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

from sandbox import shopify, square

from .console import Problem, step
from .database import Database
from .flows import FlowResult, FlowWatch, table

_ORDERS = 60
_PATIENCE = 120
_SOLD = """
    SELECT c.name, sum(amount_total)::numeric(16, 2) FROM sale_order JOIN res_currency c ON c.id = currency_id
     WHERE pos_sync_connection_id = %s GROUP BY 1
"""
_TAKEN = """
    SELECT c.name, sum(amount + COALESCE(tip, 0))::numeric(16, 2)
      FROM pos_sync_payment JOIN res_currency c ON c.id = currency_id WHERE connection_id = %s GROUP BY 1
"""
_OPEN = """
    SELECT external_id, sentence, state FROM pos_sync_message
     WHERE connection_id = %s AND state IN ('waiting', 'held', 'failed')
"""


def sync(servers: ExitStack, hub: Database) -> tuple[list[FlowResult], list[FlowResult], list[str]]:
    """Both passes of both, with what is wrong with them in sentences. The sandboxes answer until `servers` closes."""
    shops = (
        ("Square", square, square.SquareSandbox(square.make_shop(0.01, orders=_ORDERS))),
        ("Shopify", shopify, shopify.ShopifySandbox(shopify.make_shop(0.02, orders=_ORDERS, currency="EUR"))),
    )
    with step("Connecting the hub to Square and Shopify") as progress:
        for _name, _system, account in shops:
            servers.enter_context(account)
        ids = hub.call("tools.inside.settings:connect", shops=[
            {"system": name.lower(), "name": name, "settings": account.settings()} for name, _system, account in shops])
        # The first pass of a setup began with the test of its connection.
        first = [result for watch in _watches(hub, ids, anew=True) for result in watch.wait(progress)]
    with step("Pulling their year") as progress:
        watches = _watches(hub, ids)
        hub.call("tools.inside.settings:prepare", connection_ids=ids)
        first += [result for watch in watches for result in watch.wait(progress) if result.flow != first[0].flow]
    print(f"\nSquare and Shopify, first pull\n{table(first)}\n", flush=True)
    with step("Waiting for what waits for something else of the year"):
        _wait_for_inbox(hub, ids)
    complaints = [
        found for (name, system, account), connection in zip(shops, ids, strict=True)
        for found in _differences(name, system.books, account.shop, hub, connection)
    ]
    with step("Pulling their year again from reset cursors") as progress:
        watches = _watches(hub, ids)
        hub.call("tools.inside.settings:pull_everything", connection_ids=ids)
        second = [result for watch in watches for result in watch.wait(progress)]
    print(f"\nSquare and Shopify, second pull\n{table(second)}\n", flush=True)
    complaints += [f"{result.connection}, {result.flow}: reading it again changed something." for result in second
                   if result.unchanged + result.skipped != result.read]
    return first, second, complaints


def _watches(hub: Database, connections: list[int], *, anew: bool = False) -> list[FlowWatch]:
    return [FlowWatch(hub, connection, anew=anew) for connection in connections]


def _wait_for_inbox(hub: Database, connections: list[int]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while any(state == "waiting" for connection in connections for *_row, state in hub.query(_OPEN, connection)):
        if time.monotonic() > deadline:
            raise Problem(f"What waits in the inbox has not moved for {_PATIENCE} seconds.")
        time.sleep(0.3)


def _differences(name: str, books: Any, shop: Any, hub: Database, connection: int) -> list[str]:
    """Sales and money by currency that differ, and what did not arrive."""
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in books.sold(shop).values():
        sold[currency] += amount
    found = [f"{name}, {external_id}: {sentence}" for external_id, sentence, _state in hub.query(_OPEN, connection)]
    for what, there, statement in (("sold", dict(sold), _SOLD), ("taken", books.taken(shop), _TAKEN)):
        here = dict(hub.query(statement, connection))
        if here != there:
            found.append(f"{name}, {what}: {there} there, {here} in the hub.")
    return found
