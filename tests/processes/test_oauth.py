"""Connect in the browser, as a manager does; and tokens that a system gives once, where two want them or one dies."""

from __future__ import annotations

import re
import threading
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import requests

from sandbox.permissions import Tokens
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify_shop
from sandbox.square import SquareSandbox, make_shop
from tools.chromium import require_chromium

from .browser import Browser
from .hub import Hub, wait_until
from .test_secrets import dump_of

_CONNECTIONS = "/odoo/action-pos_sync_connector.pos_sync_connection_action"
_ASK = "button[name=action_ask_permission]"


def test_a_manager_connects_by_the_page_of_the_system(hub: Hub) -> None:
    require_chromium()
    with SquareSandbox(make_shop(0.001, orders=2)) as account, Browser() as browser:
        browser.log_in(hub.server.url, "admin", "admin")
        browser.open(f"{hub.server.url}{_CONNECTIONS}")
        browser.click(".o_control_panel button", "New Connection")
        browser.click("[data-system=square]")
        browser.wait_for(_ASK)
        assert browser.text("[data-key=grant]") == ""
        app = account.app(browser.text(".o_field_widget[name=oauth_redirect]").split()[0])
        say_what_is_missing(browser)
        enter(browser, {**app, "client_secret": "not-the-secret-of-this-app"})
        answer(browser, "Allow")
        is_told(browser, "its secret is another", at="client_secret")
        enter(browser, {"client_secret": app["client_secret"]})
        answer(browser, "Allow")
        browser.wait_for(".alert-success", "Connected to")
        browser.keep("oauth_connected")
        assert [problem for problem in browser.problems if " 403 " not in problem] == []
        given = account.oauth.permissions.given[-1]
    assert hub.database.query("SELECT setup_step, state FROM pos_sync_connection") == [("flows", "connected")]
    dump, log = dump_of(hub), hub.server.log()
    for secret in (given.access, given.refresh, app["client_secret"]):
        assert secret not in dump
        assert secret not in log


def say_what_is_missing(browser: Browser) -> None:
    browser.click(_ASK)
    browser.wait_for("[data-key=client_id] .text-danger", "“Application ID” is empty")


def enter(browser: Browser, settings: dict[str, str]) -> None:
    if "url" in settings:
        browser.click("details summary")
    for key, value in settings.items():
        browser.type(f"[data-key={key}] input", value)
    browser.keep("oauth_access")


def answer(browser: Browser, word: str) -> None:
    """Presses Connect, and answers on the page that comes."""
    browser.click(_ASK)
    browser.wait_for("h1", "Square account")
    browser.keep("oauth_page")
    browser.click("button", word)


def is_told(browser: Browser, words: str, *, at: str) -> None:
    browser.wait_for(".alert-danger", words)
    browser.keep("oauth_refused")
    browser.click("a", "Back to Odoo")
    browser.wait_for(f"[data-key={at}] .text-danger", words)


class Gate:
    """Stops whoever comes by, from `close` to `open`; `broken`: nobody who was stopped goes on."""

    def __init__(self) -> None:
        self.reached, self._free = threading.Event(), threading.Event()
        self._free.set()
        self._broken = False

    def close(self) -> None:
        self.reached.clear()
        self._free.clear()

    def open(self, *, broken: bool = False) -> None:
        self._broken = broken
        self._free.set()

    def pass_by(self) -> None:
        if not self._free.is_set():
            self.reached.set()
            assert self._free.wait(120)
            if self._broken:
                raise ConnectionAbortedError


