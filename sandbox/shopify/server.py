"""Shopify's GraphQL Admin API over HTTP, in front of a `Shop`: who may ask, what it costs, and what is answered."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from graphql import DocumentNode, GraphQLError, execute, parse, validate

from ..permissions import Page
from . import cost, schema
from .oauth import OAuth
from .resolving import Resolver
from .shop import Shop
from .values import Row
from .webhooks import Webhooks

TOKEN = "shpat_sandbox_access_token"  # noqa: S105 - opens nothing but the sandbox
SECRET = "shpss_sandbox_app_secret"  # noqa: S105
_PATH = re.compile(r"/admin/api/(\d{4}-\d{2}|unstable)/graphql\.json")
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass(frozen=True)
class Fault:
    """What the next request meets. `after_work`: the request is done, and its answer lost."""

    status: int = 0
    after_work: bool = False


class ShopifySandbox:
    """Answers on `url` until it is closed. `points`, `rate`: how large the bucket is and how many points come back a
    second, by the shop's clock; without points nothing is refused for its cost but what no bucket would hold."""

    def __init__(
        self,
        shop: Shop,
        *,
        port: int = 0,
        points: int = 0,
        rate: int = 100,
        token: str = TOKEN,
        secret: str = SECRET,
    ):
        self.shop = shop
        self.token = token
        self.secret = secret
        self.bucket = cost.Bucket(points, rate, shop.now)
        self.faults: deque[Fault] = deque()
        self.throttled = 0
        self.spent = self.largest = 0
        self.oauth = OAuth(shop, secret)
        self.webhooks = Webhooks(shop, secret)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.oauth.host = f"127.0.0.1:{self.port}"
        shop.row["base"] = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> ShopifySandbox:
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
        return {"url": self.url, "access_token": self.token, "webhook_secret": self.secret}

    def app(self, *redirects: str) -> dict[str, str]:
        """What a person would enter to connect by OAuth, with an app for which these addresses are registered."""
        self.oauth.app.redirects.update(redirects)
        return {"client_id": self.oauth.app.client_id, "client_secret": self.oauth.app.client_secret, "url": self.url}

    # A request

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Row]:
        if not _PATH.fullmatch(path) or method != "POST":
            return 404, {"errors": "Not Found"}
        given = headers.get("X-Shopify-Access-Token", "")
        if given != self.token and self.oauth.permissions.state_of(given) != "open":
            return 401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
        try:
            sent = json.loads(body)
            query, variables = str(sent["query"]), dict(sent.get("variables") or {})
        except (ValueError, LookupError, TypeError):
            return 400, {"errors": {"query": "Required parameter missing or invalid"}}
        with self.shop.lock:
            return 200, self._work(query, variables)

    def _work(self, query: str, variables: Row) -> Row:
        try:
            document, problems = _read(query)
        except GraphQLError as error:
            return {"errors": [{"message": error.message}]}
        if problems:
            return {"errors": [{"message": problem} for problem in problems]}
        asked = cost.requested(schema.load(), document, variables)
        if asked > cost.MOST:
            text = f"Query cost is {asked}, which exceeds the single query max cost limit ({cost.MOST})."
            limit = {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": cost.MOST}
            return {"errors": [{"message": text, "extensions": limit}]}
        if not self.bucket.has(asked):
            self.throttled += 1
            told = {"cost": self.bucket.told(asked, None)}
            return {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": told}
        resolver = Resolver(self.shop)
        result = execute(schema.load(), document, variable_values=variables, field_resolver=resolver)
        taken = min(asked, cost.actual(result.data))
        self.bucket.take(taken)
        self.spent += taken
        self.largest = max(self.largest, asked)
        extensions: Row = {"cost": self.bucket.told(asked, taken)}
        if resolver.warnings:
            extensions["search"] = resolver.warnings
        errors = [{"message": error.message, "path": error.path} for error in result.errors or ()]
        return {"data": result.data, **({"errors": errors} if errors else {}), "extensions": extensions}

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
                    self._send(fault.status, b'{"errors":"Internal Server Error"}')
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
                self.send_header("X-Shopify-API-Version", schema.VERSION)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve

        return Handler


@lru_cache(maxsize=200)
def _read(query: str) -> tuple[DocumentNode, tuple[str, ...]]:
    """The document and what is wrong with it."""
    document = parse(query)
    return document, tuple(error.message for error in validate(schema.load(), document))
