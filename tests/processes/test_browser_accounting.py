"""An accountant closes the days of two shops, with Odoo's right to invoice and as a user of the app: compares them
with what Square counts, has what is missing pulled, chooses an account, posts, signs, and posts a payout."""
from __future__ import annotations

from collections.abc import Callable

from tools.chromium import require_chromium

from .browser import Browser
from .days_inside_hub import ACCOUNTANT
from .hub import Hub
from .tea_shops import TeaShops
from .test_browser_daily import look_narrow

_ACTION = "/odoo/action-pos_sync_connector.pos_sync_"
_ROW = ".o_data_row"
_FLOWS = ("products_pull", "customers_pull", "orders_pull", "payouts_pull")
# The button of the row that says so.
_MEND = """
[...document.querySelectorAll('[name=difference_ids] .o_data_row')]
    .find((row) => row.innerText.includes('Missing in Odoo')).querySelector('button[name=action_mend]').click()
"""


def test_an_accountant_closes_two_days(new_hub: Callable[..., Hub]) -> None:
    require_chromium()
    # Jobs run when this test says so.
    hub = new_hub(cron_workers=0)
    with TeaShops() as shops:
        connection = sell_tea(hub, shops)
        with Browser() as browser:
            browser.log_in(hub.server.url, ACCOUNTANT, ACCOUNTANT)
            see_how_days_are_posted(browser, hub)
            compare_the_days(browser, hub, shops, connection)
            post_the_days(browser, hub)
            look_at_what_is_to_be_posted(browser, hub)
            choose_what_is_missing(browser, hub)
            look_at_the_entries(browser, hub, shops)
            sign_the_day(browser, hub, shops)
            look_at_the_payouts(browser, hub, shops)
            see_what_stands_on_accounts(browser, hub)
            see_the_sales(browser, hub)
            assert browser.problems == []


def sell_tea(hub: Hub, shops: TeaShops) -> int:
    """The connection, with all that Square had when it was pulled."""
    connection = hub.make_connection(shops.settings(), name="Tea Shops", system="square")
    answer = hub.call("pos.sync.connection", "action_test", [connection])
    assert answer["params"]["type"] == "success", answer["params"]["message"]
    pull(hub, connection, "setup_pull")
    first = shops.days[0].replace(day=1).isoformat()
    hub.database.call("tests.processes.days_inside_hub:keep_books", connection=connection, date_from=first)
    for flow in _FLOWS:
        pull(hub, connection, flow)
    assert hub.value("SELECT count(*) FROM sale_order WHERE state = 'sale'") == 7
    shops.sell_late()
    return connection


def pull(hub: Hub, connection: int, flow: str) -> None:
    hub.start(connection, flow)
    job = hub.value("SELECT cron_id FROM pos_sync_stream WHERE id = %s", hub.stream(connection, flow))
    for _slice in range(20):
        hub.call("ir.cron", "method_direct_trigger", [job])
        done, sentence = hub.database.query(
            "SELECT first_done, sentence FROM pos_sync_stream WHERE id = %s", hub.stream(connection, flow))[0]
        assert not sentence, sentence
        if done:
            return
    raise AssertionError(f"{flow} does not end")


def show(browser: Browser, hub: Hub, name: str) -> None:
    browser.open(f"{hub.server.url}{_ACTION}{name}")


def see_how_days_are_posted(browser: Browser, hub: Hub) -> None:
    show(browser, hub, "posting_period_action")
    browser.wait_for(_ROW, "Daily summary")
    browser.keep("posting_periods")


def compare_the_days(browser: Browser, hub: Hub, shops: TeaShops, connection: int) -> None:
    """Square has a sale that Odoo has not: the day says so, and its button brings it."""
    hub.call("pos.sync.connection", "action_reconcile_all", [connection])
    compare(hub)
    show(browser, hub, "reconciliation_action")
    browser.wait_for(_ROW, "Differs")
    browser.keep("reconciliation_list")
    open_main_street(browser, hub, shops, "reconciliation")
    browser.wait_for("[name=difference_ids]", "Missing in Odoo")
    browser.keep("reconciliation_day")
    browser.run(_MEND)
    browser.wait_for(".o_notification", "It will be fixed shortly")
    compare(hub)
    browser.reload()
    browser.wait_for("[name=difference_ids]", "Not Posted Yet")
    browser.wait_until_gone("[name=difference_ids]", "Missing in Odoo")


def compare(hub: Hub) -> None:
    job = hub.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_reconcile'")
    for _slice in range(20):
        hub.call("ir.cron", "method_direct_trigger", [job])
        left, sentence = hub.database.query(
            "SELECT reconcile_from IS NOT NULL, reconcile_sentence FROM pos_sync_connection")[0]
        assert not sentence, sentence
        if not left:
            return
    raise AssertionError("comparing does not end")


def open_main_street(browser: Browser, hub: Hub, shops: TeaShops, name: str) -> None:
    """The first day of Main Street."""
    place = "SELECT id FROM pos_sync_location WHERE name = 'Main Street'"
    number = hub.value(
        f"SELECT id FROM pos_sync_{name} WHERE location_id = ({place}) AND date = %s", shops.days[0])
    browser.open(f"{hub.server.url}{_ACTION}{name}_action/{number}")


