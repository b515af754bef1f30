"""A person connects a real second Odoo in the browser, syncs it and opens an imported product."""
from __future__ import annotations

from tools.chromium import require_chromium

from .browser import DESKTOP, PHONE, Browser
from .hub import Hub, Shop, wait_until

_PULLED_WITHIN = 240


def test_connect_sync_and_open_a_product(hub: Hub, demo_shop: Shop) -> None:
    require_chromium()
    with Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        make_a_connection(browser, hub.server.url, demo_shop.server.url)
        refuse_a_wrong_key(browser)
        connect(browser, demo_shop.key)
        match_what_is_unknown(browser)
        sync(browser)
        open_a_product(browser)
        look_on_a_phone(browser)
        assert demo_shop.key not in browser.run("document.documentElement.outerHTML")
        assert browser.problems == []
    assert demo_shop.key not in hub.server.log()


def make_a_connection(browser: Browser, hub: str, shop: str) -> None:
    browser.open(f"{hub}/odoo/action-pos_sync_connector.pos_sync_connection_action")
    browser.wait_for(".o_view_nocontent", "Connect your first system")
    browser.keep("start")
    browser.click(".o_list_button_add, .o-kanban-button-new", "New")
    browser.type(".o_field_widget[name=name] input, .o_field_widget[name=name] textarea", "Shop in Main Street")
    browser.click(".o_field_widget[name=system] input")
    browser.click(".o_select_menu_item", "Odoo")
    browser.wait_for(".o_pos_sync_setting_list label", "API key")
    browser.type("[data-key=url] input", shop)
    browser.keep("new_connection")


def refuse_a_wrong_key(browser: Browser) -> None:
    browser.type("[data-key=api_key] input", "not-the-key")
    press_and_reload(browser, "button[name=action_test]")
    browser.wait_for(".o_notification:has(.bg-danger)", "API key")
    assert "Traceback" not in browser.text(".o_notification")
    browser.wait_for(".o_arrow_button_current[data-value=draft]")
    browser.click(".o_notification_close")


def press_and_reload(browser: Browser, button: str) -> None:
    """Presses a button whose answer ends with the form being read again; what is typed before that is lost."""
    browser.wait_for(button)
    browser.run("document.querySelector('.o_form_view').dataset.before = 1")
    browser.click(button)
    browser.wait_for(".o_form_view:not([data-before])", within=_PULLED_WITHIN)


def wait_for_flows(browser: Browser, **expected: str) -> None:
    """The screen says by itself when every flow has ended, and how."""
    wait_until(
        lambda: all(results(browser).values())
        and all(result in results(browser).get(flow, "") for flow, result in expected.items()),
        f"every flow ended, {expected}", within=_PULLED_WITHIN)


def results(browser: Browser) -> dict[str, str]:
    """The last result of each flow that is on, as the form shows it; empty while it runs."""
    rows = browser.run("""[...document.querySelectorAll(".o_field_widget[name=stream_ids] .o_data_row")].map((row) =>
        ["flow", "state", "result"].map((name) => row.querySelector(`td[name=${name}]`).innerText.trim()))""")
    shown = {flow: "" if state == "Running" else result for flow, state, result in rows if state != "Off"}
    return shown or {"Products": ""}


def connect(browser: Browser, api_key: str) -> None:
    assert browser.run("document.querySelector('[data-key=api_key] input').value") == ""
    assert "Stored" in browser.run("document.querySelector('[data-key=api_key] input').placeholder")
    browser.type("[data-key=api_key] input", api_key)
    press_and_reload(browser, "button[name=action_test]")
    browser.wait_for(".o_notification", "Connected to")
    browser.wait_for(".o_arrow_button_current[data-value=connected]")
    wait_for_flows(browser, Products="created")


def match_what_is_unknown(browser: Browser) -> None:
    """The locations and taxes that nothing in the hub matches are made with one button each."""
    browser.click(".o_notebook_headers .nav-link", "Taxes")
    browser.wait_for(".o_field_widget[name=tax_ids] tr.o_data_row, .o_field_widget[name=tax_ids] .o_data_row")
    make_missing(browser, "action_make_taxes")
    browser.click(".o_notebook_headers .nav-link", "Locations")
    browser.wait_for(".o_field_widget[name=location_ids] tr.o_data_row")
    make_missing(browser, "action_make_stock_locations")
    browser.keep("locations")
    browser.click(".o_notebook_headers .nav-link", "Flows")
    assert "still to be matched" not in browser.text(".o_form_view")


def make_missing(browser: Browser, button: str) -> None:
    if browser.run(f"!!document.querySelector('button[name={button}]')"):
        browser.click(f"button[name={button}]")
        browser.wait_until_gone(f"button[name={button}]")


def sync(browser: Browser) -> None:
    press_and_reload(browser, ".o_statusbar_buttons button[name=action_sync_now]")
    browser.wait_for(".o_notification", "The flows start")
    wait_for_flows(browser, Stock="updated")
    browser.keep("connection")
    assert browser.text("button[name=action_view_failures] .o_stat_value") == "0"


def open_a_product(browser: Browser) -> None:
    browser.click("button[name=action_view_mappings]")
    browser.wait_for(".o_action_manager > .o_list_view .o_data_row")
    browser.click(".o_searchview_dropdown_toggler")
    browser.click(".o_filter_menu .o_menu_item", "Products")
    browser.wait_for(".o_facet_value", "Products")
    browser.keep("links")
    browser.click(".o_data_row button[name=action_open_record]")
    browser.wait_for(".o_form_view .o_field_widget[name=list_price]")
    browser.wait_for(".oe_stat_button", "POS Sync")
    browser.keep("product")


def look_on_a_phone(browser: Browser) -> None:
    browser.resize(PHONE)
    address = browser.run("location.origin")
    browser.open(f"{address}/odoo/action-pos_sync_connector.pos_sync_connection_action")
    browser.click(".o_kanban_record", "Shop in Main Street")
    browser.wait_for(".o_field_widget[name=stream_ids] .o_kanban_record", "Products")
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep("phone")
    browser.resize(DESKTOP)
    assert not too_wide, "the form is wider than a phone"
