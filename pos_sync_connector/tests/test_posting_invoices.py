from datetime import timedelta

from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid, returned
from .sales_common import SOLD_AT, charge, customer, line, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestPostingInvoices(PostingCase):
    """Days whose orders are invoiced one by one. What is expected was worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.posting_period_ids.mode = "invoice"
        cls.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "default_account_id": cls.accounts["400000"].id,
                "company_id": cls.company.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.map_tax("out", 10.0)
        self.world.know(customer("ada"))
        self.pull("customers_pull")

    def post(self, date="2026-03-02", **values):
        moves = super().post(date, **values)
        self.assertEqual(self.day(date).state, "posted")
        return moves

    def invoices(self, external_id):
        return self.order(external_id).invoice_ids.sorted("id")

    def tea(self, external_id="1", **values):
        """Two teas with 10 %: 22.00."""
        values.setdefault("payments", (paid(f"p{external_id}", 22),))
        taxes = (tax_of("out", 10),)
        return order(external_id, line("a", quantity=2, taxes=taxes), gross=22, tax=2, customer_id="ada", **values)

    def test_an_invoice_an_order_and_an_entry_a_payment_method(self):
        self.sell(
            self.tea(),
            order(
                "2",
                charges=(charge("t", rec.ChargeKind.TIP, 3),),
                payments=(paid("a", 4), by_card("b", 6, tip=3)),
            ),
        )
        moves = self.post()
        first, second = self.invoices("1"), self.invoices("2")
        self.assertEntry(first, ("121000", 22.00), ("251000", -2.00), ("400000", -20.00, 10.0))
        self.assertEntry(second, ("121000", 13.00), ("252000", -3.00), ("400000", -10.00))
        self.assertEqual(first.partner_id, self.link("ada", "customer").partner_id)
        self.assertEqual(second.partner_id, self.connection.walk_in_partner_id)
        self.assertEqual({str(move.invoice_date) for move in first | second}, {"2026-03-02"})
        entries = moves - first - second
        self.assertEqual(entries.journal_id, self.cash | self.bank)
        self.assertEntry(
            entries.filtered(lambda move: move.journal_id == self.cash),
            ("101000", 26.00),
            ("121000", -22.00),
            ("121000", -4.00),
        )
        self.assertEntry(
            entries.filtered(lambda move: move.journal_id == self.bank), ("102000", 9.00), ("121000", -9.00)
        )
        self.assertEqual((first | second).mapped("payment_state"), ["paid", "paid"])
        self.assertFalse(self.post(), "posted twice")

    def test_a_payment_of_the_next_day(self):
        self.sell(self.tea(payments=(paid("a", 10), by_card("b", 12, paid_at=SOLD_AT + timedelta(days=1)))))
        self.post()
        self.assertEqual(self.invoices("1").payment_state, "partial")
        self.assertEntry(self.post("2026-03-03"), ("102000", 12.00), ("121000", -12.00))
        self.assertEqual(self.invoices("1").payment_state, "paid")

    def test_a_payment_that_was_by_card_after_all(self):
        self.sell(self.tea())
        self.post()
        self.sell(self.tea(payments=(by_card("b", 22),)))
        self.post()
        self.assertEqual(self.balances(), {"102000": 22.0, "251000": -2.0, "400000": -20.0})
        self.assertEqual(self.invoices("1").payment_state, "paid")

    def test_what_is_invoiced_when_delivered(self):
        self.variant("v-tea").invoice_policy = "delivery"
        self.sell(self.tea(status=rec.OrderStatus.PAID))
        self.post()
        self.assertFalse(self.invoices("1"))
        self.assertEqual(self.balances(), {"101000": 22.0, "121000": -22.0})
        self.sell(self.tea())
        self.post()
        self.assertEqual(self.balances(), {"101000": 22.0, "251000": -2.0, "400000": -20.0})
        self.assertEqual(self.invoices("1").payment_state, "paid")

    def test_a_credit_note_a_refund(self):
        self.sell(self.tea())
        self.post()
        self.refund(
            refund("r1", "1", 11, lines=(returned("a", 1, gross=11),), payments=(paid("q1", 11),)),
            refund("r2", "1", "5.50", payments=(by_card("q2", "5.50"),)),
        )
        moves = self.post("2026-03-03")
        refunds = self.env["pos.sync.refund"].search([("connection_id", "=", self.connection.id)])
        notes = {item.external_id: item.move_id for item in refunds}
        self.assertEntry(notes["r1"], ("121000", -11.00), ("251000", 1.00), ("400000", 10.00, 10.0))
        self.assertEntry(notes["r2"], ("121000", -5.50), ("251000", 0.50), ("401000", 5.00, 10.0))
        self.assertEqual((notes["r1"] | notes["r2"]).reversed_entry_id, self.invoices("1"))
        self.assertEqual((notes["r1"] | notes["r2"]).mapped("amount_residual"), [0, 0])
        self.assertEqual(len(moves), 4)
        self.assertEqual(self.order("1").invoice_status, "invoiced")
        self.assertFalse(self.post("2026-03-03"), "credited twice")

    def test_a_refund_that_the_system_takes_back(self):
        self.sell(self.tea())
        self.post()
        self.refund(refund("r1", "1", 11, payments=(paid("q1", 11),)))
        self.post("2026-03-03")
        self.world.refunds.clear()
        self.pull("refunds_pull", full=True)
        self.post("2026-03-03")
        self.assertEqual(self.balances(), {"101000": 22.0, "251000": -2.0, "400000": -20.0})
        self.assertFalse(self.post("2026-03-03"))

    def test_an_order_that_changes_after_its_invoice(self):
        self.sell(self.tea())
        self.post()
        self.sell(
            order(
                "1",
                line("a", quantity=3, taxes=(tax_of("out", 10),)),
                gross=33,
                tax=3,
                customer_id="ada",
                payments=(paid("p1", 33),),
            )
        )
        self.post()
        self.assertEqual(self.balances(), {"101000": 33.0, "251000": -3.0, "400000": -30.0})
        self.assertEqual(self.order("1").invoice_status, "invoiced")

    def test_an_order_that_is_cancelled_after_its_invoice(self):
        self.sell(self.tea())
        self.post()
        self.sell(self.tea(status=rec.OrderStatus.CANCELLED, payments=()))
        self.post()
        self.assertEqual(self.balances(), {})

    def test_on_a_locked_day_it_goes_to_the_first_open_one(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.sell(self.tea())
        moves = self.post()
        self.assertEqual({str(move.date) for move in moves}, {"2026-04-01"})
        self.assertEqual(self.balances(), {"101000": 22.0, "251000": -2.0, "400000": -20.0})

    def test_a_way_to_pay_without_journal_holds_the_day(self):
        self.sell(self.tea(payments=(paid("a", 22, method="Voucher", kind=rec.PaymentKind.OTHER),)))
        self.gather()
        self.day().action_post()
        self.assertEqual(self.day().state, "held")
        self.assertFalse(self.invoices("1"))
        self.day().payment_ids.method_id.write({"journal_id": self.bank.id, "account_id": self.accounts["102000"].id})
        self.post()
        self.assertEqual(self.balances(), {"102000": 22.0, "251000": -2.0, "400000": -20.0})

    def test_a_change_of_the_way_posts_each_order_once(self):
        self.period("2026-03-03", "summary")
        self.sell(self.tea(), self.tea("2", created_at=SOLD_AT + timedelta(days=1)))
        self.post()
        self.post("2026-03-03")
        self.assertEqual(self.balances(), {"101000": 44.0, "251000": -4.0, "400000": -40.0})
        self.assertEqual((len(self.invoices("1")), len(self.invoices("2"))), (1, 0))

    def test_who_gave_no_name_gets_a_receipt(self):
        self.sell(self.tea(), order("2", payments=(paid("p2", 10),)))
        self.post()
        self.assertEqual((self.invoices("1").move_type, self.invoices("2").move_type), ("out_invoice", "out_receipt"))
        sold = self.order("2")
        self.assertEqual((sold.invoice_status, sold.invoice_count), ("invoiced", 1))
        self.assertEqual(sold.order_line.mapped("untaxed_amount_invoiced"), [10.0])
        self.assertEqual(self.invoices("2").payment_state, "paid")
        Order = self.env["sale.order"].search([("pos_sync_connection_id", "=", self.connection.id)])
        found = Order.search([("id", "in", Order.ids), ("invoice_ids", "in", self.invoices("2").ids)])
        self.assertEqual(found, sold)
        self.assertFalse(Order.search([("id", "in", Order.ids), ("invoice_ids", "=", False)]))

    def test_a_receipt_is_corrected_and_credited(self):
        self.sell(order("2", payments=(paid("p2", 10),)))
        self.post()
        self.sell(order("2", line("2-1", unit_price=8), payments=(paid("p2", 8),)))
        self.post()
        self.assertEqual(self.invoices("2").mapped("move_type"), ["out_receipt", "out_refund"])
        self.refund(refund("r1", "2", 3, payments=(paid("q1", 3),)))
        self.post("2026-03-03")
        note = self.order("2").pos_sync_refund_ids.move_id
        self.assertEqual((note.move_type, note.amount_total, note.amount_residual), ("out_refund", 3, 0))
        self.assertEqual(self.balances(), {"101000": 5.0, "400000": -8.0, "401000": 3.0})

    def test_what_is_bought_on_account_stays_open(self):
        on_account = {"method": "On account", "kind": rec.PaymentKind.ON_ACCOUNT}
        self.sell(self.tea(payments=(paid("a", 20, **on_account), paid("b", 2))))
        moves = self.post()
        self.assertEqual((self.invoices("1").payment_state, self.invoices("1").amount_residual), ("partial", 20))
        self.assertEqual(len(moves), 2)
        self.assertFalse(self.post())

    def balances(self):
        """{account code: what all posted entries come to}, without those that come to nothing."""
        rows = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")], ["account_id"], ["balance:sum"]
        )
        return {account.code: round(balance, 2) for account, balance in rows if round(balance, 2)}
