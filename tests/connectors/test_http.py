"""The HTTP pipeline against a real server that misbehaves. Time is the test's."""

import logging
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from time import monotonic, sleep

import pytest

from connectors.errors import NeedsFixing, Refused, RetryLater
from connectors.http import Answer, HttpConnector, retry_after
from connectors.settings import Setting, SettingKind
from connectors.throttle import Budget
from tests.connectors import loopback
from tests.connectors.loopback import Loopback, Reply

SECRET = "tok-3f9a2"
JSON = {"Content-Type": "application/json"}


class Shop(HttpConnector):
    """Some shop."""

    code = "shop"
    name = "Shop"
    settings = (Setting("url", "Address", SettingKind.URL), Setting("token", "Token", SettingKind.SECRET))
    connect_timeout = 2
    read_timeout = 0.2
    max_bytes = 1000

    def _headers(self):
        return {"Authorization": f"Bearer {self.values['token']}"}


@pytest.fixture
def server():
    with Loopback(lambda request: Reply(200, b'{"price": 19.990, "count": 3}', JSON)) as running:
        yield running


@pytest.fixture
def shop(server, time):
    with Shop({"url": server.url, "token": SECRET}, clock=time.clock, sleep=time.sleep) as made:
        made.random.uniform = lambda low, high: 1.0 if low else 0.0
        yield made


def refusal(kind, call, *arguments, **options):
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    failure = caught.value
    assert SECRET not in f"{failure.sentence}{failure.details}{failure.trace}"
    assert failure.sentence.endswith(".")
    return failure


