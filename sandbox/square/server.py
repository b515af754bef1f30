"""Square's Connect API over HTTP, in front of a `Shop`: who may ask, how often, and which address does what."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..serving import Sandbox
from . import browsing, cash_drawers, giving_back, payouts, reading, selling, understood, webhooks, writing
from .answers import Rejected
from .oauth import OAuth
from .shop import Row, Shop

TOKEN = "sandbox-access-token"  # noqa: S105 - opens nothing but the sandbox

# Method and path; what does it, with the shop, the parts of the path and what was sent.
_ROUTES: tuple[tuple[str, str, Callable[..., Row]], ...] = (
    ("GET", "/v2/merchants", browsing.merchants),
    ("GET", "/v2/merchants/([^/]+)", lambda shop, sent, key: reading.merchant(shop, key)),
    ("GET", "/v2/locations", lambda shop, sent: reading.locations(shop)),
    ("GET", "/v2/locations/([^/]+)", browsing.location),
    ("GET", "/v2/catalog/list", browsing.catalog_list),
    ("GET", "/v2/catalog/object/([^/]+)", browsing.catalog_object),
    ("POST", "/v2/catalog/search", reading.catalog_search),
    ("POST", "/v2/catalog/search-catalog-items", reading.search_items),
    ("POST", "/v2/catalog/batch-retrieve", reading.catalog_retrieve),
    ("POST", "/v2/catalog/object", writing.upsert_object),
    ("POST", "/v2/catalog/batch-upsert", writing.upsert_objects),
    ("DELETE", "/v2/catalog/object/([^/]+)", lambda shop, sent, key: writing.delete_object(shop, key)),
    ("POST", "/v2/inventory/counts/batch-retrieve", reading.counts),
    ("GET", "/v2/inventory/([^/]+)", browsing.counts_of),
    ("POST", "/v2/inventory/changes/batch-create", writing.change_counts),
    ("POST", "/v2/customers/search", reading.customers_search),
    ("GET", "/v2/customers/groups", reading.groups),
    ("GET", "/v2/customers", browsing.customers),
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
    ("GET", "/v2/payments/([^/]+)", lambda shop, sent, key: reading.payment(shop, key)),
    ("GET", "/v2/refunds", reading.refunds),
    ("POST", "/v2/refunds", giving_back.refund_payment),
    ("GET", "/v2/refunds/([^/]+)", lambda shop, sent, key: reading.refund(shop, key)),
    ("GET", "/v2/payouts", payouts.payouts),
    ("GET", "/v2/payouts/([^/]+)/payout-entries", payouts.entries),
    ("GET", "/v2/cash-drawers/shifts", cash_drawers.shifts),
    ("GET", "/v2/cash-drawers/shifts/([^/]+)", cash_drawers.shift),
    ("GET", "/v2/webhooks/subscriptions", webhooks.list_subscriptions),
    ("POST", "/v2/webhooks/subscriptions", webhooks.create_subscription),
    ("GET", "/v2/webhooks/subscriptions/([^/]+)", lambda shop, sent, key: webhooks.subscription(shop, key)),
    ("PUT", "/v2/webhooks/subscriptions/([^/]+)",
     lambda shop, sent, key: webhooks.update_subscription(shop, key, sent)),
    ("POST", "/v2/webhooks/subscriptions/([^/]+)/signature-key", lambda shop, sent, key: webhooks.renew_key(shop, key)),
    ("DELETE", "/v2/webhooks/subscriptions/([^/]+)", lambda shop, sent, key: webhooks.delete_subscription(shop, key)),
)  # fmt: skip


class SquareSandbox(Sandbox):
    """Answers on `url` until it is closed. `limit`: requests in any second, by the shop's clock; None: no limit."""

    oops = b'{"errors":[{"category":"API_ERROR","code":"INTERNAL_SERVER_ERROR"}]}'

    def __init__(self, shop: Shop, *, port: int = 0, limit: int | None = None, token: str = TOKEN):
        super().__init__(port)
        self.shop = shop
        self.token = token
        self.limit = limit
        self.oauth = OAuth(shop)
        self.webhooks = webhooks.Webhooks(shop)
        self._recent: deque[float] = deque()
        shop.base = self.url
        self.open()

    def settings(self) -> dict[str, str]:
        """What a person would enter to connect."""
        return {"access_token": self.token, "url": self.url}

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
        if bearer != self.token and path.startswith("/v2/webhooks/"):
            detail = "The merchant must authorize your application for the following scopes: "
            raise Rejected(
                403, "INSUFFICIENT_SCOPES", f"{detail}DEVELOPER_APPLICATION_WEBHOOKS_WRITE",
                category="AUTHENTICATION_ERROR",
            )  # fmt: skip
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
                    understood.check(method, target.path, sent)
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
