from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..connectors import records as rec
from .sales_common import SOLD_AT, SalesCase, customer, order, refund


@tagged("post_install", "-at_install")
class TestMilestones(SalesCase):
    """Mails to customers at the milestones of their orders."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(SOLD_AT + timedelta(hours=1)))
        self.world.know(customer("ada", email="ada@example.com"), customer("bob", "Bob", "Stone"))
        self.pull("customers_pull")
        self.stream = self.connection._stream("orders_pull")
        self.stream.first_done = True
        self.switch_on("received", "completed", "cancelled", "shipped")

    def switch_on(self, *milestones):
        self.env["pos.sync.milestone"].create(
            [{"connection_id": self.connection.id, "milestone": milestone} for milestone in milestones]
        )

    def sell(self, status=rec.OrderStatus.COMPLETED, external_id="1", **values):
        values.setdefault("customer_id", "ada")
        self.world.sell(order(external_id, status=status, **values))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def mails(self, external_id="1"):
        found = self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", self.order(external_id).id)], order="id"
        )
        return found.mapped("subject")

    def test_each_milestone_sends_one_mail(self):
        self.sell(rec.OrderStatus.OPEN, paid=False)
        self.assertEqual(self.mails(), ["Your order N1 is received"])
        self.sell(rec.OrderStatus.PAID, note="with milk")
        self.assertEqual(len(self.mails()), 1, "received twice")
        self.sell()
        self.assertEqual(self.mails(), ["Your order N1 is received", "Your order N1 is completed"])
        self.sell(note="again")
        self.pull("orders_pull", full=True)
        self.assertEqual(len(self.mails()), 2, "completed twice")
        self.sell(rec.OrderStatus.CANCELLED)
        self.assertEqual(self.mails()[2:], ["Your order N1 is cancelled"])

    def test_the_mail_goes_to_the_customer(self):
        self.sell()
        mail = self.env["mail.mail"].search([("res_id", "=", self.order("1").id), ("model", "=", "sale.order")])
        self.assertEqual(mail.recipient_ids.mapped("email") or [mail.email_to], ["ada@example.com"])
        self.assertIn("10.00", mail.body_html)
        self.assertIn("Ada Lovelace", mail.body_html)

    def test_none_while_it_is_off(self):
        self.connection.milestone_ids.unlink()
        self.sell()
        self.switch_on("completed")
        self.sell(note="again")
        self.assertFalse(self.mails(), "what was reached before is history")

    def test_none_for_history(self):
        self.sell(external_id="late", created_at=SOLD_AT - timedelta(days=3))
        self.assertFalse(self.mails("late"))
        self.connection.entries_from = "2026-03-03"
        self.sell(external_id="before")
        self.assertFalse(self.mails("before"))
        self.connection.entries_from = False
        self.stream.first_done = False
        self.sell(external_id="first")
        self.assertFalse(self.mails("first"))

    def test_none_without_an_address_and_none_for_walk_ins(self):
        self.sell(customer_id="bob")
        self.assertFalse(self.mails())
        self.sell(external_id="2", customer_id="")
        self.order("2").partner_id.email = "till@example.com"
        self.sell(rec.OrderStatus.CANCELLED, external_id="2", customer_id="")
        self.assertFalse(self.mails("2"))

    def test_a_parcel(self):
        parcel = rec.Fulfilment(external_id="f", order_id="1", status=rec.FulfilmentStatus.SHIPPED)
        self.sell(rec.OrderStatus.PAID)
        self.sell(rec.OrderStatus.PAID, fulfilments=(parcel,))
        self.assertEqual(self.mails(), ["Your order N1 is received", "Your order N1 is on its way"])

    def test_an_order_that_was_sent_there(self):
        own = self.env["sale.order"].create({"partner_id": self.link("ada", "customer").partner_id.id})
        mapping = self.env["pos.sync.mapping"].create(
            {
                "connection_id": self.connection.id,
                "entity": "order",
                "external_id": "sent",
                "sale_order_id": own.id,
                "pushed": True,
                "remote_status": "open",
            }
        )
        parcel = rec.Fulfilment(external_id="f", order_id="sent", status=rec.FulfilmentStatus.SHIPPED)
        for _again in range(2):
            mapping._write_remote(rec.OrderStatus.PAID, True, (parcel,))
        mapping._write_remote(rec.OrderStatus.COMPLETED, True, (parcel,))
        subjects = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", own.id)], order="id")
        self.assertEqual(
            [subject.replace(own.name, "N") for subject in subjects.mapped("subject")],
            ["Your order N is received", "Your order N is on its way", "Your order N is completed"],
        )

    def test_a_mail_that_cannot_be_written_holds_no_order(self):
        self.connection.milestone_ids.template_id.body_html = "<p t-out='object.no_such_field'/>"
        self.sell()
        self.assertFalse(self.mails())
        self.assertIn("could not be written", self.order("1").message_ids[:1].body)

    def test_money_given_back_sends_one_mail_for_each_refund(self):
        self.sell()
        refunds = self.connection._stream("refunds_pull")
        for first, key in ((False, "before"), (True, "r1")):
            refunds.first_done = first
            self.switch_on(*([] if self.connection.milestone_ids.filtered(_refunded) else ["refunded"]))
            self.world.give_back(refund(key, "1", "2.50", refunded_at=SOLD_AT + timedelta(minutes=50)))
            self.pull("refunds_pull")
        self.pull("refunds_pull", full=True)
        self.assertEqual(self.mails()[1:], ["Your refund for order N1"])
        mail = self.env["mail.mail"].search([("subject", "=", "Your refund for order N1")])
        self.assertIn("2.50", mail.body_html)
        self.world.give_back(refund("late", "1", 1, refunded_at=SOLD_AT - timedelta(days=3)), refund("r2", "1", 1))
        self.pull("refunds_pull")
        self.assertEqual(len(self.mails()), 3, "what is late is history")
        self.connection.milestone_ids.unlink()
        self.world.give_back(refund("r3", "1", 1))
        self.pull("refunds_pull")
        self.assertEqual(len(self.mails()), 3)


def _refunded(row):
    return row.milestone == "refunded"
