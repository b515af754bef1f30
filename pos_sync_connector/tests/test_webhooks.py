"""Webhooks: what is taken, what is refused, and what the inbox makes of it."""

from __future__ import annotations

import json
from contextlib import nullcontext
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings, strategies

from odoo.tests import HttpCase, tagged

from ..connectors.answers import Event
from ..connectors.flows import Flow
from ..connectors.registry import registry
from ..connectors.signatures import Scheme
from ..sync.engine import wake_stream
from .common import EngineCase, TestSystem, product

SCHEME = Scheme(header="X-Test-Signature", signs=("url", "body"))
KEY = "hook-key-1"
LOGGER = "odoo.addons.pos_sync_connector.sync.engine.receive_webhook"


class TalkingSystem(TestSystem):
    """The test system with webhooks: `{"id": .., "account": .., "product": .., "deleted": .., "flow": ..}`."""

    def webhook(self, request):
        SCHEME.verify(self.values["token"], request)
        body = json.loads(request.body)
        if "flow" not in body:
            return []
        return [
            Event(
                event_id=body["id"], flow=Flow(body["flow"]), account_id=body.get("account", ""),
                external_id=body.get("product", ""), deleted=body.get("deleted", False),
            )
        ]  # fmt: skip


@tagged("post_install", "-at_install")
class TestWebhooks(EngineCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {TestSystem.code: TalkingSystem}))
        cls.connection.setting_ids.filtered(lambda row: row.key == "token")._store_secret(KEY)
        cls.stream = cls.connection._stream(Flow.PRODUCTS_PULL)
        cls.connection.webhook_base = "https://shop.example.com"

    def setUp(self):
        super().setUp()
        wake_stream._woken.clear()
        wake_stream._later.clear()
        self.timer = self.startPatcher(patch.object(wake_stream.threading, "Timer"))
        self.pull()

    def hook(self, key=KEY, token="", headers=None, kind="application/json", **body):
        """The status that answers a webhook, signed for the address that the connection shows."""
        token = token or self.connection.webhook_token
        raw = json.dumps({"id": "event-1", "flow": "products_pull", **body}, ensure_ascii=False).encode()
        signature = SCHEME.sign(key, body=raw, url=f"https://shop.example.com/pos_sync/webhook/{token}")
        headers = {SCHEME.header: signature, "Content-Type": kind, **(headers or {})}
        return self.url_open(f"/pos_sync/webhook/{token}", data=raw, headers=headers, timeout=30).status_code

    def told(self):
        self.env.invalidate_all()
        return self.env["pos.sync.message"].search([("stream_id", "=", self.stream.id), ("told", ">", 0)])

    def test_a_record_is_read_again_by_the_stream(self):
        self.world.put(product("p1", name="Té “groß”"))
        self.assertEqual(self.hook(product="p1"), 200)
        message = self.told()
        self.assertEqual((message.state, message.external_id, message.told), ("waiting", "p1", 1))
        self.assertFalse(self.env["product.template"].search([("name", "=", "Té “groß”")]))
        self.drain()
        self.assertTrue(self.env["product.template"].search([("name", "=", "Té “groß”")]))
        self.assertEqual(message.state, "done")
        self.assertEqual(self.world.calls["get_product"], 1)

    def test_the_same_event_is_taken_once(self):
        self.world.put(product("p1"))
        self.assertEqual([self.hook(product="p1") for _five in range(5)], [200] * 5)
        self.assertEqual(self.told().told, 1)
        self.drain()
        self.assertEqual(self.hook(product="p1"), 200)
        self.assertEqual(self.told().mapped("state"), ["done"])
        self.assertEqual(self.env["pos.sync.event"].search_count([("connection_id", "=", self.connection.id)]), 1)

    def test_a_pass_under_way_lets_go_first_what_is_told(self):
        self.world.put(product("a"))
        busy = self.connect("other")._stream("products_pull")
        other = TestSystem.worlds["other"]
        other.put(product("b"), product("c"), product("d"))
        other.page_size = 1
        with patch.object(self.env.registry["pos.sync.run_stream"], "_SLICE", 0):
            busy._request()
            self.run_job(busy)
            pages = busy.run_id.page_count
            self.hook(product="a")
            self.run_job(busy)
            self.assertEqual((pages, busy.run_id.page_count), (1, 1), "it waits for what was told")
            self.drain()
            self.run_job(busy)
        self.assertEqual(busy.run_id.page_count, 2)

    def test_what_is_told_while_it_is_read_is_read_again(self):
        self.world.put(product("p1", name="First"))
        self.hook(product="p1")

        def change():
            self.world.change("p1", name="Second")
            self.env["pos.sync.receive_webhook"]._store(
                self.connection.id,
                {("products_pull", "p1"): Event(event_id="event-2", flow=Flow.PRODUCTS_PULL, external_id="p1")},
            )

        real = TalkingSystem.get_product

        def read_then_change(connector, external_id):
            found = real(connector, external_id)
            if self.world.calls["get_product"] == 1:
                change()
            return found

        with patch.object(TalkingSystem, "get_product", read_then_change):
            self.drain()
        self.assertTrue(self.env["product.template"].search([("name", "=", "Second")]))
        self.assertEqual(self.told().state, "done")
        self.assertEqual(self.world.calls["get_product"], 2)

    def test_many_at_once_wake_the_stream_at_once_and_once_more(self):
        """The last of them is not left waiting until the housekeeping comes by."""
        crons = self.env["ir.cron.trigger"].sudo()
        before = crons.search_count([("cron_id", "=", self.stream.sudo().cron_id.id)])
        for number in range(5):
            self.assertEqual(self.hook(id=f"event-{number}", product=f"p{number}"), 200)
        self.assertEqual(crons.search_count([("cron_id", "=", self.stream.sudo().cron_id.id)]), before + 1)
        self.assertEqual(self.timer.call_count, 1)
        self.assertLessEqual(self.timer.call_args.args[0], 1)

    def test_a_deletion_ends_the_link(self):
        self.world.put(product("p1"))
        self.pull()
        del self.world.products["p1"]
        self.assertEqual(self.hook(product="p1", deleted=True), 200)
        self.drain()
        self.assertTrue(self.link("p1").gone)

    def test_a_nudge_brings_what_changed(self):
        self.assertEqual(self.hook(), 200)
        self.world.put(product("p2", name="Nudged"))
        self.drain()
        self.assertTrue(self.env["product.template"].search([("name", "=", "Nudged")]))
        self.assertEqual(self.told().state, "done")

    def test_what_is_no_record_is_no_failure(self):
        self.assertEqual(self.hook(product="not-one"), 200)
        self.drain()
        self.assertEqual(self.told().state, "done")

    def test_a_form_is_checked_as_it_came(self):
        self.assertEqual(self.hook(product="p1", kind="application/x-www-form-urlencoded"), 200)
        self.assertEqual(len(self.told()), 1)

    def test_what_is_not_genuine_is_refused(self):
        other = self.connect("other")
        cases = {
            "forged": (403, {"key": "other key"}),
            "unsigned": (403, {"headers": {SCHEME.header: ""}}),
            "another account": (403, {"account": "account-9"}),
            "another connection": (403, {"token": other.webhook_token}),
            "unknown address": (404, {"token": "nobody"}),
            "too large": (413, {"filling": "x" * (1024 * 1024)}),
        }
        for what, (status, changes) in cases.items():
            with self.subTest(what), self.assertLogs(LOGGER) if status == 403 else nullcontext():
                self.assertEqual(self.hook(product="p1", **changes), status)
        self.assertFalse(self.told())
        self.assertFalse(self.env["pos.sync.event"].search([("connection_id", "in", (self.connection + other).ids)]))

    def raw(self, body, headers=None, path=None, sign=True):
        token = self.connection.webhook_token
        signature = SCHEME.sign(KEY, body=body, url=f"https://shop.example.com/pos_sync/webhook/{token}")
        headers = {**({SCHEME.header: signature} if sign else {}), **(headers or {})}
        path = path or f"/pos_sync/webhook/{token}"
        return self.url_open(path, data=body, headers=headers, timeout=30).status_code

    def test_an_address_that_is_none_is_unknown(self):
        for token in ("%00", "%ff", "a%00b", "x" * 3000, "%F0%9F%98%80"):
            with self.subTest(token):
                self.assertEqual(self.raw(b"{}", path=f"/pos_sync/webhook/{token}"), 404)

    def test_a_captured_webhook_with_invented_ids_is_taken_once(self):
        body = json.dumps({"id": "event-1", "flow": "products_pull", "product": "p1"}).encode()
        for number in range(5):
            self.assertEqual(self.raw(body, {"X-Webhook-Id": str(number)}), 200)
        self.assertEqual(self.env["pos.sync.event"].search_count([("connection_id", "=", self.connection.id)]), 1)

    def test_what_is_signed_and_no_event_is_not_readable(self):
        deep = "[" * 5000 + "]" * 5000
        for body in (
            rb'{"id": "e", "flow": "products_pull", "product": "a\u0000b"}',
            rb'{"id": "e", "flow": "products_pull", "product": "a\ud83d"}',
            rb'{"id": "e", "flow": "products_pull", "product": {"a": 1}}',
            f'{{"id": "e", "flow": "products_pull", "product": "{"x" * 9000}"}}'.encode(),
            f'{{"id": "e", "flow": "products_pull", "product": {deep}}}'.encode(),
            b'{"id": null, "flow": "products_pull"}',
            b'{"id": "e", "flow": "nothing"}',
            b"null", b"\xff\xfe", b"[1",
        ):  # fmt: skip
            with self.subTest(body[:60]):
                self.assertEqual(self.raw(body), 400)
        self.assertFalse(self.told())

    @given(
        body=strategies.binary(max_size=300) | strategies.recursive(
            strategies.none() | strategies.integers() | strategies.text(max_size=9), lambda inner:
            strategies.lists(inner, max_size=3)
            | strategies.dictionaries(strategies.sampled_from(("id", "flow", "product", "account")), inner, max_size=4),
            max_leaves=9,
        ).map(lambda value: json.dumps(value).encode()),
        headers=strategies.dictionaries(
            strategies.sampled_from((SCHEME.header, "X-Other", "Content-Type", "Accept", "Content-Encoding")),
            strategies.text(strategies.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
                            max_size=30).map(str.strip),
            max_size=4,
        ),
        sign=strategies.booleans(),
    )  # fmt: skip
    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_nothing_makes_the_door_fail(self, body, headers, sign):
        headers = {name: value.encode("latin-1") for name, value in headers.items()}
        self.assertLess(self.raw(body, headers, sign=sign), 500)

    def test_nothing_of_a_webhook_is_logged(self):
        with self.assertLogs(LOGGER) as caught:
            self.hook(key="wrong", product="a-secret-name")
        self.assertNotIn("a-secret-name", "\n".join(caught.output))

    def test_who_is_off_takes_none(self):
        self.connection.action_off()
        self.assertEqual(self.hook(product="p1"), 404)

    def test_topics_of_nobody_are_taken_and_forgotten(self):
        token = self.connection.webhook_token
        raw = b"{}"
        signature = SCHEME.sign(KEY, body=raw, url=self.connection.webhook_url)
        answer = self.url_open(f"/pos_sync/webhook/{token}", data=raw, headers={SCHEME.header: signature}, timeout=30)
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertFalse(self.told())

    def test_the_address_is_shown_where_the_system_sends_webhooks(self):
        self.assertEqual(
            self.connection.webhook_url, f"https://shop.example.com/pos_sync/webhook/{self.connection.webhook_token}"
        )
        with patch.dict(registry._systems, {TestSystem.code: TestSystem}):
            self.connection.invalidate_recordset(["webhook_url"])
            self.assertFalse(self.connection.webhook_url)
