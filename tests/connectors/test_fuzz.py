"""Whatever a system sends: only failures leave its connector, a bad record costs no other, and nothing takes long.

Each payload is an answer of a stand-in with one value spoilt; the other answers are as they were. A few hundred a
system run always, `--all` makes them 20,000.
"""

from __future__ import annotations

import json
import time
import xmlrpc.client
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from xml.parsers.expat import ExpatError

import pytest

from connectors import codec
from connectors.door import read_json
from connectors.errors import Failure
from connectors.http import Answer, HttpConnector
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.odoo.rpc import parse_xmlrpc
from sandbox.serving import Sandbox
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_web_shop
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_tills
from tests.connectors.loopback import Loopback
from tests.connectors.mutations import some, spoilt
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN, OlderOdoo
from tests.connectors.test_odoo_older import FOURTEEN
from tests.connectors.test_odoo_older_sales import FOURTEEN as SALES

LISTED = {
    "pull_products": ("objects", "products"),
    "pull_stock": ("counts", "inventoryLevels"),
    "pull_customers": ("customers",),
    "pull_orders": ("orders",),
    "pull_refunds": ("orders", "refunds"),
    "pull_order_status": ("orders",),
    "pull_payouts": ("payouts",),
    "pull_cash_counts": ("cash_drawer_shifts",),
}
# Of Odoo the tables whose rows are the records of a pull: those that many of them refer to are needed whole.
TABLES = {
    "pull_products": ("product.template",),
    "pull_customers": ("res.partner",),
    "pull_orders": ("sale.order", "sale.order.line", "pos.order", "pos.order.line", "pos.payment"),
    "pull_refunds": ("account.move",),
    "locations": ("stock.warehouse", "pos.config"),
    "tax_rates": ("account.tax",),
    "price_levels": ("product.pricelist",),
    "customer_groups": ("res.partner.category",),
    "payment_methods": ("pos.payment.method", "payment.provider"),
}
SETUP = ("check", "locations", "tax_rates", "price_levels", "customer_groups", "payment_methods")
ALLOWED = 1.0


@pytest.fixture(scope="module", params=["odoo", "shopify", "square"])
def system(request: pytest.FixtureRequest) -> Iterator[tuple[str, Sandbox]]:
    made: dict[str, Any] = {
        "odoo": OdooOfRows,
        "square": lambda: SquareSandbox(make_tills(0.01, orders=12)),
        "shopify": lambda: ShopifySandbox(make_web_shop(0.01, orders=12)),
    }
    with made[request.param]() as running:
        yield request.param, running


class OdooOfRows(Loopback):
    """An older Odoo, whose answers are XML; a spoilt one is JSON, read at the same door."""

    def __init__(self) -> None:
        super().__init__(OlderOdoo("14.0", {**FOURTEEN, **SALES}))

    def settings(self) -> dict[str, str]:
        return {"database": DATABASE, "login": LOGIN, "api_key": KEY}


def parse(body: bytes) -> Any:
    return read_json(body) if body[:1] in b"[{" else parse_xmlrpc(body)


def plain(answer: Answer) -> Any:
    """What an answer says, as it would be without Decimals; None where it is an error."""
    try:
        return json.loads(codec.dumps(parse(answer.body)))
    except (xmlrpc.client.Error, ExpatError, ValueError):
        return None


