"""Who may see and do what: every model of the addon, found by itself, and the secrets."""

import logging

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import file_open

from .sample_rows import SampleRows, own_models

SECRET = "s3cret-never-seen-again"


@tagged("post_install", "-at_install")
class TestRights(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Second Company"})
        rows = SampleRows(cls.env, cls.company)
        cls.samples = {model._name: rows.of(model._name) for model in own_models(cls.env)}
        cls.manager = cls._user("manager", cls.company, "pos_sync_connector.group_manager")
        cls.accountant = cls._user("accountant", cls.company, "pos_sync_connector.group_user")
        cls.stranger = cls._user("stranger", cls.company, "base.group_user")
        cls.other_manager = cls._user("other", cls.other_company, "pos_sync_connector.group_manager")

    @classmethod
    def _user(cls, login, company, group):
        return new_test_user(
            cls.env, login=login, groups=group, company_id=company.id, company_ids=[(6, 0, company.ids)]
        )

    def _as(self, user, model_name):
        return self.env[model_name].with_user(user).with_company(user.company_id)

    def test_the_samples_cover_every_model(self):
        self.assertGreaterEqual(len(self.samples), 9)
        for name, sample in self.samples.items():
            self.assertEqual(sample.company_id, self.company, name)

    def test_every_model_has_rights_and_a_company_rule(self):
        for model in own_models(self.env):
            with self.subTest(model=model._name):
                rights = self.env["ir.model.access"].search([("model_id.model", "=", model._name)])
                self.assertTrue(rights, "no access rights")
                self.assertTrue(all(right.group_id for right in rights), "rights for everybody")
                rules = self.env["ir.rule"].search([("model_id.model", "=", model._name), ("groups", "=", False)])
                self.assertIn("[('company_id', 'in', company_ids)]", rules.mapped("domain_force"))

    def test_a_second_company_sees_nothing_of_the_first(self):
        for name, sample in self.samples.items():
            with self.subTest(model=name):
                foreign = self._as(self.other_manager, name)
                self.assertFalse(foreign.search([("id", "=", sample.id)]))
                self.assertFalse(foreign.search_count([("id", "=", sample.id)]))
                (group,) = foreign.formatted_read_group([("id", "=", sample.id)], [], ["__count"])
                self.assertEqual(group["__count"], 0)
                with self.assertRaises(AccessError):
                    foreign.browse(sample.id).read(["display_name"])
                for operation in ("write", "unlink"):
                    if foreign.has_access(operation):
                        with self.assertRaises(AccessError):
                            foreign.browse(sample.id).check_access(operation)

    def test_the_first_company_sees_its_own(self):
        for name, sample in self.samples.items():
            with self.subTest(model=name):
                self.assertEqual(self._as(self.accountant, name).search([("id", "=", sample.id)]).id, sample.id)

    def test_who_is_in_no_group_gets_nowhere(self):
        for name, sample in self.samples.items():
            with self.subTest(model=name), self.assertRaises(AccessError):
                self._as(self.stranger, name).browse(sample.id).read(["display_name"])

    def test_an_accountant_changes_nothing(self):
        # An answer is given in a dialog of its own, which only holds what is being typed.
        dialogs = {"pos.sync.link", "pos.sync.send", "pos.sync.fetch"}
        for name, sample in self.samples.items():
            if name in dialogs:
                continue
            with self.subTest(model=name):
                row = self._as(self.accountant, name).browse(sample.id)
                self.assertEqual([op for op in ("write", "create", "unlink") if row.has_access(op)], [])

    def test_nobody_makes_flows_runs_or_messages_by_hand(self):
        for name in ("pos.sync.stream", "pos.sync.run", "pos.sync.message"):
            self.assertFalse(self._as(self.manager, name).has_access("create"), name)

    def test_buttons_beyond_ones_rights_are_refused(self):
        connection = self.samples["pos.sync.connection"].with_user(self.accountant)
        for button in ("action_test", "action_off", "action_on", "action_confirm_database"):
            with self.subTest(button=button), self.assertRaises(AccessError):
                getattr(connection, button)()
        for model, button in (
            ("pos.sync.connection", "action_sync_now"),
            ("pos.sync.stream", "action_sync_now"),
            ("pos.sync.message", "action_retry"),
        ):
            with self.subTest(button=button, model=model), self.assertRaises(AccessError):
                getattr(self.samples[model].with_user(self.stranger), button)()

    def test_an_accountant_retries_and_drops(self):
        stream = self.samples["pos.sync.stream"]
        failed, unwanted = self.env["pos.sync.message"].create(
            [
                {"stream_id": stream.id, "flow": stream.flow, "state": "failed", "external_id": key}
                for key in ("retry me", "drop me")
            ]
        )
        failed.with_user(self.accountant).action_retry()
        unwanted.with_user(self.accountant).action_drop()
        self.assertEqual((failed.state, unwanted.state), ("waiting", "dropped"))

    def test_the_payload_is_for_managers(self):
        message = self.samples["pos.sync.message"]
        self.assertEqual(message.with_user(self.manager).read(["payload"])[0]["payload"], message.payload)
        with self.assertRaises(AccessError):
            message.with_user(self.accountant).read(["payload"])

    def test_a_manager_makes_a_connection_in_the_form(self):
        system = self.env["pos.sync.connection"]._select_system()[0][0]
        with Form(self._as(self.manager, "pos.sync.connection")) as form:
            form.system = system
            form.name = "Made by a manager"
        connection = form.record
        self.assertEqual(connection.company_id, self.company)
        self.assertEqual(
            connection.stream_ids.mapped("flow"), [flow.value for flow in connection._system_class().flows()]
        )
        self.assertEqual(
            set(connection.setting_ids.mapped("key")), {item.key for item in connection._system_class().settings}
        )

    def test_a_stranger_still_reads_products_and_orders(self):
        seller = self._user("seller", self.company, "sales_team.group_sale_manager")
        product = self.env["product.template"].create({"name": "Tea"})
        partner = self.env["res.partner"].create({"name": "Tess"})
        order = self.env["sale.order"].create({"partner_id": partner.id})
        for record in (product, product.product_variant_id, partner, order):
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(seller).read()[0]["id"])


