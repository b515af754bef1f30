"""What the system, or a person, says only later: another payment method, an invoice made by hand, an exchange and then
a cancellation."""

from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import by_card, paid, returned
from .reconcile_common import ReconcileCase
from .sales_common import SOLD_AT, charge, line, money, order, refund, tax_of

DAY = SOLD_AT.date()


class _ToldLater:
    mode = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "default_account_id": cls.accounts["400000"].id,
                "company_id": cls.company.id,
            }
        )
        cls.connection.posting_period_ids.mode = cls.mode

    def setUp(self):
        super().setUp()
        self.connection._stream("orders_pull").first_done = True

    def books(self):
        rows = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")], ["account_id"], ["balance:sum"]
        )
        return {account.code: round(balance, 2) for account, balance in rows if round(balance, 2)}

    def post_all(self):
        self.gather()
        self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)], order="date").action_post()

    def test_another_method_of_a_payment(self):
        self.sell(order("1", payments=(by_card("p1", 10),)))
        self.post_all()
        self.sell(order("1", payments=(paid("p1", 10),)))
        self.post_all()
        self.assertEqual(self.books(), {"101000": 10, "400000": -10})
        moves = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.post_all()
        self.assertEqual(self.env["account.move"].search_count([("company_id", "=", self.company.id)]), moves)
        self.assertEqual(self.check(DAY).state, "ok")

    def test_an_order_that_a_person_invoiced(self):
        self.map_tax("out", 10.0)
        taxed = line("1-1", unit_price=10, taxes=(tax_of("out", 10),))
        self.sell(
            order("1", taxed, gross=11, tax=1, payments=(by_card("p1", 11),)), order("2", payments=(paid("p2", 10),))
        )
        self.order("1")._create_invoices().action_post()
        self.post_all()
        self.assertEqual(set(self.env["pos.sync.day"].search([]).mapped("state")), {"posted"})
        day = self.check(DAY)
        said = day.difference_ids.mapped("sentence")
        self.assertEqual((day.state, day.to_post, day.posted_gross), ("ok", 10, 10), said)

    def test_an_exchange_and_then_a_cancellation_for_a_fee(self):
        """Tea of 10 goes back for something of 30; 20 are paid. All but 5 are refunded."""
        first, second = line("1-1", unit_price=10), line("1-2", variant_id="v-coffee", unit_price=30)
        self.sell(order("1", first, payments=(by_card("p1", 10),)))
        self.refund(refund("r1", "1", 10, lines=(returned("1-1", 1, 10),)))
        received = (by_card("p1", 10), by_card("p2", 20))
        self.sell(order("1", first, second, payments=received))
        self.sell(order("1", first, second, payments=received, paid=False, status=rec.OrderStatus.CANCELLED))
        fee = charge("fee", rec.ChargeKind.FEE, money(-5), net=money(-5), tax=money(0))
        self.refund(
            refund("r2", "1", 25, lines=(returned("1-2", 1, 30),), charges=(fee,), payments=(by_card("q1", 25),))
        )
        self.post_all()
        self.assertEqual(self.day("2026-03-03").state, "posted")
        books = self.books()
        self.assertEqual((books.pop("102000"), sum(books.values())), (5, -5))
        self.assertNotIn("121000", books)


@tagged("post_install", "-at_install")
class TestToldLaterInvoices(_ToldLater, ReconcileCase):
    mode = "invoice"


@tagged("post_install", "-at_install")
class TestToldLaterSummaries(_ToldLater, ReconcileCase):
    mode = "summary"

    def test_a_currency_without_cents(self):
        """The rounding of a yen is as small as that of a cent."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": "2026-03-01", "company_rate": 150, "company_id": self.company.id}
        )
        self.map_tax("out", 10.0)
        goods = [line(f"1-{n}", unit_price=105, taxes=(tax_of("out", 10),)) for n in (1, 2)]
        self.sell(
            order("1", *goods, gross=231, tax=21, currency="JPY", payments=(by_card("p1", 231, currency="JPY"),))
        )
        self.post_all()
        self.assertEqual(self.day(currency_id=yen).state, "posted", self.day(currency_id=yen).sentence)
        self.assertEqual(self.connection._tolerance(yen, 1), 1)
        self.assertEqual(self.connection._tolerance(self.env.ref("base.USD"), 1), 0.01)

    def test_what_a_refund_does_not_name(self):
        self.map_tax("out", 10.0)
        self.map_tax("low", 5.0)
        for number in ("1", "2"):
            tea = line(f"{number}-1", unit_price=10, taxes=(tax_of("out", 10),))
            coffee = line(f"{number}-2", variant_id="v-coffee", unit_price=20, taxes=(tax_of("low", 5),))
            self.sell(order(number, tea, coffee, gross=32, tax=2, payments=(paid(f"p{number}", 32),)))
        self.refund(
            refund("r1", "1", 12, refunded_at=SOLD_AT, payments=(paid("q1", 12),)),
            refund("r2", "2", 50, refunded_at=SOLD_AT, payments=(paid("q2", 50),)),
        )
        self.gather()
        day = self.day()
        day.action_post()
        self.assertEqual(day.state, "held")
        self.assertIn("12.00 of the", day.sentence)
        self.assertIn("50.00 that it does not name, and that is more than what is left", day.sentence)

