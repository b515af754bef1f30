"""Connect: who may ask for a permission, who may come back with it, once, and what becomes of it."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode, urlsplit

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import file_open

from ..connectors.answers import Account
from ..connectors.errors import Refused
from ..connectors.oauth import GRANT, Grant, OAuth, app_settings
from ..connectors.registry import registry
from ..connectors.settings import Setting, SettingKind
from .common import EngineCase, TestSystem, World


class PermittedSystem(TestSystem):
    """The test system with a page that asks: a code `right` opens the account that was entered, `other` another."""

    oauth = OAuth(authorize="https://page.example.com/authorize", token="https://page.example.com/token", pkce=True)
    settings = (
        Setting("account", "Account"),
        Setting("access_token", "Token", SettingKind.SECRET, required=False, way_in=True),
        *app_settings(("App ID", ""), ("App Secret", "")),
    )
    taken: list = []

    @property
    def world(self):
        return self.worlds["elsewhere" if self.values[GRANT] == "other" else self.values["account"]]

    def permission_page(self, **told):
        return self.oauth.page(self.values, **told)

    def take_permission(self, parameters, *, redirect, verifier):
        self.taken.append((parameters["code"], redirect, verifier))
        if parameters["code"] == "wrong":
            raise Refused("The page says no. Press Connect again.", code="bad-code")
        return {GRANT: parameters["code"]}


@tagged("post_install", "-at_install")
class TestOAuth(EngineCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {TestSystem.code: PermittedSystem}))
        cls.manager = cls.make_user("oauth_manager", "pos_sync_connector.group_manager")
        cls.second = cls.make_user("oauth_second", "pos_sync_connector.group_manager")
        cls.watcher = cls.make_user("oauth_watcher", "pos_sync_connector.group_user")

    @classmethod
    def make_user(cls, login, group):
        return new_test_user(
            cls.env, login=login, password=f"{login}-password", groups=f"base.group_user,{group}",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip

    def setUp(self):
        super().setUp()
        PermittedSystem.taken.clear()
        TestSystem.worlds["shop"] = World(account=Account(external_id="shop", name="Shop"))
        TestSystem.worlds["elsewhere"] = World(account=Account(external_id="elsewhere", name="Elsewhere"))
        self.shop = self.env["pos.sync.connection"].create(
            {"name": "Shop", "system": "test", "company_id": self.company.id, "setup_step": "access"}
        )
        self.setting("account").value = "shop"
        self.setting("client_id").value = "app-1"
        self.setting("client_secret").secret_input = "app-secret-1"

    def setting(self, key):
        return self.shop.setting_ids.filtered(lambda row: row.key == key)

    def press(self, user=None):
        """What the page is told."""
        action = self.shop.with_user(user or self.manager).action_ask_permission()
        self.assertEqual((action["type"], action["target"]), ("ir.actions.act_url", "self"))
        self.env.flush_all()
        return dict(parse_qsl(urlsplit(action["url"]).query))

    def come_back(self, user=None, **parameters):
        login = (user or self.manager).login
        self.authenticate(login, f"{login}-password")
        answer = self.url_open(f"/pos_sync/oauth/callback?{urlencode(parameters)}", allow_redirects=False, timeout=30)
        self.env.invalidate_all()
        return answer

    def assertRefused(self, answer, words):
        self.assertEqual(answer.status_code, 403)
        self.assertIn(words, answer.text)
        self.assertFalse(self.setting(GRANT).secret)

    def test_a_permission_connects_and_goes_on_in_the_set_up(self):
        told = self.press()
        self.assertEqual(told["redirect_uri"], f"{self.shop.get_base_url()}/pos_sync/oauth/callback")
        self.assertEqual(told["redirect_uri"], self.shop.oauth_redirect)
        answer = self.come_back(state=told["state"], code="right")
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith(f"setup_action/{self.shop.id}"), answer.headers["Location"])
        self.assertRecordValues(
            self.shop, [{"state": "connected", "setup_step": "flows", "account_name": "Shop", "permission_given": True}]
        )
        ((_code, redirect, verifier),) = PermittedSystem.taken
        self.assertEqual(redirect, told["redirect_uri"])
        self.assertEqual(self.setting(GRANT)._plain_value(), "right")
        self.env.cr.execute("SELECT secret FROM pos_sync_setting WHERE id = %s", [self.setting(GRANT).id])
        self.assertNotIn("right", self.env.cr.fetchone()[0])
        self.assertGreaterEqual(len(verifier), 43)

    def test_only_a_manager_asks_and_comes_back(self):
        with self.assertRaisesRegex(Exception, "allowed"):
            self.shop.with_user(self.watcher).action_ask_permission()
        told = self.press()
        self.env["pos.sync.authorization"].search([]).user_id = self.watcher
        self.env.flush_all()
        self.assertRefused(self.come_back(self.watcher, state=told["state"], code="right"), "")
        self.assertFalse(PermittedSystem.taken)

    def test_an_answer_counts_once(self):
        told = self.press()
        self.come_back(state=told["state"], code="wrong")
        self.assertRefused(self.come_back(state=told["state"], code="right"), "used already")
        self.assertEqual(len(PermittedSystem.taken), 1)

    def test_an_answer_that_nobody_asked_for_is_refused(self):
        for parameters in ({}, {"state": ""}, {"state": "made-up"}):
            self.assertRefused(self.come_back(code="right", **parameters), "nobody asked")
        self.assertFalse(PermittedSystem.taken)

    def test_asking_again_voids_what_was_asked_before(self):
        first, second = self.press(), self.press()
        self.assertRefused(self.come_back(state=first["state"], code="right"), "nobody asked")
        self.assertEqual(self.come_back(state=second["state"], code="right").status_code, 303)

    def test_it_is_for_the_one_who_asked(self):
        told = self.press()
        self.assertRefused(self.come_back(self.second, state=told["state"], code="right"), "Another user")
        self.assertRefused(self.come_back(state=told["state"], code="right"), "used already")

    def test_it_is_good_for_ten_minutes(self):
        told = self.press()
        asked = self.env["pos.sync.authorization"].search([("connection_id", "=", self.shop.id)])
        self.assertLessEqual(asked.ends_at, fields.Datetime.now() + timedelta(minutes=10))
        asked.ends_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.assertRefused(self.come_back(state=told["state"], code="right"), "ten minutes")

    def test_the_state_is_stored_as_a_hash_and_the_verifier_encrypted(self):
        told = self.press()
        self.env.cr.execute("SELECT * FROM pos_sync_authorization")
        self.assertNotIn(told["state"], repr(self.env.cr.fetchall()))
        self.assertNotIn("app-secret-1", urlencode(told))

    def test_what_the_page_says_is_told(self):
        told = self.press()
        self.assertRefused(self.come_back(state=told["state"], code="wrong"), "The page says no")
        self.assertEqual(self.shop.setup_step, "access")

    def test_another_account_is_not_taken(self):
        """What was permitted before stays, and nothing is read with what was not."""
        self.come_back(state=self.press()["state"], code="right")
        answer = self.come_back(state=self.press()["state"], code="other")
        self.assertEqual(answer.status_code, 403)
        self.assertIn("another account", answer.text)
        self.assertEqual(self.setting(GRANT)._plain_value(), "right")
        self.assertEqual(self.shop.state, "connected")

    def test_a_token_that_is_entered_takes_its_place(self):
        self.come_back(state=self.press()["state"], code="right")
        self.setting("access_token").secret_input = "entered"
        self.assertFalse(self.setting(GRANT).secret)
        self.assertFalse(self.shop.permission_given)

    def test_another_secret_takes_the_place_of_what_the_app_got_by_it(self):
        for own, left in ((True, False), (False, True)):
            self.setting(GRANT)._store_secret(Grant(access_token="a", own=own).dumps())
            self.setting("client_secret").secret_input = "app-secret-2"
            self.assertEqual(bool(self.setting(GRANT).secret), left)

    def test_an_app_that_asks_for_itself_has_no_page(self):
        alone = OAuth(token="https://page.example.com/token", credentials_with={})
        with patch.object(PermittedSystem, "oauth", alone):
            self.shop.invalidate_recordset()
            self.assertFalse(self.shop.oauth_redirect)
            self.assertTrue(self.shop.app_asks_itself)
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.app_asks_itself)

    def test_a_copy_gets_none(self):
        told = self.press()
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        self.env.flush_all()
        self.assertRefused(self.come_back(state=told["state"], code="right"), "neutralized")
        self.assertEqual(self.shop.action_ask_permission()["params"]["type"], "danger")
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", False)
        self.shop.database_uuid = "another"
        self.assertEqual(self.shop.action_ask_permission()["params"]["type"], "danger")
        with self.assertRaises(Refused), self.shop._prepare_connector_tools()["renewing"]():
            self.fail("renewed")

    def test_a_neutralized_copy_knows_nothing_of_it(self):
        self.come_back(state=self.press()["state"], code="right")
        self.press()
        with file_open("pos_sync_connector/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertFalse(self.setting(GRANT).secret or self.setting("client_secret").secret)
        self.assertFalse(self.env["pos.sync.authorization"].search([]))

    def test_who_forgot_to_come_back_is_forgotten(self):
        self.press()
        asked = self.env["pos.sync.authorization"].search([("connection_id", "=", self.shop.id)])
        asked.ends_at = fields.Datetime.now() - timedelta(days=1)
        self.env["pos.sync.authorization"]._gc_authorizations()
        self.assertFalse(asked.exists())

    def test_what_is_handed_out_is_asked_of_nobody(self):
        stages = {row.key: row.stage for row in self.shop.setting_ids}
        self.assertEqual(
            stages,
            {"account": "access", "access_token": "access", "client_id": "access", "client_secret": "access",
             GRANT: "none"},
        )  # fmt: skip
