from dataclasses import replace

from odoo.tests import tagged

from ..connectors.records import OrderStatus, RefundLine
from .sales_common import SalesCase, customer, line, money, order, refund


@tagged("post_install", "-at_install")
class TestOrdersChanges(SalesCase):
    """What happens at the system after an order came in: edits, cancellations, refunds."""

    def sell(self, *orders):
        self.world.sell(*orders)
        return self.pull("orders_pull")

    def invoice(self, sale):
        """Posts the invoice of a sale order."""
        company = sale.company_id
        if not self.env["account.account"].search([("company_ids", "=", company.id)], limit=1):
            self.env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        moves = sale._create_invoices(final=True)
        moves.action_post()
        return moves

    def test_line_added_changed_and_removed(self):
        self.sell(order("1", line("a"), line("b", "v-coffee", 2, 4)))
        run = self.sell(order("1", line("a", quantity=3), line("c", "v-coffee", 1, 4)))
        self.assertCounts(run, read=1, updated=1)
        rows = self.lines("1")
        self.assertEqual({key: row.product_uom_qty for key, row in rows.items()}, {"a": 3.0, "c": 1.0})
        self.assertEqual({key: row.qty_delivered for key, row in rows.items()}, {"a": 3.0, "c": 1.0})
        self.assertEqual(self.order("1").amount_total, 34.0)

    def test_quantity_lowered(self):
        self.sell(order("1", line("a", quantity=3)))
        self.sell(order("1", line("a", quantity=1)))
        self.assertEqual((self.order("1").amount_total, self.order("1").order_line.qty_delivered), (10.0, 1.0))

    def test_product_of_a_line_changed(self):
        self.sell(order("1", line("a")))
        self.sell(order("1", line("a", "v-coffee", unit_price=4)))
        self.assertEqual(self.lines("1")["a"].product_id, self.variant("v-coffee"))
        self.assertEqual(self.order("1").amount_total, 4.0)

    def test_rounding_line_follows(self):
        self.sell(order("1", gross="10.01"))
        self.sell(order("1", line("1-1", quantity=2), gross="20"))
        self.assertEqual(self.order("1").amount_total, 20.0)

    def test_open_order_is_completed(self):
        self.sell(order("1", status=OrderStatus.OPEN))
        self.sell(order("1"))
        self.assertEqual((self.order("1").state, self.order("1").order_line.qty_delivered), ("sale", 1.0))

    def test_cancelled_at_the_system(self):
        self.sell(order("1"))
        self.sell(order("1", status=OrderStatus.CANCELLED))
        self.assertEqual(self.order("1").state, "cancel")
        self.sell(order("1"))
        self.assertEqual(self.order("1").state, "sale", "taken back at the system")

    def test_cancelled_by_a_person_in_odoo_stays_cancelled(self):
        self.sell(order("1"))
        self.order("1")._action_cancel()
        self.sell(order("1", line("1-1", quantity=2)))
        self.assertEqual(self.order("1").state, "cancel")

    def test_customer_changed(self):
        self.world.know(customer("c1"), customer("c2", "Grace", "Hopper"))
        self.pull("customers_pull")
        self.sell(order("1"))
        for key in ("c1", "c2"):
            self.sell(order("1", customer_id=key))
            self.assertEqual(self.order("1").partner_id, self.link(key, "customer").partner_id)
            self.assertEqual(self.order("1").partner_invoice_id, self.order("1").partner_id)
        self.assertEqual(self.order("1").amount_total, 10.0)

    def test_merged_customers_follow(self):
        self.world.know(customer("c1", phone="+12025550111"), customer("c2", "Grace", "Hopper"))
        self.pull("customers_pull")
        self.sell(order("1", customer_id="c2"))
        kept = self.link("c1", "customer").partner_id
        gone = self.link("c2", "customer").partner_id
        self.env["base.partner.merge.automatic.wizard"]._merge([kept.id, gone.id], kept)
        self.env.invalidate_all()
        self.assertEqual(self.link("c2", "customer").partner_id, kept)
        run = self.sell(order("1", line("1-1", quantity=2), customer_id="c2"))
        self.assertCounts(run, read=1, updated=1)
        self.assertEqual(self.order("1").partner_id, kept)

    def test_invoiced_order_gets_a_correction(self):
        self.sell(order("1", line("a", quantity=2), line("b", "v-coffee", 1, 4)))
        sale = self.order("1")
        invoice = self.invoice(sale)
        self.assertEqual(invoice.amount_untaxed, 24.0)
        self.sell(order("1", line("a", quantity=1), line("b", "v-coffee", 1, 4)))
        rows = self.lines("1")
        self.assertEqual(rows["a"].product_uom_qty, 2.0, "what was invoiced stays")
        self.assertEqual(
            {key: row.product_uom_qty for key, row in rows.items() if "#" in key}, {"a#-1": -2.0, "a#1": 1.0}
        )
        self.assertEqual((sale.amount_total, invoice.amount_untaxed), (14.0, 24.0))
        self.assertCounts(self.pull("orders_pull", full=True), read=1, unchanged=1)
        self.sell(order("1", line("a", quantity=4), line("b", "v-coffee", 1, 4)))
        self.assertEqual(sale.amount_total, 44.0)
        self.sell(order("1", line("a", quantity=4)))
        self.assertEqual(sale.amount_total, 40.0)

    def test_cancelling_an_invoiced_order_brings_it_to_zero(self):
        self.sell(order("1"))
        self.invoice(self.order("1"))
        self.sell(order("1", status=OrderStatus.CANCELLED))
        self.assertEqual((self.order("1").state, self.order("1").amount_total), ("sale", 0.0))

    def test_order_deleted_in_odoo_is_not_made_again(self):
        self.sell(order("1", status=OrderStatus.OPEN))
        self.order("1").unlink()
        run = self.sell(order("1", line("1-1", quantity=2), status=OrderStatus.OPEN))
        self.assertCounts(run, read=1, skipped=1)
        self.assertFalse(self.order("1"))

    def test_failed_update_leaves_the_order_as_it_was(self):
        self.sell(order("1"))
        run = self.sell(order("1", line("1-1", quantity=5), gross=99))
        self.assertCounts(run, read=1, failed=1)
        self.assertEqual((self.order("1").amount_total, self.order("1").order_line.product_uom_qty), (10.0, 1.0))

    def test_refund_is_a_record_of_its_own(self):
        item = RefundLine(order_line_id="a", variant_id="v-tea", quantity=money(1), gross=money(10), restock=True)
        self.sell(order("1", line("a", quantity=2), refunds=(refund("r1", "1", 10, lines=(item,)),)))
        sale = self.order("1")
        row = sale.pos_sync_refund_ids
        self.assertEqual((row.external_id, row.gross, row.line_ids.order_line_id), ("r1", 10.0, self.lines("1")["a"]))
        self.assertEqual((sale.amount_total, sale.order_line.product_uom_qty), (20.0, 2.0), "the sold lines stay")
        self.sell(order("1", line("a", quantity=2), refunds=(refund("r1", "1", 12),)))
        self.assertEqual(row.gross, 12.0)

    def test_refund_before_its_order_waits(self):
        self.connection._stream("orders_pull").write({"first_done": True})
        self.world.give_back(refund("r1", "1", 4))
        self.assertCounts(self.pull("refunds_pull"), read=1, held=1) if "1" in self.world.orders else None
        self.world.orders["1"] = order("1")
        self.pull("refunds_pull")
        self.pull("orders_pull")
        self.drain("refunds_pull")
        self.assertEqual(self.order("1").pos_sync_refund_ids.gross, 4.0)
        self.assertNothingFailed("refunds_pull")

    def test_invoiced_on_delivery(self):
        self.sell(order("1", line("a", quantity=2), line("b", "v-coffee", 1, 4)))
        sale = self.order("1")
        sale.order_line.product_id.invoice_policy = "delivery"
        self.assertEqual(self.invoice(sale).amount_untaxed, 24.0)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_product_archived_in_odoo(self):
        self.sell(order("1"))
        product = self.variant("v-tea")
        product.product_tmpl_id.active = False
        run = self.sell(order("1", line("1-1", quantity=2)), order("2"))
        self.assertCounts(run, read=2, created=1, updated=1)
        self.assertEqual((self.order("1") | self.order("2")).order_line.product_id, product)
        self.assertEqual((self.order("1").amount_total, product.active), (20.0, False))

    def test_product_deleted_in_odoo(self):
        self.sell(order("1"))
        self.world.put(replace(self.world.products["coffee"], name="Coffee 2"))
        self.link("coffee").product_tmpl_id.unlink()
        run = self.sell(order("2", line("a", "v-coffee", 1, 4, name="Coffee")))
        self.assertEqual(run.created_count, 1)
        self.assertEqual(self.order("2").order_line.name, "Coffee")
