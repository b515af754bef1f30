"""OAuth: a permission is asked for, exchanged, renewed in time and by one alone, and never lost. Against the sandboxes
of two systems that differ in nearly everything, and a server that answers as others do."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.errors import Failure, NeedsFixing, Refused, RetryLater
from connectors.oauth import GRANT, Grant, OAuth, app_settings, challenge
from connectors.oauth_connector import OAuthConnector
from connectors.registry import registry
from sandbox.permissions import Permissions
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify_shop
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_square_shop
from tests.connectors import loopback
from tests.connectors.fake_time import FakeTime
from tests.connectors.loopback import Reply, Request

REDIRECT = "https://odoo.example.com/pos_sync/oauth/callback"
START = datetime.now(timezone.utc).replace(microsecond=0)


class Account:
    """A sandbox behind a proxy, what is stored of its settings, and connectors on both as the engine makes them."""

    def __init__(self, system: str, sandbox: Any, front: loopback.Loopback):
        self.system, self.sandbox, self.front = system, sandbox, front
        self.time = FakeTime()
        self.time.now = START
        sandbox.shop.now = sandbox.oauth.permissions.now = lambda: self.time.now
        self.stored = {**sandbox.app(REDIRECT), "url": front.url}
        if hasattr(sandbox.oauth, "host"):
            sandbox.oauth.host = urlsplit(front.url).netloc
        self.events: list[str] = []
        self.lock = threading.Lock()

    @property
    def permissions(self) -> Permissions:
        return self.sandbox.oauth.permissions

    @property
    def grant(self) -> Grant | None:
        return Grant.loads(self.stored.get(GRANT))

    def store(self, values: dict[str, str]) -> None:
        self.events.append("stored")
        self.stored.update(values)

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        with self.lock:
            yield dict(self.stored)

    def connect(self, **settings: str) -> OAuthConnector:
        return registry.get(self.system)(
            {**self.stored, **settings}, clock=self.time.clock, sleep=self.time.sleep, store=self.store,
            renewing=self.renewing,
        )  # fmt: skip

    def ask(self, answer: str = "allow", **settings: str) -> dict[str, str]:
        """The parameters that a person comes back with who answered on the page."""
        page = self.connect(**settings).permission_page(redirect=REDIRECT, state="s1", verifier="v" * 43)
        status, _text, location = visit(self.sandbox.url, page, answer)
        assert status == 302
        assert location.startswith(REDIRECT + "?")
        return dict(parse_qsl(urlsplit(location).query))

    def permit(self) -> None:
        take(self, self.ask())
        self.events.clear()
        self.front.requests.clear()


def visit(server: str, page: str, answer: str = "") -> tuple[int, str, str]:
    """Status, text and where it leads: the page as it is, or after an answer on it."""
    target, place = urlsplit(page), urlsplit(server)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    try:
        body = f"answer={answer}" if answer else None
        connection.request("POST" if answer else "GET", f"{target.path}?{target.query}", body)
        found = connection.getresponse()
        return found.status, found.read().decode(), found.headers.get("Location", "")
    finally:
        connection.close()


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Any]]:
    with (
        SquareSandbox(make_square_shop(0.001, orders=1)) as square,
        ShopifySandbox(make_shopify_shop(0.001, orders=1)) as shopify,
    ):
        yield {"square": square, "shopify": shopify}


@pytest.fixture(params=["square", "shopify"])
def account(request: pytest.FixtureRequest, sandboxes: dict[str, Any]) -> Iterator[Account]:
    yield from open_account(request.param, sandboxes)


@pytest.fixture
def square(sandboxes: dict[str, Any]) -> Iterator[Account]:
    yield from open_account("square", sandboxes)


@pytest.fixture
def shopify(sandboxes: dict[str, Any]) -> Iterator[Account]:
    yield from open_account("shopify", sandboxes)


def open_account(system: str, sandboxes: dict[str, Any]) -> Iterator[Account]:
    sandbox = sandboxes[system]
    sandbox.oauth.permissions.revoke()
    sandbox.oauth.permissions.renewals = 0
    with loopback.proxy(sandbox.url) as front:
        yield Account(system, sandbox, front)


def fails(kind: type[Failure], work: Callable[[], object], code: str) -> Failure:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.code == code, caught.value.sentence
    return caught.value


# Getting a permission


def test_a_permission_opens_the_account(account: Account) -> None:
    account.permit()
    assert account.connect().check().external_id
    granted = account.grant
    assert granted.ends_at == START + account.permissions.life
    assert START < granted.renew_at < granted.ends_at
    # It lives on in the stored settings alone, and goes before a token that somebody entered.
    assert account.connect(access_token="wrong").check().external_id


def test_the_page_names_what_is_wanted(account: Account) -> None:
    page = account.connect().permission_page(redirect=REDIRECT, state="s1", verifier="v" * 43)
    asked = dict(parse_qsl(urlsplit(page).query))
    assert (asked["redirect_uri"], asked["state"]) == (REDIRECT, "s1")
    status, text, _location = visit(account.sandbox.url, page)
    assert status == 200
    for scope in account.connect().oauth.scopes:
        assert scope in text
    assert account.stored["client_secret"] not in page


def test_an_address_that_is_not_registered_is_told_on_the_page(account: Account) -> None:
    page = account.connect().permission_page(redirect="https://elsewhere.example.com", state="s1", verifier="v" * 43)
    status, text, location = visit(account.sandbox.url, page, "allow")
    assert (status, location) == (400, "")
    assert "redirect_uri" in text


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_without_an_app_its_field_says_so(account: Account, missing: str) -> None:
    connector = account.connect(**{missing: ""})
    failure = fails(
        NeedsFixing, lambda: connector.permission_page(redirect=REDIRECT, state="s", verifier="v"), "missing-setting"
    )
    assert type(connector).setting_of(failure) == missing


def test_without_anything_the_field_of_the_token_says_what_is_possible(account: Account) -> None:
    connector = account.connect(client_id="", client_secret="")
    failure = fails(NeedsFixing, connector.check, "missing-setting")
    assert type(connector).setting_of(failure) == "access_token"
    wanted = "the secret of an app" if connector.oauth.credentials_with is not None else "press Connect"
    assert wanted in failure.sentence
    assert account.front.requests == []


def test_an_app_that_needs_a_person_says_so(square: Account) -> None:
    assert "press Connect" in fails(NeedsFixing, square.connect().check, "missing-setting").sentence
    assert square.front.requests == []


def test_who_says_no_is_told_so(square: Account) -> None:
    """Shopify sends nobody back who says no."""
    parameters = square.ask("deny")
    fails(Refused, lambda: take(square, parameters), "denied")
    assert square.grant is None


def take(account: Account, parameters: dict[str, str], redirect: str = REDIRECT, **settings: str) -> None:
    account.store(account.connect(**settings).take_permission(parameters, redirect=redirect, verifier="v" * 43))


def test_a_wrong_secret_is_told_at_its_field(account: Account) -> None:
    parameters = account.ask()
    failure = fails(Refused, lambda: take(account, parameters, client_secret="wrong-app-secret"), "bad-client")
    assert type(account.connect()).setting_of(failure) == "client_secret"
    assert "wrong-app-secret" not in f"{failure.sentence} {failure.details}"


def test_a_code_is_good_once_and_for_minutes(account: Account) -> None:
    parameters = account.ask()
    take(account, parameters)
    fails(Refused, lambda: take(account, parameters), "bad-code")
    parameters = account.ask()
    account.time.now += timedelta(minutes=6)
    fails(Refused, lambda: take(account, parameters), "bad-code")


def test_another_redirect_address_is_told(account: Account) -> None:
    parameters = account.ask()
    failure = fails(Refused, lambda: take(account, parameters, redirect=f"{REDIRECT}/"), "bad-redirect")
    assert "exactly the one" in failure.sentence


def test_a_code_is_never_sent_twice(account: Account) -> None:
    parameters = account.ask()
    account.front.requests.clear()
    account.front.lose(0)
    failure = fails(RetryLater, lambda: take(account, parameters), "in-doubt")
    assert "press connect again" in failure.sentence.lower()
    assert len(account.front.requests) == 1


# Renewing it


def test_it_is_renewed_before_it_ends(account: Account) -> None:
    account.permit()
    former = account.grant
    account.time.now = former.renew_at - timedelta(seconds=1)
    account.connect().check()
    assert account.permissions.renewals == 0
    account.time.now = former.renew_at
    connector = account.connect()
    connector.check()
    connector.check()
    assert account.permissions.renewals == 1
    assert account.grant.access_token != former.access_token
    assert (account.grant.refresh_token == former.refresh_token) is not account.permissions.rotates
    # Again and again, for a year.
    for _renewal in range(5):
        account.time.now = account.grant.renew_at
        account.connect().check()
    assert account.permissions.renewals == 6


def test_what_is_new_is_stored_before_it_is_used(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.renew_at
    connector = account.connect()
    send = connector.session.request

    def noting(*arguments: Any, **options: Any) -> Any:
        account.events.append(urlsplit(arguments[1]).path)
        return send(*arguments, **options)

    connector.session.request = noting
    connector.check()
    assert account.events[:2] == [urlsplit(connector._endpoint.address).path, "stored"]
    assert account.events.count("stored") == 1
    assert len(account.events) > 2


def test_a_crash_right_after_it_was_stored_loses_nothing(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.renew_at
    connector = account.connect()

    def crash(values: dict[str, str]) -> None:
        account.store(values)
        raise SystemExit

    connector.store = crash
    with pytest.raises(SystemExit):
        connector.check()
    assert account.connect().check().external_id
    assert account.permissions.renewals == 1


def test_many_at_once_renew_it_once(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.renew_at
    connectors = [account.connect() for _number in range(6)]
    found: list[str] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.check().external_id)) for one in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert account.permissions.renewals == 1


def test_one_that_ends_unforeseen_is_renewed_where_it_is_refused(account: Account) -> None:
    account.permit()
    connector = account.connect()
    account.permissions.now = lambda: START + account.permissions.life + timedelta(seconds=1)
    assert connector.check().external_id
    assert account.permissions.renewals == 1


def test_one_that_was_taken_back_says_what_to_press(account: Account) -> None:
    account.permit()
    account.permissions.revoke()
    failure = fails(Refused, account.connect().check, "revoked")
    assert "Press Connect again" in failure.sentence
    account.permit()
    assert account.connect().check().external_id


def test_early_renewal_that_fails_costs_nothing(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.renew_at
    account.front.first(*[loopback.BROKEN] * 4)
    connector = account.connect()
    assert connector.check().external_id
    assert account.permissions.renewals == 0
    assert account.connect().check().external_id
    assert account.permissions.renewals == 1


def test_where_it_has_ended_and_cannot_be_renewed_it_is_tried_later(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.ends_at
    account.front.always(loopback.BROKEN)
    fails(RetryLater, account.connect().check, "server-error")
    account.front.always(None)
    assert account.connect().check().external_id


def test_a_push_that_waits_for_it_is_not_in_doubt(account: Account) -> None:
    account.permit()
    account.time.now = account.grant.ends_at
    account.front.always(loopback.BROKEN)
    connector = account.connect()
    fails(RetryLater, lambda: connector.json("POST", "anything", body={}, idempotent=False), "server-error")


def test_it_belongs_to_its_app_and_address(account: Account) -> None:
    account.permit()
    for other in ({"client_id": "another-app"}, {"url": account.sandbox.url}):
        failure = fails(Refused, account.connect(**other).check, "no-permission")
        assert "Press Connect again" in failure.sentence
    assert account.front.requests == []


def test_one_that_was_taken_away_meanwhile_is_not_renewed(account: Account) -> None:
    account.permit()
    connector = account.connect()
    account.permissions.revoke()
    del account.stored[GRANT]
    fails(Refused, connector.check, "revoked")
    assert GRANT not in account.stored


def test_nothing_of_it_is_told(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    account.permit()
    account.time.now = account.grant.renew_at
    connector = account.connect()
    connector.check()
    secrets = [account.grant.access_token, account.grant.refresh_token, account.stored["client_secret"]]
    told = f"{caplog.text} {account.grant} {connector.redact(' '.join(secrets))}"
    assert not [secret for secret in secrets if secret in told]


# The way back from Shopify


def test_the_answer_is_signed_as_shopify_says() -> None:
    """A known answer."""
    signature = "b90ac939bd97108715280564339e70493f248917e7427588744b491979bc99dc"
    parameters = {"code": "somecode", "host": "host", "shop": "some-shop.myshopify.com", "state": "1234",
                  "timestamp": "123456", "hmac": signature}  # fmt: skip
    shopify = registry.get("shopify")
    values = {"client_secret": "test_secret_key_123", "url": "https://some-shop.myshopify.com"}
    assert shopify.oauth.code_of("Shopify", values, parameters) == "somecode"


@pytest.mark.parametrize("change", [{"code": "another"}, {"hmac": "0" * 64}, {"hmac": ""}, {"more": "1"}])
def test_an_answer_that_shopify_did_not_sign_is_refused(shopify: Account, change: dict[str, str]) -> None:
    parameters = {**shopify.ask(), **change}
    shopify.front.requests.clear()
    fails(Refused, lambda: take(shopify, parameters), "bad-client")
    assert shopify.front.requests == []


def test_another_shop_is_refused_by_name(shopify: Account) -> None:
    shopify.sandbox.oauth.host = "other-shop.myshopify.com"
    failure = fails(Refused, lambda: take(shopify, shopify.ask()), "other-host")
    assert "other-shop.myshopify.com" in failure.sentence


# An app that asks for itself


def test_an_app_opens_its_own_shop_by_itself(shopify: Account) -> None:
    """With the first request it gets what lives for a day, stores it before it is used, and goes on with it."""
    connector = shopify.connect()
    assert connector.check().external_id
    assert list(connector.locations())
    grant = shopify.grant
    assert (grant.own, grant.refresh_token) == (True, "")
    assert grant.ends_at == START + timedelta(seconds=86399)
    assert shopify.connect().check().external_id
    paths = [request.path for request in shopify.front.requests]
    assert [path.endswith("/access_token") for path in paths] == [True, False, False, False]
    assert shopify.events == ["stored"]
    assert json.loads(shopify.front.requests[0].body)["grant_type"] == "client_credentials"


def test_it_asks_again_before_what_it_got_ends(shopify: Account) -> None:
    shopify.connect().check()
    first = shopify.grant
    shopify.time.now = first.ends_at - timedelta(minutes=6)
    shopify.connect().check()
    assert shopify.grant == first
    shopify.time.now += timedelta(minutes=2)
    shopify.connect().check()
    second = shopify.grant
    assert second.access_token != first.access_token
    assert second.ends_at == shopify.time.now + timedelta(seconds=86399)
    # One that ends unforeseen is asked for again where it is refused.
    shopify.permissions.revoke()
    shopify.connect().check()
    assert shopify.grant.access_token != second.access_token
    assert shopify.events == ["stored"] * 3


def test_one_of_many_asks_for_all(shopify: Account) -> None:
    connectors = [shopify.connect() for _number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert all(account.external_id for account in pool.map(lambda connector: connector.check(), connectors))
    assert shopify.events == ["stored"]


def test_what_an_app_got_is_its_own(shopify: Account) -> None:
    """Another app asks anew, and a token that is entered goes before it."""
    shopify.connect().check()
    asked = len(shopify.front.requests)
    assert shopify.connect(access_token=shopify.sandbox.token).check().external_id
    assert len(shopify.front.requests) == asked + 1
    connector = shopify.connect(client_id="another")
    failure = fails(Refused, connector.check, "bad-client")
    assert type(connector).setting_of(failure) == "client_secret"
    assert "test the connection again" in failure.sentence


def test_an_app_of_others_is_told_to_be_permitted(shopify: Account) -> None:
    shopify.permissions.own = False
    try:
        connector = shopify.connect()
        failure = fails(Refused, connector.check, "not-itself")
    finally:
        shopify.permissions.own = True
    assert type(connector).setting_of(failure) == "client_id"
    assert "press Connect" in failure.sentence
    # Permitted by a person, it does not ask for itself any more.
    shopify.permit()
    assert shopify.connect().check().external_id
    assert not shopify.grant.own


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_half_an_app_names_the_other_half(shopify: Account, missing: str) -> None:
    connector = shopify.connect(**{missing: ""})
    assert type(connector).setting_of(fails(NeedsFixing, connector.check, "missing-setting")) == missing
    assert shopify.front.requests == []


# An answer that is lost


def test_an_old_refresh_token_serves_until_the_new_one_is_used(shopify: Account) -> None:
    """Whoever dies between the answer and its storing goes on with what is stored, for a month."""
    shopify.permit()
    old = shopify.stored[GRANT]
    for _time in range(2):
        shopify.time.now += timedelta(hours=1)
        shopify.connect().check()
        lost, shopify.stored[GRANT] = shopify.stored[GRANT], old
    shopify.time.now += timedelta(hours=1)
    shopify.connect().check()
    # Its replacement renews, and the old one is void.
    shopify.time.now += timedelta(hours=1)
    shopify.connect().check()
    shopify.stored[GRANT] = lost
    assert "Press Connect again" in fails(Refused, shopify.connect().check, "revoked").sentence


# What other systems do


class Robot(OAuthConnector):
    """Without a page: tokens come for the app alone, and say nothing of their end."""

    code, name = "robot", "Robot"
    settings = app_settings(("ID", ""), ("Secret", ""))
    oauth = OAuth(token="{url}/token", credentials_with={"scope": "{url}/.default"}, form=True, basic=True,
                  instead_of="")  # fmt: skip

    def __init__(self, settings: dict[str, str], **injected: Any):
        super().__init__(settings, **injected)
        self.values["url"] = settings["url"]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def test_a_system_without_a_page(time: FakeTime) -> None:
    stored: dict[str, str] = {}
    told = iter(["a1", "", "a2", "works"])

    def answer(request: Request) -> Reply:
        word = next(told)
        row = {"access_token": word} if request.path == "/token" else {"done": word}
        return Reply(200 if word else 401, json.dumps(row).encode(), {"Content-Type": "application/json"})

    with loopback.Loopback(answer) as server:
        settings = {"url": server.url, "client_id": "id", "client_secret": "secret"}
        connector = Robot(settings, clock=time.clock, sleep=time.sleep, store=stored.update)
        assert connector.json("GET", "things") == {"done": "works"}
        asked = dict(parse_qsl(server.requests[0].body.decode()))
        assert asked == {"grant_type": "client_credentials", "scope": f"{server.url}/.default"}
    assert server.requests[0].headers["Authorization"] == "Basic aWQ6c2VjcmV0"
    assert [item.path for item in server.requests] == ["/token", "/things", "/token", "/things"]
    assert (Grant.loads(stored[GRANT]).access_token, Grant.loads(stored[GRANT]).ends_at) == ("a2", None)
    failure = fails(NeedsFixing, lambda: Robot({"url": server.url}).json("GET", "things"), "missing-setting")
    assert failure.details == "client_id"


class Other(OAuthConnector):
    code, name = "other", "Other"
    settings = app_settings(("ID", ""), ("Secret", ""))
    oauth = OAuth(
        authorize="{url}/page", token="{url}/token", refresh="{url}/refresh", form=True, basic=True, pkce=True,
        keeps={"realm": "realm"}, instead_of="",
    )  # fmt: skip

    def __init__(self, settings: dict[str, str], **injected: Any):
        super().__init__(settings, **injected)
        self.values["url"] = settings["url"]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def other(server: loopback.Loopback, stored: dict[str, str], time: FakeTime) -> Other:
    entered = {"url": server.url, "client_id": "id", "client_secret": "secret", **stored}
    return Other(entered, clock=time.clock, sleep=time.sleep, store=stored.update)


def answering(*rows: dict[str, Any]) -> loopback.Loopback:
    return loopback.Loopback(loopback.rows([json.dumps(row).encode() for row in rows]))


def test_the_header_a_form_and_a_verifier(time: FakeTime) -> None:
    stored: dict[str, str] = {}
    with answering({"access_token": "a1", "refresh_token": "r1", "expires_in": 3600}, {"access_token": "a2"}) as server:
        connector = other(server, stored, time)
        page = dict(parse_qsl(urlsplit(connector.permission_page(redirect="R", state="S", verifier="v1")).query))
        assert (page["code_challenge_method"], page["code_challenge"]) == ("S256", challenge("v1"))
        stored |= connector.take_permission({"code": "c1", "realm": "42"}, redirect="R", verifier="v1")
        assert stored["realm"] == "42"
        connector = other(server, stored, time)
        # A refresh token that is not replaced stays; a token without an end is not renewed by itself.
        assert connector._renew()
    kept = Grant.loads(stored[GRANT])
    assert (kept.access_token, kept.refresh_token, kept.ends_at) == ("a2", "r1", None)
    first, second = server.requests
    assert dict(parse_qsl(first.body.decode())) == {
        "grant_type": "authorization_code", "code": "c1", "redirect_uri": "R", "code_verifier": "v1"}  # fmt: skip
    assert (first.path, second.path) == ("/token", "/refresh")
    assert first.headers["Authorization"] == second.headers["Authorization"] == "Basic aWQ6c2VjcmV0"
    assert dict(parse_qsl(second.body.decode())) == {"grant_type": "refresh_token", "refresh_token": "r1"}


def test_the_verifier_is_told_as_the_standard_says() -> None:
    """RFC 7636, appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("told", [
    {"expires_in": 7200}, {"expires_in": "7200"}, {"expires": 1_800_007_200},
    {"access_token_expiration": 1_800_007_200}, {"expires_at": "2027-01-15T10:00:00Z"},
    {"expires_at": "2027-01-15T12:00:00+02:00"},
])  # fmt: skip
def test_the_end_however_it_is_said(told: dict[str, Any]) -> None:
    now = datetime.fromtimestamp(1_800_000_000, timezone.utc)
    grant = Grant.of({"access_token": "a", **told}, now, timedelta(minutes=5))
    assert grant.ends_at == now + timedelta(hours=2)
    assert grant.renew_at == now + timedelta(minutes=115)
    assert Grant.loads(grant.dumps()) == grant


