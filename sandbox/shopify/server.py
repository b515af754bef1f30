"""Shopify's GraphQL Admin API over HTTP, in front of a `Shop`: who may ask, what it costs, and what is answered."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLError, execute, parse, validate

from ..serving import Sandbox
from . import cost, schema
from .oauth import OAuth
from .resolving import Resolver
from .shop import Shop
from .values import Row
from .webhooks import Webhooks

TOKEN = "shpat_sandbox_access_token"  # noqa: S105 - opens nothing but the sandbox
SECRET = "shpss_sandbox_app_secret"  # noqa: S105
_PATH = re.compile(r"/admin/api/(\d{4}-\d{2}|unstable)/graphql\.json")


class ShopifySandbox(Sandbox):
    """Answers on `url` until it is closed. `points`, `rate`: how large the bucket is and how many points come back a
    second, by the shop's clock; without points nothing is refused for its cost but what no bucket would hold."""

    oops = b'{"errors":"Internal Server Error"}'
    headers = {"X-Shopify-API-Version": schema.VERSION}

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
        super().__init__(port)
        self.shop = shop
        self.token = token
        self.secret = secret
        self.bucket = cost.Bucket(points, rate, shop.now)
        self.throttled = 0
        # Points that were taken, and the most that any request had to find, with those taken before it.
        self.spent = self.needed = 0
        self.oauth = OAuth(shop, secret)
        self.webhooks = Webhooks(shop, secret)
        self.oauth.host = f"127.0.0.1:{self.port}"
        shop.row["base"] = self.url
        self.open()

    def settings(self) -> dict[str, str]:
        """What a person would enter to connect."""
        return {"url": self.url, "access_token": self.token, "webhook_secret": self.secret}

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
        self.needed = max(self.needed, self.spent + asked)
        self.spent += taken
        extensions: Row = {"cost": self.bucket.told(asked, taken)}
        if resolver.warnings:
            extensions["search"] = resolver.warnings
        errors = [
            {"message": error.message, "path": error.path, "extensions": error.extensions or {}}
            for error in result.errors or ()
        ]
        return {"data": result.data, **({"errors": errors} if errors else {}), "extensions": extensions}


@lru_cache(maxsize=200)
def _read(query: str) -> tuple[DocumentNode, tuple[str, ...]]:
    """The document and what is wrong with it."""
    document = parse(query)
    return document, tuple(error.message for error in validate(schema.load(), document))