class Replayed:
    """Answers of a stand-in, kept, so that one of them can be given spoilt."""

    def __init__(self, system: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
        self.kept: dict[Any, Answer] = {}
        self.order: list[Any] = []
        self.spoilt: dict[Any, bytes] = {}
        self._system, self._sandbox = system, sandbox
        real = HttpConnector._exchange

        def exchange(connector: Any, method: str, url: str, *, params: Any, data: Any, headers: Any, **more: Any):
            key = (method, url, repr(params), data)
            if key not in self.kept:
                if self.spoilt:
                    raise Failure("The spoilt value led to another request.", code="off-the-track")
                self.kept[key] = real(connector, method, url, params=params, data=data, headers=headers, **more)
            self.order.append(key)
            answer = self.kept[key]
            connector.system_time = answer.date() or connector.clock()
            return Answer(answer.status, answer.headers, self.spoilt.get(key, answer.body), answer.url)

        monkeypatch.setattr(HttpConnector, "_exchange", exchange)
        monkeypatch.setattr("connectors.systems.odoo.rpc.parse_xmlrpc", parse)
        monkeypatch.setattr("connectors.throttle.Bucket.take", lambda bucket: 0.0)

    def read(self, method: str) -> list[Any]:
        """What the connector makes of it: values, and pages with what is not readable."""
        self.order = []
        settings = {**self._sandbox.settings(), "url": self._sandbox.url}
        moment = next(iter(self.kept.values())).date() if self.kept else None
        tools = {"clock": lambda: moment} if moment else {}
        with registry.get(self._system)(settings, sleep=lambda seconds: None, **tools) as connector:
            ask = getattr(connector, method)
            if not method.startswith("pull_"):
                found = ask()
                return list(found) if not hasattr(found, "external_id") else [found]
            return list(islice(ask(Cursor()), 2))


def storable(found: list[Any]) -> None:
    """As text that a database takes: no NUL, no half characters."""
    text = codec.dumps(found)
    assert "\x00" not in text
    assert "\\u0000" not in text
    text.encode()


def count(found: list[Any]) -> int:
    return sum(len(page.records) + len(page.malformed) for page in found if hasattr(page, "records"))


def in_a_row(path: tuple[Any, ...]) -> bool:
    """Whether a place is within one of the records of an answer, or is one of them."""
    return any(isinstance(step, int) for step in path) and not {"errors", "accessScopes"} & set(path)


def is_listed(system: str, method: str, key: tuple[Any, ...]) -> bool:
    return system != "odoo" or any(f"<string>{name}</string>".encode() in key[3] for name in TABLES.get(method, ()))


def fuzz(system: tuple[str, Sandbox], monkeypatch: pytest.MonkeyPatch, most: int) -> Counter[str]:
    replayed = Replayed(*system, monkeypatch)
    methods = [name for name in (*SETUP, *LISTED) if registry.get(system[0]).implements(name)]
    seen: Counter[str] = Counter()
    slowest = 0.0
    for number, method in enumerate(methods):
        usual = count(replayed.read(method))
        bodies = {key: plain(replayed.kept[key]) for key in dict.fromkeys(replayed.order)}
        keys = [key for key, body in bodies.items() if isinstance(body, (dict, list))]
        each = max(1, most // len(methods) // max(1, len(keys)))
        for turn, key in enumerate(keys):
            for path, kind in some(bodies[key], each, 1000 * number + turn):
                replayed.spoilt = {key: spoilt(bodies[key], path, kind)}
                began = time.thread_time()
                where = f"{system[0]} {method}: {kind} at {path}"
                seen["payloads"] += 1
                try:
                    found = replayed.read(method)
                    storable(found)
                    seen["read"] += 1
                    if in_a_row(path) and usual and len(keys) == 1:
                        assert count(found) >= usual - 1, f"records are lost: {where}"
                except Failure as failure:
                    seen[failure.code] += 1
                    assert len(failure.sentence) <= 1000, where
                    of_a_record = method != "check" and in_a_row(path) and is_listed(system[0], method, key)
                    if of_a_record and failure.code == "unexpected-answer":
                        seen["pages lost"] += 1
                        print("lost:", where, failure.details)
                except Exception as error:
                    raise AssertionError(f"{type(error).__name__} left the connector: {where}") from error
                finally:
                    replayed.spoilt = {}
                slowest = max(slowest, time.thread_time() - began)
                assert time.thread_time() - began < ALLOWED, where
    print(system[0], dict(seen), f"slowest {slowest:.2f} s")
    return seen


def test_a_few_spoilt_payloads(system: tuple[str, Sandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fuzz(system, monkeypatch, 400)
    assert seen["payloads"] > 200
    assert not seen["pages lost"]


@pytest.mark.thorough
@pytest.mark.timeout(3600)
def test_twenty_thousand_spoilt_payloads(system: tuple[str, Sandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fuzz(system, monkeypatch, 20_000)
    assert seen["payloads"] > 15_000
    assert not seen["pages lost"]
