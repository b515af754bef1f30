"""Real servers on real databases: a shop for all tests, and for each test a hub of its own, copied in a second."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import biotrack
from tools.database import Database
from tools.templates import SHOP, SHOP_FOR_TESTS, hub_with_addon
from tools.workspace import Workspace

from . import biotrack_shop
from .hub import Hub, Shop
from .keys import make_key


@pytest.fixture(scope="session")
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        yield made


@pytest.fixture(scope="session")
def shop(workspace: Workspace) -> Iterator[Shop]:
    """A shop that no test changes, of several pages of products, which two of its companies share."""
    with SHOP_FOR_TESTS.copy(workspace, "shop") as database:
        opened = Shop(database, make_key(database), cron_workers=0)
        with opened.server:
            user = opened.value("SELECT id FROM res_users WHERE login = 'admin'")
            first = opened.value("SELECT company_id FROM res_users WHERE login = 'admin'")
            (second,) = opened.call("res.company", "create", vals_list=[{"name": "Second Shop"}])
            opened.call("res.users", "write", [user], vals={"company_ids": [[4, second]]})
            opened.companies = (first, second)
            yield opened


@pytest.fixture
def demo_shop(workspace: Workspace) -> Iterator[Shop]:
    """Odoo's own demo data: few enough records to watch them arrive. A test may change it."""
    with SHOP.copy(workspace, "demo_shop") as database:
        opened = Shop(database, make_key(database), cron_workers=0)
        with opened.server:
            yield opened


@pytest.fixture(scope="session")
def biotrack_role(workspace: Workspace) -> Iterator[str]:
    """A login of the test server that may only read."""
    with biotrack_shop.read_only_role(workspace) as made:
        yield made


@pytest.fixture(scope="session")
def biotrack_base(workspace: Workspace, biotrack_role: str) -> biotrack_shop.BioTrackShop:
    """A BioTrack shop that no test changes."""
    return biotrack_shop.make(workspace, biotrack_role, "biotrack_base", biotrack.NEWER)


@pytest.fixture(scope="session")
def taking_shop(workspace: Workspace) -> Iterator[Shop]:
    """A shop of Odoo's demo data that tests send orders to."""
    with SHOP.copy(workspace, "taking_shop") as database:
        taking = Shop(database, make_key(database), cron_workers=0)
        with taking.server:
            yield taking


@pytest.fixture(scope="session")
def hub_base(workspace: Workspace) -> Iterator[tuple[Database, str]]:
    """A hub that nothing is connected to, and a key for its administrator; only to be copied."""
    with hub_with_addon().copy(workspace, "hub_base") as database:
        yield database, make_key(database)


@pytest.fixture
def new_hub(hub_base: tuple[Database, str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Hub]]:
    """Makes hubs with a running server. After the test no log of theirs may hold an error or a traceback."""
    database, key = hub_base
    made: list[Hub] = []
    name = re.sub(r"\W+", "_", request.node.name)[:30].lower()

    def make(**server_options: Any) -> Hub:
        hub = Hub(database.copy(f"{name}_{len(made)}"), key, **server_options)
        made.append(hub)
        hub.server.start()
        return hub

    yield make
    # A job that runs while its server is stopped loses its database: that is no complaint of the addon's.
    complaints = [line for hub in made for line in hub.complaints()]
    for hub in made:
        hub.server.kill()
        hub.database.drop()
    assert complaints == []


@pytest.fixture
def hub(new_hub: Callable[..., Hub]) -> Hub:
    return new_hub()
