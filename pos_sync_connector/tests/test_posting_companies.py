from dataclasses import replace

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import product
from .posting_common import PostingCase, paid, returned
from .sales_common import SalesSystem, SalesWorld, line, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestPostingFiscalPositions(PostingCase):
    """An order's fiscal position chooses the account, as on any invoice; its taxes are those that were charged."""

    def setUp(self):
        super().setUp()
        self.map_tax("out", 10.0)
        self.abroad = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "company_id": self.company.id,
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": self.accounts["400000"].id,
                            "account_dest_id": self.accounts["402000"].id,
                        }
                    )
                ],
            }
        )
        tea = line("a", taxes=(tax_of("out", 10),))
        self.sell(
            order("1", tea, gross=11, tax=1, payments=(paid("p1", 11),)),
            order("2", tea, gross=11, tax=1, payments=(paid("p2", 11),)),
        )
        self.order("2").fiscal_position_id = self.abroad

    def give_one_back(self):
        self.refund(refund("r2", "2", 11, lines=(returned("a", 1, gross=11),), payments=(paid("q2", 11),)))

    def test_of_a_summary(self):
        self.assertEntry(
            self.post(), ("101000", 22.00), ("251000", -2.00), ("400000", -10.00, 10.0), ("402000", -10.00, 10.0)
        )
        self.give_one_back()
        self.assertEntry(self.post("2026-03-03"), ("101000", -11.00), ("251000", 1.00), ("402000", 10.00, 10.0))

    def test_of_invoices_and_credit_notes(self):
        self.connection.posting_period_ids.mode = "invoice"
        self.env["account.journal"].create(
            {"name": "Invoices", "type": "sale", "code": "INV", "company_id": self.company.id}
        )
        self.post()
        self.assertEntry(self.order("2").invoice_ids, ("121000", 11.00), ("251000", -1.00), ("402000", -10.00, 10.0))
        self.give_one_back()
        self.post("2026-03-03")
        self.assertEntry(
            self.order("2").pos_sync_refund_ids.move_id, ("121000", -11.00), ("251000", 1.00), ("402000", 10.00, 10.0)
        )


@tagged("post_install", "-at_install")
class TestPostingCompanies(PostingCase):
    """Two companies, each with its own connection, accounts and journals."""

    def make_company(self):
        """A second company with books, which its own connection posts to."""
        company = self.env["res.company"].create(
            {
                "name": "Second Company",
                "currency_id": self.env.ref("base.USD").id,
                "country_id": self.company.country_id.id,
                "account_fiscal_country_id": self.company.account_fiscal_country_id.id,
            }
        )
        self.env.user.company_ids += company
        self.env = self.env(context={**self.env.context, "allowed_company_ids": [self.company.id, company.id]})
        Account = self.env["account.account"].with_company(company)
        till, sales, customers = (
            Account.create(
                {"code": code, "name": name, "account_type": kind, "company_ids": [Command.set(company.ids)]}
            )
            for code, name, kind in (
                ("101900", "Other till", "asset_cash"),
                ("400900", "Other sales", "income"),
                ("121900", "Other customers", "asset_receivable"),
            )
        )
        company.income_account_id = sales
        self.env["ir.default"].set("res.partner", "property_account_receivable_id", customers.id, company_id=company.id)
        Journal = self.env["account.journal"].with_company(company)
        Journal.create(
            {"name": "Till", "type": "cash", "code": "TIL", "default_account_id": till.id, "company_id": company.id}
        )
        Journal.create({"name": "Tills", "type": "general", "code": "POSS", "company_id": company.id})
        return company

    def test_each_day_is_posted_in_its_own_company(self):
        company = self.make_company()
        world = SalesWorld()
        world.account = replace(world.account, external_id="account-second")
        other = self.connect("second", world, system=SalesSystem.code, company_id=company.id, entries_from="2026-01-01")
        self.env["pos.sync.posting.period"].create(
            {"connection_id": other.id, "date_from": "2026-01-01", "mode": "summary"}
        )
        world.put(product("tea", 10))
        other._stream("customers_pull").first_done = True
        self.pull("products_pull", connection=other)
        world.sell(order("1", payments=(paid("p1", 7), paid("p2", 3))))
        self.pull("orders_pull", connection=other)
        self.sell(order("1", payments=(paid("p1", 10),)))
        self.gather()
        days = self.env["pos.sync.day"].search([("connection_id", "in", (self.connection | other).ids)])
        self.assertEqual(len(days), 2)
        days.action_post()
        for day in days:
            self.assertEqual(day.move_ids.company_id, day.company_id)
            self.assertEqual(day.move_ids.line_ids.account_id.company_ids, day.company_id)
        codes = {
            day.connection_id: sorted(
                (line.account_id.with_company(day.company_id).code, line.balance) for line in day.move_ids.line_ids
            )
            for day in days
        }
        self.assertEqual(
            codes,
            {
                self.connection: [("101000", 10.0), ("400000", -10.0)],
                other: [("101900", 10.0), ("400900", -10.0)],
            },
        )
        accountant = new_test_user(
            self.env,
            "accountant",
            "pos_sync_connector.group_user,account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for model in ("pos.sync.posting.choice", "pos.sync.day", "pos.sync.sales.report"):
            rows = self.env(user=accountant, context={})[model].search([])
            self.assertEqual(rows.company_id, company, f"{model}: another company's rows are shown")