@tagged("post_install", "-at_install")
class TestSecrets(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "pos_sync_connector.group_manager,base.group_allow_export"
        cls.manager = new_test_user(cls.env, login="manager", groups=groups)
        connections = cls.env["pos.sync.connection"].with_user(cls.manager)
        cls.connection = next(
            connection
            for connection in (
                connections.create({"name": name, "system": code}) for code, name in connections._select_system()
            )
            if "secret" in connection.setting_ids.mapped("kind")
        )
        cls.setting = cls.connection.setting_ids.filtered(lambda setting: setting.kind == "secret")[:1]
        cls.setting.secret_input = SECRET

    def test_it_is_kept_encrypted_and_serves_the_connector(self):
        self.assertTrue(self.setting.has_secret)
        self.assertEqual(self.setting._plain_value(), SECRET)
        self.env.flush_all()
        self.env.cr.execute("SELECT row_to_json(s)::text FROM pos_sync_setting s WHERE id = %s", [self.setting.id])
        self.assertNotIn(SECRET, self.env.cr.fetchone()[0])

    def test_an_empty_input_keeps_it(self):
        self.setting.write({"secret_input": False})
        self.assertEqual(self.setting._plain_value(), SECRET)

    def test_nobody_reads_it(self):
        token = self.setting.sudo().secret
        for user in (self.manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                setting = self.setting.with_user(user)
                setting.invalidate_recordset()
                with self.assertRaises(AccessError):
                    setting.read(["secret"])
                with self.assertRaises(AccessError):
                    _ = setting.secret
                everything = [
                    setting.read(),
                    setting.web_read({"secret_input": {}, "value": {}, "has_secret": {}}),
                    setting.connection_id.web_read({"setting_ids": {"fields": {"secret_input": {}, "value": {}}}}),
                    setting.search_read([("id", "=", setting.id)]),
                    setting.fields_get(),
                    setting.name_search(SECRET[:4]),
                    setting.connection_id.copy_data(),
                    setting.copy_data(),
                ]
                self.assertNotIn(SECRET, str(everything))
                self.assertNotIn(token, str(everything))
                self.assertNotIn("secret", setting.fields_get())
                self.assertFalse(setting.secret_input)

    def test_nobody_searches_or_groups_by_it(self):
        settings = self.env["pos.sync.setting"].with_user(self.manager)
        for attempt in (
            lambda: settings.search([("secret", "like", "gAAAA")]),
            lambda: settings.search([("secret", "=like", "g%")]),
            lambda: settings.search([], order="secret"),
            lambda: settings.search_count([("secret", "!=", False)]),
            lambda: settings.formatted_read_group([], ["secret"]),
            lambda: settings.formatted_read_group([], [], ["secret:array_agg"]),
            lambda: settings.web_search_read([], {"secret": {}}),
            lambda: self.env["pos.sync.connection"]
            .with_user(self.manager)
            .search([("setting_ids.secret", "like", "gAAAA")]),
            lambda: self.connection.mapped("setting_ids.secret"),
            lambda: self.setting.filtered_domain([("secret", "like", "gAAAA")]),
        ):
            try:
                found = attempt()
            except (AccessError, UserError, ValueError):
                continue
            self.fail(f"a secret could be asked for: {found}")

    def test_nobody_exports_it(self):
        for user in (self.manager, self.env.ref("base.user_admin")):
            setting = self.setting.with_user(user)
            try:
                exported = str(setting.export_data(["secret", "secret_input", "value"]))
            except (AccessError, UserError, ValueError):
                exported = ""
            self.assertNotIn(SECRET, exported)
            self.assertNotIn(self.setting.sudo().secret, exported)
            try:
                exported = str(setting.connection_id.export_data(["setting_ids/secret", "setting_ids/secret_input"]))
            except (AccessError, UserError, ValueError):
                exported = ""
            self.assertNotIn(SECRET, exported)
            self.assertNotIn(self.setting.sudo().secret, exported)

    def test_a_copy_has_none(self):
        copied = self.connection.copy({"name": "Copy"})
        self.assertFalse(any(copied.setting_ids.mapped("has_secret")))

    def test_nobody_writes_the_stored_one(self):
        with self.assertRaises(AccessError):
            self.setting.write({"secret": "plain"})

    def test_it_is_neither_logged_nor_in_the_chatter(self):
        with self.assertLogs("odoo", level="DEBUG") as logs:
            logging.getLogger("odoo").debug("the log is caught")
            self.setting.secret_input = SECRET
            self.env.flush_all()
        self.assertNotIn(SECRET, str(logs.output))
        self.assertNotIn(SECRET, str(self.connection.message_ids.mapped("body")))
        self.assertNotIn(SECRET, str(self.connection.message_ids.sudo().tracking_value_ids.read()))

    def test_a_neutralized_copy_has_no_secret_and_talks_to_nobody(self):
        self.connection.sudo().write({"state": "connected", "account_external_id": "account"})
        self.env.flush_all()
        with file_open("pos_sync_connector/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertFalse(any(self.connection.setting_ids.mapped("has_secret")))
        self.assertEqual(self.connection.state, "off")
        self.assertIn("neutralized", self.connection.state_message)
        self.assertFalse(self.connection.sudo()._may_talk())
