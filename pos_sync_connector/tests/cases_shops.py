"""A Shopify and a Square that tell what a test lays out for them. The real connectors ask them over HTTP."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from io import BytesIO
from urllib.parse import urlsplit

import requests

from ..connectors.systems.shopify import Shopify
from ..connectors.systems.square import Square

SETTINGS = {
    "shopify": {"url": "https://cases.myshopify.com", "access_token": "told"},
    "square": {"access_token": "told"},
}
ASKED_AT = datetime(2026, 4, 20, 12, 0, tzinfo=timezone.utc)
_NOT_FOUND = 404
_ROOT = re.compile(r"\{\s*(\w+)")
_LISTS = {"orders": "orders", "products": "products", "customers": "customers", "locations": "places"}
_ONES = {"order": "orders", "product": "products", "customer": "customers"}


class Shop:
    """What a shop holds, as its system sends it, by id; `sent`: what was sent to it."""

    def __init__(self):
        self.orders, self.products, self.customers, self.refunds = {}, {}, {}, {}
        self.places, self.unlisted = {}, {}
        self.timezone = "UTC"
        self.now = ASKED_AT
        self.sent = []

    def tell(self, kind: str, row: dict) -> None:
        """A record, new or changed: a minute later than what was told before."""
        self.now += timedelta(minutes=1)
        stamp = "updatedAt" if "updatedAt" in row else "updated_at"
        getattr(self, kind)[row["id"]] = {**row, stamp: self.now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def session(self):
        return _Session(self)

    def answer(self, path: str, body: dict) -> tuple[int, dict]:
        raise NotImplementedError


class _Session(requests.Session):
    """Answers by itself: nothing leaves the process."""

    def __init__(self, shop: Shop):
        super().__init__()
        self.shop = shop

    def send(self, request, **_options):
        body = json.loads(request.body) if request.body else {}
        response = requests.Response()
        response.status_code, answer = self.shop.answer(urlsplit(request.url).path, body)
        response.url, response.request = request.url, request
        response.headers.update(
            {"Content-Type": "application/json", "Date": format_datetime(self.shop.now, usegmt=True)}
        )
        response.raw = BytesIO(json.dumps(answer).encode())
        return response


class ShopifyShop(Shop):
    """Answers Shopify's GraphQL by the first field that is asked for: always with all that it has of a record."""

    def know_places(self, places):
        """All of them are in the shop's own time zone."""
        for key, (name, zone) in places.items():
            place = {"id": f"gid://shopify/Location/{key}", "name": name, "isActive": True}
            self.places[key], self.timezone = {**place, "fulfillsOnlineOrders": True}, zone

    def answer(self, path, body):
        return 200, {"data": self._data(_ROOT.search(body["query"])[1], body.get("variables") or {})}

    def _data(self, name, given):
        if name == "shop":
            return self._about()
        if name in _LISTS:
            rows = list(getattr(self, _LISTS[name]).values())
            return {name: {"pageInfo": {"hasNextPage": False, "endCursor": ""}, "nodes": rows}}
        if name in _ONES:
            return {name: {**self.unlisted, **getattr(self, _ONES[name])}.get(given["id"])}
        if name == "nodes":
            return {"nodes": [self.orders.get(key) for key in given["ids"]]}
        if name == "productVariant":
            owner = next((row for row in self.products.values() if given["id"] in _variants(row)), None)
            return {"productVariant": {"product": owner} if owner else None}
        self.sent.append((name, given))
        return {name: {"userErrors": [], "customer": {"id": "gid://shopify/Customer/9900"}}}

    def _about(self):
        shop = {
            "id": "gid://shopify/Shop/1",
            "name": "Cases",
            "myshopifyDomain": "cases.myshopify.com",
            "currencyCode": "USD",
            "ianaTimezone": self.timezone,
            "taxesIncluded": False,
            "countryCode": "US",
            "billingAddress": {"countryCodeV2": "US"},
            "customerTags": {"nodes": []},
        }
        scopes = [{"handle": "read_all_orders"}, {"handle": "read_orders"}, {"handle": "write_customers"}]
        return {"shop": shop, "currentAppInstallation": {"accessScopes": scopes}}


def _variants(product):
    return {row["id"] for row in product["variants"]["nodes"]}


class SquareShop(Shop):
    """Answers Square's REST by path. A refund is kept with the orders where it is an order that takes goods back."""

    def __init__(self):
        super().__init__()
        self.places = {"LOCATION1": self.place("LOCATION1", "Till", "UTC")}

    def know_places(self, places):
        for key, (name, zone) in places.items():
            self.places[key] = self.place(key, name, zone)

    @staticmethod
    def place(key, name, zone):
        return {"id": key, "name": name, "timezone": zone, "status": "ACTIVE", "currency": "USD", "country": "US"}

    def answer(self, path, body):
        kind, _slash, rest = path.removeprefix("/v2/").partition("/")
        found = getattr(self, f"_{kind}")(rest, body)
        return (200, found) if found is not None else (_NOT_FOUND, {"errors": [{"code": "NOT_FOUND"}]})

    def _merchants(self, _rest, _body):
        merchant = {"id": "MERCHANT1", "business_name": "Cases", "country": "US", "currency": "USD"}
        return {"merchant": {**merchant, "main_location_id": "LOCATION1", "status": "ACTIVE"}}

    def _locations(self, _rest, _body):
        return {"locations": list(self.places.values())}

    def _orders(self, rest, body):
        if rest == "search":
            return {"orders": list(self.orders.values())}
        if rest == "batch-retrieve":
            return {"orders": [self.orders[key] for key in body["order_ids"] if key in self.orders]}
        return {"order": self.orders[rest]} if rest in self.orders else None

    def _refunds(self, rest, _body):
        if rest:
            return {"refund": self.refunds[rest]} if rest in self.refunds else None
        return {"refunds": list(self.refunds.values())}

    def _payments(self, rest, _body):
        """The payment behind a tender."""
        for order in self.orders.values():
            for tender in order.get("tenders") or ():
                if rest == tender["payment_id"]:
                    source = {"source_type": tender["type"], "status": "COMPLETED", "order_id": order["id"]}
                    return {"payment": {**source, "id": rest, "amount_money": tender["amount_money"]}}
        return {"payments": []} if not rest else None

    def _catalog(self, rest, body):
        if rest == "batch-retrieve":
            wanted = set(body["object_ids"])
            owned = [item for row in self.products.values() for item in row["item_data"]["variations"]]
            return {"objects": [row for row in [*self.products.values(), *owned] if row["id"] in wanted]}
        rows = list(self.products.values()) if "ITEM" in body["object_types"] else []
        return {"objects": rows, "latest_time": "2026-04-20T12:00:00Z"}

    def _customers(self, rest, _body):
        if rest == "search":
            return {"customers": list(self.customers.values())}
        if rest == "groups":
            return {"groups": []}
        found = {**self.unlisted, **self.customers}.get(rest)
        return {"customer": found} if found else None


class ToldShopify(Shopify):
    """Shopify's connector, at the shop of the running test."""

    shop = ShopifyShop()

    def __init__(self, settings, **injected):
        super().__init__(settings, session=self.shop.session(), clock=lambda: self.shop.now, **injected)


class ToldSquare(Square):
    """Square's connector, at the shop of the running test."""

    shop = SquareShop()

    def __init__(self, settings, **injected):
        super().__init__(settings, session=self.shop.session(), clock=lambda: self.shop.now, **injected)
        self._bucket = None
