"""Whatever a person types into the form of a connection, of any system: it is taken, or a sentence says what is wrong
with it, and the log holds no traceback."""
from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tools.chromium import require_chromium
from tools.database import Database

from .browser import Browser
from .hub import Hub, Rejected
from .test_bad_input import check_sentence

_SYSTEMS = ("biotrack", "odoo", "shopify", "square")
_TEXTS = (
    " ", "\x00", "a\x00b", "\t\n", "x" * 100_000, "\ud83d", "🙂", "\u202eabc", "'; DROP TABLE res_users; --",
    "%s%(x)s", "{0}", "=1+1", "-1", "0", "00", "1e999999", "9" * 400, "9" * 5000, "NaN", "1,5", "true", "None",
    "<script>alert(1)</script>", "http://", "https://", "http://[::1", "http://a:99999999", "http://a:x",
    "https://\x00", "https://a\nb", "//host", "https://" + "a" * 400 + ".example", "https://xn--a.example",
    "http://127.0.0.1:0", "file:///etc/passwd", "javascript:alert(1)", "../../etc/passwd", ",", ",,,1", "1,,2",
    "9999999999999,x", "[]", "null", "-----BEGIN CERTIFICATE-----", "Middle/Earth", "../Denver",
)
_NUMBERS = (-1, 0, 2**31 - 1, -(2**31))
_DATES = ("0001-01-01", "9999-12-31", "1970-01-01")
_DATE_LIKE = {"date": "", "datetime": " 00:00:00"}


@pytest.fixture(scope="module")
def quiet_hub(hub_base: tuple[Database, str]) -> Iterator[Hub]:
    """A hub without jobs."""
    database, key = hub_base
    hub = Hub(database.copy("bad_forms"), key, cron_workers=0)
    with hub.database, hub.server:
        yield hub


def wrong(hub: Hub, model: str, row: int, values: dict[str, object]) -> str:
    """What is wrong with how it answers; "" where it takes these values, or refuses them with a sentence."""
    shown = f"{model} {str(values)[:80]!r}"
    try:
        hub.call(model, "write", [row], vals=values)
    except Rejected as rejected:
        message = rejected.answer.get("message", "")
        if rejected.status != 422:
            return f"{shown}: {rejected.status} {message[:200]}"
        try:
            check_sentence(message.strip().splitlines()[0])
        except AssertionError:
            return f"{shown}: no sentence: {message[:200]}"
    except json.JSONDecodeError:
        return f"{shown}: an error of the server"
    return ""


@pytest.mark.parametrize("system", _SYSTEMS)
def test_settings(quiet_hub: Hub, system: str) -> None:
    """Each setting of each system gets each text, as a setting and, where it is one, as a secret."""
    hub = quiet_hub
    connection = hub.make_connection({}, system=system, name=system)
    rows = hub.call("pos.sync.setting", "search_read", domain=[["connection_id", "=", connection]],
                    fields=["key", "kind"])
    tried, found = 0, []
    for row in rows:
        field = "secret_input" if row["kind"] == "secret" else "value"
        for text in _TEXTS:
            tried += 1
            found.append(wrong(hub, "pos.sync.setting", row["id"], {field: text}))
    print(f"{system}: {tried} inputs")
    assert tried > 100
    assert list(filter(None, found)) == []
    assert hub.complaints() == []


def test_fields_of_the_form(quiet_hub: Hub) -> None:
    """All that can be written on a connection, its flows, locations and the rest of its form."""
    hub = quiet_hub
    connection = hub.make_connection({}, name="Fields")
    stream = hub.stream(connection, "products_pull")
    tried, found = 0, []
    for model, row in (("pos.sync.connection", connection), ("pos.sync.stream", stream)):
        for name, field in hub.call(model, "fields_get", attributes=["type", "readonly"]).items():
            if field["readonly"]:
                continue
            kind = field["type"]
            values: tuple[object, ...] = ()
            if kind in ("char", "text"):
                values = _TEXTS[:20]
            elif kind in ("integer", "float"):
                values = _NUMBERS
            elif kind in _DATE_LIKE:
                values = tuple(day + _DATE_LIKE[kind] for day in _DATES)
            for value in values:
                tried += 1
                found.append(wrong(hub, model, row, {name: value}))
    print(f"fields: {tried} inputs")
    assert tried > 100
    assert list(filter(None, found)) == []
    assert hub.complaints() == []


def test_in_the_browser(quiet_hub: Hub) -> None:
    """Typed and tested; what is wrong stands at the field."""
    require_chromium()
    hub = quiet_hub
    with Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        browser.open(f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_connection_action")
        browser.click(".o_control_panel button", "New Connection")
        browser.click("[data-system=odoo]")
        browser.wait_for("[data-key=url] input")
        browser.type("[data-key=api_key] input", "no key")
        for text in ("ftp://shop.example.com", "http://[::1", "http://a:99999999", "=1+1 2", "http://127.0.0.1:9"):
            browser.type("[data-key=url] input", text)
            browser.click("button[name=action_setup_next]")
            browser.wait_for("[data-key=url] .text-danger, [data-key=url] .invalid-feedback")
            check_sentence(browser.text("[data-key=url] .text-danger").strip())
        assert browser.problems == []
    assert hub.complaints() == []
