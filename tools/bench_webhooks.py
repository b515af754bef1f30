"""How many webhooks a second are taken, beside a route of the same Odoo that does nothing.

A real server with two workers takes webhooks as Square signs and sends them, at 16 connections: three of each order at
once, as its making, its payment and its change are told. Rounds of them and of the same requests to the route that does
nothing take turns, so that whatever else the machine does slows down both. The jobs that read what was told do not run:
what they cost is measured elsewhere.
"""
from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sandbox.square.webhooks import signed

from .bootstrap import ROOT
from .database import Database
from .odoo_server import OdooServer
from .odoo_source import of_this_python

CONNECTIONS = 16
ROUNDS = 5
_PATIENCE = 30.0
_PUBLIC = "https://shop.example.com"
_KEY = "bench-signature-key"
_TYPES = (("order.created", "order_created"), ("payment.updated", "payment"), ("order.updated", "order_updated"))
_NOTHING = "/pos_sync_bench/nothing"
_MANIFEST = "{'name': 'Nothing', 'license': 'LGPL-3', 'depends': ['base'], 'author': 'POS Sync'}\n"
_CONTROLLER = f'''
from odoo import http
from odoo.http import request


class Nothing(http.Controller):
    @http.route("{_NOTHING}", type="http", auth="none", methods=["POST"], csrf=False, save_session=False)
    def nothing(self, **_parameters):
        return request.make_response("", status=200)
'''


@dataclass(frozen=True)
class Sent:
    """Statuses of the answers, the seconds each took, and the seconds from the first request to the last answer."""

    statuses: Counter[int]
    waits: list[float]
    seconds: float


def speed(database: Database, size: int) -> dict[str, Any]:
    """Figures for `size` webhooks to a hub that is only to be measured."""
    token = database.call(f"{__name__}:prepare", public=_PUBLIC, key=_KEY)
    path = f"/pos_sync/webhook/{token}"
    hooks = [_hook(f"{_PUBLIC}{path}", number) for number in range(size)]
    options = {
        "addons_path": ",".join(map(str, [ROOT, _addon(database.folder), *of_this_python().addons_paths])),
        "server_wide_modules": "base,rpc,web,pos_sync_bench_nothing",
        "log_level": "warn",
    }
    with OdooServer(database, workers=2, cron_workers=0, options=options) as server:
        # Each worker reads its code and the database's registry with its first requests.
        _send(server.url, path, [({}, b"{}")] * (4 * CONNECTIONS))
        _send(server.url, _NOTHING, [({}, b"{}")] * (4 * CONNECTIONS))
        taken, nothing = [], []
        for number in range(ROUNDS):
            # Neighbours stay together: they tell of the same order.
            part = hooks[number * size // ROUNDS : (number + 1) * size // ROUNDS]
            taken.append(_send(server.url, path, part))
            nothing.append(_send(server.url, _NOTHING, part))
        complaints = server.complaints()
    waits = sorted(wait for sent in taken for wait in sent.waits)
    rate, bare = (size / sum(sent.seconds for sent in rounds) for rounds in (taken, nothing))
    _check(database, taken, nothing, size)
    return {
        "webhooks": size,
        "per_second": rate,
        "nothing_per_second": bare,
        "ratio": rate / bare,
        "median_ms": 1000 * waits[len(waits) // 2],
        "slowest_ms": 1000 * waits[-1],
        "complaints": len(complaints),
    }


def prepare(env: Any, public: str, key: str) -> str:
    """Inside Odoo: a connection that takes webhooks; its token."""
    connection = env["pos.sync.connection"].create({"name": "Square", "system": "square", "webhook_base": public})
    for row in connection.setting_ids.filtered(lambda row: row.kind == "secret"):
        row.secret_input = key
    connection.write({"state": "connected", "account_external_id": "MERCHANT", "setup_step": False})
    env.flush_all()
    return connection.webhook_token


def _hook(url: str, number: int) -> tuple[dict[str, str], bytes]:
    order = f"ORDER{number // len(_TYPES):06}"
    kind, name = _TYPES[number % len(_TYPES)]
    told = {"order_id": order, "version": number, "state": "OPEN", "location_id": "LOC000",
            "note": "Two with oat milk, one without – “to go”"}
    event = {"merchant_id": "MERCHANT", "type": kind, "event_id": str(uuid.UUID(int=number)),
             "created_at": "2026-03-28T12:00:00Z", "data": {"type": "order", "id": order, "object": {name: told}}}
    body = json.dumps(event, ensure_ascii=False).encode()
    sent = signed({"id": "wbhk_bench", "notification_url": url, "signature_key": _KEY}, body, event["event_id"])
    return sent.headers, body


def _addon(folder: Path) -> Path:
    """A folder of addons with the route that does nothing."""
    addon = folder / "addons" / "pos_sync_bench_nothing"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text(_MANIFEST)
    (addon / "__init__.py").write_text(_CONTROLLER)
    return addon.parent


def _send(url: str, path: str, requests: Sequence[tuple[dict[str, str], bytes]]) -> Sent:
    waits: list[float] = []
    statuses: Counter[int] = Counter()
    left = iter(requests)
    lock = threading.Lock()
    target = urlsplit(url)

    def work() -> None:
        while True:
            with lock:
                following = next(left, None)
            if following is None:
                break
            headers, body = following
            began = time.perf_counter()
            status = _post(target, path, {**headers, "Connection": "close"}, body)
            took = time.perf_counter() - began
            with lock:
                waits.append(took)
                statuses[status] += 1

    threads = [threading.Thread(target=work) for _number in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Sent(statuses, waits, time.perf_counter() - began)


def _post(target: SplitResult, path: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer; 0 where there was none."""
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=_PATIENCE)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


def _check(database: Database, taken: Sequence[Sent], nothing: Sequence[Sent], size: int) -> None:
    """The figures say something only if every webhook was taken and every order waits to be read."""
    statuses = sum((sent.statuses for sent in (*taken, *nothing)), Counter())
    ((events,),) = database.query("SELECT count(*) FROM pos_sync_event")
    ((orders,),) = database.query("SELECT count(*) FROM pos_sync_message WHERE flow = 'orders_pull' AND refetch")
    told = len({number // len(_TYPES) for number in range(size)})
    if (statuses, events, orders) != (Counter({200: 2 * size}), size, told):
        raise AssertionError(f"answered {dict(statuses)}; {events} of {size} events and {orders} of {told} orders kept")
