"""Who keeps the books does all of it: with Odoo's right to invoice and as a user of this app, never as its manager."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .payouts_common import DAY, PayoutCase, entry
from .posting_common import paid
from .sales_common import line, order

GROUPS = "pos_sync_connector.group_user,account.group_account_invoice,sales_team.group_sale_salesman"


@tagged("post_install", "-at_install")
class TestAccountant(PayoutCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            login="keeps_books",
            groups=f"{GROUPS},base.group_allow_export",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def own(self, records):
        """As the accountant has them: with no right but their own, and nothing read before."""
        self.env.invalidate_all()
        return records.with_user(self.user).with_company(self.company)

    def shown(self, action):
        """The records that an action of a button opens, read as its list or form reads them."""
        model = self.own(self.env[action["res_model"]])
        kinds = {kind: view for view, kind in action.get("views") or ((False, "list"),)}
        kind = "form" if action.get("res_id") else "list"
        fields = model.get_views([(kinds.get(kind, False), kind)])["models"][model._name]["fields"]
        records = model.browse(action["res_id"]) if action.get("res_id") else model.search(action["domain"])
        self.assertTrue(records, action)
        records.read([name for name in fields if name in model._fields])
        return records

    def test_a_day_from_its_first_look_to_its_signature(self):
        Day = self.own(self.env["pos.sync.day"])
        Day.action_gather()
        day = Day.search([("connection_id", "=", self.connection.id)])
        day.action_post()
        self.assertEqual(day.state, "posted")
        self.assertEqual(self.shown(day.action_view_orders()), self.order("1") | self.order("2") | self.order("3"))
        self.assertEqual(self.shown(day.action_view_moves()), day.move_ids)

        self.own(self.connection).action_reconcile_all()
        self.run_reconciliation()
        (checked,) = self.own(self.days(self.date(DAY)))
        self.assertEqual(checked.state, "ok")
        checked.action_sign()
        self.assertEqual((checked.sign_state, checked.signed_by_id), ("signed", self.user))
        checked.action_reopen()
        self.edit("2", 20)
        checked.action_check()
        self.run_reconciliation()
        self.own(checked).difference_ids.filtered("external_id").action_mend()
        self.run_reconciliation()
        checked = self.own(checked)
        checked.action_post()
        self.assertEqual(checked.state, "ok")
        checked.action_sign()
        self.shown(checked.action_view_orders())
        self.shown(checked.action_view_days())
        (row,) = checked.export_data(["date", "system_gross", "order_gross", "state", "sign_state"])["datas"]
        self.assertEqual([row[1], row[2], row[4]], [55, 55, "Signed"])

        html, kind = self.own(self.env["ir.actions.report"])._render_qweb_html(
            "pos_sync_connector.report_reconciliation", checked.ids
        )
        self.assertEqual(kind, "html")
        for text in (b"Cash", b"Visa", b"55.00", b"Signed by"):
            self.assertIn(text, html)

    def test_from_each_line_to_its_orders(self):
        """Without Odoo's full accounting features: a list of our own leads there, from the day and from the entry."""
        Day = self.own(self.env["pos.sync.day"])
        Day.action_gather()
        day = Day.search([("connection_id", "=", self.connection.id)])
        day.action_post()
        lines = self.shown(day.action_view_lines())
        self.assertEqual(lines, self.shown(day.move_ids.action_pos_sync_lines()))
        self.assertEqual(len(lines), 3)
        orders = {
            line.account_id.code: self.shown(line.action_pos_sync_orders()).mapped("pos_sync_external_id")
            for line in lines
        }
        self.assertEqual(
            {code: sorted(found) for code, found in orders.items()},
            {"101000": ["3"], "102000": ["1", "2"], "400000": ["1", "2", "3"]},
        )

    def test_what_is_missing_is_chosen(self):
        self.sell(order("9", line("9-1", unit_price=8), payments=(paid("p9", 8, method="Voucher"),)))
        Day = self.own(self.env["pos.sync.day"])
        Day.action_gather()
        choice = self.own(self.env["pos.sync.posting.choice"]).search([("name", "=", "Voucher")])
        choice.account_id = self.accounts["103000"]
        day = Day.search([("connection_id", "=", self.connection.id)])
        day.action_post()
        self.assertEqual(day.state, "posted")
        Period = self.own(self.env["pos.sync.posting.period"])
        Period.create({"connection_id": self.connection.id, "date_from": "2026-06-01", "mode": "invoice"}).unlink()

    def test_a_payout_from_its_arrival_to_its_entry(self):
        self.post(DAY)
        payout = self.own(self.pay_out("po", entry("e1", "payment", 30, 1, "p1"), entry("e2", "dispute", -4)))
        self.assertTrue(payout.search([("posting_state", "=", "open")]))
        choices = self.own(self.env["pos.sync.posting.choice"]).search([("kind", "=", "payout")])
        self.assertEqual(len(choices), 3)
        choices.filtered(lambda choice: choice.name == "other").account_id = self.accounts["652000"]
        payout.action_post()
        self.assertEqual(payout.search([("posting_state", "=", "posted")]), payout)
        self.shown(payout.action_view_move())
        self.assertEqual(self.shown(payout.action_view_orders()), self.order("1"))
        lines = self.shown(payout.move_id.action_pos_sync_lines())
        (cleared,) = lines.filtered("pos_sync_key")
        self.assertEqual(self.shown(cleared.action_pos_sync_orders()), self.order("1"))

    def test_every_page_of_the_menu_opens(self):
        top = self.env.ref("pos_sync_connector.menu_accounting")
        menus = self.own(self.env["ir.ui.menu"]).search([("id", "child_of", top.id)])
        actions = [menu.action for menu in menus.sudo() if menu.action]
        self.assertGreaterEqual(len(actions), 6)
        for action in actions:
            with self.subTest(action=action.name):
                model = self.own(self.env[action.res_model])
                model.get_views([(False, kind) for kind in action.view_mode.split(",")])
                model.search([]).read()

    def test_what_only_managers_may(self):
        connection = self.own(self.connection)
        for change in (
            lambda: connection.write({"name": "Mine"}),
            lambda: connection.stream_ids[:1].write({"interval_number": 5}),
            lambda: connection.setting_ids[:1].write({"value": "x"}),
            connection.action_off,
        ):
            with self.assertRaises(AccessError):
                change()
