from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .posting_common import PostingCase, paid
from .sales_common import SOLD_AT, charge, line, money, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestNewTaxes(PostingCase):
    """Taxes that are created for those of the system."""

    def own(self, name, amount=0.0, tags=(), **values):
        """A tax of the company's chart, that reaches these tax grids with its base and with its tax."""
        grids = self.env["account.account.tag"].create(
            [{"name": tag, "applicability": "taxes", "country_id": self.env.ref("base.us").id} for tag in tags]
        )
        tax = self.env["account.tax"].create(
            {"name": name, "amount": amount, "company_id": self.company.id, **values}
        )
        parts = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        for part in parts:
            tagged_with = grids[:1] if part.repartition_type == "base" else grids[1:]
            part.tag_ids = [Command.set(tagged_with.ids)]
        parts.filtered(lambda part: part.repartition_type == "tax" and amount).account_id = self.accounts["251000"]
        return tax

    def listed(self, name, rate, **values):
        return self.env["pos.sync.tax"].create(
            {"connection_id": self.connection.id, "external_id": name, "name": name, "rate": rate, **values}
        )

    def test_a_created_tax_reaches_the_account_and_the_grids_of_one_with_its_rate(self):
        own = self.own("20%", 20, ("Box 6", "Box 1"))
        row = self.listed("VAT", 20, inclusive="yes")
        self.assertFalse(row.action_make_tax())
        made = row.tax_id
        self.assertNotEqual(made, own)
        self.assertTrue(made.price_include)
        self.assertEqual((made.tax_group_id, made.country_id), (own.tax_group_id, own.country_id))
        for parts in ("invoice_repartition_line_ids", "refund_repartition_line_ids"):
            self.assertEqual(made[parts].mapped("tag_ids.name"), ["Box 6", "Box 1"])
            self.assertEqual(made[parts].account_id, self.accounts["251000"])

    def test_who_may_make_taxes_may_make_these(self):
        self.own("20%", 20, ("Box 6", "Box 1"))
        row = self.listed("VAT", 20, inclusive="yes")
        groups = "pos_sync_connector.group_user,account.group_account_manager"
        bookkeeper = new_test_user(self.env, "bookkeeper", groups, company_id=self.company.id)
        row.with_user(bookkeeper).action_make_tax()
        self.assertTrue(row.tax_id.price_include)

    def test_a_tax_of_the_chart_that_fits_is_taken_though_it_is_archived(self):
        own = self.own("5.5%", 5.5, ("Box 9", "Box 9 tax"), active=False)
        row = self.listed("Food", 5.5, inclusive="no")
        row.action_make_tax()
        self.assertEqual(row.tax_id, own)
        self.assertTrue(own.active)

    def test_zero_is_never_matched_by_its_rate(self):
        exports, exempt = self.own("0% Exports", 0, ("Box 21",)), self.own("0% Exempt", 0, ("Box 22",))
        Tax = self.env["pos.sync.tax"]
        exempt.active = False
        rate = rec.TaxRate(external_id="z", name="No tax", rate=money(0), inclusive=None)
        self.assertFalse(Tax._propose(self.connection, rate))
        row = self.listed("No tax", 0)
        answer = row.action_make_tax()
        self.assertFalse(row.tax_id)
        self.assertIn("0% Exports", answer["params"]["message"])
        named = rec.TaxRate(external_id="e", name="0% exports", rate=money(0), inclusive=None)
        self.assertEqual(Tax._propose(self.connection, named), exports)

    def test_of_two_that_go_elsewhere_a_person_chooses(self):
        self.own("19% Goods", 19, ("Box 81",))
        self.own("19% Farmers", 19, ("Box 76",))
        row = self.listed("VAT", 19)
        answer = row.action_make_tax()
        self.assertFalse(row.tax_id)
        self.assertEqual(row.candidates, "19% Goods, 19% Farmers")
        self.assertIn("19% Goods, 19% Farmers", answer["params"]["message"])

    def test_grids_that_depend_on_the_rate_are_not_guessed(self):
        self.own("19%", 19, ("Box 81", "Box 81 tax"))
        row = self.listed("Once", 16)
        self.assertIn("depend on the rate", row.action_make_tax()["params"]["message"])
        self.assertFalse(row.tax_id)

    def test_two_taxes_of_one_rate_stay_two(self):
        state, city = self.listed("State", 4, inclusive="no"), self.listed("City", 4, inclusive="no")
        (state | city).action_make_tax()
        self.assertEqual(len(state.tax_id | city.tax_id), 2)
        self.assertEqual((state | city).account_id, self.accounts["251000"])


