"""What each person may do by RPC: every public method of every model and extension of the addon, found by itself, is
called by everybody, and the table says who gets in. Whoever is not named gets an AccessError, or the address of a
screen that shows only what they may read anyway; nothing is written for them."""

import re
import types
from unittest.mock import patch

from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .push_common import PushCase
from .rights_table import ARGUMENTS, MAY, ROLES
from .sample_rows import SampleRows, own_models

_ADDON = "odoo.addons.pos_sync_connector."
_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\s", re.IGNORECASE)
# What an action may bring: where to look, never what is there.
_SCREENS = ("ir.actions.act_window", "ir.actions.client", "ir.actions.report", "ir.actions.act_window_close")


def public_methods(env):
    """{model name: names of its public methods that this addon brings}; overrides of Odoo's own are Odoo's."""
    found = {}
    for model_name, model in env.registry.items():
        ours, others = set(), set()
        for cls in model.__mro__:
            names = {name for name, value in vars(cls).items() if isinstance(value, types.FunctionType)}
            if cls.__module__.startswith(_ADDON):
                ours |= {name for name in names if not name.startswith("_")}
            else:
                others |= names
        methods = {name for name in ours - others if not getattr(getattr(model, name), "_api_private", False)}
        if methods:
            found[model_name] = methods
    return found


class RightsCase(PushCase):
    """A user of each role, and a row of each model in the first company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Second Company"})
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"rights {role}",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for role, groups in ROLES.items()
            for company in [cls.other_company if role == "other" else cls.company]
        }
        rows = SampleRows(cls.env, cls.company)
        rows.made["pos.sync.connection"] = cls.connection
        rows.made["pos.sync.payment"] = cls.env["pos.sync.payment"].create(
            {**rows._values(cls.env["pos.sync.payment"]), "method_external_id": "cash"}
        )
        cls.samples = {model._name: rows.of(model._name) for model in own_models(cls.env)}
        failed = {"stream_id": cls.orders_stream.id, "flow": "orders_push", "state": "failed", "external_id": "1"}
        cls.env["pos.sync.message"].create({**failed, "trace_key": "sample"})
        cls.env.flush_all()
        for name in public_methods(cls.env):
            if name.startswith("pos.sync.") and name not in cls.samples:
                # Of a view there may be no row; its rights are asked first all the same.
                model = cls.env[name]
                cls.samples[name] = model.search([("company_id", "=", cls.company.id)], limit=1) or model.browse(1)
        # Everybody can read this order who can read any: the portal user has bought it.
        buyer = cls.users["portal"].partner_id
        buyer.company_id = cls.company
        order = cls.env["sale.order"].create(
            {"partner_id": buyer.id, "company_id": cls.company.id, "pos_sync_connection_id": cls.connection.id}
        )
        order.message_subscribe(buyer.ids)
        cls.samples |= {"sale.order": order, "res.partner": buyer}
        cls.samples |= {"stock.picking": cls._picking(), "account.move": (entry := cls._entry())}
        cls.samples["account.move.line"] = entry.line_ids[0]

    @classmethod
    def _picking(cls):
        kind = cls.env["stock.picking.type"].search([("company_id", "=", cls.company.id)], limit=1)
        return cls.env["stock.picking"].create({"picking_type_id": kind.id})

    @classmethod
    def _entry(cls):
        own = [Command.set(cls.company.ids)]
        account = cls.env["account.account"].create(
            {"code": "400000", "name": "Sales", "account_type": "income", "company_ids": own}
        )
        journal = cls.env["account.journal"].create(
            {"name": "Tills", "type": "general", "code": "POSS", "company_id": cls.company.id}
        )
        lines = [Command.create({"account_id": account.id, "debit": amount}) for amount in (0.0, 0.0)]
        return cls.env["account.move"].create({"journal_id": journal.id, "line_ids": lines})


@tagged("post_install", "-at_install")
class TestPublicMethods(RightsCase):
    def test_the_table_names_every_public_method(self):
        found = {(model, name) for model, names in public_methods(self.env).items() for name in names}
        stated = {(model, name) for model, names in MAY.items() for name in names}
        self.assertEqual(sorted(found - stated), [], "say in the table who may call these, or make them private")
        self.assertEqual(sorted(stated - found), [], "these are no more")

    def test_everybody_calls_everything(self):
        surprises = []
        for model, names in public_methods(self.env).items():
            for name in sorted(names):
                may = MAY.get(model, {}).get(name, "").split()
                got_in = [role for role in ROLES if self._call(role, model, name, role in may, surprises)]
                if set(may) - set(got_in):
                    surprises.append(f"{model}.{name} refuses {sorted(set(may) - set(got_in))}")
                if set(got_in) - set(may):
                    surprises.append(f"{model}.{name} is open to {sorted(set(got_in) - set(may))}")
        self.assertEqual(surprises, [], "\n" + "\n".join(surprises))

    def _call(self, role, model, name, may, surprises):
        """Whether the person got in: acted, or was told why this can't be done at the moment."""
        record = self.samples[model]
        record.invalidate_recordset()
        env = self.env(user=self.users[role], su=False, context={})
        args, keywords = ARGUMENTS.get(name, ([], {}))
        ids = [] if getattr(getattr(type(record), name), "_api_model", False) else [record.ids]
        written = []
        execute = self.env.cr.execute

        def noting(query, *rest, **options):
            text = getattr(query, "code", query)
            if isinstance(text, str) and _WRITES.match(text):
                written.append(text)
            return execute(query, *rest, **options)

        with self.env.cr.savepoint() as savepoint, mute_logger("odoo"):
            try:
                with patch.object(self.env.cr, "execute", noting):
                    answer = call_kw(env[model], name, [*ids, *args], dict(keywords))
                    env.flush_all()
            except AccessError:
                return False
            except MissingError:
                # A view without a row; who may not even read it was refused.
                return may
            except UserError:
                return True
            except Exception as error:
                surprises.append(f"{model}.{name} by {role}: {error!r}")
                return may
            finally:
                savepoint.rollback()
        screen = answer is None or (isinstance(answer, dict) and answer.get("type") in _SCREENS)
        return may or bool(written) or not screen