def post_the_days(browser: Browser, hub: Hub) -> None:
    """Three days are posted; the fourth waits for the account of another way to pay, and says so."""
    hub.call("pos.sync.day", "action_gather")
    cards = hub.call("pos.sync.payment.method", "search", domain=[["kind", "=", "card"]])
    hub.call("pos.sync.payment.method", "action_create_accounts", cards)
    show(browser, hub, "day_action")
    browser.wait_for(_ROW, "Station")
    browser.keep("day_list")
    browser.click("th.o_list_record_selector input")
    browser.click(".o_control_panel button[name=action_post]")
    browser.wait_for(_ROW, "Other")
    days = hub.database.query("SELECT state, sentence FROM pos_sync_day ORDER BY state")
    assert [state for state, _sentence in days] == ["held", "posted", "posted", "posted"], days


def look_at_what_is_to_be_posted(browser: Browser, hub: Hub) -> None:
    """The day that waits shows its entry, and what it lacks with the field to choose it."""
    number = hub.value("SELECT id FROM pos_sync_day WHERE state = 'held'")
    browser.open(f"{hub.server.url}{_ACTION}day_action/{number}")
    browser.wait_for(f"[name=choice_ids] {_ROW}", "Other")
    browser.wait_for(f"[name=line_ids] {_ROW}", "Sales")
    browser.keep("day_to_post")
    look_narrow(browser, "day_to_post_phone", "[name=line_ids]")


def choose_what_is_missing(browser: Browser, hub: Hub) -> None:
    """It stands on top of the page, and choosing it posts what waited."""
    show(browser, hub, "posting_choice_action")
    browser.wait_for(f"{_ROW}:first-child", "Other")
    browser.keep("accounts_and_taxes")
    hub.call("pos.sync.posting.choice", "write", hub.call(
        "pos.sync.posting.choice", "search", domain=[["name", "=", "Other"]]),
        vals={"account_id": hub.value("SELECT id FROM account_account WHERE account_type = 'asset_current' LIMIT 1")})
    job = hub.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_posting'")
    assert hub.value("SELECT count(*) FROM ir_cron_trigger WHERE cron_id = %s", job)
    hub.call("ir.cron", "method_direct_trigger", [job])
    assert not hub.value("SELECT count(*) FROM pos_sync_day WHERE state = 'held'")


def look_at_the_entries(browser: Browser, hub: Hub, shops: TeaShops) -> None:
    """From the day to the lines of its entry, and from a line to its orders."""
    open_main_street(browser, hub, shops, "day")
    browser.wait_for(".o_form_view .o_arrow_button_current", "Posted")
    browser.keep("day")
    browser.click("button[name=action_view_lines]")
    browser.wait_for(f".o_list_view {_ROW}", "Tip")
    browser.keep("day_entry")
    browser.click(f".o_list_view {_ROW} button[name=action_pos_sync_orders]")
    browser.wait_for(f".o_list_view {_ROW}", "Tea Shops")


def sign_the_day(browser: Browser, hub: Hub, shops: TeaShops) -> None:
    """Compared again the day is green, and is signed."""
    open_main_street(browser, hub, shops, "reconciliation")
    browser.click("button[name=action_check]")
    browser.wait_for(".o_notification", "They will be checked shortly")
    compare(hub)
    browser.reload()
    browser.wait_for(".o_form_view .o_arrow_button_current", "Agrees")
    browser.click("button[name=action_sign]")
    browser.wait_for(".alert-success", "Alex Counts")
    browser.click(".o_notebook_headers .nav-link", "Payouts")
    browser.wait_for("[name=payout_ids]", "Paid Out")
    browser.keep("reconciliation_signed")
    assert hub.value("SELECT count(*) FROM pos_sync_reconciliation WHERE sign_state = 'signed' AND state = 'ok'") == 1


def look_at_the_payouts(browser: Browser, hub: Hub, shops: TeaShops) -> None:
    """Each is explained by its orders; posted, it leaves nothing but what has not been paid out."""
    show(browser, hub, "payout_action")
    browser.wait_for(_ROW, "Paid Out")
    browser.keep("payouts")
    number = hub.value("SELECT id FROM pos_sync_payout ORDER BY net DESC LIMIT 1")
    browser.open(f"{hub.server.url}{_ACTION}payout_action/{number}")
    browser.click("button[name=action_post]")
    browser.wait_for("button[name=action_view_move]")
    browser.keep("payout")
    assert hub.value("SELECT count(*) FROM account_move WHERE pos_sync_payout_id IS NOT NULL AND state = 'posted'") == 1


def see_what_stands_on_accounts(browser: Browser, hub: Hub) -> None:
    """The clearing accounts with what is not paid out yet, and the taxes by rate; nothing is left over."""
    show(browser, hub, "payment_method_action")
    browser.wait_for(_ROW, "clearing")
    browser.keep("clearing_accounts")
    look_narrow(browser, "clearing_accounts_phone", ".o_view_controller")
    show(browser, hub, "tax_report_action")
    browser.wait_for(".o_pivot", "Tax")
    browser.keep("taxes_posted")
    show(browser, hub, "tax_statement_action")
    browser.click(".o_list_button_add")
    browser.wait_for(".o_form_view [name=period]")
    browser.keep("tax_statement")


def see_the_sales(browser: Browser, hub: Hub) -> None:
    show(browser, hub, "sales_report_action")
    browser.wait_for(".o_pivot", "Tea Shops")
    browser.keep("sales_by_channel")
