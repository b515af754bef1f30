"""A person chooses rooms of a BioTrack shop among those that were found."""
from __future__ import annotations

from tools.chromium import require_chromium

from .biotrack_shop import BioTrackShop
from .browser import Browser
from .hub import Hub, wait_until

ROOMS = "[data-key=rooms]"
STORED = "SELECT value FROM pos_sync_setting WHERE key = 'rooms'"


def test_rooms_are_chosen_among_those_that_were_found(hub: Hub, biotrack_base: BioTrackShop) -> None:
    require_chromium()
    connection = hub.make_connection(biotrack_base.settings, name="Green Door", system="biotrack")
    form = f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_connection_action/{connection}"
    with Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        browser.open(form)
        browser.wait_for(f"{ROOMS} .o_tag", "Bulk")
        browser.click("button[name=action_test]")
        browser.wait_for(".o_notification", "Connected to")
        browser.open(form)
        browser.click(".nav-link[name=settings]")
        choose(browser, "Sales floor (Airport Road)")
        browser.wait_for(f"{ROOMS} .o_tag", "Sales floor (Airport Road)")
        browser.click(".o_form_button_save")
        wait_until(lambda: hub.value(STORED) == "0,3", "the rooms as chosen")
        browser.run(f"document.querySelector('{ROOMS}').scrollIntoView({{block: 'center'}})")
        browser.keep("rooms")
        browser.click(f"{ROOMS} .o_tag .o_delete")
        browser.click(".o_form_button_save")
        wait_until(lambda: hub.value(STORED) == "3", "Bulk is taken off")
        assert browser.problems == []


def choose(browser: Browser, name: str) -> None:
    browser.click(f"{ROOMS} input")
    browser.wait_for(".o-autocomplete--dropdown-item", name)
    # Quarantine is not offered, nor can anything be made here.
    offered = browser.text(".o-autocomplete--dropdown-item")
    assert "Quarantine" not in offered
    assert "Create" not in offered
    browser.click(".o-autocomplete--dropdown-item *", name)
