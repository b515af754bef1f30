"""The guided set-up of a connection: step by step, nothing lost, nothing read too early; and what is still to do."""

from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..connectors.answers import Account
from ..connectors.errors import NeedsFixing, Refused
from ..connectors.flows import FLOWS, Flow
from ..connectors.records import Location, TaxRate
from ..connectors.registry import registry
from .common import TestSystem, World, product
from .sales_common import SalesCase, SalesSystem, SalesWorld


@tagged("post_install", "-at_install")
class TestSetup(SalesCase):
    def setUp(self):
        super().setUp()
        self.shop = TestSystem.worlds["new"] = SalesWorld(account=Account(external_id="new", name="New Shop"))
        self.shop.locations = [Location(external_id="shop", name="Shop")]
        self.shop.taxes = [TaxRate(external_id="vat", name="VAT", rate=Decimal("17.35"))]
        with Form(
            self.env["pos.sync.connection"].with_context(default_setup_step="system"),
            "pos_sync_connector.pos_sync_connection_view_setup",
        ) as form:
            form.system = SalesSystem.code
        self.new = form.record

    def setting(self, key):
        return self.new.setting_ids.filtered(lambda row: row.key == key)

    def go_to(self, step):
        """Through the steps as a person goes who enters what is needed."""
        while self.new.setup_step != step:
            if self.new.setup_step == "access":
                self.setting("account").value = "new"
            before = self.new.setup_step
            self.new.action_setup_next()
            self.assertNotEqual(self.new.setup_step, before)

    def codes(self, connection=None):
        return [item["code"] for item in (connection or self.new)._todo_items()]

    def test_the_cards_say_what_the_classes_can_do(self):
        cards = {card["code"]: card for card in self.new.system_cards}
        self.assertEqual(set(cards), {system.code for system in registry.all()})
        for system in registry.all():
            shown = cards[system.code]["comes"] + cards[system.code]["goes"]
            able = [FLOWS[flow].label for flow in system.flows() if flow is not Flow.SETUP_PULL]
            self.assertEqual(sorted(shown), sorted(able))

    def test_choosing_a_system_names_and_keeps_the_connection(self):
        self.assertRecordValues(
            self.new, [{"setup_step": "system", "name": SalesSystem.name, "system": SalesSystem.code}]
        )
        self.new.action_setup_next()
        self.assertEqual(self.new.setup_step, "access")
        self.assertEqual(self.new.action_open()["res_id"], self.new.id)
        setup = self.env.ref("pos_sync_connector.pos_sync_connection_view_setup")
        self.assertEqual(self.new.action_open()["views"], [(setup.id, "form")])
        self.assertIn("setup", self.codes())

    def test_what_is_missing_stands_at_its_field(self):
        self.go_to("access")
        self.new.action_setup_next()
        self.assertEqual(self.new.setup_step, "access")
        self.assertIn("“Account” is empty", self.setting("account").problem)
        self.assertEqual(self.shop.calls["check"], 0)

    def test_what_the_system_refuses_stands_at_the_field_it_is_about(self):
        self.go_to("access")
        self.setting("account").value = "new"
        self.patch(SalesSystem, "blamed", {"bad-credentials": "token"})
        self.shop.plan["check"] = [Refused("The key is wrong.", code="bad-credentials"), NeedsFixing("Too old.")]
        self.new.action_setup_next()
        self.assertEqual((self.setting("token").problem, self.new.state_message), ("The key is wrong.", False))
        self.new.action_setup_next()
        self.assertEqual((self.setting("token").problem, self.new.state_message), (False, "Too old."))
        self.assertEqual(self.setting("account").value, "new", "what was entered stays")
        self.new.action_setup_next()
        self.assertRecordValues(self.new, [{"setup_step": "flows", "state": "connected", "state_message": False}])

    def test_nothing_but_the_setup_is_read_before_the_start(self):
        self.shop.put(product("fork"))
        self.go_to("flows")
        self.new.stream_ids._request()
        now = fields.Datetime.now()
        self.assertEqual(
            self.new.stream_ids.filtered(lambda stream: stream._is_due(now)).mapped("flow"), ["setup_pull"]
        )
        with self.assertRaisesRegex(UserError, "Finish the set-up"):
            self.new.action_sync_now()
        self.new.action_setup_next()
        self.assertTrue(self.new.setup_reading)
        self.run_job(self.new._stream("setup_pull"))
        self.env.invalidate_all()
        self.assertFalse(self.new.setup_reading)
        self.assertEqual(self.new.location_ids.mapped("name"), ["Shop"])
        self.run_job(self.new._stream("products_pull"))
        self.assertFalse(self.shop.calls["pull_products"])
        self.assertEqual(self.codes(), ["setup", "locations", "taxes"])
        self.new.action_setup_next()
        action = self.new.action_setup_start()
        self.assertEqual((self.new.setup_step, action["res_id"]), (False, self.new.id))
        self.run_job(self.new._stream("products_pull"))
        self.assertTrue(self.template("fork", connection=self.new))

    def test_at_least_one_flow_comes(self):
        self.go_to("flows")
        (self.new.stream_ids - self.new._stream("setup_pull")).enabled = False
        with self.assertRaisesRegex(UserError, "at least one flow"):
            self.new.action_setup_next()

    def test_back_keeps_what_was_entered(self):
        self.go_to("matching")
        self.new.action_setup_back()
        self.new.action_setup_back()
        self.assertEqual(self.new.setup_step, "access")
        self.assertEqual(self.setting("account").value, "new")

    def test_only_a_manager_sets_up(self):
        accountant = new_test_user(
            self.env,
            login="accountant",
            groups="pos_sync_connector.group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        new = self.new.with_user(accountant)
        for action in ("action_setup_next", "action_setup_back", "action_setup_start"):
            with self.assertRaises(AccessError, msg=action):
                getattr(new, action)()
        self.assertEqual(
            new.action_open()["views"][0][0], self.env.ref("pos_sync_connector.pos_sync_connection_view_form").id
        )


@tagged("post_install", "-at_install")
class TestTodo(SalesCase):
    """Each line names a method that opens the place where it is done."""

    def items(self):
        self.env.invalidate_all()
        return {item["code"]: item for item in self.connection._todo_items()}

    def test_nothing_to_do(self):
        self.assertEqual(self.items(), {})

    def test_what_is_to_do_until_it_is_done(self):
        location = self.env["pos.sync.location"].create(
            {"connection_id": self.connection.id, "external_id": "bar", "name": "Bar", "holds_stock": True}
        )
        tax = self.map_tax("vat", tax_id=False)
        self.connection._stream("customers_pull").enabled = False
        self.world.put(product("odd", tax_ids=("other",)))
        self.pull()
        items = self.items()
        self.assertEqual(set(items), {"locations", "taxes", "failures", "flows"})
        self.assertEqual(items["flows"]["level"], "note")
        self.assertEqual(self.connection.todo_count, 3)
        for item in items.values():
            self.assertTrue(item["text"] and item["button"] and item["count"] == 1, item)
            action = getattr(self.connection, item["action"])()
            self.assertEqual(action["type"], "ir.actions.act_window", item["code"])
            if action["res_model"] != "pos.sync.connection":
                self.assertTrue(self.env[action["res_model"]].search_count(action["domain"]), item["code"])
        location.ignored = tax.ignored = True
        self.assertEqual(set(self.items()), {"failures", "flows", "stale"})

    def test_credentials(self):
        self.connection.write({"state": "refused", "state_message": "The key has expired."})
        item = self.items()["credentials"]
        self.assertEqual((item["text"], item["level"]), ("The key has expired.", "danger"))
        dialog = self.connection.action_view_access()
        self.assertEqual(dialog["target"], "new")
        self.world.plan["check"] = [Refused("Still expired.")]
        self.assertFalse(self.connection.action_test_access(), "the dialog stays open")
        self.connection.action_test_access()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.items(), {})

    def test_a_connection_made_without_the_guide(self):
        TestSystem.worlds["plain"] = World(account=Account(external_id="plain", name="Plain"))
        self.connection = self.env["pos.sync.connection"].create({"name": "Plain", "system": "test"})
        self.assertEqual(set(self.items()), {"settings"})
        self.connection.setting_ids.filtered(lambda row: row.key == "account").value = "plain"
        self.assertEqual(set(self.items()), {"test"})
        self.connection.action_test()
        self.assertEqual(self.items(), {})
