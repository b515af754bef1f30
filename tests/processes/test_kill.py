"""kill -9 of the hub in the middle of a pull of many pages: the end state is that of a pull that nobody disturbed."""
from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

import pytest

from tools.templates import SHOP_PRODUCTS

from .hub import Hub, Shop, wait_until
from .slow_door import SlowDoor
from .state import differences, duplicates, state_of

SEED = 4711
_KILLS = {"products_pull": 3, "stock_pull": 1}
# At most so long after a page was committed: somewhere in the next one.
_AT_MOST = 1.5
# Each request takes so long while a page is waited for: longer than it may take to see that page.
_SLOW = 0.5
_PULLED_WITHIN = 400

# Two pulls of everything and four starts of a server take a busy machine longer than any other test.
pytestmark = pytest.mark.timeout(1800)


def test_killed_at_many_points_and_started_again(shop: Shop, new_hub: Callable[..., Hub]) -> None:
    undisturbed, killed = new_hub(), new_hub()
    with SlowDoor(shop.server.url) as door:
        connections = {undisturbed: prepared(undisturbed, shop.settings),
                       killed: prepared(killed, {**shop.settings, "url": door.url})}
        for hub, connection in connections.items():
            hub.start(connection, "products_pull", "stock_pull")
        random = Random(SEED)
        moments = []
        for flow, kills in _KILLS.items():
            moments += [kill_in_the_middle(killed, connections[killed], door, flow, random) for _number in range(kills)]
        print("killed at", moments)
        for hub, connection in connections.items():
            for flow in _KILLS:
                hub.wait_for_flow(connection, flow, within=_PULLED_WITHIN)
    assert undisturbed.read_count(connections[undisturbed], "products_pull") > SHOP_PRODUCTS
    assert differences(state_of(undisturbed.database), state_of(killed.database)) == []
    assert duplicates(killed.database) == []
    assert [message for message in killed.messages(connections[killed]) if message[2] == "unexpected"] == []


def prepared(hub: Hub, settings: dict[str, str]) -> int:
    """Connected and mapped; the second warehouse is left out, its counts would only repeat the first one's."""
    connection = hub.connect(settings)
    places = hub.call(
        "pos.sync.location", "search",
        domain=[["connection_id", "=", connection], ["holds_stock", "=", True]], order="external_id")
    hub.call("pos.sync.location", "write", places[1:], vals={"ignored": True})
    hub.map_all(connection)
    return connection


def kill_in_the_middle(
    hub: Hub, connection: int, door: SlowDoor, flow: str, random: Random
) -> tuple[str, int, float]:
    """Kills the server somewhere in the page that follows the next commit, and starts it again."""
    before = hub.read_count(connection, flow)
    door.delay = _SLOW
    wait_until(lambda: hub.read_count(connection, flow) > before, f"a page of {flow}", within=_PULLED_WITHIN)
    # The pass still has a request to send, whose answer comes after the kill.
    door.delay = _AT_MOST
    delay = random.uniform(0, _AT_MOST)
    time.sleep(delay)
    hub.server.kill()
    door.delay = 0
    check_whole_pages(hub, connection)
    read = hub.read_count(connection, flow)
    assert not hub.value("SELECT first_done FROM pos_sync_stream WHERE id = %s", hub.stream(connection, flow)), (
        f"{flow} had ended when the server was killed: nothing was tested")
    hub.server.start()
    hub.wake_crons()
    return flow, read, round(delay, 2)


def check_whole_pages(hub: Hub, connection: int) -> None:
    """A page is there with its cursor and its counts, or not at all."""
    linked, = hub.database.query(
        "SELECT count(*) FROM pos_sync_mapping WHERE connection_id = %s AND entity = 'product'", connection)[0]
    counted, = hub.database.query("""
        SELECT COALESCE(created_count, 0) + COALESCE(updated_count, 0) FROM pos_sync_run
         WHERE connection_id = %s AND flow = 'products_pull'
    """, connection)[0]
    assert linked == counted
