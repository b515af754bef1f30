"""Webhooks that nobody should send, to a real server: refused, told in the log without their body, and nothing kept."""

from __future__ import annotations

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

from sandbox.deliveries import Delivery
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify
from sandbox.shopify.webhooks import signed as signed_by_shopify
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_square
from sandbox.square.webhooks import signed as signed_by_square
from tests.processes.hub import Hub, wait_until

KEY, BODY_MARK = "square-signature-key", "cherry-note-of-the-body"
MOST_BYTES = 1024 * 1024


class Doors:
    """A hub with a Square and a Shopify connection that take webhooks, and a second Square one."""

    def __init__(self, hub: Hub, square: SquareSandbox, shopify: ShopifySandbox) -> None:
        self.hub, self.shopify_account = hub, shopify
        self.square = hub.connect({**square.settings(), "webhook_key": KEY}, name="Square", system="square")
        self.shopify = hub.connect(shopify.settings(), name="Shopify", system="shopify")
        self.other = hub.make_connection({"access_token": "t", "webhook_key": KEY}, name="Other", system="square")
        hub.database.execute("UPDATE pos_sync_connection SET state = 'connected' WHERE id = %s", self.other)
        hub.call("pos.sync.connection", "write", [self.square, self.shopify, self.other],
                 vals={"webhook_base": hub.server.url})  # fmt: skip
        for connection in (self.square, self.shopify):
            stream = hub.stream(connection, "customers_pull")
            hub.call("pos.sync.stream", "write", [stream], vals={"enabled": True})
        self.merchant = square.shop.merchant["id"]

    def url(self, connection: int) -> str:
        return self.hub.call("pos.sync.connection", "read", [connection], fields=["webhook_url"])[0]["webhook_url"]

    def from_square(self, *, key: str = KEY, to: int = 0, **changes: object) -> Delivery:
        told = {"type": "customer", "id": "CUST1", "object": {"note": BODY_MARK}}
        event = {"merchant_id": self.merchant, "type": "customer.updated", "event_id": "e-1", "data": told, **changes}
        url = self.url(to or self.square)
        subscription = {"id": "wbhk_1", "notification_url": url, "signature_key": key}
        return signed_by_square(subscription, json.dumps(event).encode(), str(event["event_id"]))

    def from_shopify(self, *, key: str = "", domain: str = "", to: int = 0, **changes: object) -> Delivery:
        body = json.dumps({"id": 77, "note": BODY_MARK, **changes}).encode()
        account = self.shopify_account
        domain = domain or account.shop.row["myshopifyDomain"]
        return signed_by_shopify(self.url(to or self.shopify), "customers/update", body, key or account.secret, domain,
                                 "2026-03-28T12:00:00Z")  # fmt: skip

    def kept(self) -> tuple[int, int]:
        """Events and messages."""
        return tuple(self.hub.value(f"SELECT count(*) FROM {table} WHERE {where}") for table, where in (
            ("pos_sync_event", "TRUE"), ("pos_sync_message", "told > 0")))  # fmt: skip

    def refusals(self) -> int:
        return sum(f"webhook of connection {connection} " in line and " WARNING " in line
                   for line in self.hub.server.log().splitlines()
                   for connection in (self.square, self.shopify, self.other))  # fmt: skip


def post(delivery: Delivery) -> int:
    target = urlsplit(delivery.url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
    try:
        connection.request("POST", target.path, delivery.body, delivery.headers)
        return connection.getresponse().status
    finally:
        connection.close()


def post_half(delivery: Delivery) -> None:
    """Promises the whole body, sends half of it, and is gone."""
    target = urlsplit(delivery.url)
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.netloc}", f"Content-Length: {len(delivery.body)}"]
    lines += [f"{name}: {value}" for name, value in delivery.headers.items()]
    with socket.create_connection((target.hostname, target.port), timeout=30) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + delivery.body[: len(delivery.body) // 2])


def cut(delivery: Delivery) -> Delivery:
    return replace(delivery, body=delivery.body[:-9])


def unsigned(delivery: Delivery) -> Delivery:
    return replace(delivery, headers={name: value for name, value in delivery.headers.items()
                                      if "hmac" not in name.lower()})  # fmt: skip


def test_nobody_else_gets_in(hub: Hub) -> None:
    with SquareSandbox(make_square(0.01, orders=2)) as square, ShopifySandbox(make_shopify(0.01, orders=2)) as shopify:
        doors = Doors(hub, square, shopify)
        for made, foreign in ((doors.from_square, {"merchant_id": "MERCHANT9"}), (doors.from_shopify, {})):
            genuine = made()
            refused = {
                "forged": made(key="another key"),
                "unsigned": unsigned(genuine),
                "truncated": cut(genuine),
                "changed": replace(genuine, body=genuine.body.replace(b"cherry", b"banana")),
                "another account": made(**foreign) if foreign else doors.from_shopify(domain="other.myshopify.com"),
                "another connection": replace(genuine, url=doors.url(doors.other)),
                "another system": replace(
                    genuine, url=doors.url(doors.shopify if made == doors.from_square else doors.square)
                ),
            }
            for what, delivery in refused.items():
                before = doors.refusals()
                assert post(delivery) == 403, what
                assert doors.refusals() == before + 1, what
            assert post(replace(genuine, body=genuine.body + b" " * MOST_BYTES)) == 413
            assert post(replace(genuine, url=f"{genuine.url}x")) == 404
        for made in (doors.from_square, doors.from_shopify):
            post_half(made())
        assert doors.kept() == (0, 0)
        assert BODY_MARK not in hub.server.log()

        # The genuine ones come through the same doors, and count once however often they are sent.
        for made in (doors.from_square, doors.from_shopify):
            genuine = made()
            assert [post(genuine) for _five in range(5)] == [200] * 5
        assert doors.kept() == (2, 2)

        # Many of one record at once wait for each other, and none is done twice for that.
        many = [doors.from_square(event_id=f"at-once-{number}") for number in range(24)]
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(post, many)) == {200}
        told = "SELECT sum(told) FROM pos_sync_message WHERE external_id = 'CUST1' AND connection_id = %s"
        assert hub.value(told, doors.square) == 25
        assert "could not serialize" not in hub.server.log()

        # What is asked for a customer's sake is answered by a job, whether the connection is on or off.
        hub.call("pos.sync.connection", "action_off", [doors.shopify])
        customer = next(iter(shopify.shop.customers.values()))
        shopify.webhooks.ask(doors.url(doors.shopify), "customers/redact", customer, [1])
        asked = "SELECT state FROM pos_sync_privacy_request WHERE connection_id = %s"
        wait_until(lambda: hub.value(asked, doors.shopify) == "done", "the answer to a privacy request", within=60)
        told = "SELECT count(*) FROM mail_activity WHERE res_model = 'pos.sync.connection' AND res_id = %s"
        assert hub.value(told, doors.shopify) == 1

        # Without a key nothing can be told from a forgery.
        hub.database.execute("UPDATE pos_sync_setting SET secret = NULL WHERE key IN ('webhook_key', 'webhook_secret')")
        before = doors.kept()
        for made in (doors.from_square, doors.from_shopify):
            assert post(made(event_id="e-2")) == 403
        assert doors.kept() == before
        assert BODY_MARK not in hub.server.log()
