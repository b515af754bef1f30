from dataclasses import replace

from odoo.tests import tagged

from ..connectors.records import Address, AddressKind, OrderStatus
from .common import product
from .sales_common import SalesCase, SalesSystem, customer, line, order, refund

BILL = Address(kind=AddressKind.INVOICE, name="Gus Guest", email="gus@example.com", street="5 Pay Street", country="US")


@tagged("post_install", "-at_install")
class TestOrdersGone(SalesCase):
    """What a sale names and the system no longer has holds no money."""

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(orders[0].external_id)

    def test_a_deleted_customer_is_a_guest_or_a_walk_in(self):
        sale = self.sell(order("1", customer_id="GONE"), order("2", customer_id="GONE", billing_address=BILL))
        self.assertEqual(sale.partner_id, self.connection.walk_in_partner_id)
        self.assertEqual(self.order("2").partner_id.name, "Gus Guest")

    def test_a_customer_who_is_there_after_all(self):
        self.sell(order("1", customer_id="late"))
        self.world.know(customer("late", "Lea", "Late"))
        self.pull("customers_pull")
        self.assertEqual(self.link("late", "customer").partner_id.name, "Lea Late")
        self.sell(replace(self.world.orders["1"], tags=("x",)))
        self.assertEqual(self.order("1").partner_id.name, "Lea Late")

    def test_a_merged_customer_is_the_one_that_is_left(self):
        new = customer("NEW", "Mia", "Merged", email="mia@example.com")
        self.patch(SalesSystem, "get_customer", lambda system, key: new if key in ("OLD", "NEW") else None)
        self.sell(order("1", customer_id="OLD"), order("2", customer_id="NEW"))
        self.assertEqual(self.order("1").partner_id, self.order("2").partner_id)
        self.assertEqual(self.order("1").partner_id.name, "Mia Merged")

    def test_a_deleted_variant_is_known_by_its_code(self):
        self.variant("v-tea").default_code = "TEA-100"
        self.sell(
            order("1", line("a", "", sku=" TEA-100 ")),
            order("2", line("a", "v-gone", sku="TEA-100")),
            order("3", line("a", "v-gone", sku="TEA-101", name="Something")),
        )
        unknown = self.connection.charge_product_ids.filtered(lambda row: row.kind == "unknown").product_id
        found = [self.order(key).order_line.product_id for key in ("1", "2", "3")]
        self.assertEqual(found, [self.variant("v-tea"), self.variant("v-tea"), unknown])

    def test_a_code_of_two_products_tells_neither(self):
        self.variant("v-tea").default_code = self.variant("v-coffee").default_code = "BOTH"
        sale = self.sell(order("1", line("a", "", sku="BOTH")))
        self.assertNotIn(sale.order_line.product_id, self.variant("v-tea") | self.variant("v-coffee"))

    def test_a_variant_that_is_deleted_after_the_sale_stays_what_was_sold(self):
        sale = self.sell(order("1", line("a"), status=OrderStatus.PAID))
        before = sale.order_line
        self.sell(order("1", line("a", "", 2, name="Tea"), status=OrderStatus.PAID))
        self.assertEqual((sale.order_line, sale.order_line.product_id), (before, self.variant("v-tea")))
        self.assertEqual(sale.order_line.product_uom_qty, 2.0)

    def test_a_line_that_an_edit_removed_is_gone(self):
        both = order("1", line("a"), line("b", "v-coffee", 2, 4), status=OrderStatus.PAID)
        sale = self.sell(both)
        self.sell(order("1", line("a"), status=OrderStatus.PAID))
        self.assertEqual(sale.order_line.mapped("pos_sync_line_id"), ["a"])
        self.sell(order("1", line("a"), line("b", "v-coffee", 0, 4), status=OrderStatus.PAID))
        self.assertEqual(sale.order_line.mapped("pos_sync_line_id"), ["a"])
        self.assertEqual(sale.amount_total, 10.0)

    def test_a_removed_line_with_a_delivery_is_in_no_document(self):
        self.connection.stock_policy = "odoo"
        sale = self.sell(order("1", line("a"), line("b", "v-coffee", 2, 4), status=OrderStatus.PAID))
        self.sell(order("1", line("a"), status=OrderStatus.PAID))
        self.assertEqual(sale._get_order_lines_to_report().mapped("pos_sync_line_id"), ["a"])

    def test_a_refund_of_an_order_from_before_says_so(self):
        self.connection.orders_from = "2026-03-10"
        self.world.orders["old"] = order("old")
        self.world.give_back(refund("r", "old", 10))
        self.pull("orders_pull")
        self.pull("refunds_pull")
        message = self.messages("refunds_pull")
        self.assertEqual((message.state, message.kind), ("failed", "needs_fixing"))
        self.assertIn("03/10/2026", message.sentence)
        self.assertNotIn("automatically", message.sentence)
        self.connection.orders_from = False
        message.action_retry()
        self.drain("refunds_pull")
        self.pull("refunds_pull")
        self.assertEqual(self.order("old").pos_sync_refund_ids.gross, 10.0)

    def test_what_waits_leads_to_what_it_waits_for(self):
        self.world.products["bad"] = product("bad", amount=None)
        self.world.sell(order("1", line("a", "v-bad")))
        self.pull("orders_pull")
        waiting = self.message("1", flow="orders_pull")
        self.assertEqual(waiting.state, "held")
        self.assertEqual(waiting.awaited_id.external_id, "bad")
        self.assertEqual(waiting.action_view_awaited()["res_id"], waiting.awaited_id.id)
        self.assertEqual(waiting.awaited_id.state, "failed")
