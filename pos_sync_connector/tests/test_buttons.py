"""Every button, server action and menu of the addon answers as the web client calls it."""

import json

from odoo.addons.web.controllers.utils import clean_action
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import json_default

from .posting_common import paid, returned
from .reconcile_common import ReconcileCase
from .sales_common import line, order, refund, tax_of
from .sample_rows import SampleRows

MODULE = "pos_sync_connector"


class _Undone(Exception):
    pass


@tagged("post_install", "-at_install")
class TestButtons(ReconcileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = ("account.group_account_manager", "sales_team.group_sale_manager", "stock.group_stock_manager")
        cls.clerk = new_test_user(
            cls.env,
            login="presses_all",
            groups=",".join([f"{MODULE}.group_manager", "base.group_partner_manager", *groups]),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.rows = SampleRows(cls.env, cls.company)

    def _live(self):
        """A shop with a day that is posted, one that differs, a refund, and an order that failed."""
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(paid("b", 10),)))
        self.refund(refund("r", "1", 10, payments=(paid("c", 10),), lines=(returned("1-1", 1),)))
        self.post()
        self.edit("2", 12)
        self.check(self.day().date)
        self.world.sell(order("3", line("3-1", taxes=(tax_of("unmatched", 10),))))
        self.pull("orders_pull")
        made_here = self.order("2").copy({"partner_id": self.env["res.partner"].create({"name": "Ada"}).id})
        made_here.order_line.product_id.is_storable = True
        made_here.action_confirm()

    # What there is to press

    def _own(self, model):
        """The records of the addon's data, with the names that others call them by."""
        data = self.env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", model)])
        return self.env[model].browse(data.mapped("res_id")).exists()

    def _buttons(self):
        """{(model, method, args, whether it is pressed without records)} of all object buttons of the addon's views."""
        found = set()
        for view in self._own("ir.ui.view").filtered(lambda item: item.type != "qweb" and item.model in self.env):
            names = {node.get("name") for node in view._get_combined_arch().iter("button", "a")}
            if view.inherit_id:
                # Odoo's own buttons of the screen are not the addon's.
                names = {name for name in names if f'"{name}"' in view.arch}
            for node in view._get_combined_arch().iter("button", "a"):
                if node.get("type") == "object" and node.get("name") in names:
                    model = self._model_of(node, view.model)
                    found.add((model, node.get("name"), node.get("args") or "[]", node.get("display") == "always"))
        return sorted(found)

    def _model_of(self, node, model):
        """A button inside a list of lines is one of theirs."""
        path = [above.get("name") for above in node.iterancestors("field")]
        for name in reversed(path):
            model = self.env[model]._fields[name].comodel_name or model
        return model

    def _sample(self, model):
        """A record with a life behind it where there is one."""
        own = [("company_id", "=", self.company.id)] if "company_id" in self.env[model]._fields else []
        if model == "pos.sync.connection":
            return self.connection
        known = self.env[model].search(own, limit=1)
        # What is no table shows the records of others.
        record = known if known or not self.env[model]._auto else self.rows.of(model)
        self.assertTrue(record, f"a life with some {model} is wanted here")
        return record

    def _press(self, call):
        """What is wrong with the answer, None where nothing is. A sentence for a person is an answer."""
        try:
            with self.env.cr.savepoint():
                answer = call()
                if isinstance(answer, dict):
                    json.dumps(clean_action(answer, env=self.env(user=self.clerk)), default=json_default)
                    self._open(answer)
                raise _Undone
        except (_Undone, UserError) as error:
            self.env.invalidate_all()
            return repr(error) if isinstance(error, AccessError) else None
        except Exception as error:
            self.env.invalidate_all()
            return repr(error)

    def _open(self, action):
        """The web client opens what a button answers with."""
        if action.get("type") != "ir.actions.act_window":
            return
        target = self.env[action["res_model"]].with_user(self.clerk)
        views = action.get("views") or [(False, kind) for kind in action["view_mode"].split(",")]
        target.get_views([tuple(view) for view in views])
        if isinstance(action.get("domain"), list):
            target.web_search_read(action["domain"], {"display_name": {}}, limit=1)
        if action.get("res_id"):
            target.browse(action["res_id"]).web_read({"display_name": {}})

    def test_every_button_answers(self):
        self._live()
        buttons = self._buttons()
        self.assertGreater(len(buttons), 60)
        self.assertIn(("pos.sync.day", "action_gather", "[]", True), buttons)
        wrong = {}
        for model, method, args, alone in buttons:
            record = self._sample(model)
            for ids in [record.ids, []] if alone else [record.ids]:
                params = [ids, *json.loads(args)]
                context = {"lang": "en_US", "allowed_company_ids": self.company.ids, "active_id": record.id}
                context |= {"active_ids": record.ids, "active_model": model}
                env = self.env(user=self.clerk, su=False)
                call = lambda: call_kw(env[model], method, params, {"context": context})  # noqa: B023, E731
                if error := self._press(call):
                    wrong[f"{model}.{method}({ids})"] = error
        self.assertFalse(wrong, json.dumps(wrong, indent=1))

    def test_every_server_action_and_menu_answers(self):
        self._live()
        wrong = {}
        for action in self._own("ir.actions.server").filtered(lambda item: item.usage == "ir_actions_server"):
            record = self._sample(action.model_id.model)
            chosen = {"active_model": record._name, "active_id": record.id, "active_ids": record.ids}
            run = action.with_user(self.clerk).with_context(**chosen, allowed_company_ids=self.company.ids).run
            if error := self._press(run):
                wrong[action.name] = error
        menus = self._own("ir.ui.menu").filtered("action")
        self.assertGreater(len(menus), 15)
        for menu in menus:
            action = menu.action.with_user(self.clerk).with_context(allowed_company_ids=self.company.ids)
            run = action.run if action._name == "ir.actions.server" else action.sudo()._get_action_dict
            if error := self._press(run):
                wrong[menu.complete_name] = error
        self.assertFalse(wrong, json.dumps(wrong, indent=1))
