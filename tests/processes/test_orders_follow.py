"""What happens to orders of a real second Odoo after they were pulled arrives with the next pull, points included."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tools.database import Database
from tools.templates import SHOP_FOR_TESTS
from tools.workspace import Workspace

from .hub import Hub, Shop, wait_until
from .keys import make_key

_EDITS = "tests.processes.odoo_sales_edits"
_FLOWS = ("customers_pull", "orders_pull", "refunds_pull")
# The orders of a database: state, total, customer and the quantities that are not 0, by the id at the shop.
_SHOP_ORDERS = """
    SELECT o.id, o.state, o.amount_total, p.name,
           (SELECT array_agg(round(l.product_uom_qty, 2) ORDER BY l.product_id, l.product_uom_qty)
              FROM sale_order_line l WHERE l.order_id = o.id AND l.product_uom_qty != 0)
      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.id = ANY(%s)
"""
_HUB_ORDERS = """
    SELECT substr(o.pos_sync_external_id, 6)::int, o.state, o.amount_total, p.name,
           (SELECT array_agg(round(l.product_uom_qty, 2) ORDER BY m.external_id, l.product_uom_qty)
              FROM sale_order_line l JOIN pos_sync_mapping m ON m.product_id = l.product_id AND m.entity = 'variant'
             WHERE l.order_id = o.id AND l.product_uom_qty != 0)
      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.pos_sync_external_id = ANY(%s)
"""


@pytest.fixture
def changing_shop(workspace: Workspace) -> Iterator[Shop]:
    with SHOP_FOR_TESTS.copy(workspace, "orders_follow_shop") as database:
        opened = Shop(database, make_key(database), cron_workers=0)
        with opened.server, database.one_process_for_calls():
            yield opened


class Following:
    """A hub that pulls the orders of a shop."""

    def __init__(self, hub: Hub, shop: Shop, orders: dict[str, int]) -> None:
        self.hub, self.shop, self.orders = hub, shop, orders
        self.connection = hub.connect({**shop.settings, "orders": "sale"})
        hub.map_all(self.connection)
        # Products and customers are made without asking.
        values = {"points_from": "2020-01-01", "review_new": False}
        hub.call("pos.sync.connection", "write", [self.connection], vals=values)
        hub.call("pos.sync.connection", "action_make_program", [self.connection])
        hub.start(self.connection, *_FLOWS)
        for flow in _FLOWS:
            hub.wait_for_flow(self.connection, flow)
        ours = {f"sale-{number}" for number in orders.values()}
        assert [message for message in hub.messages(self.connection)
                if message[0] in ours and message[1] != "done"] == []

    def pull(self, *flows: str, full: bool = False) -> None:
        for flow in flows or _FLOWS:
            stream = self.hub.stream(self.connection, flow)
            self._wait_until_idle(stream, f"the pass of {flow} before")
            self.hub.call("pos.sync.stream", "action_pull_everything" if full else "action_sync_now", [stream])
            self._wait_until_idle(stream, f"a pass of {flow}")

    def _wait_until_idle(self, stream: int, what: str) -> None:
        """No pass is asked for and none runs. A request is seen from the moment that the call returns."""
        wait_until(lambda: self.hub.value(
            "SELECT NOT requested AND run_id IS NULL FROM pos_sync_stream WHERE id = %s", stream), what)

    def here(self) -> dict[int, tuple[Any, ...]]:
        return self._by_id(self.hub.database, _HUB_ORDERS, [f"sale-{number}" for number in self.orders.values()])

    def there(self) -> dict[int, tuple[Any, ...]]:
        return self._by_id(self.shop.database, _SHOP_ORDERS, list(self.orders.values()))

    def _by_id(self, database: Database, statement: str, ids: list[Any]) -> dict[int, tuple[Any, ...]]:
        return {row[0]: row[1:] for row in database.query(statement, ids)}

    def points(self) -> dict[str, float]:
        """What the cards of the hub say, by customer."""
        return dict(self.hub.database.query(
            "SELECT p.name, c.points FROM loyalty_card c JOIN res_partner p ON p.id = c.partner_id "
            "WHERE p.name LIKE '%% Edits' AND c.points != 0"))

    def state(self, label: str) -> str:
        return self.hub.value(
            "SELECT state FROM sale_order WHERE pos_sync_external_id = %s", f"sale-{self.orders[label]}")


def test_edits_at_the_shop_arrive(changing_shop: Shop, hub: Hub) -> None:
    made = changing_shop.database.call(f"{_EDITS}:make")
    follow = Following(hub, changing_shop, made["orders"])
    assert follow.here() == follow.there()
    assert follow.state("removed") == "draft"
    assert follow.points() == {"Ann Edits": 2 * 51}, "two are delivered"

    changing_shop.database.call(f"{_EDITS}:edit", **made)
    follow.pull()
    assert follow.here() == follow.there()
    assert follow.state("cancelled") == "cancel"
    assert [row[2] for row in follow.here().values()].count("Ben Edits") == 1
    # Added 51 + 14, removed 30, quantity 31, credited 51 - 10; and the other customer's 51.
    assert follow.points() == {"Ann Edits": 65 + 30 + 31 + 41, "Ben Edits": 51}

    changing_shop.database.call(f"{_EDITS}:delete_credit_note", order=made["orders"]["credited"])
    follow.pull("refunds_pull", full=True)
    assert follow.points() == {"Ann Edits": 65 + 30 + 31 + 51, "Ben Edits": 51}
    follow.pull(full=True)
    assert follow.points() == {"Ann Edits": 65 + 30 + 31 + 51, "Ben Edits": 51}
    assert follow.here() == follow.there()
