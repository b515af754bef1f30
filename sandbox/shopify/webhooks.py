"""Webhooks: subscriptions, and their events in the form of Shopify's older interface, signed and really sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from ..deliveries import Delivery, Sender
from .changing import wrong
from .schema import VERSION
from .shop import Shop
from .values import Row, gid, number_of


class Webhooks(Sender):
    """Sends what happens in a shop to its subscribers, signed with the secret of the app that subscribed."""

    def __init__(self, shop: Shop, secret: str, pause: Callable[[float], None] | None = None):
        super().__init__(pause)
        self._shop = shop
        self._secret = secret
        shop.tell = self.tell

    def tell(self, topic: str, row: Row) -> None:
        body = json.dumps(body_of(topic, row), ensure_ascii=False).encode()
        for subscription in list(self._shop.subscriptions.values()):
            if subscription["topic"] == topic.upper().replace("/", "_"):
                domain = self._shop.row["myshopifyDomain"]
                self.send(signed(subscription["uri"], topic, body, self._secret, domain, self._shop.stamp()))


    def ask(self, url: str, topic: str, customer: Row | None = None, orders: Sequence[int] = ()) -> None:
        """A privacy webhook, to the address that stands in the app's configuration."""
        shop = self._shop.row
        body: Row = {"shop_id": number_of(shop["id"]), "shop_domain": shop["myshopifyDomain"]}
        if customer:
            mail, phone = customer["defaultEmailAddress"] or {}, customer["defaultPhoneNumber"] or {}
            person = {"id": number_of(customer["id"]), "email": mail.get("emailAddress"),
                      "phone": phone.get("phoneNumber")}  # fmt: skip
            named = "orders_to_redact" if topic.endswith("/redact") else "orders_requested"
            body |= {"customer": person, named: list(orders)}
        if topic.endswith("/data_request"):
            body["data_request"] = {"id": self._shop.key()}
        raw = json.dumps(body).encode()
        self.send(signed(url, topic, raw, self._secret, shop["myshopifyDomain"], self._shop.stamp()))


def signed(url: str, topic: str, body: bytes, secret: str, domain: str, when: str) -> Delivery:
    event = str(uuid.uuid4())
    found = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": base64.b64encode(found).decode(),
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-API-Version": VERSION,
        "X-Shopify-Webhook-Id": event,
        "X-Shopify-Event-Id": str(uuid.uuid4()),
        "X-Shopify-Triggered-At": when,
    }
    return Delivery(url, headers, body, event)


def body_of(topic: str, row: Row) -> Row:
    kind = topic.partition("/")[0]
    if kind == "inventory_levels":
        return {"inventory_item_id": number_of(row["item"]["id"]), "location_id": number_of(row["location"]["id"]),
                "available": row["on_hand"] - row["committed"], "updated_at": row["updatedAt"],
                "admin_graphql_api_id": row["id"]}  # fmt: skip
    if topic.endswith("/delete"):
        return {"id": number_of(row["id"])}
    body: Row = {"id": number_of(row["id"]), "admin_graphql_api_id": row["id"], "created_at": row.get("createdAt"),
                 "updated_at": row.get("updatedAt")}  # fmt: skip
    if kind == "orders":
        customer = row["customer"]
        body |= {
            "name": row["name"], "currency": row["currencyCode"], "test": row["test"],
            "total_price": row["totalPriceSet"]["shopMoney"]["amount"], "cancelled_at": row["cancelledAt"],
            "financial_status": row["displayFinancialStatus"].lower(), "source_name": row["sourceName"],
            "customer": {"id": number_of(customer["id"])} if customer else None,
            "line_items": [{"id": number_of(item["id"]), "name": item["name"], "quantity": item["quantity"],
                            "price": item["originalUnitPriceSet"]["shopMoney"]["amount"]}
                           for item in row["lineItems"]],
        }  # fmt: skip
    if kind in ("refunds", "fulfillments") or "order" in row:
        body["order_id"] = number_of(row["order"]["id"])
    return body


# The API

_SCOPES = {
    "ORDER": "read_orders", "REFUNDS": "read_orders", "PRODUCTS": "read_products", "INVENTORY": "read_inventory",
    "CUSTOMERS": "read_customers", "LOCATIONS": "read_locations", "FULFILLMENTS": "read_fulfillments",
}  # fmt: skip

def subscribe(shop: Shop, topic: str, webhookSubscription: Row) -> Row:
    """A topic needs access to what it tells of; an address takes each topic once."""
    url = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl") or ""
    if problem := _wrong_address(url):
        return wrong(problem, "webhookSubscription", "uri")
    scope = next((scope for kind, scope in _SCOPES.items() if topic.startswith(kind)), None)
    if scope and scope not in shop.scopes:
        return wrong("You cannot create a webhook subscription with the specified topic", "topic")
    if any((row["topic"], row["uri"]) == (topic, url) for row in shop.subscriptions.values()):
        return wrong("Address for this topic has already been taken", "webhookSubscription", "uri")
    now = shop.stamp()
    key = shop.key()
    row = {"__typename": "WebhookSubscription", "id": gid("WebhookSubscription", key), "legacyResourceId": str(key),
           "topic": topic, "uri": url, "format": webhookSubscription.get("format") or "JSON",
           "filter": webhookSubscription.get("filter"), "includeFields": webhookSubscription.get("includeFields") or [],
           "createdAt": now, "updatedAt": now}  # fmt: skip
    shop.subscriptions[row["id"]] = row
    return {"webhookSubscription": row, "userErrors": []}


def _wrong_address(url: str) -> str:
    """Only over TLS, but for what runs on this computer beside the sandbox."""
    target = urlsplit(url)
    if target.scheme == "https" or (target.scheme == "http" and target.hostname in ("127.0.0.1", "localhost")):
        return ""
    return f"Address protocol {target.scheme}:// is not supported" if target.scheme else "Address is invalid"


def unsubscribe(shop: Shop, id: str) -> Row:
    if shop.subscriptions.pop(id, None) is None:
        return wrong("Webhook subscription does not exist", "id")
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


CHANGES = {"webhookSubscriptionCreate": subscribe, "webhookSubscriptionDelete": unsubscribe}
