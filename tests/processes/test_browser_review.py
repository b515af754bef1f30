"""An accountant's morning in the browser: the first sync of a living business, customers side by side, and the undo."""
from __future__ import annotations

from typing import Any

from tools.chromium import require_chromium

from . import living_business
from .browser import DESKTOP, PHONE, Browser
from .hub import Hub, Shop, wait_until

_WITHIN = 240
_TAB = ".o_notebook_headers .nav-link"


def test_first_sync_review_and_undo(hub: Hub, demo_shop: Shop) -> None:
    require_chromium()
    living_business.make_customers(demo_shop)
    living = living_business.fill(hub, demo_shop)
    connection = hub.connect(demo_shop.settings, name="Shop in Main Street")
    hub.map_all(connection)
    pull(hub, connection, "products_pull", "customers_pull")
    hub.call("res.partner", "create", vals_list=[{"name": "Somebody Else"}])
    change = change_of_a_login(hub, demo_shop, connection, living)
    with Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        answer_by_group(browser, hub, connection)
        answer_one(browser, hub, connection)
        look_on_a_phone(browser)
        finish(browser, hub, connection)
        review(browser, hub, connection)
        assert hub.value("SELECT email FROM res_partner WHERE id = %s", change) == "new@example.com"
        undo(browser, hub, connection)
        assert browser.problems == []


def pull(hub: Hub, connection: int, *flows: str) -> None:
    hub.start(connection, *flows)
    for flow in flows:
        hub.wait_for_flow(connection, flow, within=_WITHIN)


def change_of_a_login(hub: Hub, shop: Shop, connection: int, living: living_business.Living) -> int:
    """Somebody who logs in to the hub has another e-mail in the shop: a question, not a change."""
    external_id, partner = next(iter(living.customers.items()))
    hub.call("res.users", "create", vals_list=[{"name": "Customer", "login": "customer", "partner_id": partner}])
    shop.call("res.partner", "write", [int(external_id.partition("-")[2])], vals={"email": "new@example.com"})
    hub.call("pos.sync.stream", "action_sync_now", [hub.stream(connection, "customers_pull")])
    wait_until(lambda: open_matches(hub), "the change is asked about")
    return partner


def open_matches(hub: Hub) -> list[tuple[Any, ...]]:
    """In the order of the list."""
    return hub.database.query(
        "SELECT kind, candidate_id FROM pos_sync_match WHERE state = 'open' ORDER BY score DESC, id")


def asked(hub: Hub, connection: int, group: str) -> int:
    name = f"first_sync_{group}"
    return hub.call("pos.sync.connection", "read", [connection], fields=[name])[0][name]


def answer_by_group(browser: Browser, hub: Hub, connection: int) -> None:
    """From the connection's list of what is still to do to the page, and there a whole group at once."""
    address = f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_connection_action/{connection}"
    browser.open(address)
    browser.wait_for(".o_pos_sync_todo_list", "wait for an answer")
    browser.keep("first_sync_todo")
    browser.click(".o_pos_sync_todo_list button[name=action_view_first_sync]")
    browser.wait_for(".o_form_view h1", "Shop in Main Street")
    browser.click(_TAB, "New Products")
    browser.wait_for(".o_field_widget[name=first_sync_new_products_ids] .o_data_row")
    browser.keep("first_sync")
    assert asked(hub, connection, "new_products") > 10
    browser.click("button[name=action_create_group]", "Create All")
    wait_until(lambda: not asked(hub, connection, "new_products") and not asked(hub, connection, "queued"),
               "the new products are made", within=_WITHIN)
    assert made(hub, connection, "product") > 10
    browser.wait_until_gone(_TAB, "New Products")
    browser.wait_until_gone(".alert", "answers are being carried out")


def made(hub: Hub, connection: int, entity: str) -> int:
    return hub.value(
        "SELECT count(*) FROM pos_sync_mapping WHERE connection_id = %s AND entity = %s AND linked_by = 'made'",
        connection, entity)


