from odoo.exceptions import UserError
from odoo.tests import tagged

from ..connectors.records import OrderStatus, Payment, PaymentKind
from .posting_common import PostingCase
from .sales_common import SOLD_AT, SalesCase, customer, money, order


def paid_with(method, amount=10):
    return (
        Payment(external_id=f"p-{method}", method_id=method, method_name=method.title(), kind=PaymentKind.CASH,
                amount=money(amount), currency="USD", paid_at=SOLD_AT),
    )


@tagged("post_install", "-at_install")
class TestOrdersWorkflow(SalesCase):
    """What is done with an order by its status and how it is paid; and orders that somebody asks for."""

    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(orders[0].external_id)

    def row(self, **values):
        return self.env["pos.sync.workflow"].create({"connection_id": self.connection.id, "sequence": 1, **values})

    def test_a_new_connection_does_what_statuses_say(self):
        rows = self.connection.workflow_ids
        found = [(row.status, row.confirm, row.deliver) for row in rows]
        self.assertEqual(found, [("open", False, False), ("paid", True, False), ("completed", True, True)])
        rows.unlink()
        self.sell(order("1", status=OrderStatus.OPEN, paid=False), order("2", status=OrderStatus.PAID), order("3"))
        self.assertEqual([self.order(key).state for key in "123"], ["draft", "sale", "sale"])
        self.assertEqual([self.order(key).picking_ids.state for key in "123"][2], "done")

    def test_the_first_row_that_fits_decides(self):
        self.row(status="open", payment="unpaid", confirm=True)
        self.row(status="completed", deliver=False, confirm=True)
        self.row(status="paid", deliver=True, confirm=True)
        self.sell(
            order("1", status=OrderStatus.OPEN, paid=False),
            order("2", status=OrderStatus.OPEN),
            order("3"),
            order("4", status=OrderStatus.PAID),
        )
        self.assertEqual([self.order(key).state for key in "1234"], ["sale", "draft", "sale", "sale"])
        delivered = [self.order(key).picking_ids.state == "done" for key in "134"]
        self.assertEqual(delivered, [False, False, True])

    def test_history_is_untouched(self):
        self.row(status="open", confirm=True, template_id=self.template().id)
        sale = self.sell(order("1", status=OrderStatus.OPEN, created_at=SOLD_AT.replace(year=2025)))
        self.assertEqual((sale.state, sale.picking_ids.ids), ("draft", []))

    def template(self):
        return self.env["mail.template"].create(
            {
                "name": "Thanks",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "subject": "Thanks for {{ object.name }}",
                "email_to": "{{ object.partner_id.email }}",
            }
        )

    def test_an_order_is_fetched_by_its_id_and_what_is_unknown_says_so(self):
        self.sell(order("1"))
        self.world.orders["2"] = order("2", number="N2")
        self.connection.action_fetch_orders()
        wizard = self.env["pos.sync.fetch"].create({"connection_id": self.connection.id, "number": " 2 "})
        wizard.action_fetch()
        self.drain("orders_pull")
        self.assertTrue(self.order("2"))
        self.assertNothingFailed("orders_pull")
        wizard.number = "3"
        wizard.action_fetch()
        self.drain("orders_pull")
        self.assertIn("no order 3", self.messages("orders_pull").sentence)
        wizard.number = ""
        with self.assertRaises(UserError):
            wizard.action_fetch()

    def test_days_are_pulled_again(self):
        # What was sold changed then at the earliest.
        self.world.now = SOLD_AT
        sale = self.sell(order("1"))
        sale.order_line.price_unit = 99
        self.sell(order("other", created_at=SOLD_AT.replace(day=9)))
        self.order("other").order_line.price_unit = 99
        self.env["pos.sync.fetch"].create(
            {"connection_id": self.connection.id, "what": "days", "date_from": "2026-03-01", "date_to": "2026-03-03"}
        ).action_fetch()
        stream = self.connection._stream("orders_pull")
        for _slice in range(5):
            self.run_job(stream)
        self.assertFalse(stream.again_from or stream.requested)
        self.assertEqual((sale.amount_total, self.order("other").amount_total), (10.0, 99.0))


@tagged("post_install", "-at_install")
class TestOrdersWorkflowInvoices(PostingCase):
    """Invoice, payment and e-mail of a row, each once."""

    def test_invoiced_paid_and_mailed_once(self):
        self.env["pos.sync.posting.period"].search([("connection_id", "=", self.connection.id)]).unlink()
        self.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "company_id": self.company.id,
                "default_account_id": self.accounts["400000"].id,
            }
        )
        self.cash.inbound_payment_method_line_ids.payment_account_id = self.accounts["101000"]
        template = TestOrdersWorkflow.template(self)
        self.env["pos.sync.workflow"].create(
            {
                "connection_id": self.connection.id, "sequence": 1, "status": "completed", "payment": "paid",
                "confirm": True, "invoice": True, "pay": True, "template_id": template.id,
            }
        )
        self.world.know(customer("ada", email="ada@example.com"))
        self.pull("customers_pull")
        self.connection._stream("orders_pull").first_done = True
        sold = order("w", customer_id="ada", payments=paid_with("cash"))
        for note in ("", "again"):
            self.world.sell(order("w", customer_id="ada", payments=sold.payments, note=note))
            self.pull("orders_pull")
        sale = self.order("w")
        self.assertEqual(len(sale.invoice_ids), 1, sale.message_ids.mapped("body"))
        self.assertEqual((sale.invoice_ids.state, sale.invoice_ids.amount_total), ("posted", 10.0))
        said = [body for body in sale.message_ids.mapped("preview") if "could not be" in body]
        self.assertFalse(said)
        self.assertIn(sale.invoice_ids.payment_state, ("in_payment", "paid"))
        payments = self.env["account.payment"].search([("memo", "like", sale.name)])
        self.assertEqual((payments.journal_id, payments.amount), (self.cash, 10.0))
        mails = self.env["mail.mail"].search([("subject", "=", f"Thanks for {sale.name}")])
        self.assertEqual(len(mails), 1)