def test_numbers_are_exactly_what_was_sent(shop, server):
    answer = shop.json("POST", "/orders", body={"amount": Decimal("0.10")})
    assert answer == {"price": Decimal("19.990"), "count": 3}
    assert str(answer["price"]) == "19.990"
    assert server.requests[0].body == b'{"amount": 0.1}'
    assert server.requests[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert server.requests[0].path == "/orders"


def test_an_empty_answer_is_none(shop, server):
    server.first(Reply(204))
    assert shop.json("DELETE", "/orders/1", idempotent=True) is None


# Retries


def test_429_waits_as_long_as_it_is_told(shop, server, time):
    server.first(loopback.TOO_MANY, loopback.TOO_MANY)
    assert shop.json("GET", "/products")["count"] == 3
    assert time.slept == [3, 3]


def test_a_wait_may_be_given_as_a_date(shop, server, time):
    later = (time.now + timedelta(seconds=7)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.first(Reply(503, b"", {"Retry-After": later}))
    shop.json("GET", "/products")
    assert time.slept == [7]


def test_a_long_wait_is_left_to_the_engine(shop, server, time):
    server.first(Reply(429, b"", {"Retry-After": "600"}))
    failure = refusal(RetryLater, shop.json, "GET", "/products")
    assert (failure.code, failure.after) == ("rate-limit", 600)
    assert time.slept == []
    assert len(server.requests) == 1


def test_waits_grow_and_end(shop, server, time):
    server.always(loopback.BROKEN)
    failure = refusal(RetryLater, shop.json, "GET", "/products")
    assert failure.code == "server-error"
    assert time.slept == [0.5, 1, 2]
    assert len(server.requests) == shop.attempts


def test_all_waits_together_are_bounded(shop, server, time):
    server.always(Reply(429, b"", {"Retry-After": "9"}))
    refusal(RetryLater, shop.json, "GET", "/products")
    assert sum(time.slept) <= shop.longest_wait


@pytest.mark.parametrize(
    "fault",
    [
        loopback.BROKEN,
        loopback.CUT,
        loopback.CUT_CHUNKS,
        loopback.CUT_UNNOTICED,
        loopback.SILENT,
        loopback.HANG_UP,
        Reply(502, loopback.WEB_PAGE.body, {"Content-Type": "text/html"}),
    ],
    ids=["500", "cut", "cut chunks", "cut unnoticed", "timeout", "hang up", "web page of a gateway"],
)
class TestOneFault:
    def test_is_survived_by_a_read(self, shop, server, fault):
        server.first(fault)
        assert shop.json("GET", "/products")["count"] == 3
        assert len(server.requests) == 2

    def test_leaves_a_push_in_doubt(self, shop, server, fault):
        server.first(fault)
        failure = refusal(RetryLater, shop.json, "POST", "/orders", body={})
        assert failure.code == "in-doubt"
        assert len(server.requests) == 1

    def test_is_survived_by_a_push_that_may_be_repeated(self, shop, server, fault):
        server.first(fault)
        assert shop.json("POST", "/orders", body={}, idempotent=True)["count"] == 3


def test_a_push_that_was_turned_away_is_sent_again(shop, server):
    server.first(loopback.TOO_MANY)
    assert shop.json("POST", "/orders", body={})["count"] == 3
    assert len(server.requests) == 2


def test_a_push_that_never_left_is_sent_again(time):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        shop = Shop({"url": url, "token": SECRET}, clock=time.clock, sleep=time.sleep)
        failure = refusal(RetryLater, shop.json, "POST", "/orders", body={})
    assert failure.code == "refused-connection"
    assert len(time.slept) == shop.attempts - 1


# What a person is told


@pytest.mark.parametrize(
    ("reply", "kind", "code", "says"),
    [
        (Reply(401), Refused, "bad-credentials", "does not accept the credentials"),
        (Reply(403), Refused, "forbidden", "Give them the missing rights"),
        (Reply(404), NeedsFixing, "not-found", "Check the address"),
        (Reply(405), NeedsFixing, "not-found", "Check the address"),
        (Reply(400), NeedsFixing, "bad-request", "Check the settings"),
        (Reply(418), NeedsFixing, "rejected", "(418)"),
        (loopback.WEB_PAGE, NeedsFixing, "web-page", "a web page instead of data"),
        (Reply(418, b"<html>", {"Content-Type": "text/html"}), NeedsFixing, "web-page", "a web page instead of data"),
        (Reply(200, b"x" * 1001), NeedsFixing, "too-large", "in one answer"),
        (Reply(200, b"x" * 1001, chunked=True), NeedsFixing, "too-large", "in one answer"),
    ],
)
def test_an_answer_that_is_no_use_gets_a_sentence(shop, server, time, reply, kind, code, says):
    server.always(reply)
    failure = refusal(kind, shop.json, "GET", "/products")
    assert failure.code == code
    assert says in failure.sentence
    assert f"Shop (127.0.0.1:{server.port})" in failure.sentence
    assert len(server.requests) == 1
    assert time.slept == []


def test_a_name_that_nobody_has(time):
    shop = Shop({"url": "http://no-such-host.invalid", "token": SECRET}, clock=time.clock, sleep=time.sleep)
    failure = refusal(RetryLater, shop.json, "GET", "/products")
    assert failure.code == "unknown-host"
    assert "Check the spelling" in failure.sentence


def test_a_certificate_that_nobody_trusts(tmp_path, time):
    with Loopback(lambda request: Reply(), certificate=loopback.self_signed(tmp_path)) as server:
        shop = Shop({"url": server.url, "token": SECRET}, clock=time.clock, sleep=time.sleep)
        failure = refusal(NeedsFixing, shop.json, "GET", "/products")
        assert server.requests == []
    assert failure.code == "certificate"
    assert "certificate" in failure.sentence


@pytest.mark.parametrize("token", ["a\nb", "tok\u2019n"])
def test_credentials_that_no_header_can_hold(server, time, token):
    shop = Shop({"url": server.url, "token": token}, clock=time.clock, sleep=time.sleep)
    assert refusal(NeedsFixing, shop.json, "GET", "/products").code == "bad-setting"


def test_an_address_that_is_none():
    for url in ("http://[", "http://[::1", "http://shop:x", "http://shop:99999999", "http://a\nb", "http://:80"):
        assert refusal(NeedsFixing, Shop, {"url": url, "token": SECRET}).code == "bad-setting", url


def test_the_system_may_explain_itself(shop, server, monkeypatch):
    server.always(Reply(400, b'{"code": "CLOSED"}', JSON))
    monkeypatch.setattr(
        shop, "_error", lambda answer: RetryLater("Closed.", code="closed") if b"CLOSED" in answer.body else None
    )
    assert refusal(RetryLater, shop.json, "GET", "/products").code == "closed"
    assert len(server.requests) == shop.attempts


# Redirects, cookies and credentials


def test_credentials_stay_with_the_address_that_was_entered(shop, server):
    """Pictures and files often lie on another server."""
    with Loopback(lambda request: Reply(200, b"picture")) as elsewhere:
        assert shop.request("GET", f"{elsewhere.url}/1.png").body == b"picture"
        assert "Authorization" not in elsewhere.requests[0].headers
        assert SECRET not in str(elsewhere.requests)
    shop.request("GET", f"{server.url}/1.png")
    assert SECRET in server.requests[-1].headers["Authorization"]


def test_a_redirect_within_the_same_server_is_followed(shop, server):
    server.first(Reply(301, headers={"Location": "/v2/products"}), Reply(308, headers={"Location": "../products"}))
    assert shop.json("GET", "/products", params={"page": 1})["count"] == 3
    assert [request.path for request in server.requests] == ["/products?page=1", "/v2/products", "/products"]


def test_credentials_stay_on_the_server_that_was_entered(shop, server):
    with Loopback(lambda request: Reply(200, b"{}", JSON)) as other:
        server.always(Reply(302, headers={"Location": f"{other.url}/login?next=1"}))
        failure = refusal(NeedsFixing, shop.json, "GET", "/products")
        assert other.requests == []
    assert failure.code == "redirected"
    assert f"http://127.0.0.1:{other.port}." in failure.sentence


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_push_is_not_turned_into_a_read(shop, server, status):
    server.always(Reply(status, headers={"Location": "/elsewhere"}))
    assert refusal(NeedsFixing, shop.json, "POST", "/orders", body={}).code == "redirected"
    assert len(server.requests) == 1


def test_redirects_in_circles_end(shop, server):
    server.always(Reply(302, headers={"Location": "/products"}))
    assert refusal(NeedsFixing, shop.json, "GET", "/products").code == "redirected"


def test_cookies_are_not_kept(shop, server):
    server.first(Reply(200, b"{}", {**JSON, "Set-Cookie": "session_id=abc; Path=/"}))
    shop.json("GET", "/products")
    shop.json("GET", "/products")
    assert "Cookie" not in server.requests[1].headers


def test_passwords_of_this_machine_are_not_sent(shop, server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    shop.json("GET", "/products")
    assert server.requests[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_expired_credentials_are_renewed_once(shop, server, monkeypatch):
    renewed = []
    monkeypatch.setattr(shop, "_renew", lambda: renewed.append(1) or True)
    server.first(Reply(401))
    assert shop.json("POST", "/orders", body={})["count"] == 3
    server.always(Reply(401))
    refusal(Refused, shop.json, "GET", "/products")
    assert len(renewed) == 2


# What is written down


def test_nothing_secret_is_logged(shop, server, caplog):
    caplog.set_level(logging.DEBUG, logger="connectors")
    server.first(loopback.BROKEN)
    shop.json("GET", "/customers", params={"email": "ann@example.com"})
    shop.json("GET", "/customers?phone=5550123")
    assert caplog.records
    assert SECRET not in caplog.text
    told = [record.getMessage() for record in caplog.records if record.name.startswith("connectors")]
    assert not any("ann@example.com" in line or "5550123" in line for line in told)
    assert "/customers" in caplog.text


def test_secrets_are_taken_out_of_what_a_system_says(shop):
    assert shop.redact(f"Key {SECRET} is unknown") == "Key ••• is unknown"


def test_the_clock_of_the_system_is_known(shop, server, time):
    server.first(Reply(200, b"{}", {**JSON, "Date": "Sun, 29 Mar 2026 01:30:00 GMT"}))
    shop.json("GET", "/products")
    assert shop.system_time is not None


# Small parts


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("0", 0), ("-5", 0), ("1.5", 1.5), ("", None), ("soon", None), ("nan", None), ("1e99", None)],
)
def test_retry_after(time, value, seconds):
    assert retry_after({"Retry-After": value}, time.now) == seconds


def test_retry_after_in_the_past_is_now(time):
    assert retry_after({"Retry-After": "Sun, 29 Mar 2020 01:30:00 GMT"}, time.now) == 0


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 -1400", f"Mon, 01 Jan 2001 00:00:00 +{'9' * 30}", "x" * 50_000]
)
def test_a_clock_that_nobody_has(time, date):
    assert retry_after({"Retry-After": date}, time.now) is None
    assert Answer(200, {"Date": date}, b"", "https://shop.example.com").date() is None


def test_a_budget_is_kept(server, time):
    class Slow(Shop):
        budget = Budget(calls=60, seconds=60, burst=2)

    shop = Slow({"url": server.url, "token": SECRET}, clock=time.clock, sleep=time.sleep)
    started = time.now
    for _call in range(10):
        shop.json("GET", "/products")
    # Two at once, then one a second.
    assert time.now - started == timedelta(seconds=8)
    time.now += timedelta(hours=1)
    shop.json("GET", "/products")
    shop.json("GET", "/products")
    assert time.now - started == timedelta(hours=1, seconds=8)


# Servers that answer too slowly, too often, or with anything


def trickling(*parts):
    """A server that sends a byte every 20 ms: `parts` first at once, then the rest for ever. Gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        line, _address = listening.accept()
        with line, suppress(OSError):
            line.recv(65536)
            line.sendall(b"".join(parts))
            while True:
                line.sendall(b"x")
                sleep(0.02)

    threading.Thread(target=serve, daemon=True).start()
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    "parts",
    [(b"HTTP/1.1 200 OK\r\n", b"X-Long: "), (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",)],
    ids=["headers", "body"],
)
def test_a_byte_now_and_then_holds_no_worker(parts, time):
    class Patient(Shop):
        read_timeout, total_timeout = 5, 0.6

    listening, url = trickling(*parts)
    with listening, Patient({"url": url, "token": SECRET}, clock=time.clock, sleep=time.sleep) as shop:
        began = monotonic()
        assert refusal(RetryLater, shop.json, "GET", "/products").code == "timeout"
        assert 0.5 < monotonic() - began < 2


def test_all_attempts_end_before_odoo_ends_the_worker():
    assert HttpConnector.total_timeout < 100


@pytest.mark.parametrize("asked", ["0", "-5", "Sun, 29 Mar 2020 01:30:00 GMT", "nan", "0.0"])
def test_who_asks_for_no_wait_is_waited_for_all_the_same(shop, server, time, asked):
    server.always(Reply(429, b"", {"Retry-After": asked}))
    refusal(RetryLater, shop.json, "GET", "/products")
    assert time.slept == [0.5, 1, 2]


def test_a_redirect_to_a_bad_port_is_a_sentence(shop, server):
    server.first(Reply(302, b"", {"Location": "http://127.0.0.1:99999/"}))
    refusal(NeedsFixing, shop.json, "GET", "/products")
