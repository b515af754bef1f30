"""The online menu: what has no stock leaves Odoo's web shop by itself and comes back with stock."""
from __future__ import annotations

import pytest
from psycopg2.extensions import make_dsn

from sandbox import biotrack
from tests.processes import biotrack_shop
from tools.templates import hub_with_addon

# Four products at a price each: in stock, in stock, its lot empty, never had a lot.
CATALOGUE = """
    DELETE FROM products WHERE id > 4;
    DELETE FROM inventory;
    UPDATE products SET name = 'Product ' || id, pricepoint = '5', requiresinventory = 1, ismembersonly = 0,
           deleted = 0, externalbarcode = '';
    INSERT INTO inventory (id, productid, location, remainingweight, currentroom, deleted, transferredout)
    VALUES ('L1', 1, 1, 5, 0, 0, 0), ('L2', 2, 1, 5, 0, 0, 0), ('L3', 3, 1, 0, 0, 0, 0);
"""
LEFT = "UPDATE inventory SET remainingweight = {} WHERE id = '{}'"
FIRST_LOT = """
    INSERT INTO inventory (id, productid, location, remainingweight, currentroom, deleted, transferredout)
    VALUES ('L4', 4, 1, 7, 0, 0, 0)
"""


@pytest.fixture
def small(workspace, biotrack_role):
    rows = biotrack.make_shop(0.005, tickets=12, generation=biotrack.NEWER)
    made = biotrack_shop.make_with(workspace, biotrack_role, "biotrack_menu", rows, biotrack.NEWER)
    made.execute(CATALOGUE)
    yield made
    workspace.drop(made.name)


def test_the_menu_follows_the_stock_and_a_person_has_the_last_word(workspace, small):
    postgres = workspace.postgres
    parameters = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "password": postgres.password}
    owner = make_dsn(dbname=small.name, **{name: value for name, value in parameters.items() if value})
    steps = (
        ("at first", ("pull all",), "12"),
        ("the first is sold out", ("sql", LEFT.format(0, "L1")), "2"),
        ("and comes back", ("sql", LEFT.format(3, "L1")), "12"),
        ("the empty one is filled up", ("sql", LEFT.format(3, "L3")), "123"),
        ("the fourth has its first lot", ("sql", FIRST_LOT), "1234"),
        ("what goes to another room is not for sale", ("sql", "UPDATE inventory SET currentroom = 3 WHERE id = 'L4'"),
         "123"),
        ("somebody takes the second off", ("show", "2", False), "13"),
        ("more of it does not bring it back", ("sql", LEFT.format(9, "L2")), "13"),
        ("somebody shows the sold out fourth", ("show", "4", True), "134"),
        ("and it stays", ("pull all",), "134"),
        ("has stock", ("sql", "UPDATE inventory SET currentroom = 0 WHERE id = 'L4'"), "134"),
        ("and leaves when that ends", ("sql", LEFT.format(0, "L4")), "13"),
    )
    with hub_with_addon().copy(workspace, "menu") as database:
        database.install(("website_sale",))
        found = database.call(
            "tests.processes.menu_inside_hub:follow", settings=small.settings, owner=owner,
            steps=[step for _what, step, _menu in steps])
    assert ["".join(menu) for menu in found] == ["12", *(menu for _what, _step, menu in steps)], [
        what for what, _step, _menu in steps]
