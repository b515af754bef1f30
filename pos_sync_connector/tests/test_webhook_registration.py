"""Webhooks at the system: registered by a button, looked after, removed; and what the form says of them."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tests import tagged

from ..connectors.errors import Refused
from ..connectors.flows import Flow
from ..connectors.registry import registry
from ..connectors.subscriptions import Subscribed
from ..hooks import end_webhooks
from ..models.connection import connection_webhook
from ..sync.engine import replay
from .common import EngineCase, TestSystem


class RegisteringSystem(TestSystem):
    """The test system, where webhooks can be registered. `board`: topics by address; `closed`: topics it refuses."""

    webhook_topics = {
        "product.changed": frozenset({Flow.PRODUCTS_PULL}),
        "product.gone": frozenset({Flow.PRODUCTS_PULL}),
        "stock.changed": frozenset({Flow.STOCK_PULL}),
    }
    webhook_help = "Open Webhooks there."
    board: dict[str, tuple[str, ...]] = {}
    closed: set[str] = set()

    def webhook(self, request):
        return []

    def register_webhooks(self, url, topics):
        self.world.happens("register_webhooks")
        given = tuple(topic for topic in topics if topic not in self.closed)
        missing = tuple(topic for topic in topics if topic in self.closed)
        self.board.clear()
        if given:
            self.board[url] = given
        return Subscribed(topics=given, missing=missing, why="No access to stock." if missing else "")


@tagged("post_install", "-at_install")
class TestWebhookRegistration(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {TestSystem.code: RegisteringSystem}))
        cls.connection.webhook_base = "https://shop.example.com"

    def setUp(self):
        super().setUp()
        RegisteringSystem.board.clear()
        RegisteringSystem.closed.clear()
        self.startPatcher(patch.object(type(self.env["ir.config_parameter"]), "get_param", self._not_neutralized()))

    def _not_neutralized(self):
        real = type(self.env["ir.config_parameter"]).get_param
        return lambda model, key, default=False: (
            False if key == "database.is_neutralized" else real(model, key, default)
        )

    @property
    def url(self):
        return self.connection.webhook_url

    def tend(self):
        """The job, as its cron runs it."""
        with self.enter_registry_test_mode():
            self.env.ref("pos_sync_connector.ir_cron_webhooks").method_direct_trigger()
        self.env.invalidate_all()

    def register(self):
        return self.connection.action_register_webhooks()["params"]["type"]

    def test_the_button_registers_what_the_flows_need(self):
        self.assertEqual(self.connection.webhook_state, "none")
        self.connection._stream(Flow.STOCK_PULL).enabled = False
        self.assertEqual(self.register(), "success")
        self.assertEqual(RegisteringSystem.board, {self.url: ("product.changed", "product.gone")})
        self.assertEqual((self.connection.webhook_state, self.connection.webhook_missing), ("registered", False))
        self.assertEqual(self.connection.webhook_topics, "product.changed, product.gone")

    def test_what_the_system_refuses_is_named_and_to_do(self):
        RegisteringSystem.closed.add("stock.changed")
        self.assertEqual(self.register(), "warning")
        self.assertEqual(self.connection.webhook_state, "partly")
        self.assertEqual(self.connection.webhook_missing, "stock.changed")
        (todo,) = [item for item in self.connection._todo_items() if item["code"] == "webhooks"]
        self.assertIn("No access to stock.", todo["text"])

    def test_a_failure_is_said_and_stops_nothing(self):
        self.world.plan["register_webhooks"] = [Refused("The token may not.", code="forbidden")]
        self.assertEqual(self.register(), "danger")
        self.assertEqual((self.connection.webhook_problem, self.connection.state), ("The token may not.", "connected"))
        self.assertFalse(self.connection.webhook_wanted)

    def test_they_are_looked_after_once_a_day(self):
        self.register()
        calls = self.world.calls
        self.tend()
        self.assertEqual(calls["register_webhooks"], 1)
        RegisteringSystem.board.clear()
        self.connection.webhook_checked_at = fields.Datetime.now() - timedelta(hours=25)
        self.tend()
        self.assertEqual(len(RegisteringSystem.board[self.url]), 3)

    def test_a_save_at_the_same_moment_costs_the_job_a_moment(self):
        self.register()
        RegisteringSystem.board.clear()
        long_ago = fields.Datetime.now() - timedelta(hours=25)
        self.connection.webhook_checked_at = long_ago
        model = self.env.registry["pos.sync.connection"]
        original, calls = model._register_webhooks, []

        def collides(connection, *arguments, **options):
            calls.append(arguments)
            result = original(connection, *arguments, **options)
            if len(calls) < 3:
                raise SerializationFailure
            return result

        self.startPatcher(patch.object(model, "_register_webhooks", collides))
        self.startPatcher(patch.object(replay.time, "sleep", lambda seconds: None))
        self.tend()
        self.assertEqual((len(calls), len(RegisteringSystem.board[self.url])), (3, 3))
        self.assertGreater(self.connection.webhook_checked_at, long_ago)

    def test_a_moved_address_and_a_new_flow_are_mended_by_the_job(self):
        self.connection._stream(Flow.STOCK_PULL).enabled = False
        self.register()
        former = self.url
        self.connection.webhook_base = "https://new.example.com"
        self.assertEqual(self.connection.webhook_state, "moved")
        self.connection._stream(Flow.STOCK_PULL).enabled = True
        self.tend()
        self.assertNotEqual(former, self.url)
        self.assertEqual({url: len(topics) for url, topics in RegisteringSystem.board.items()}, {self.url: 3})
        self.assertEqual(self.connection.webhook_state, "registered")

    def test_a_flow_switched_on_or_off_and_a_new_address_are_followed_at_once(self):
        """The job is asked for, and does not wait for its hour."""
        self.register()
        stock = self.connection._stream(Flow.STOCK_PULL)
        cron = self.env.ref("pos_sync_connector.ir_cron_webhooks")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        for change, topics in (
            (lambda: stock.write({"enabled": False}), 2),
            (lambda: stock.write({"enabled": True}), 3),
            (lambda: self.connection.write({"webhook_base": "https://new.example.com"}), 3),
        ):
            triggers.unlink()
            change()
            triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
            self.assertTrue(triggers)
            self.tend()
            self.assertEqual({url: len(sent) for url, sent in RegisteringSystem.board.items()}, {self.url: topics})

    def test_with_every_flow_off_nothing_is_sent_and_nobody_asks_each_hour(self):
        self.register()
        self.connection.stream_ids.write({"enabled": False})
        self.tend()
        self.assertEqual(RegisteringSystem.board, {})
        self.tend()
        self.assertEqual(self.world.calls["register_webhooks"], 2)
        self.connection._stream(Flow.PRODUCTS_PULL).enabled = True
        self.tend()
        self.assertEqual(RegisteringSystem.board[self.url], ("product.changed", "product.gone"))

    def test_who_is_switched_off_has_none_and_gets_them_back(self):
        self.register()
        self.connection.action_off()
        self.tend()
        self.assertEqual((RegisteringSystem.board, self.connection.webhook_state), ({}, "none"))
        self.tend()
        self.assertEqual(self.world.calls["register_webhooks"], 2)
        self.connection.action_on()
        self.tend()
        self.assertEqual(len(RegisteringSystem.board[self.url]), 3)

    def test_removed_by_hand_they_stay_away(self):
        self.register()
        self.connection.action_remove_webhooks()
        self.tend()
        self.assertEqual(RegisteringSystem.board, {})
        self.assertFalse([item for item in self.connection._todo_items() if item["code"] == "webhooks"])

    def test_a_copy_leaves_those_of_the_original_alone(self):
        self.register()
        self.connection.database_uuid = "another-database"
        self.connection.webhook_checked_at = False
        self.connection.webhook_base = "https://copy.example.com"
        self.tend()
        self.connection.state = "off"
        self.tend()
        self.connection.unlink()
        self.env.cr.postcommit.run()
        self.assertEqual(self.world.calls["register_webhooks"], 1)
        self.assertEqual(len(RegisteringSystem.board), 1)

    def test_a_neutralized_database_leaves_them_alone(self):
        self.register()
        self.connection.state = "off"
        with patch.object(type(self.env["ir.config_parameter"]), "get_param", lambda model, key, default=False: "1"):
            self.assertIsNone(self.connection._webhooks_due())

    def test_with_the_connection_they_go(self):
        self.register()
        self.connection.unlink()
        self.assertEqual(len(RegisteringSystem.board), 1, "before the deletion is certain")
        self.env.cr.postcommit.run()
        self.assertEqual(RegisteringSystem.board, {})

    def test_with_the_addon_they_go(self):
        self.register()
        end_webhooks(self.env)
        self.env.cr.postcommit.run()
        self.assertEqual(RegisteringSystem.board, {})

    def test_the_form_warns_of_an_address_that_nobody_reaches(self):
        cases = {
            "https://shop.example.com": 0,
            "http://shop.example.com": 1,
            "http://localhost:8069": 1,
            "https://10.1.2.3": 1,
            "https://odoo.lan": 1,
        }
        for base, count in cases.items():
            with self.subTest(base), self._databases([self.env.cr.dbname]):
                self.connection.webhook_base = base
                self.assertEqual(len((self.connection.webhook_warning or "").splitlines()), count)

    def test_the_form_warns_of_several_databases(self):
        with self._databases([self.env.cr.dbname, "second"]) as listed:
            self.assertIn("404", self.connection.webhook_warning)
            self.assertIn("shop.example.com", self.connection.webhook_warning)
            self.assertEqual(listed.call_args.kwargs["host"], "shop.example.com")
        with self._databases([self.env.cr.dbname]):
            self.connection.invalidate_recordset()
            self.assertFalse(self.connection.webhook_warning)

    def _databases(self, names):
        return patch.object(connection_webhook.http, "db_list", return_value=names)

    def test_where_it_can_t_be_done_the_form_says_how(self):
        with patch.object(RegisteringSystem, "register_webhooks", TestSystem.register_webhooks):
            self.connection.invalidate_recordset()
            self.assertFalse(self.connection.webhook_can_register)
            self.assertIn("product.changed", self.connection.webhook_choice)
            self.assertEqual(self.connection.webhook_help, "Open Webhooks there.")
