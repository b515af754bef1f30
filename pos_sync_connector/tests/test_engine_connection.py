"""A connection: tested, refused, copied, neutralized, switched off; and what is kept of its past."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.modules import get_module_path
from odoo.tests import tagged
from odoo.tools import convert_file

from ..connectors.answers import Account, Choice
from ..connectors.errors import NeedsFixing, Refused, RetryLater
from ..connectors.records import PriceLevel
from ..connectors.registry import registry
from .common import EngineCase, TestSystem, World, product


@tagged("post_install", "-at_install")
class TestConnection(EngineCase):
    def setUp(self):
        super().setUp()
        self.stream = self.connection._stream("products_pull")

    def draft(self, account="new", world=None):
        """A connection that was never tested."""
        TestSystem.worlds[account] = world or World(account=Account(external_id=account, name=account))
        connection = self.env["pos.sync.connection"].create(
            {"name": account, "system": "test", "company_id": self.company.id}
        )
        self.setting("account", connection).value = account
        return connection

    def setting(self, key, connection=None):
        return (connection or self.connection).setting_ids.filtered(lambda row: row.key == key)

    def say(self, action):
        """(kind, sentence) of the notification that a button shows."""
        return action["params"]["type"], action["params"]["message"]

    # Test connection

    def test_tested(self):
        connection = self.draft()
        self.assertEqual(connection.state, "draft")
        with self.assertRaises(UserError):
            connection.action_sync_now()
        kind, sentence = self.say(connection.action_test())
        self.assertEqual(kind, "success")
        self.assertIn("new", sentence)
        self.assertRecordValues(
            connection, [{"state": "connected", "account_external_id": "new", "account_name": "new"}]
        )
        self.assertTrue(connection._stream("setup_pull").requested, "what is needed to set it up comes at once")

    def test_how_often_orders_are_asked_for(self):
        every = {"biotrack": "every 3 hours", "shopify": "every 15 minutes", "square": "every 15 minutes"}
        for system, words in every.items():
            connection = self.env["pos.sync.connection"].create(
                {"name": system, "system": system, "company_id": self.company.id}
            )
            self.assertEqual(connection._stream("orders_pull").schedule, words)

    def test_settings_and_flows_come_from_the_class(self):
        self.assertEqual(self.connection.setting_ids.mapped("key"), ["account", "token", "price_level", "areas"])
        self.assertEqual(
            sorted(self.connection.stream_ids.mapped("flow")), ["products_pull", "setup_pull", "stock_pull"]
        )

    def test_an_update_brings_settings_and_flows_that_the_system_has_got(self):
        """As the addon's data does it at each update; what people entered and the system named stays."""
        self.world.areas = [Choice("7", "Cellar")]
        self.connection.action_test()
        self.setting("token")._store_secret("opens-the-shop")
        self.setting("areas").value = "7"
        wanted = self.connection.setting_ids.mapped(lambda row: (row.key, row.sequence))
        offered = self.env["pos.sync.setting.choice"].search([("connection_id", "=", self.connection.id)])
        self.setting("price_level").unlink()
        self.connection._stream("stock_pull").unlink()
        self.setting("account").sequence = 9
        self.env["pos.sync.setting"].create({"connection_id": self.connection.id, "key": "of_a_former_version"})
        data = Path(get_module_path("pos_sync_connector")) / "data" / "pos_sync_connection_data.xml"
        convert_file(self.env, "pos_sync_connector", data.as_posix(), {}, mode="update")
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.setting_ids.sorted().mapped(lambda row: (row.key, row.sequence)), wanted)
        self.assertEqual(self.setting("token")._plain_value(), "opens-the-shop")
        self.assertEqual((self.setting("account").value, self.setting("areas").value), ("main", "7"))
        self.assertLessEqual(offered, self.env["pos.sync.setting.choice"].search([]))
        stock = self.connection._stream("stock_pull")
        self.assertTrue(stock.cron_id)
        self.assertFalse(stock.enabled, "an update switches nothing on")
        self.assertTrue(self.draft("later")._stream("stock_pull").enabled)

    def test_an_update_leaves_alone_what_belongs_to_a_module_that_is_not_loaded_yet(self):
        before = self.connection.setting_ids, self.connection.stream_ids
        with patch.dict(registry._systems, clear=True):
            self.env["pos.sync.connection"]._follow_systems()
        self.assertEqual((self.connection.setting_ids, self.connection.stream_ids), before)

    def test_failures_are_sentences(self):
        for failure in (RetryLater("It is down."), NeedsFixing("Choose a company."), Refused("The key is wrong.")):
            connection = self.draft()
            TestSystem.worlds["new"].plan["check"] = [failure]
            self.assertEqual(self.say(connection.action_test()), ("danger", failure.sentence))
            self.assertEqual(connection.state, "draft")
            self.assertFalse(connection.account_external_id)
            connection.unlink()

    def test_missing_setting(self):
        connection = self.draft()
        self.setting("account", connection).value = False
        kind, sentence = self.say(connection.action_test())
        self.assertEqual(kind, "danger")
        self.assertIn("“Account” is empty", sentence)

    def test_another_account_is_refused(self):
        self.world.account = Account(external_id="account-2", name="Other Shop")
        kind, sentence = self.say(self.connection.action_test())
        self.assertEqual(kind, "danger")
        self.assertIn("Other Shop", sentence)
        self.assertIn("Corner Shop", sentence)
        self.assertEqual((self.connection.state, self.connection.account_external_id), ("refused", "account-1"))
        self.assertFalse(self.connection._may_talk())
        self.world.account = Account(external_id="account-1", name="Corner Shop")
        self.connection.action_test()
        self.assertEqual(self.connection.state, "connected")

    def test_the_same_account_twice_is_refused(self):
        connection = self.draft("twin", World())
        kind, sentence = self.say(connection.action_test())
        self.assertEqual(kind, "danger")
        self.assertIn("Connection main", sentence)
        self.assertEqual(connection.state, "draft")

    def test_the_same_account_in_another_company(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        connection = self.draft("twin", World())
        connection.company_id = other
        self.assertEqual(self.say(connection.action_test())[0], "success")

    def test_price_levels_are_offered(self):
        self.world.levels = [PriceLevel(external_id="1", name="Retail"), PriceLevel(external_id="2", name="Member")]
        self.connection.action_test()
        choices = self.env["pos.sync.setting.choice"].search(
            [("connection_id", "=", self.connection.id), ("key", "=", "price_level")]
        )
        self.assertEqual(choices.mapped("name"), ["Retail", "Member"])
        self.setting("price_level").choice_id = choices[1]
        self.assertEqual(self.setting("price_level").value, "2")
        for value, choice in (("1", choices[0]), ("9", choices.browse()), ("2", choices[1])):
            self.setting("price_level").value = value
            self.assertEqual(self.setting("price_level").choice_id, choice, "what is written is what is shown")
        self.world.levels.pop()
        self.connection.action_test()
        self.assertEqual(choices.exists().mapped("name"), ["Retail"])
        self.assertEqual(self.setting("price_level").value, "2", "the choice vanished, not what was chosen")

    def test_any_number_of_choices(self):
        areas = self.setting("areas")
        self.assertEqual(areas.choice_ids.mapped("name"), ["Anywhere"], "what is usual, before anybody was asked")
        self.world.areas = [Choice("3", "Vault"), Choice("7", "Shelf")]
        self.connection.action_test()
        offered = self.env["pos.sync.setting.choice"].search(
            [("connection_id", "=", self.connection.id), ("key", "=", "areas")]
        )
        self.assertEqual(offered.mapped("name"), ["Anywhere", "Vault", "Shelf"])
        areas.choice_ids = offered.filtered(lambda choice: choice.value in ("7", "3"))
        self.assertEqual(areas.value, "3,7")
        with self.connection._connector() as connector:
            self.assertEqual(connector.values["areas"], ("3", "7"))
        self.world.areas.pop()
        self.connection.action_test()
        self.env.invalidate_all()
        self.assertEqual(areas.choice_ids.mapped("name"), ["Vault", "Shelf"], "what is taken can be taken away")
        areas.choice_ids -= areas.choice_ids[1]
        self.connection.action_test()
        self.assertEqual((areas.value, offered.exists().mapped("name")), ("3", ["Anywhere", "Vault"]))
        areas.choice_ids = False
        self.assertEqual(areas.value, "0")

    def test_what_was_chosen_before_it_was_offered_stays(self):
        areas = self.setting("areas")
        areas.value = "0, 7"
        areas.choice_ids = areas.choice_ids
        self.assertEqual(areas.value, "0,7")
        self.world.areas = [Choice("7", "Shelf")]
        self.connection.action_test()
        self.env.invalidate_all()
        self.assertEqual(set(areas.choice_ids.mapped("name")), {"Anywhere", "Shelf"})

    def test_system_and_company_stay_once_connected(self):
        self.world.put(product("tea"))
        self.pull()
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        with self.assertRaisesRegex(ValidationError, "linked records"):
            self.connection.company_id = other
        with self.assertRaises(UserError):
            self.connection.system = "odoo"

    # Copies

    def test_a_copied_database_is_silent(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another-database")
        self.connection.invalidate_recordset(["is_copy"])
        self.assertTrue(self.connection.is_copy)
        self.stream._request()
        self.assertFalse(self.stream._is_due(fields.Datetime.now()))
        self.run_job(self.stream)
        self.assertFalse(self.world.calls["pull_products"])
        with self.assertRaisesRegex(UserError, "copy"):
            self.connection.action_sync_now()
        self.assertIn("copy", self.say(self.connection.action_test())[1])
        self.assertEqual(self.world.calls["check"], 0)
        self.connection.action_confirm_database()
        self.assertTrue(self.stream._is_due(fields.Datetime.now()))
        self.run_job(self.stream)
        self.assertTrue(self.world.calls["pull_products"])

    def test_a_neutralized_database_is_silent(self):
        token = self.setting("token")
        token.secret_input = "s3cret"
        never = self.draft()
        self.env.flush_all()
        script = Path(get_module_path("pos_sync_connector")) / "data" / "neutralize.sql"
        self.env.cr.execute(script.read_text())
        self.env.invalidate_all()
        self.assertEqual((self.connection.state, never.state), ("off", "draft"))
        self.assertIn("neutralized", self.connection.state_message)
        self.assertFalse(token.has_secret)
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.connection.action_on()
        self.stream._request()
        self.assertFalse(self.stream._is_due(fields.Datetime.now()))
        with self.assertRaisesRegex(UserError, "neutralized"):
            self.connection.action_sync_now()

    def test_copying_a_connection_copies_no_account(self):
        self.setting("token").secret_input = "s3cret"
        copy = self.connection.copy()
        self.assertRecordValues(copy, [{"state": "draft", "account_external_id": False, "pricelist_id": False}])
        self.assertFalse(self.setting("token", copy).has_secret)
        self.assertEqual(len(copy.stream_ids), 3)

    # What is kept

    def test_old_runs_go(self):
        Run = self.env["pos.sync.run"]
        now = fields.Datetime.now()
        old, running, fresh = Run.create(
            [
                {"stream_id": self.stream.id, "state": "done", "started_at": now - timedelta(days=91)},
                {"stream_id": self.stream.id, "state": "running", "started_at": now - timedelta(days=91)},
                {"stream_id": self.stream.id, "state": "done", "started_at": now - timedelta(days=89)},
            ]
        )
        Run._gc_runs()
        self.assertEqual((old | running | fresh).exists(), running | fresh)

    def test_old_messages_go_and_open_ones_stay(self):
        now = fields.Datetime.now()

        def message(state, days):
            return self.env["pos.sync.message"].create(
                {
                    "stream_id": self.stream.id,
                    "flow": "products_pull",
                    "state": state,
                    "external_id": f"{state}-{days}",
                    "payload": "{}",
                    "failed_at": now - timedelta(days=days),
                    "done_at": now - timedelta(days=days) if state in ("done", "dropped") else False,
                }
            )

        kept = {
            (state, days): message(state, days)
            for state in ("done", "dropped", "failed", "held", "waiting")
            for days in (6, 8, 29, 31, 400)
        }
        self.env["pos.sync.message"]._gc_messages()
        for (state, days), item in kept.items():
            closed = state in ("done", "dropped")
            self.assertEqual(bool(item.exists()), not closed or days < 30, (state, days))
            if item.exists():
                self.assertEqual(bool(item.payload), not closed or days < 7, (state, days))

    def test_autovacuum_calls_both(self):
        for model, method in (("pos.sync.run", "_gc_runs"), ("pos.sync.message", "_gc_messages")):
            self.assertTrue(getattr(getattr(self.env.registry[model], method), "_autovacuum", False), method)
