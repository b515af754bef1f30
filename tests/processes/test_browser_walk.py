"""A new user connects a real second Odoo in the browser, step by step, up to the first imported product."""
from __future__ import annotations

from tools.chromium import require_chromium

from .browser import DESKTOP, PHONE, Browser
from .hub import Hub, Shop, wait_until

_PULLED_WITHIN = 240
_ON = "button[name=action_setup_next]"
_CONNECTIONS = "/odoo/action-pos_sync_connector.pos_sync_connection_action"


def test_from_an_empty_hub_to_a_product(hub: Hub, demo_shop: Shop) -> None:
    require_chromium()
    with Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        choose_a_system(browser, hub.server.url)
        say_what_is_wrong_at_its_field(browser, demo_shop.server.url)
        come_back_later(browser, hub.server.url)
        connect(browser, demo_shop.key)
        choose_what_comes(browser)
        match(browser)
        promised = look(browser)
        assert hub.value("SELECT count(*) FROM pos_sync_run WHERE read_count > 0 AND stream_id NOT IN "
                         "(SELECT id FROM pos_sync_stream WHERE flow = 'setup_pull')") == 0
        assert hub.value("SELECT count(*) FROM pos_sync_mapping") == 0
        start(browser, promised)
        open_a_product(browser)
        look_on_a_phone(browser)
        assert demo_shop.key not in browser.run("document.documentElement.outerHTML")
        assert browser.problems == []
    assert demo_shop.key not in hub.server.log()


def choose_a_system(browser: Browser, hub: str) -> None:
    browser.open(f"{hub}{_CONNECTIONS}")
    browser.wait_for(".o_view_nocontent", "Connect your first system")
    browser.keep("start")
    browser.click(".o_control_panel button", "New Connection")
    browser.wait_for("[data-system=odoo]", "Refunds")
    browser.keep("setup_system")
    browser.click("[data-system=odoo]")
    browser.wait_for("[data-key=url] input")


def say_what_is_wrong_at_its_field(browser: Browser, shop: str) -> None:
    browser.type("[data-key=url] input", shop)
    browser.click(_ON)
    browser.wait_for("[data-key=api_key] .text-danger", "“API key” is empty")
    browser.type("[data-key=api_key] input", "not-the-key")
    browser.click(_ON)
    browser.wait_for("[data-key=api_key] .text-danger", "does not accept the API key")
    on_both_screens(browser, "setup_access")


def come_back_later(browser: Browser, hub: str) -> None:
    """The connection is on the list, and opens where it was left, with what was entered."""
    browser.open(f"{hub}{_CONNECTIONS}")
    browser.click(".o_data_row td[name=name], .o_kanban_record", "Odoo")
    browser.wait_for("[data-key=api_key] .text-danger")
    assert browser.run("document.querySelector('[data-key=url] input').value")
    assert browser.run("document.querySelector('[data-key=api_key] input').value") == ""
    assert "Stored" in browser.run("document.querySelector('[data-key=api_key] input').placeholder")


def connect(browser: Browser, api_key: str) -> None:
    browser.type(".o_field_widget[name=name] input", "Shop in Main Street")
    browser.type("[data-key=api_key] input", api_key)
    browser.click(_ON)
    browser.wait_for(".alert-success", "Connected to")


def choose_what_comes(browser: Browser) -> None:
    browser.wait_for(".o_field_widget[name=stream_ids] .o_data_row", "Refunds")
    on_both_screens(browser, "setup_flows")
    browser.click(_ON)


def match(browser: Browser) -> None:
    """Locations and taxes arrive by themselves; what nothing in the hub matches is made with one button each."""
    browser.wait_for(".o_field_widget[name=location_ids] .o_data_row")
    for button in ("action_make_taxes", "action_make_stock_locations"):
        if browser.run(f"!!document.querySelector('button[name={button}]')"):
            browser.click(f"button[name={button}]")
            browser.wait_until_gone(f"button[name={button}]")
    on_both_screens(browser, "setup_matching")
    browser.click(_ON)


def look(browser: Browser) -> int:
    """How many products the first pull is said to make."""
    browser.wait_for("[data-flow=orders_pull] .badge")
    on_both_screens(browser, "setup_look", "[data-flow=orders_pull] .badge")
    return int(browser.text("[data-flow=products_pull] [data-group=made] .badge"))


def start(browser: Browser, promised: int) -> None:
    """The screen says by itself when every flow has ended, and what came is what was promised."""
    browser.click("button[name=action_setup_start]")
    browser.wait_for(".o_notebook_headers", "Flows")
    wait_until(lambda: all(results(browser).values()), "every flow ended", within=_PULLED_WITHIN)
    assert f"{promised} created" in results(browser)["Products"]
    browser.keep("connection")
    assert browser.text("button[name=action_view_failures] .o_stat_value") == "0"
    assert browser.text(".o_pos_sync_todo_list") == ""
    open_settings(browser)
    browser.keep("settings")


def open_settings(browser: Browser) -> None:
    browser.click(".o_notebook_headers .nav-link", "Settings")
    browser.wait_for("[data-key=api_key] input")


def results(browser: Browser) -> dict[str, str]:
    """The last result of each flow that is on, as the form shows it; empty while it runs."""
    rows = browser.run("""[...document.querySelectorAll(".o_field_widget[name=stream_ids] .o_data_row")].map((row) =>
        ["flow", "state", "result"].map((name) => row.querySelector(`td[name=${name}]`).innerText.trim()))""")
    shown = {flow: "" if state == "Running" else result for flow, state, result in rows if state != "Off"}
    return shown or {"Products": ""}


def open_a_product(browser: Browser) -> None:
    browser.click("button[name=action_view_mappings]")
    browser.wait_for(".o_action_manager > .o_list_view .o_data_row")
    browser.click(".o_searchview_dropdown_toggler")
    browser.click(".o_filter_menu .o_menu_item", "Products")
    browser.wait_for(".o_facet_value", "Products")
    # The facet stands there before its rows do.
    kinds = "[...document.querySelectorAll('.o_data_row td[name=entity]')].map((cell) => cell.innerText.trim())"
    wait_until(lambda: set(browser.run(kinds)) == {"Product"}, "rows of products only")
    browser.keep("links")
    browser.click(".o_data_row button[name=action_open_record]")
    browser.wait_for(".o_form_view .o_field_widget[name=list_price]")
    browser.wait_for(".oe_stat_button", "POS Sync")
    browser.keep("product")


def look_on_a_phone(browser: Browser) -> None:
    browser.resize(PHONE)
    address = browser.run("location.origin")
    browser.open(f"{address}{_CONNECTIONS}")
    browser.click(".o_kanban_record", "Shop in Main Street")
    browser.wait_for(".o_field_widget[name=stream_ids] .o_kanban_record", "Products")
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep("phone")
    open_settings(browser)
    settings_too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep("settings_phone")
    browser.resize(DESKTOP)
    assert not too_wide and not settings_too_wide, "the form is wider than a phone"


def on_both_screens(browser: Browser, name: str, seen: str = "h2") -> None:
    """Screenshots of the step, wide and on a phone, where it must fit."""
    browser.keep(name)
    browser.resize(PHONE)
    browser.reload()
    browser.wait_for(seen)
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep(f"{name}_phone")
    browser.resize(DESKTOP)
    browser.reload()
    browser.wait_for(seen)
    assert not too_wide, f"{name} is wider than a phone"
