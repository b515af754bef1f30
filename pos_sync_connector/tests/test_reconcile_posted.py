"""A posted day is green only if the money of each payment method is posted, to the method's own account."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..connectors import records as rec
from .posting_common import by_card, paid
from .reconcile_common import ReconcileCase
from .sales_common import SOLD_AT, line, order, refund

DAY = SOLD_AT.date()


class _PostedDays:
    mode = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.journal"].create(
            {"name": "Invoices", "type": "sale", "code": "INV", "company_id": cls.company.id}
        )

    def setUp(self):
        super().setUp()
        self.env["pos.sync.posting.period"].search([("connection_id", "=", self.connection.id)]).mode = self.mode
        self.connection._stream("orders_pull").first_done = True
        self.sell(
            order("1", line("1-1", unit_price=30), payments=(by_card("p1", 30),)),
            order("2", line("2-1", unit_price=30), payments=(paid("p2", 30),)),
        )
        self.refund(refund("r1", "1", 5, refunded_at=SOLD_AT, payments=(by_card("r1", 5),)))
        self.post("2026-03-02")

    def posted(self, name):
        method = self.connection.payment_method_ids.filtered(lambda item: item.name == name)
        key = f"payment:{method.id}"
        return self.env["account.move.line"].search([("pos_sync_key", "=", key)]), key

    def change(self, lines, **values):
        """What faulty code would have posted."""
        for name, value in values.items():
            self.cr.execute(
                SQL(
                    "UPDATE account_move_line SET %s = %s WHERE id IN %s", SQL.identifier(name), value, tuple(lines.ids)
                )
            )
        self.env.invalidate_all()

    def test_each_methods_money_is_posted(self):
        day = self.check(DAY)
        self.assertEqual((day.state, day.difference_ids.ids), ("ok", []))

    def test_money_of_another_method(self):
        _cash, key = self.posted("Cash")
        cards, _key = self.posted("Visa")
        self.change(cards, pos_sync_key=key)
        day = self.check(DAY)
        self.assertEqual((day.posted_gross, day.to_post), (55, 55), "the sum says nothing of it")
        self.assertEqual(
            [(row.cause, row.name, row.amount) for row in day.difference_ids.sorted("name")],
            [("money", "Cash", -25), ("money", "Visa", 25)],
        )
        self.assertEqual(day.state, "differs")
        self.assertIn("25.00 was paid by “Visa”, and 0.00 is posted", day.difference_ids.sorted("name")[1].sentence)

    def test_money_on_the_account_of_another_method(self):
        cards, _key = self.posted("Visa")
        self.change(cards, account_id=self.accounts["101000"].id)
        day = self.check(DAY)
        self.assertEqual([(row.cause, row.name) for row in day.difference_ids], [("money", "Visa")])
        self.assertIn("is posted to Till", day.difference_ids.sentence)
        self.assertEqual(day.state, "differs")

    def test_an_account_that_is_chosen_later_is_for_later_days(self):
        cards, _key = self.posted("Visa")
        self.change(cards, create_date="2026-03-02 23:00:00")
        self.connection.payment_method_ids.filtered(lambda item: item.name == "Visa").account_id = self.accounts[
            "103000"
        ]
        self.assertEqual(self.check(DAY).state, "ok")

    def test_a_deposit_of_a_confirmed_order_is_received(self):
        self.sell(
            order(
                "4",
                line("4-1", unit_price=20),
                paid=False,
                status=rec.OrderStatus.OPEN,
                payments=(by_card("p4", 8, paid_at=SOLD_AT),),
            )
        )
        self.order("4").action_confirm()
        self.post("2026-03-02")
        cards, _key = self.posted("Visa")
        self.assertEqual(sum(cards.mapped("amount_currency")), 33)
        self.assertEqual(self.check(DAY).state, "ok")

    def test_money_that_no_day_has(self):
        gather = type(self.env["pos.sync.gather_days"])
        rows = gather._payments

        def without_cards(gathering, connection):
            return SQL("SELECT * FROM (%s) dated WHERE id NOT IN %s", rows(gathering, connection), lost)

        self.sell(order("5", line("5-1", unit_price=6), payments=(by_card("p5", 6),)))
        lost = tuple(self.env["pos.sync.payment"].search([("external_id", "=", "p5")]).ids)
        with patch.object(gather, "_payments", without_cards):
            self.post("2026-03-02")
            day = self.check(DAY)
        self.assertEqual(
            [(row.cause, row.amount, row.order_id) for row in day.difference_ids], [("no_day", 6, self.order("5"))]
        )
        self.assertEqual(day.state, "differs")
        self.post("2026-03-02")
        self.assertEqual(self.check(DAY).state, "ok")


@tagged("post_install", "-at_install")
class TestReconcileSummaries(_PostedDays, ReconcileCase):
    mode = "summary"


@tagged("post_install", "-at_install")
class TestReconcileInvoices(_PostedDays, ReconcileCase):
    mode = "invoice"
