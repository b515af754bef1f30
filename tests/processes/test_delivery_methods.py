"""Where Odoo has delivery methods, an order that is still to be shipped gets the one of its shipping method."""
from __future__ import annotations

from tools.templates import hub_with_addon
from tools.workspace import Workspace


def test_a_shipping_method_is_a_delivery_method_of_odoo(workspace: Workspace) -> None:
    with hub_with_addon(("delivery",), web_client=False).copy(workspace, "carriers") as database:
        found = database.call("tests.processes.carriers_inside_hub:ship")
    assert found == {
        "listed": ["Express"],
        "first": [False, [False, True]],
        "to ship": ["Courier", [False, True]],
        "shipped": [False, [False, True]],
    }
