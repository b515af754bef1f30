"""A sale is invoiced once: what is posted with its day has nothing to invoice, and gets it back when that is undone. A
refund is credited once."""

from datetime import date, datetime, timezone
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.registry import registry
from .posting_common import PostingCase, paid
from .sales_common import SalesSystem, line, order, refund

OLD = datetime(2025, 12, 30, 12, 0, tzinfo=timezone.utc)


class InvoicedCase(PostingCase):
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

    def sold(self, *names, **values):
        for name in names:
            self.sell(order(name, payments=(paid(name, 10),), **values))
        return self.env["sale.order"].concat(*(self.order(name) for name in names))

    def by_wizard(self, orders, **values):
        """“Create Invoice”, as its button opens it."""
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=orders.ids, active_id=orders[:1].id
        )
        wizard.create(values).create_invoices()
        return orders.invoice_ids

    def books(self):
        """{account code: balance} of all that is posted, without those that come to nothing."""
        posted = self.env["account.move.line"].search(
            [("parent_state", "=", "posted"), ("company_id", "=", self.company.id)]
        )
        sums = {account.code: sum(lines.mapped("balance")) for account, lines in posted.grouped("account_id").items()}
        return {code: balance for code, balance in sums.items() if balance}


@tagged("post_install", "-at_install")
class TestInvoicedOnce(InvoicedCase):
    def assertNothingToInvoice(self, orders):
        self.assertEqual(set(orders.mapped("invoice_status")), {"no"})
        self.assertEqual(set(orders.order_line.mapped("invoice_status")), {"no"})
        for name in ("qty_to_invoice", "untaxed_amount_to_invoice", "amount_to_invoice"):
            self.assertFalse(any(orders.order_line.mapped(name)), name)
        listed = self.env["sale.order"].search([("invoice_status", "=", "to invoice")])
        self.assertFalse(orders & listed)
        with self.assertRaises(UserError):
            orders._create_invoices()
        for payment in ("delivered", "percentage", "fixed"):
            for one in orders:
                with self.assertRaises(UserError) as refused:
                    self.by_wizard(one, advance_payment_method=payment, amount=50, fixed_amount=5)
                self.assertIn(one.name, str(refused.exception))
        self.assertFalse(orders.invoice_ids)

    def assertComputesToTheSame(self, orders):
        """What is stored is what Odoo works out anew."""
        lines = orders.order_line
        stored = [(item.qty_to_invoice, item.untaxed_amount_to_invoice, item.invoice_status) for item in lines]
        for name in ("qty_to_invoice", "untaxed_amount_to_invoice", "invoice_status"):
            self.env.add_to_compute(lines._fields[name], lines)
        lines.flush_recordset()
        self.assertEqual(
            [(item.qty_to_invoice, item.untaxed_amount_to_invoice, item.invoice_status) for item in lines], stored
        )

    def test_posted_with_its_day(self):
        orders = self.sold("1", "2")
        self.assertEqual(set(orders.mapped("invoice_status")), {"to invoice"})
        entry = self.post()
        self.assertNothingToInvoice(orders)
        self.assertComputesToTheSame(orders)
        with self.assertRaises(UserError) as refused:
            self.by_wizard(orders[0])
        self.assertIn(entry.name, str(refused.exception))
        self.assertIn("2026-03-02", str(refused.exception))
        # There and back, by the smart buttons.
        self.assertEqual(orders[0].action_pos_sync_view_day()["res_id"], self.day().id)
        self.assertEqual(entry.action_pos_sync_view_day()["res_id"], self.day().id)
        self.assertEqual(orders[0].pos_sync_entry_count, 1)
        entries = orders[0].action_pos_sync_view_entries()
        self.assertEqual(self.env[entries["res_model"]].search(entries["domain"]), entry)
        back = self.day().action_view_orders()
        self.assertEqual(self.env["sale.order"].search(back["domain"]), orders)

    def test_an_order_that_is_not_settled_is_invoiced_beside_those_that_are(self):
        settled = self.sold("1")
        self.post()
        other = self.sold("2", created_at=datetime(2026, 3, 3, 12, 0, tzinfo=timezone.utc))
        self.by_wizard(settled | other)
        self.assertFalse(settled.invoice_ids)
        self.assertEqual(other.invoice_ids.amount_total, 10)

    def test_an_entry_that_is_reset_gives_the_sales_back(self):
        orders = self.sold("1", "2")
        entry = self.post()
        entry.button_draft()
        self.assertEqual(self.day().state, "open")
        self.assertEqual(set(orders.mapped("invoice_status")), {"to invoice"})
        # Posted again by hand it holds them again.
        entry.action_post()
        self.assertNothingToInvoice(orders)
        entry.button_draft()
        # A customer wants an invoice: the day is posted without that sale, which is in the books once.
        invoice = self.by_wizard(orders[0])
        invoice.action_post()
        self.gather()
        self.day(mode="summary").action_post()
        self.day(mode="invoice").action_post()
        self.assertEqual(entry.state, "cancel")
        self.assertNothingToInvoice(orders[1])
        self.assertEqual(self.books(), {"101000": 20, "400000": -20})
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(orders[0].invoice_status, "invoiced")

    def test_a_day_that_is_posted_another_way_gives_the_sales_back(self):
        orders = self.sold("1")
        entry = self.post()
        entry.button_draft()
        period = self.connection.posting_period_ids
        period.mode = "orders"
        self.gather()
        self.assertEqual(self.day().mode, "orders")
        self.assertEqual(entry.state, "cancel", "nobody can post it beside the invoices")
        self.assertEqual(orders.invoice_status, "to invoice")
        self.assertEqual(self.by_wizard(orders).amount_total, 10)

    def test_a_late_sale_of_a_posted_day_follows_with_it(self):
        self.sold("1")
        self.post()
        late = self.sold("2")
        self.gather()
        self.assertEqual(self.day().state, "changed")
        self.assertNothingToInvoice(late)

    def test_history_is_not_to_invoice(self):
        old = self.sold("old", created_at=OLD)
        self.assertTrue(old.pos_sync_history)
        self.assertNothingToInvoice(old)
        self.assertComputesToTheSame(old)
        self.connection.entries_from = "2025-12-01"
        self.assertEqual(old.invoice_status, "to invoice")
        self.connection.entries_from = "2026-01-01"
        self.assertNothingToInvoice(old)

    def test_orders_only_leaves_invoicing_to_odoo(self):
        self.connection.posting_period_ids.unlink()
        self.period("2026-01-01", "orders")
        sold = self.sold("1")
        self.sell(order("3", line("3-1", "v-coffee", unit_price=4)))
        self.gather()
        self.assertEqual(sold.invoice_status, "to invoice")
        self.assertEqual(self.by_wizard(sold).amount_total, 10)


