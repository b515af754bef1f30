"""Days in another currency: what one day settles of another leaves nothing on accounts but an exchange difference."""

from datetime import timedelta

from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card
from .sales_common import SOLD_AT, line, order, refund

FIRST, SECOND, THIRD = "2026-03-02", "2026-03-03", "2026-03-04"
RATES = {"2026-03-01": 0.8, SECOND: 0.5, THIRD: 1.0}


class _Exchange:
    mode = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        for date, rate in RATES.items():
            cls.env["res.currency.rate"].create(
                {"currency_id": cls.euro.id, "name": date, "company_rate": rate, "company_id": cls.company.id}
            )
        cls.accounts |= {
            code: cls.accounts["650000"].copy({"code": code, "name": name, "account_type": kind})
            for code, name, kind in (("491", "Exchange gains", "income_other"), ("691", "Exchange losses", "expense"))
        }
        Journal = cls.env["account.journal"]
        Journal.create({"name": "Invoices", "type": "sale", "code": "INV", "company_id": cls.company.id})
        cls.company.currency_exchange_journal_id = Journal.create(
            {"name": "Exchange", "type": "general", "code": "EXCH", "company_id": cls.company.id}
        )
        cls.choose_accounts()
        cls.connection.posting_period_ids.mode = cls.mode

    @classmethod
    def choose_accounts(cls):
        cls.company.income_currency_exchange_account_id = cls.accounts["491"]
        cls.company.expense_currency_exchange_account_id = cls.accounts["691"]

    def at(self, days):
        return SOLD_AT + timedelta(days=days)

    def sale(self, *payments, status=rec.OrderStatus.COMPLETED, **values):
        self.sell(
            order(
                "1",
                line("1-1", unit_price=100),
                currency="EUR",
                status=status,
                payments=tuple(
                    by_card(key, amount, currency="EUR", paid_at=self.at(day)) for key, amount, day in payments
                ),
                **values,
            )
        )

    def standing(self):
        """{account: (in euros, in dollars)} of what is not zero."""
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        )
        found = {
            account.code: (
                round(sum(rows.filtered(lambda row: row.currency_id == self.euro).mapped("amount_currency")), 2),
                round(sum(rows.mapped("balance")), 2),
            )
            for account, rows in lines.grouped("account_id").items()
        }
        return {code: sums for code, sums in found.items() if any(sums)}

    def post_all(self, *dates):
        self.gather()
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)])
        for date in dates or (FIRST, SECOND, THIRD):
            for day in days.filtered(lambda item, date=date: str(item.date) == date):
                day.action_post()
                self.assertEqual(day.state, "posted", day.sentence)

    def test_a_deposit_is_used_at_what_it_was_received_at(self):
        self.sale(("p1", 100, 0), paid=False, status=rec.OrderStatus.OPEN)
        self.post_all(FIRST)
        self.sale(("p1", 100, 0), closed_at=self.at(1))
        self.post_all(SECOND)
        # 125 dollars were received for what is sold for 200.
        self.assertEqual(self.standing(), {"102000": (100, 125), "400000": (-100, -200), "691": (0, 75)})

    def test_a_sale_on_credit_is_paid_at_what_it_was_sold_at(self):
        self.sale(("p1", 100, 1))
        self.post_all()
        self.assertEqual(self.standing(), {"102000": (100, 200), "400000": (-100, -125), "491": (0, -75)})

    def test_it_is_paid_in_parts_on_several_days(self):
        self.sale(("p1", 40, 1), ("p2", 60, 2))
        self.post_all()
        # 125 in dollars; 80 and 60 were received.
        self.assertEqual(
            self.standing(), {"102000": (100, 140), "400000": (-100, -125), "491": (0, -30), "691": (0, 15)}
        )
        entries = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.post_all()
        self.assertEqual(self.env["account.move"].search_count([("company_id", "=", self.company.id)]), entries)


@tagged("post_install", "-at_install")
class TestExchangeOfInvoices(_Exchange, PostingCase):
    mode = "invoice"


@tagged("post_install", "-at_install")
class TestExchangeOfSummaries(_Exchange, PostingCase):
    mode = "summary"

    def test_whatever_day_is_posted_first(self):
        self.sale(("p1", 40, 1), ("p2", 60, 2))
        self.post_all(THIRD, FIRST, SECOND)
        standing = self.standing()
        self.assertNotIn("121000", standing)
        self.assertEqual(standing["491"][1] + standing.get("691", (0, 0))[1], -15)

    def test_a_refund_of_another_day_pays_out_nothing_else(self):
        self.sale(("p1", 100, 0))
        back = by_card("r1", 100, currency="EUR")
        self.refund(refund("r1", "1", 100, currency="EUR", refunded_at=self.at(1), payments=(back,)))
        self.post_all()
        self.assertEqual(self.standing(), {"102000": (0, -75), "400000": (0, 75)}, "each day at its own rate")

    def test_a_correction_takes_back_what_was_posted(self):
        self.sale(("p1", 100, 0))
        self.post_all()
        self.env["res.currency.rate"].search([("currency_id", "=", self.euro.id), ("name", "=", "2026-03-01")]).write(
            {"company_rate": 0.4}
        )
        self.sell(order("1", line("1-1", unit_price=60), currency="EUR", payments=(by_card("p1", 60, currency="EUR"),)))
        self.post_all()
        self.assertEqual(self.standing(), {"102000": (60, 75), "400000": (-60, -75)})
        self.sell(order("1", line("1-1", unit_price=60), currency="EUR", paid=False, status=rec.OrderStatus.OPEN))
        self.post_all()
        self.assertEqual(self.standing(), {})

    def test_without_accounts_for_it_the_day_waits(self):
        self.company.income_currency_exchange_account_id = False
        self.sale(("p1", 100, 1))
        self.post_all(FIRST)
        day = self.day(SECOND)
        day.action_post()
        self.assertEqual(day.state, "held")
        self.assertIn("exchange differences", day.sentence)
        self.choose_accounts()
        self.env["pos.sync.post_days"]._post(day)
        self.assertEqual(day.state, "posted")