@tagged("post_install", "-at_install")
class TestWhatIsOnlyShown(RightsCase):
    def test_nobody_writes_it(self):
        """State, account, token, company: what every screen only shows is not entered by RPC either."""
        chief, refused = self.users["chief"], set()
        for model in own_models(self.env):
            record = self.samples[model._name].with_user(chief)
            if record._transient or not record.has_access("write"):
                continue
            for name, field in record._fields.items():
                if field.store and field.readonly and name not in MAGIC_COLUMNS:
                    with self.subTest(model=model._name, field=name), self.assertRaises(AccessError):
                        record.write({name: record.sudo()[name] if field.type in ("char", "boolean") else False})
                    refused.add((model._name, name))
        named = ("webhook_token", "account_external_id", "database_uuid", "state", "to_remove")
        self.assertLessEqual({("pos.sync.connection", name) for name in named}, refused)

    def test_nobody_brings_it_with_a_new_connection(self):
        Connection = self.env["pos.sync.connection"].with_user(self.users["chief"])
        values = {"name": "New", "system": "test", "company_id": self.company.id}
        with self.assertRaises(AccessError):
            Connection.create({**values, "state": "connected"})
        made = Connection.with_context(default_state="connected", default_database_uuid="mine").create(values)
        self.assertEqual((made.state, made.database_uuid), ("draft", False))

    def test_what_a_seller_reads(self):
        """Every field of ours on Odoo's own records, where they hold something."""
        order = self.samples["sale.order"]
        order.write(
            {
                "pos_sync_day_id": self.samples["pos.sync.day"].id,
                "pos_sync_location_id": self.samples["pos.sync.location"].id,
                "user_id": self.users["seller"].id,
            }
        )
        self.samples["pos.sync.payment"].order_id = self.samples["pos.sync.refund"].order_id = order
        self.env.flush_all()
        for name in ("sale.order", "res.partner", "stock.picking"):
            record = self.samples[name].with_user(self.users["seller"])
            for field in record.fields_get():
                if field.startswith("pos_sync_"):
                    self.env.invalidate_all()
                    with self.subTest(model=name, field=field):
                        self.assertTrue(record.read([field]))


@tagged("post_install", "-at_install")
class TestCompanies(RightsCase):
    def test_a_person_of_another_company_is_not_linked(self):
        user = self.users["user"]
        user.company_ids += self.other_company
        stranger = self.env["res.partner"].create({"name": "Other", "company_id": self.other_company.id})
        message = self.env["pos.sync.message"].create(
            {
                "stream_id": self.connection._stream("customers_pull").id,
                "flow": "customers_pull",
                "state": "held",
                "external_id": "c-1",
            }
        )
        Wizard = self.env["pos.sync.link"].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        with self.assertRaises(UserError):
            Wizard.create({"message_id": message.id, "partner_id": stranger.id}).action_link()
        self.assertFalse(message.candidate_partner_id)

    def test_a_product_is_linked_within_its_connection(self):
        chief = self.users["chief"]
        foreign = self.env["pos.sync.mapping"].create(
            {"connection_id": self.connection.id, "entity": "variant", "external_id": "v-foreign"}
        )
        wizard = (
            self.env["pos.sync.link_product"]
            .with_user(chief)
            .create({"connection_id": self.target.id, "product_id": self.tea.id, "by": "link"})
        )
        wizard.mapping_id = foreign
        with self.assertRaisesRegex(UserError, "another connection"):
            wizard.action_link()
        foreign.connection_id = self.target
        wizard.action_link()
        self.assertEqual((foreign.product_id, foreign.linked_by), (self.tea, "hand"))


@tagged("post_install", "-at_install")
class TestConditions(RightsCase):
    def test_conditions_of_a_flow_are_plain_values(self):
        for text in ("[('id', '=', 9**9**7)]", "[('id', 'in', [x for x in range(9)])]", "__import__('os')", "(" * 500):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.orders_stream.push_domain = text
        self.orders_stream.push_domain = "[('amount_total', '<', 15), ('name', 'in', ['a', 'b'])]"