class TakesRefunds(SalesSystem):
    """The test system, which refunds in cash, the day after a sale, what Odoo tells it to."""

    __test__ = False

    def push_refund(self, told: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        self.world.give_back(
            refund("r", told.order_id, told.gross, source_reference=key, payments=(paid("q", told.gross),))
        )
        return tuple(self.world.refunds.values())


@tagged("post_install", "-at_install")
class TestCreditedOnce(InvoicedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: TakesRefunds}))
        cls.connection._make_streams()
        cls.connection._stream("refunds_push").enabled = True

    def credit(self, invoice):
        """“Credit Note”, as its button makes it."""
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": [Command.set(invoice.ids)], "journal_id": invoice.journal_id.id}
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.action_post()
        return note

    def assertRefundAgrees(self):
        """What is to be posted of the refund's day is what is posted, and no more follows."""
        day = date(2026, 3, 3)
        (figures,) = self.env["pos.sync.count_days"]._posted(self.connection, day, day).values()
        self.assertEqual((figures.booked, figures.gross), (0, 0))
        self.assertFalse(self.post("2026-03-03"))

    def test_a_refund_of_an_invoiced_sale_that_is_sent_from_odoo(self):
        invoice = self.by_wizard(self.sold("1"))
        invoice.action_post()
        self.post()
        note = self.credit(invoice)
        self.run_job(self.connection._stream("refunds_push"))
        self.env.invalidate_all()
        self.post("2026-03-03")
        self.assertEqual((self.books(), note.amount_residual), ({}, 0))
        self.assertRefundAgrees()

    def test_a_refund_that_a_person_credits(self):
        invoice = self.by_wizard(self.sold("1"))
        invoice.action_post()
        self.post()
        self.refund(refund("r", "1", 10, payments=(paid("q", 10),)))
        note = self.credit(invoice)
        self.post("2026-03-03")
        self.assertEqual((self.books(), note.amount_residual), ({}, 0))
        self.assertRefundAgrees()

    def test_a_refund_that_is_credited_after_its_summary_was_posted(self):
        sale = self.sold("1")
        self.refund(refund("r", "1", 10, payments=(paid("q", 10),)))
        summary = self.post("2026-03-03")
        self.assertEntry(summary, ("101000", -10.00), ("400000", 10.00))
        invoice = self.by_wizard(sale)
        invoice.action_post()
        self.post()
        self.assertEqual(self.books(), {})
        self.credit(invoice)
        self.gather()
        self.assertEqual(self.day("2026-03-03").state, "changed")
        self.assertEntry(self.post("2026-03-03"), ("400000", -10.00), ("121000", 10.00))
        self.assertEqual(self.books(), {})
        self.assertRefundAgrees()