def test_a_short_life_is_not_spent_renewing() -> None:
    grant = Grant.of({"access_token": "a", "expires_in": 100}, START, timedelta(days=23))
    assert grant.renew_at == START + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply(200, b'{"error": "invalid_code"}'), Refused, "bad-code"),
        (Reply(400, b'{"error": "invalid_grant"}'), Refused, "bad-code"),
        (Reply(401, b'{"error": "invalid_client"}'), Refused, "bad-client"),
        (Reply(400, b'{"error": "redirect_uri_mismatch"}'), Refused, "bad-redirect"),
        (Reply(400, b"<html>Oauth error application_cannot_be_found</html>"), Refused, "bad-client"),
        (Reply(404, b"{}"), NeedsFixing, "not-found"),
        (Reply(429, b"{}"), RetryLater, "rate-limit"),
        (Reply(503, b"{}"), RetryLater, "in-doubt"),
        (loopback.SILENT, RetryLater, "in-doubt"),
        (loopback.WEB_PAGE, NeedsFixing, "web-page"),
        (Reply(200, b"{}"), NeedsFixing, "unexpected-answer"),
        (Reply(200, b"[]"), NeedsFixing, "unexpected-answer"),
        (Reply(200, b'{"access_token": null}'), NeedsFixing, "unexpected-answer"),
        (Reply(200, b'{"access_token": "a", "expires_in": "soon"}'), NeedsFixing, "unexpected-answer"),
        (Reply(307, b"", {"Location": "https://thief.example.com/token"}), NeedsFixing, "redirected"),
    ],
)
def test_each_answer_is_one_of_the_four(time: FakeTime, reply: Reply, kind: type[Failure], code: str) -> None:
    stored: dict[str, str] = {}
    with loopback.Loopback(lambda request: reply) as server:
        connector = other(server, stored, time)
        connector.read_timeout = 0.2
        failure = fails(kind, lambda: connector.take_permission({"code": "c"}, redirect="R", verifier="v"), code)
    assert stored == {}
    assert "secret" not in failure.sentence.replace("its secret is another", "")


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"access_token": 5}x', '{"unknown": 1}', "5"])
def test_a_stored_permission_that_cannot_be_read_is_none(text: str) -> None:
    assert Grant.loads(text) is None
