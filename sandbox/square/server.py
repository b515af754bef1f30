"""Square's Connect API over HTTP, in front of a `Shop`: who may ask, how often, and which address does what."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..permissions import Page
from . import reading, selling, webhooks, writing
from .answers import Rejected
from .oauth import OAuth
from .shop import Row, Shop

TOKEN = "sandbox-access-token"  # noqa: S105 - opens nothing but the sandbox
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)

# Method and path; what does it, with the shop, the parts of the path and what was sent.
_ROUTES: tuple[tuple[str, str, Callable[..., Row]], ...] = (
    ("GET", "/v2/merchants/([^/]+)", lambda shop, sent, key: reading.merchant(shop, key)),
    ("GET", "/v2/locations", lambda shop, sent: reading.locations(shop)),
    ("POST", "/v2/catalog/search", reading.catalog_search),
    ("POST", "/v2/catalog/batch-retrieve", reading.catalog_retrieve),
    ("POST", "/v2/catalog/object", writing.upsert_object),
    ("DELETE", "/v2/catalog/object/([^/]+)", lambda shop, sent, key: writing.delete_object(shop, key)),
    ("POST", "/v2/inventory/counts/batch-retrieve", reading.counts),
    ("POST", "/v2/inventory/changes/batch-create", writing.change_counts),
    ("POST", "/v2/customers/search", reading.customers_search),
    ("GET", "/v2/customers/groups", reading.groups),
    ("POST", "/v2/customers", writing.create_customer),
    ("GET", "/v2/customers/([^/]+)", lambda shop, sent, key: reading.customer(shop, key)),
    ("PUT", "/v2/customers/([^/]+)", lambda shop, sent, key: writing.update_customer(shop, key, sent)),
    ("DELETE", "/v2/customers/([^/]+)", lambda shop, sent, key: writing.delete_customer(shop, key)),
    ("PUT", "/v2/customers/([^/]+)/groups/([^/]+)", lambda shop, sent, *keys: writing.add_to_group(shop, *keys)),
    ("POST", "/v2/orders/search", reading.orders_search),
    ("POST", "/v2/orders/batch-retrieve", reading.orders_retrieve),
    ("POST", "/v2/orders/calculate", selling.calculate),
    ("POST", "/v2/orders", selling.create),
    ("GET", "/v2/orders/([^/]+)", lambda shop, sent, key: reading.order(shop, key)),
    ("PUT", "/v2/orders/([^/]+)", lambda shop, sent, key: selling.update(shop, key, sent)),
    ("POST", "/v2/orders/([^/]+)/pay", lambda shop, sent, key: selling.pay(shop, key, sent)),
    ("GET", "/v2/payments", reading.payments),
    ("POST", "/v2/payments", selling.create_payment),
    ("GET", "/v2/refunds", reading.refunds),
    ("POST", "/v2/refunds", selling.refund_payment),
    ("GET", "/v2/webhooks/subscriptions", webhooks.list_subscriptions),
    ("POST", "/v2/webhooks/subscriptions", webhooks.create_subscription),
    ("GET", "/v2/webhooks/subscriptions/([^/]+)", lambda shop, sent, key: webhooks.subscription(shop, key)),
    ("PUT", "/v2/webhooks/subscriptions/([^/]+)",
     lambda shop, sent, key: webhooks.update_subscription(shop, key, sent)),
    ("POST", "/v2/webhooks/subscriptions/([^/]+)/signature-key", lambda shop, sent, key: webhooks.renew_key(shop, key)),
    ("DELETE", "/v2/webhooks/subscriptions/([^/]+)", lambda shop, sent, key: webhooks.delete_subscription(shop, key)),
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What the next request meets. `after_work`: the request is done, and its answer lost."""

    status: int = 0
    after_work: bool = False


class SquareSandbox:
    """Answers on `url` until it is closed. `limit`: requests in any second, by the shop's clock; None: no limit."""

    def __init__(self, shop: Shop, *, port: int = 0, limit: int | None = None, token: str = TOKEN):
        self.shop = shop
        self.token = token
        self.limit = limit
        self.faults: deque[Fault] = deque()
        self.oauth = OAuth(shop)
        self.webhooks = webhooks.Webhooks(shop)
        self._recent: deque[float] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        shop.base = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> SquareSandbox:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.webhooks.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self) -> dict[str, str]:
        """What a person would enter to connect."""
        return {"access_token": self.token, "url": self.url}

    def app(self, *redirects: str) -> dict[str, str]:
        """What a person would enter to connect by OAuth, with an app for which these addresses are registered."""
        self.oauth.app.redirects.update(redirects)
        return {"client_id": self.oauth.app.client_id, "client_secret": self.oauth.app.client_secret, "url": self.url}

    # A request

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Row]:
        try:
            return 200, self._work(method, path, headers, body)
        except Rejected as error:
            return error.status, error.body

    def _work(self, method: str, path: str, headers: Any, body: bytes) -> Row:
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        self.oauth.check(bearer)
        if bearer != self.token and self.oauth.permissions.state_of(bearer) != "open":
            raise Rejected(401, "UNAUTHORIZED", "This could not be authorized.", category="AUTHENTICATION_ERROR")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", headers.get("Square-Version", "")):
            raise Rejected(400, "INVALID_SQUARE_VERSION_FORMAT", "Square-Version is missing or malformed.")
        target = urlsplit(path)
        sent: Row = dict(parse_qsl(target.query))
        if body:
            try:
                sent = json.loads(body)
            except ValueError:
                raise Rejected(400, "EXPECTED_JSON_BODY", "The body is no JSON.") from None
            if not isinstance(sent, dict):
                raise Rejected(400, "EXPECTED_MAP", "The body is no object.")
        with self.shop.lock:
            self._count()
            for verb, pattern, work in _ROUTES:
                found = re.fullmatch(pattern, target.path)
                if verb == method and found:
                    return self._once(target.path, sent, partial(work, self.shop, sent, *found.groups()))
        raise Rejected(404, "NOT_FOUND", "Resource not found.")

    def _once(self, path: str, sent: Row, work: Callable[[], Row]) -> Row:
        """The same key gets the same answer; with another request it is an error."""
        key = sent.get("idempotency_key")
        if not key:
            return work()
        known = self.shop.answered.get((path, key))
        if known is None:
            known = self.shop.answered[path, key] = (sent, json.loads(json.dumps(work())))
        elif known[0] != sent:
            raise Rejected(400, "IDEMPOTENCY_KEY_REUSED", "The key was used with another request.")
        return known[1]

    def _count(self) -> None:
        if self.limit is None:
            return
        now = self.shop.now().timestamp()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.limit:
            raise Rejected(429, "RATE_LIMITED", "Too many requests.", category="RATE_LIMIT_ERROR")
        self._recent.append(now)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sandbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            wbufsize = 64 * 1024

            def log_message(self, *_arguments: object) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = sandbox.faults.popleft() if sandbox.faults else None
                if self.path.startswith("/images/"):
                    self._send(200, _PNG, "image/png")
                    return
                if fault and fault.status:
                    self._send(fault.status, b'{"errors":[{"category":"API_ERROR","code":"INTERNAL_SERVER_ERROR"}]}')
                    return
                if fault and not fault.after_work:
                    self.close_connection = True
                    return
                page = sandbox.oauth.answer(self.command, self.path, body)
                page = page or Page.of(*sandbox.answer(self.command, self.path, self.headers, body))
                if fault:
                    self.close_connection = True
                    return
                self._send(page.status, page.body, page.kind, page.location)

            def _send(self, status: int, body: bytes, kind: str = "application/json", location: str = "") -> None:
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = _serve

        return Handler
