from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .posting_common import PostingCase, paid, returned
from .sales_common import line, money, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestTaxReport(PostingCase):
    """The taxes of posted days, as an accountant with Odoo's right to invoice sees, prints and sends them."""

    def setUp(self):
        super().setUp()
        self.state, self.city = self.map_tax("state", 10.0), self.map_tax("city", 5.0)
        self.accountant = new_test_user(
            self.env,
            login="reports_taxes",
            groups="pos_sync_connector.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        taxed = line("a", taxes=(tax_of("state", 10), tax_of("city", 5)))
        plain = line("b", taxes=(tax_of("state", 10),))
        self.sell(
            order("1", taxed, gross="11.50", tax="1.50", channel="web", payments=(paid("p", "11.50"),)),
            order("2", plain, gross=11, tax=1, channel="till", payments=(paid("q", 11),)),
        )

    def rows(self, *by):
        groups = self.env["pos.sync.tax.report"].with_user(self.accountant)._read_group(
            [("connection_id", "=", self.connection.id)], list(by), ["base:sum", "tax:sum"]
        )
        return sorted(tuple(round(value, 2) if isinstance(value, float) else value for value in row) for row in groups)

    def test_it_comes_to_what_the_tax_accounts_hold(self):
        lines = (returned("b", 1, gross=11),)
        self.refund(refund("r1", "2", 11, tax=money(1), lines=lines, payments=(paid("x", 11),)))
        self.post()
        self.post("2026-03-03")
        self.assertEqual(self.rows("rate_label"), [("10 %", 10.0, 1.0), ("5 %", 10.0, 0.5)])
        items = self.env["account.move.line"].search([("account_id", "=", self.accounts["251000"].id)])
        ((total,),) = self.env["pos.sync.tax.report"]._read_group(
            [("account_id", "=", self.accounts["251000"].id)], [], ["tax:sum"]
        )
        self.assertAlmostEqual(total, -sum(items.mapped("balance")))

    def test_orders_that_are_invoiced_one_by_one_have_their_channel(self):
        self.env["account.journal"].create(
            {"name": "Invoices", "type": "sale", "code": "INV", "default_account_id": self.accounts["400000"].id}
        )
        self.connection.posting_period_ids.mode = "invoice"
        self.post()
        self.assertEqual(
            self.rows("channel", "rate_label"),
            [("till", "10 %", 10.0, 1.0), ("web", "10 %", 10.0, 1.0), ("web", "5 %", 10.0, 0.5)],
        )

    def test_a_summary_that_is_split_has_its_channels(self):
        self.connection.posting_period_ids.by_channel = True
        self.refund(refund("r1", "2", 11, tax=money(1), lines=(returned("b", 1, gross=11),), payments=(paid("x", 11),)))
        move, back = self.post(), self.post("2026-03-03")
        self.assertEqual(
            self.rows("channel", "rate_label"),
            [("till", "10 %", 0.0, 0.0), ("web", "10 %", 10.0, 1.0), ("web", "5 %", 10.0, 0.5)],
        )
        sold = {item.pos_sync_channel: item for item in move.line_ids if item.account_id.code == "400000"}
        self.assertEqual({name: item.balance for name, item in sold.items()}, {"till": -10, "web": -10})
        orders = self.env["sale.order"].search(sold["web"].action_pos_sync_orders()["domain"])
        self.assertEqual(orders.mapped("pos_sync_external_id"), ["1"])
        self.assertEqual(set(back.line_ids.filtered("tax_line_id").mapped("pos_sync_channel")), {"till"})
        with self.assertRaises(ValidationError):
            self.connection.posting_period_ids.by_channel = False

    def test_a_statement_is_sent_once_its_month_is_over(self):
        self.post()
        statement = self.env["pos.sync.tax.statement"].with_user(self.accountant).create(
            {"name": "Sales tax", "period": "month"}
        )
        with self.assertRaises(UserError):
            statement.action_send()
        statement.partner_ids = self.env["res.partner"].create({"name": "Office", "email": "office@example.com"})
        with freeze_time("2026-04-02"):
            for _day in range(2):
                with self.enter_registry_test_mode():
                    self.env.ref("pos_sync_connector.ir_cron_tax_statements").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((str(statement.date_from), str(statement.date_to)), ("2026-03-01", "2026-03-31"))
        mail = self.env["mail.mail"].sudo().search([("model", "=", statement._name), ("res_id", "=", statement.id)])
        self.assertEqual(len(mail), 1, "once a period")
        self.assertIn("251000", mail.body_html)
        self.assertIn("2.50", mail.body_html)
        html = self.env["ir.actions.report"].with_user(self.accountant)._render_qweb_html(
            "pos_sync_connector.report_tax_statement", statement.ids
        )[0]
        self.assertIn(b"251000", html)

    def test_rules_give_entries_a_partner_and_an_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        shop = self.env["account.analytic.account"].create({"name": "Corner", "plan_id": plan.id})
        other = self.env["account.analytic.account"].create({"name": "Other", "plan_id": plan.id})
        elsewhere = self.connect("elsewhere", system=self.connection.system)
        Rule = self.env["account.analytic.distribution.model"]
        for connection, account in ((elsewhere, other), (self.connection, shop)):
            Rule.create({"pos_sync_connection_id": connection.id, "analytic_distribution": {str(account.id): 100}})
        partner = self.env["res.partner"].create({"name": "Till customers"})
        self.connection.posting_period_ids.partner_id = partner
        self.gather()
        day = self.day()
        day._preview()
        for lines in (day.line_ids, self.post().line_ids):
            self.assertEqual(lines.partner_id, partner)
            self.assertEqual(
                {item.account_id.code: item.analytic_distribution for item in lines},
                {"101000": False, "251000": False, "400000": {str(shop.id): 100}},
            )