def answer_one(browser: Browser, hub: Hub, connection: int) -> None:
    """Of the customers who may be known one is linked to somebody else than the page proposes."""
    browser.click(_TAB, "Likely Customers")
    browser.wait_for(".o_field_widget[name=first_sync_likely_customers_ids] .o_data_row")
    browser.keep("first_sync_customers")
    row = ".o_field_widget[name=first_sync_likely_customers_ids] .o_data_row"
    name = browser.text(f"{row}:first-child td[name=name]")
    browser.click(f"{row}:first-child button[name=action_choose]")
    browser.wait_for(".modal .o_field_widget[name=partner_id] input")
    browser.keep("first_sync_link")
    browser.type(".modal .o_field_widget[name=partner_id] input", "Somebody")
    browser.run("document.querySelector('.modal .o_field_widget[name=partner_id] input').click()")
    browser.click(".o-autocomplete--dropdown-item", "Somebody Else")
    browser.click(".modal button[name=action_link]")
    browser.wait_until_gone(".modal")
    wait_until(lambda: hub.value(
        "SELECT partner.name FROM pos_sync_mapping mapping JOIN res_partner partner ON partner.id = partner_id "
        "WHERE connection_id = %s AND mapping.name = %s AND linked_by = 'hand'", connection, name) == "Somebody Else",
        f"{name} is linked", within=_WITHIN)
    browser.wait_until_gone(".o_data_row", name)


def look_on_a_phone(browser: Browser) -> None:
    browser.resize(PHONE)
    browser.reload()
    browser.wait_for(".o_form_view h1", "Shop in Main Street")
    browser.click(_TAB, "Likely Customers")
    browser.wait_for(".o_field_widget[name=first_sync_likely_customers_ids] .o_kanban_record")
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep("first_sync_phone")
    browser.run("document.querySelector('.o_field_widget[name=first_sync_likely_customers_ids]').scrollIntoView()")
    browser.keep("first_sync_phone_cards")
    browser.resize(DESKTOP)
    assert not too_wide, "the page is wider than a phone"
    browser.reload()


def finish(browser: Browser, hub: Hub, connection: int) -> None:
    """All that is new comes; who may be somebody in Odoo comes too, and is reviewed."""
    browser.click(".o_statusbar_buttons button[name=action_finish_first_sync]")
    browser.click(".modal button", "Ok")
    wait_until(lambda: len(open_matches(hub)) == living_business.LIKELY, "the questions", within=_WITHIN)
    browser.wait_until_gone(".alert", "answers are being carried out")
    browser.keep("first_sync_done")


def review(browser: Browser, hub: Hub, connection: int) -> None:
    """The same, another one, a change; after each the next one stands there, after the last the list."""
    address = f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_match_action"
    review_on_a_phone(browser, address)
    browser.open(address)
    browser.wait_for(".o_list_view .o_data_row")
    browser.wait_for(".o_menu_sections", "Review (")
    browser.keep("review_list")
    rows = open_matches(hub)
    browser.click(".o_data_row td[name=system_text]")
    for position, (kind, candidate) in enumerate(rows):
        browser.wait_for(".o_pager_value", str(position + 1))
        last = position == len(rows) - 1
        button = "Take It Over" if kind == "change" else "Same Person" if position == 0 else "Another Person"
        browser.wait_for(".o_statusbar_buttons button", button)
        if position < 2 or kind == "change":
            browser.keep(f"review_{kind}_{position}")
        browser.click(".o_statusbar_buttons button", button)
        decided = candidate, "different" if button == "Another Person" else "same"
        wait_until(lambda decided=decided: hub.value(
            "SELECT count(*) FROM pos_sync_match WHERE candidate_id = %s AND state = %s", *decided),
            f"{button} is noted")
        assert not last or not open_matches(hub)
    browser.wait_for(".o_view_nocontent", "Nobody to review")


def review_on_a_phone(browser: Browser, address: str) -> None:
    browser.resize(PHONE)
    browser.open(address)
    browser.wait_for(".o_kanban_record")
    browser.keep("review_phone_cards")
    browser.click(".o_kanban_record:not(.o_kanban_ghost)")
    browser.wait_for(".o_form_view .o_statusbar_buttons button")
    browser.keep("review_phone")
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.resize(DESKTOP)
    assert not too_wide, "the review is wider than a phone"


def undo(browser: Browser, hub: Hub, connection: int) -> None:
    browser.open(f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_connection_action/{connection}")
    browser.click("button[name=action_view_first_sync]")
    browser.click(".o_statusbar_buttons button[name=action_ask_undo_first_sync]")
    browser.wait_for(".modal button[name=action_undo_first_sync]")
    browser.keep("first_sync_undo")
    browser.click(".modal button[name=action_undo_first_sync]")
    browser.wait_for(".o_notification", "were removed")
    browser.wait_until_gone(".modal")
    browser.wait_for(".alert", "switched off")
    browser.keep("first_sync_undone")
    assert made(hub, connection, "product") == 0
