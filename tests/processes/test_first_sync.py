"""The first sync of a business that was selling before: half of what the shop has is in the hub already, some of it
under another spelling and some references twice. Everything finds its place, nothing is there twice, and it can be
undone."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tools.templates import SHOP_FOR_TESTS
from tools.workspace import Workspace

from . import living_business
from .hub import Hub, Rejected, Shop, wait_until
from .keys import make_key
from .state import duplicates

_GROUPS = ("similar_products", "doubtful_products", "new_products", "likely_customers", "new_customers")
_ASKED = ("product_template", "product_product", "res_partner")
_COUNTED = (*_ASKED, "product_category", "product_tag", "product_attribute", "product_attribute_value",
            "res_partner_category")


@pytest.fixture
def living_shop(workspace: Workspace) -> Iterator[Shop]:
    with SHOP_FOR_TESTS.copy(workspace, "living_shop") as database:
        opened = Shop(database, make_key(database), cron_workers=0)
        with opened.server:
            living_business.make_customers(opened)
            yield opened


def test_everything_finds_its_place_and_undo_takes_back_what_is_not_used(living_shop: Shop, hub: Hub) -> None:
    living = living_business.fill(hub, living_shop)
    before = rows(hub)
    connection = hub.connect(living_shop.settings)
    hub.map_all(connection)
    assert counts(hub, connection)["review_new"], "a database with products asks first"
    first_pull(hub, connection)
    asked_about(hub, connection, living, before)
    answer(hub, connection, living)
    in_place(hub, connection, living, before)
    used = use_one_of_each(hub, connection, living)
    undo(hub, connection, before, used)
    again(hub, connection, before, used)


def rows(hub: Hub) -> dict[str, set[int]]:
    return {table: {number for (number,) in hub.database.query(f"SELECT id FROM {table}")}
            for table in _COUNTED}


def counts(hub: Hub, connection: int) -> dict[str, Any]:
    fields = ["review_new", "state", "first_sync_queued", "first_sync_linked_by_barcode",
              "first_sync_linked_by_reference", "first_sync_linked_by_name", "first_sync_removable_products",
              "first_sync_removable_customers", "first_sync_used_ids", *(f"first_sync_{group}" for group in _GROUPS)]
    return hub.call("pos.sync.connection", "read", [connection], fields=fields)[0]


def links(hub: Hub, connection: int, entity: str, target: str) -> dict[str, int]:
    return dict(hub.database.query(
        f"SELECT external_id, {target} FROM pos_sync_mapping WHERE connection_id = %s AND entity = %s",
        connection, entity))


def open_codes(hub: Hub, connection: int) -> dict[str, str]:
    return {external_id: code for external_id, state, code, _sentence in hub.messages(connection)
            if state not in ("done", "dropped")}


def first_pull(hub: Hub, connection: int) -> None:
    hub.start(connection, "products_pull", "customers_pull")
    for flow in ("products_pull", "customers_pull"):
        hub.wait_for_flow(connection, flow, within=240)


def asked_about(hub: Hub, connection: int, living: living_business.Living, before: dict[str, set[int]]) -> None:
    """Nothing was made; what has the same code or is surely the same person is linked; the rest asks, in its group."""
    now = rows(hub)
    assert {table: now[table] for table in _ASKED} == {table: before[table] for table in _ASKED}
    codes = open_codes(hub, connection)
    known = living.products.keys() - living.duplicate_references - living.other_names - living.without_codes
    products = links(hub, connection, "product", "product_tmpl_id")
    lost = {key: codes.get(key) for key in known if products.get(key) != living.products[key]}
    assert lost == {}, [message for message in hub.messages(connection) if message[0] in lost]
    assert {codes.get(key) for key in living.duplicate_references} == {"ambiguous"}
    assert {codes.get(key) for key in living.other_names | living.without_codes} == {"similar-product"}
    customers = links(hub, connection, "customer", "partner_id")
    surely = living.customers.keys() - living.likely_people
    assert {key: customers.get(key) for key in surely} == {key: living.customers[key] for key in surely}
    assert {codes.get(key) for key in living.likely_people} == {"new-customer"}
    shown = counts(hub, connection)
    assert shown["first_sync_likely_customers"] == living_business.LIKELY
    assert shown["first_sync_similar_products"] >= living_business.VARIANTS
    assert shown["first_sync_doubtful_products"] >= living_business.DUPLICATES
    assert sum(shown[f"first_sync_{group}"] for group in _GROUPS) == len(codes)


def answer(hub: Hub, connection: int, living: living_business.Living) -> None:
    """By group, but for the duplicate references: of these a person says for each which one it is, if any."""
    for group, button in (("similar_products", "action_link_group"), ("likely_customers", "action_link_group"),
                          ("new_products", "action_create_group"), ("new_customers", "action_create_group")):
        hub.call("pos.sync.connection", button, [connection], context={"first_sync_group": group})
    for external_id in sorted(living.duplicate_references):
        message = hub.value(
            "SELECT id FROM pos_sync_message WHERE connection_id = %s AND external_id = %s AND state = 'failed'",
            connection, external_id)
        (wizard,) = hub.call("pos.sync.link", "create", vals_list=[
            {"message_id": message, "product_tmpl_id": living.products[external_id]}])
        hub.call("pos.sync.link", "action_link", [wizard])
    # What else has such a reference is none of those.
    hub.call("pos.sync.connection", "action_create_group", [connection],
             context={"first_sync_group": "doubtful_products"})
    carried_out(hub, connection)
    # What was doubtful only until somebody said which one it is not asks again, as new.
    hub.call("pos.sync.connection", "action_create_group", [connection], context={"first_sync_group": "new_products"})
    carried_out(hub, connection)


def carried_out(hub: Hub, connection: int) -> None:
    wait_until(lambda: not counts(hub, connection)["first_sync_queued"], "the answers are carried out", within=240)


def in_place(hub: Hub, connection: int, living: living_business.Living, before: dict[str, set[int]]) -> None:
    assert open_codes(hub, connection) == {}
    now = rows(hub)
    for entity, target, table, known, doubles in (
        ("product", "product_tmpl_id", "product_template", living.products, living.doubles),
        ("customer", "partner_id", "res_partner", living.customers, set()),
    ):
        found = links(hub, connection, entity, target)
        assert {key: found.get(key) for key in known} == known
        made = now[table] - before[table]
        assert len(set(found.values())) == len(found), "two of the shop's are one in the hub"
        assert set(found.values()) - before[table] == made, "something was made that is nobody's"
        assert len(made) > 50 and not doubles & set(found.values())
    assert duplicates(hub.database) == []


def use_one_of_each(hub: Hub, connection: int, living: living_business.Living) -> dict[str, int]:
    """A confirmed order of a customer and a product that the first sync made."""
    used = {
        table: hub.value(
            f"SELECT {target} FROM pos_sync_mapping WHERE connection_id = %s AND made_here "
            f"AND {target} IS NOT NULL AND entity = %s ORDER BY id LIMIT 1", connection, entity)
        for table, target, entity in (("product_template", "product_tmpl_id", "product"),
                                      ("res_partner", "partner_id", "customer"))}
    variant = hub.value("SELECT id FROM product_product WHERE product_tmpl_id = %s", used["product_template"])
    (order,) = hub.call("sale.order", "create", vals_list=[
        {"partner_id": used["res_partner"], "order_line": [[0, 0, {"product_id": variant}]]}])
    hub.call("sale.order", "action_confirm", [order])
    return used


def undo(hub: Hub, connection: int, before: dict[str, set[int]], used: dict[str, int]) -> None:
    """Removes all that was made but what is used, and says so before; what was there before stays."""
    made = {table: numbers - before[table] for table, numbers in rows(hub).items()}
    told = counts(hub, connection)
    uses = hub.call("pos.sync.mapping", "read", told["first_sync_used_ids"], fields=["name", "used_by"])
    assert told["first_sync_removable_products"] == len(made["product_template"]) - 1, uses
    assert told["first_sync_removable_customers"] == len(made["res_partner"]) - 1
    assert len(told["first_sync_used_ids"]) == 2
    wait_until(lambda: undone(hub, connection), "nothing is at work")
    now = rows(hub)
    for table, number in used.items():
        assert now[table] == before[table] | {number}
    assert now["product_category"] - before["product_category"] <= categories_in_use(hub)
    for table in ("product_tag", "product_attribute", "product_attribute_value", "res_partner_category"):
        assert now[table] == before[table], table
    assert set(links(hub, connection, "product", "product_tmpl_id").values()) == {used["product_template"]}
    assert set(links(hub, connection, "customer", "partner_id").values()) == {used["res_partner"]}
    assert counts(hub, connection)["state"] == "off"


def undone(hub: Hub, connection: int) -> bool:
    """False while a job is at work, which is told."""
    try:
        hub.call("pos.sync.connection", "action_undo_first_sync", [connection])
    except Rejected as refused:
        assert "is at work" in str(refused)
        return False
    return True


def categories_in_use(hub: Hub) -> set[int]:
    """Those of products, and those above them."""
    paths = hub.database.query("SELECT DISTINCT parent_path FROM product_template JOIN product_category category "
                               "ON category.id = categ_id")
    return {int(number) for (path,) in paths for number in path.strip("/").split("/")}


def again(hub: Hub, connection: int, before: dict[str, set[int]], used: dict[str, int]) -> None:
    """Switched on again the connection asks about the same, but for what stayed."""
    hub.call("pos.sync.connection", "action_on", [connection])
    first_pull(hub, connection)
    assert rows(hub)["product_template"] == before["product_template"] | {used["product_template"]}
    assert counts(hub, connection)["first_sync_similar_products"] >= living_business.VARIANTS
