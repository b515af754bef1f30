"""An accountant closes the days of two shops: says how, chooses the account that is missing, posts, and looks at what
came of it."""
from __future__ import annotations

from collections.abc import Callable

from tools.chromium import require_chromium

from .browser import Browser
from .days_inside_hub import ACCOUNTANT
from .hub import Hub

_ACTION = "/odoo/action-pos_sync_connector.pos_sync_"
_ROW = ".o_data_row"


def test_an_accountant_closes_two_days(new_hub: Callable[..., Hub]) -> None:
    require_chromium()
    # Jobs run when this test says so.
    hub = new_hub(cron_workers=0)
    hub.database.call("tests.processes.days_inside_hub:make_days")
    with Browser() as browser:
        browser.log_in(hub.server.url, ACCOUNTANT, ACCOUNTANT)
        see_how_days_are_posted(browser, hub)
        post_the_days(browser, hub)
        choose_what_is_missing(browser, hub)
        look_at_the_entries(browser, hub)
        see_the_sales(browser, hub)
        assert browser.problems == []


def show(browser: Browser, hub: Hub, name: str) -> None:
    browser.open(f"{hub.server.url}{_ACTION}{name}")


def see_how_days_are_posted(browser: Browser, hub: Hub) -> None:
    show(browser, hub, "posting_period_action")
    browser.wait_for(_ROW, "Daily summary")
    browser.keep("posting_periods")


def post_the_days(browser: Browser, hub: Hub) -> None:
    """Three days are posted; the fourth waits for the account of its vouchers, and says so."""
    hub.call("pos.sync.day", "action_gather")
    show(browser, hub, "day_action")
    browser.wait_for(_ROW, "Station")
    browser.keep("day_list")
    browser.click("th.o_list_record_selector input")
    browser.click(".o_control_panel button[name=action_post]")
    browser.wait_for(_ROW, "Voucher")
    days = hub.database.query("SELECT state, sentence FROM pos_sync_day ORDER BY state")
    assert [state for state, _sentence in days] == ["held", "posted", "posted", "posted"], days


def choose_what_is_missing(browser: Browser, hub: Hub) -> None:
    """It stands on top of the page, and choosing it posts what waited."""
    show(browser, hub, "posting_choice_action")
    browser.wait_for(f"{_ROW}:first-child", "Voucher")
    browser.keep("accounts_and_taxes")
    hub.call("pos.sync.posting.choice", "write", hub.call(
        "pos.sync.posting.choice", "search", domain=[["name", "=", "Voucher"]]),
        vals={"account_id": hub.value("SELECT id FROM account_account WHERE account_type = 'asset_current' LIMIT 1")})
    job = hub.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_posting'")
    assert hub.value("SELECT count(*) FROM ir_cron_trigger WHERE cron_id = %s", job)
    hub.call("ir.cron", "method_direct_trigger", [job])
    assert not hub.value("SELECT count(*) FROM pos_sync_day WHERE state = 'held'")


def look_at_the_entries(browser: Browser, hub: Hub) -> None:
    browser.open(f"{hub.server.url}{_ACTION}day_action/{main_street(hub)}")
    browser.wait_for(".o_form_view .o_arrow_button_current", "Posted")
    browser.keep("day")
    browser.click("button[name=action_view_moves]")
    browser.click(f".o_list_view {_ROW} td[name=ref]", "Sales of Main Street")
    browser.wait_for(".o_form_view [name=line_ids]", "Tip")
    browser.keep("day_entry")


def main_street(hub: Hub) -> int:
    return hub.value(
        "SELECT day.id FROM pos_sync_day day JOIN pos_sync_location place ON place.id = day.location_id "
        "WHERE place.name = 'Main Street' AND day.date = '2026-03-02'")


def see_the_sales(browser: Browser, hub: Hub) -> None:
    show(browser, hub, "sales_report_action")
    browser.wait_for(".o_pivot", "Tea Shops")
    browser.keep("sales_by_channel")
