from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid, returned
from .sales_common import SOLD_AT, charge, line, money, order, refund, tax_of

OUT = tax_of("out", 10)


@tagged("post_install", "-at_install")
class TestPostingHolds(PostingCase):
    """What can't be posted without a guess is held, and says with which figures."""

    def setUp(self):
        super().setUp()
        self.map_tax("out", 10.0)

    def mixed(self):
        """A tea with 10 %, a coffee without: 15.00."""
        self.sell(
            order(
                "1",
                line("a", taxes=(OUT,)),
                line("b", "v-coffee", unit_price=4),
                gross=15,
                tax=1,
                payments=(by_card("p1", 15),),
            )
        )
        self.post()

    def assertHeld(self, *words, date="2026-03-03"):
        self.assertFalse(self.post(date))
        day = self.day(date)
        self.assertEqual(day.state, "held")
        for word in words:
            self.assertIn(word, day.sentence.replace("\N{NO-BREAK SPACE}", " "))
        return self.env["pos.sync.message"].search([("trace_key", "=", day.hold_keys.strip())])

    def test_an_amount_whose_tax_nobody_states(self):
        self.mixed()
        self.refund(refund("r1", "1", 5, payments=(by_card("q1", 5),)))
        message = self.assertHeld("5.00", "r1", "N1")
        failure = self.env["pos.sync.failure"].search([("message_id", "in", message.ids)])
        self.assertEqual(failure.action_mend()["res_model"], "pos.sync.refund")
        found = self.order("1").pos_sync_refund_ids
        with self.assertRaises(UserError):
            found.with_user(new_test_user(self.env, "seller", "pos_sync_connector.group_user")).action_accept()
        found.action_accept()
        # 3.67 of the tea's 11.00, 1.33 of the coffee's 4.00
        self.assertEntry(
            self.post("2026-03-03"),
            ("102000", -5.00),
            ("401000", 3.34, 10.0),
            ("401000", 1.33),
            ("251000", 0.33),
        )
        self.assertEqual(message.state, "done")

    def test_an_amount_whose_tax_says_what_it_is_off(self):
        self.mixed()
        self.refund(
            refund("r1", "1", "5.50", tax=money("0.50"), payments=(by_card("q1", "5.50"),)),
            refund("r2", "1", 2, tax=money(0), payments=(by_card("q2", 2),)),
        )
        self.assertEntry(
            self.post("2026-03-03"), ("102000", -7.50), ("401000", 5.00, 10.0), ("401000", 2.00), ("251000", 0.50)
        )

    def test_a_refund_whose_tax_is_another(self):
        self.mixed()
        self.refund(
            refund("r1", "1", 11, tax=money(0), lines=(returned("a", 1, gross=11),), payments=(by_card("q1", 11),))
        )
        self.assertHeld("0.00", "1.00", "r1")

    def test_lines_that_do_not_come_to_the_amount(self):
        self.mixed()
        self.refund(refund("r1", "1", 13, lines=(returned("a", 1, gross=11),), payments=(by_card("q1", 13),)))
        self.assertHeld("2.00", "13.00", "r1")

    def test_what_is_left_after_an_earlier_refund_is_everything(self):
        self.mixed()
        self.refund(
            refund("r1", "1", 4, lines=(returned("b", 1, gross=4),), payments=(by_card("q1", 4),)),
            refund("r2", "1", 11, payments=(by_card("q2", 11),)),
        )
        self.assertEntry(
            self.post("2026-03-03"), ("102000", -15.00), ("400000", 10.00, 10.0), ("400000", 4.00), ("251000", 1.00)
        )

    def tipped(self, tip=20):
        """Goods of 125.00 with 25 % in the price, and a tip."""
        self.map_tax("in", 25.0, inclusive="yes")
        self.sell(
            order(
                "1",
                line("a", unit_price=125, taxes=(tax_of("in", 25, inclusive=True),)),
                charges=(charge("t", rec.ChargeKind.TIP, tip),),
                gross=125 + tip,
                tax=25,
                payments=(by_card("p1", 125 + tip),),
            )
        )
        self.post()

    def test_once_the_goods_are_refunded_an_amount_is_of_the_tip(self):
        self.tipped()
        self.refund(
            refund("r1", "1", 125, lines=(returned("a", 1, gross=125),), payments=(by_card("q1", 125),)),
            refund("r2", "1", 10, payments=(by_card("q2", 10),)),
        )
        self.assertEntry(
            self.post("2026-03-03"), ("102000", -135.00), ("400000", 100.00, 25.0), ("251000", 25.00), ("252000", 10.00)
        )
        # And no more than is left of it.
        self.refund(refund("r3", "1", 11, payments=(by_card("q3", 11),), refunded_at=SOLD_AT + timedelta(days=2)))
        self.assertHeld("11.00", "r3", date="2026-03-04")

    def test_an_amount_beside_all_goods_is_of_the_tip(self):
        self.tipped()
        self.refund(refund("r1", "1", 135, lines=(returned("a", 1, gross=125),), payments=(by_card("q1", 135),)))
        self.assertEntry(
            self.post("2026-03-03"), ("102000", -135.00), ("400000", 100.00, 25.0), ("251000", 25.00), ("252000", 10.00)
        )

    def test_an_amount_above_what_is_left_of_the_goods(self):
        self.tipped()
        self.refund(
            refund("r1", "1", 120, tax=money(24), payments=(by_card("q1", 120),)),
            refund("r2", "1", 8, payments=(by_card("q2", 8),)),
        )
        self.assertHeld("8.00", "r2")

    def test_an_amount_once_only_one_tax_is_left(self):
        self.mixed()
        self.refund(
            refund("r1", "1", 11, lines=(returned("a", 1, gross=11),), payments=(by_card("q1", 11),)),
            refund("r2", "1", 3, payments=(by_card("q2", 3),)),
        )
        self.assertEntry(
            self.post("2026-03-03"), ("102000", -14.00), ("400000", 10.00, 10.0), ("251000", 1.00), ("401000", 3.00)
        )

    def test_shipping_whose_tax_the_channel_remits_is_refunded_alone(self):
        goods, sent = (
            rec.LineTax(tax_id="market", rate=money(10), amount=money(amount), remitted_by_channel=True)
            for amount in (10, 1)
        )
        self.sell(
            order(
                "1",
                line("a", unit_price=100, taxes=(goods,)),
                charges=(charge("s", rec.ChargeKind.SHIPPING, 10, taxes=(sent,)),),
                gross=121,
                tax=11,
                payments=(by_card("p1", 121),),
            )
        )
        self.post()
        account = self.charge_row("channel_tax").account_id
        back = charge("s", rec.ChargeKind.SHIPPING, 10, net=money(10), tax=money(1))
        self.refund(refund("r1", "1", 11, tax=money(1), charges=(back,), payments=(by_card("q1", 11),)))
        self.assertEntry(self.post("2026-03-03"), ("102000", -11.00), ("402000", 10.00), (account.code, 1.00))

    def test_a_currency_without_a_rate(self):
        self.env.ref("base.EUR").active = True
        self.env["res.currency.rate"].search([("currency_id", "=", self.env.ref("base.EUR").id)]).unlink()
        self.sell(order("1", currency="EUR", payments=(by_card("p1", 10, currency="EUR"),)))
        message = self.assertHeld("EUR", "2026-03-02", date="2026-03-02")
        failure = self.env["pos.sync.failure"].search([("message_id", "in", message.ids)])
        self.assertEqual(failure.action_mend()["res_id"], self.env.ref("base.EUR").id)
        Rate = self.env["res.currency.rate"]
        # A rate of later says nothing of that day.
        values = {"currency_id": self.env.ref("base.EUR").id, "company_id": self.company.id, "company_rate": 0.5}
        Rate.create({**values, "name": "2026-03-03"})
        self.assertHeld("EUR", date="2026-03-02")
        Rate.create({**values, "name": "2026-03-02", "company_rate": 0.8})
        self.assertEqual(
            [(item.amount_currency, item.balance) for item in self.post().line_ids.sorted("balance")],
            [(-10.0, -12.5), (10.0, 12.5)],
        )

    def test_tax_that_the_channel_remits(self):
        remitted = rec.LineTax(tax_id="market", rate=money(10), amount=money(10), remitted_by_channel=True)
        self.sell(
            order(
                "1", line("a", unit_price=100, taxes=(remitted,)), gross=110, tax=10, payments=(by_card("p1", 110),)
            ),
            order("2", line("a", taxes=(OUT,)), gross=11, tax=1, payments=(by_card("p2", 11),)),
        )
        self.assertFalse(self.env["pos.sync.tax"].search([("external_id", "=", "market")]), "nobody has to match it")
        move = self.post()
        account = self.charge_row("channel_tax").account_id
        self.assertEqual(account.account_type, "liability_current")
        self.assertNotEqual(account, self.accounts["251000"])
        self.assertEntry(
            move,
            ("102000", 121.00),
            ("400000", -100.00),
            ("400000", -10.00, 10.0),
            ("251000", -1.00),
            (account.code, -10.00),
        )
        back = rec.RefundLine(
            order_line_id="a", quantity=money(1), gross=money(110), tax=money(10), taxes=(remitted,)
        )
        self.refund(refund("r1", "1", 110, tax=money(10), lines=(back,), payments=(by_card("q1", 110),)))
        self.assertEntry(self.post("2026-03-03"), ("102000", -110.00), ("400000", 100.00), (account.code, 10.00))

    def test_delivered_and_not_paid(self):
        parcel = rec.Fulfilment(
            external_id="f1", order_id="1", status=rec.FulfilmentStatus.DELIVERED, lines=(("1-1", money(1)),)
        )
        self.sell(order("1", status=rec.OrderStatus.OPEN, paid=False, fulfilments=(parcel,)))
        self.assertEqual((self.order("1").state, self.order("1").order_line.qty_delivered), ("sale", 1.0))
        self.assertEntry(self.post(), ("121000", 10.00), ("400000", -10.00))

    def test_everything_of_an_order_is_settled(self):
        """An edit whose money is returned, and a deposit that is, leave nothing open on the customer's account."""
        self.connection.posting_period_ids.mode = "invoice"
        self.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "default_account_id": self.accounts["400000"].id,
                "company_id": self.company.id,
            }
        )
        kept = line("a", unit_price=80)
        self.sell(
            order("1", kept, line("b", "v-coffee", unit_price=20), payments=(by_card("p1", 100),)),
            order("2", status=rec.OrderStatus.OPEN, paid=False, payments=(paid("p2", 4),)),
        )
        self.post()
        self.sell(
            order("1", kept, payments=(by_card("p1", 100),)),
            order("2", status=rec.OrderStatus.CANCELLED, paid=False, payments=(paid("p2", 4),)),
        )
        self.refund(
            refund("r1", "1", 20, overpayment=money(20), payments=(by_card("q1", 20),)),
            refund("r2", "2", 4, payments=(paid("q2", 4),)),
        )
        self.post()
        self.post("2026-03-03")
        items = self.env["account.move.line"].search([("account_id", "=", self.accounts["121000"].id)])
        self.assertEqual(set(items.mapped("reconciled")), {True})
        self.assertEqual(sum(items.mapped("balance")), 0)

    def test_a_charge_that_the_order_has_not_needs_its_account(self):
        self.mixed()
        # Else it is proposed by its name.
        self.accounts["252000"].name = "Owed to the staff"
        self.charge_row("tip").account_id = False
        self.refund(
            refund(
                "r1", "1", 2, tax=money(0), charges=(charge("t", rec.ChargeKind.TIP, 2),), payments=(by_card("q1", 2),)
            )
        )
        self.assertHeld("Tip")