def test_tokens_that_are_given_once(hub: Hub) -> None:
    """Whoever renews does so alone; and a kill -9 before the system has renewed anything, while its answer is on the
    way, or right after the new tokens were stored, ends with a connection that works without anybody's help, where
    the system takes the old refresh token once more; else it says what to press."""
    with ShopifySandbox(make_shopify_shop(0.001, orders=2)) as account:
        # Its id and secret are enough for an app of the shop's own; what a person permits takes their place.
        connection = hub.make_connection(account.app(""), name="Shopify", system="shopify")
        assert check(hub, connection) == "success"
        assert [item.refresh for item in account.oauth.permissions.given] == [""]
        permit(hub, account, connection)
        assert account.oauth.permissions.given[-1].refresh
        # Nobody else asks: a job that is killed again and again is one that Odoo complains of.
        hub.wait_for_flow(connection, "setup_pull")
        hub.call("pos.sync.stream", "write", [hub.stream(connection, "setup_pull")], vals={"enabled": False})
        renewal, renewed, use = Gate(), Gate(), Gate()
        watch(account, renewal, renewed, use)

        # Three sessions find the token ended at once: one renews it, two wait for it.
        expire(account)
        renewal.close()
        with ThreadPoolExecutor(3) as sessions:
            asked = [sessions.submit(check, hub, connection) for _session in range(3)]
            try:
                assert renewal.reached.wait(60)
                wait_until(lambda: waiting(hub) >= 2, "two sessions that wait", within=60)
            finally:
                renewal.open()
            assert [session.result() for session in asked] == ["success"] * 3
        assert account.oauth.permissions.renewals == 1

        # Killed while it renews: whoever comes next is not kept waiting.
        expire(account)
        renewal.close()
        kill_at(renewal, hub, connection)
        assert account.oauth.permissions.renewals == 1
        assert check(hub, connection) == "success"
        assert account.oauth.permissions.renewals == 2

        # Killed between the renewal and its first use: the new token is there, the old one is void.
        expire(account)
        use.close()
        kill_at(use, hub, connection)
        assert account.oauth.permissions.renewals == 3
        assert check(hub, connection) == "success"
        assert account.oauth.permissions.renewals == 3

        # Killed when the system has renewed and its answer has not arrived: the old refresh token serves once more.
        expire(account)
        renewed.close()
        kill_at(renewed, hub, connection)
        assert account.oauth.permissions.renewals == 4
        assert check(hub, connection) == "success"
        assert account.oauth.permissions.renewals == 5

        # A system that does not take it says so, and a person is told what to do.
        account.oauth.permissions.again = timedelta(0)
        expire(account)
        renewed.close()
        kill_at(renewed, hub, connection)
        assert check(hub, connection) == "danger"
        assert hub.database.query("SELECT state, state_message LIKE '%%Press Connect again%%' FROM pos_sync_connection"
                                  " WHERE id = %s", connection) == [("refused", True)]  # fmt: skip


def permit(hub: Hub, account: ShopifySandbox, connection: int) -> None:
    """What a browser does between Connect and the way back."""
    (found,) = hub.call("pos.sync.connection", "read", [connection], fields=["oauth_redirect"])
    hub.enter(connection, account.app(found["oauth_redirect"]))
    page = hub.call("pos.sync.connection", "action_ask_permission", [connection])["url"]
    back = requests.post(page, data={"answer": "allow"}, allow_redirects=False, timeout=30).headers["Location"]
    with requests.Session() as session:
        form = session.get(f"{hub.server.url}/web/login", timeout=60).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form).group(1)
        entered = {"login": "admin", "password": "admin", "csrf_token": token}
        session.post(f"{hub.server.url}/web/login", data=entered, timeout=60)
        here = back.replace(found["oauth_redirect"].partition("/pos_sync")[0], hub.server.url)
        done = session.get(here, allow_redirects=False, timeout=60)
    assert done.status_code == 303, done.text
    assert hub.value("SELECT state FROM pos_sync_connection WHERE id = %s", connection) == "connected"


def watch(account: ShopifySandbox, renewal: Gate, renewed: Gate, use: Gate) -> None:
    permissions = account.oauth.permissions
    renew, work = permissions.renew, account.answer

    def renewing(sent: Any) -> Tokens:
        renewal.pass_by()
        given = renew(sent)
        renewed.pass_by()
        return given

    def using(*request: Any) -> Any:
        if permissions.state_of(request[2].get("X-Shopify-Access-Token", "")) == "open":
            use.pass_by()
        return work(*request)

    permissions.renew, account.answer = renewing, using


def expire(account: ShopifySandbox) -> None:
    """The tokens end that are there."""
    permissions = account.oauth.permissions
    for item in permissions.given:
        item.ends_at = permissions.now()


def check(hub: Hub, connection: int) -> str:
    return hub.call("pos.sync.connection", "action_test", [connection])["params"]["type"]


def kill_at(gate: Gate, hub: Hub, connection: int) -> None:
    """Kills the server when it has come so far, and starts it again."""
    lost: list[BaseException] = []

    def ask() -> None:
        try:
            check(hub, connection)
        except (urllib.error.URLError, ConnectionError) as error:
            lost.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert gate.reached.wait(60)
    hub.server.kill()
    asking.join()
    assert lost, "the server answered before it was killed: nothing was tested"
    gate.open(broken=True)
    hub.server.start()


def waiting(hub: Hub) -> int:
    return hub.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