@tagged("post_install", "-at_install")
class TestTaxAccounts(PostingCase):
    """Tax reaches a tax account, or the day is held."""

    def setUp(self):
        super().setUp()
        self.company.account_sale_tax_id = False
        self.env["account.tax"].search([("company_id", "=", self.company.id)]).active = False
        self.env["account.tax.repartition.line"].search([("company_id", "=", self.company.id)]).account_id = False
        self.tax = self.map_tax("vat", 10.0)
        self.env["account.journal"].create(
            {"name": "Invoices", "type": "sale", "code": "INV", "default_account_id": self.accounts["400000"].id}
        )

    def sell_one(self):
        taxed = line("a", taxes=(tax_of("vat", 10),))
        self.sell(order("1", taxed, gross=11, tax=1, payments=(paid("p", 11),)))

    def test_a_day_whose_tax_has_no_account_is_held_until_it_is_chosen_in_both_ways_of_posting(self):
        self.sell_one()
        for mode in ("summary", "invoice"):
            with self.subTest(mode):
                self.connection.posting_period_ids.mode = mode
                self.assertFalse(self.post())
                day = self.day()
                self.assertEqual(day.state, "held")
                self.assertIn("it would be booked as income", day.sentence)
        row = self.env["pos.sync.posting.choice"].search([("kind", "=", "tax"), ("source", "=", self.tax.id)])
        self.assertEqual((row.done, row.waiting), (False, 1))
        row.account_id = self.accounts["251000"]
        self.assertTrue(row.done)
        self.post()
        self.assertEqual(self.day().state, "posted")
        taxed = self.day().move_ids.line_ids.filtered(lambda item: item.display_type == "tax")
        self.assertEqual((taxed.account_id, taxed.balance), (self.accounts["251000"], -1.0))

    def compared(self):
        """The day of the sale, whose entry is what is to be posted."""
        return self.env["pos.sync.reconciliation"].create(
            {
                "connection_id": self.connection.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "date": "2026-03-02",
                "to_post": 11,
                "posted_gross": 11,
            }
        )

    def test_a_refund_without_tax_keeps_the_tax_of_its_day_compared(self):
        self.tax.account_id = self.accounts["251000"]
        tip = charge("t", rec.ChargeKind.TIP, 2)
        taxed = line("a", taxes=(tax_of("vat", 10),))
        self.sell(order("1", taxed, charges=(tip,), gross=13, tax=1, payments=(paid("p", 13),)))
        self.refund(refund("r", "1", 2, tax=money(0), charges=(tip,), payments=(paid("q", 2),), refunded_at=SOLD_AT))
        self.post()
        find, day = self.env["pos.sync.find_differences"], self.compared()
        self.assertFalse(find._prepare_posting(self.connection, day))
        # As an order whose tax was accepted before it was compared.
        self.order("1").pos_sync_tax = 2
        (found,) = find._prepare_posting(self.connection, day)[day]
        self.assertEqual((found["cause"], found["amount"]), ("tax", 1.0))
        self.assertIn("states 2.00 of tax, and 1.00 stands", found["sentence"])
        # What a person has accepted is compared with nothing.
        self.order("1").pos_sync_refund_ids.accepted = True
        self.assertFalse(find._prepare_posting(self.connection, day))

    def test_the_refund_of_a_deposit_has_no_tax_to_compare(self):
        self.tax.account_id = self.accounts["251000"]
        self.sell_one()
        taxed = line("b", taxes=(tax_of("vat", 10),))
        deposit = {"gross": 11, "tax": 1, "paid": False, "payments": (paid("d", "5.50"),)}
        for status in (rec.OrderStatus.OPEN, rec.OrderStatus.CANCELLED):
            self.sell(order("2", taxed, status=status, **deposit))
        self.refund(refund("r", "2", "5.50", tax=money("0.50"), payments=(paid("q", "5.50"),), refunded_at=SOLD_AT))
        self.post()
        day = self.compared()
        self.assertFalse(self.env["pos.sync.find_differences"]._prepare_posting(self.connection, day))

    def test_reconciliation_is_red_where_tax_stands_on_income(self):
        self.sell_one()
        self.tax.account_id = self.accounts["251000"]
        move = self.post()
        find, day = self.env["pos.sync.find_differences"], self.compared()
        self.assertFalse(find._prepare_posting(self.connection, day))
        taxed = move.line_ids.filtered(lambda item: item.display_type == "tax")
        # As a day that was posted before the tax had its account.
        self.env.cr.execute(
            "UPDATE account_move_line SET account_id = %s WHERE id = %s", (self.accounts["400000"].id, taxed.id)
        )
        (found,) = find._prepare_posting(self.connection, day)[day]
        self.assertEqual((found["cause"], found["amount"]), ("tax", 1.0))
        self.assertIn("1.00 of tax stands on an income account", found["sentence"])
