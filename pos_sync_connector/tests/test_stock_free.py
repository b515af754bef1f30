"""How many of a product a system is told it may sell: what is free, less what is sold and what a person holds back."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..connectors import records as rec
from .counts_common import CountsCase
from .sales_common import line, order


@tagged("post_install", "-at_install")
class TestStockFree(CountsCase):
    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"
        self.shop = self.connection.location_ids[:1] or self.connection.location_ids.create(
            {"connection_id": self.connection.id, "external_id": "shop", "name": "Shop", "holds_stock": True}
        )
        self.connection._stream("orders_pull").first_done = True
        self.count(self.tea, 10)
        self.assertEqual(self.told(), [("tea", "S", 10)])

    def order_tea(self, quantity, move_on=True):
        sale = self.sale(self.tea)
        sale.order_line.product_uom_qty = quantity
        if move_on:
            sale.action_confirm()
        return sale

    def test_a_reservation_lowers_the_other_channels(self):
        sale = self.order_tea(3)
        self.assertEqual(sale.picking_ids.state, "assigned")
        self.assertEqual(self.told(), [("tea", "S", 7)])
        sale.picking_ids.move_ids.write({"quantity": 3, "picked": True})
        sale.picking_ids._action_done()
        self.assertEqual(self.told(), [("tea", "S", 7)])

    def test_a_cancellation_puts_it_back(self):
        sale = self.order_tea(3)
        self.told()
        sale._action_cancel()
        self.assertEqual(self.told(), [("tea", "S", 10)])

    def test_on_hand_counts_what_is_reserved(self):
        self.target.stock_basis = "on_hand"
        self.told()
        self.order_tea(3)
        self.assertEqual(self.told(), [("tea", "S", 10)])
        self.assertFalse(self.levels[-1].is_free)

    def test_forecast_counts_what_is_to_come(self):
        self.target.stock_basis = "forecast"
        self.told()
        self.order_tea(3)
        supplier = self.env.ref("stock.stock_location_suppliers")
        self.env["stock.move"].create(
            {"product_id": self.tea.id, "product_uom_qty": 5, "location_id": supplier.id,
             "location_dest_id": self.shelf.id, "company_id": self.company.id}
        )._action_confirm()  # fmt: skip
        self.assertEqual(self.told(), [("tea", "S", 12)])
        self.assertTrue(self.levels[-1].is_free)

    def test_what_is_sold_but_not_reserved(self):
        self.shop.stock_location_id = self.shelf
        sale = self.pull_order(status=rec.OrderStatus.PAID, paid=True)
        self.assertEqual(self.told(), [("tea", "S", 7)])
        sale.picking_ids.do_unreserve()
        self.assertEqual(self.told(), [("tea", "S", 7)])

    def test_a_buffer_and_limits(self):
        self.target.stock_buffer = 4
        self.assertIn(("tea", "S", 6), self.told())
        tag = self.env["product.tag"].create({"name": "Scarce"})
        self.tea.product_tmpl_id.product_tag_ids = tag
        rule = self.env["pos.sync.stock.rule"].create({"connection_id": self.target.id, "tag_id": tag.id, "most": 2})
        self.assertIn(("tea", "S", 2), self.told())
        drinks = self.env["product.category"].create({"name": "Drinks"})
        self.tea.categ_id = drinks.create({"name": "Teas", "parent_id": drinks.id})
        rule.write({"tag_id": False, "category_id": drinks.id, "most": 3})
        self.assertIn(("tea", "S", 3), self.told())
        rule.write({"category_id": False, "product_tmpl_id": self.coffee.product_tmpl_id.id, "most": 0})
        self.assertIn(("tea", "S", 6), self.told())
        rule.write({"product_tmpl_id": self.tea.product_tmpl_id.id, "action": "leave_out"})
        self.assertNotIn("tea", {name for name, _place, _quantity in self.told()})
        self.count(self.tea, 11)
        self.assertFalse(self.waiting())
        with self.assertRaisesRegex(ValidationError, "Choose the product"):
            rule.product_tmpl_id = False

    # Orders that a system has taken off its count by itself

    def pull_order(self, **values):
        self.world.sell(order("1", line("a", quantity=3), location_id=self.shop.external_id, **values))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order("1")

    def test_an_order_of_a_system_is_off_once_from_quotation_to_delivery(self):
        self.shop.stock_location_id = self.shelf
        sale = self.pull_order(status=rec.OrderStatus.OPEN, paid=False)
        self.assertEqual(sale.state, "draft")
        self.assertEqual(self.told(), [("tea", "S", 7)])
        sale = self.pull_order(status=rec.OrderStatus.PAID, paid=True)
        self.assertEqual(sale.state, "sale")
        self.assertEqual(self.told(), [("tea", "S", 7)])
        self.pull_order(status=rec.OrderStatus.COMPLETED, paid=True)
        self.assertEqual(sale.picking_ids.state, "done")
        self.assertEqual(self.told(), [("tea", "S", 7)])

    def test_a_cart_is_not_sold(self):
        self.shop.stock_location_id = self.shelf
        self.pull_order(status=rec.OrderStatus.DRAFT, paid=False)
        self.assertFalse([item for item in self.told() if item != ("tea", "S", 10)])

    def test_orders_of_the_system_are_read_before_it_is_sent_counts(self):
        orders = self.target._stream("orders_pull")
        orders.write({"enabled": True, "first_done": True, "last_success": "2026-01-01 00:00:00", "next_poll": False})
        self.count(self.tea, 8)
        self.assertEqual(self.told(), [])
        self.assertLessEqual(orders.next_poll, fields.Datetime.now())
        orders.last_success = fields.Datetime.now()
        self.assertEqual(self.told(), [("tea", "S", 8)])
        orders.write({"last_success": "2026-01-01 00:00:00", "retry_at": "2027-01-01 00:00:00"})
        self.count(self.tea, 9)
        self.assertEqual(self.told(), [("tea", "S", 9)])

    # Kits

    def test_a_kit_is_what_its_parts_allow(self):
        counts = self.env["pos.sync.count_stock"]
        self.count(self.coffee, 7)
        shop = self.target.location_ids.filtered(lambda item: item.external_id == "S")
        parts = {self.tea: {self.tea: 2.0, self.coffee: 3.0}}
        with patch.object(self.registry[counts._name], "_parts", lambda model, products: parts):
            found = counts._quantities(self.target, [(self.tea, shop)])
        self.assertEqual(found, {(self.tea, shop): 2})

    # Sold out

    def sell_out(self):
        milk, rice = self.env["product.product"].create([{"name": name, "is_storable": True} for name in ("M", "R")])
        self.link_products(milk, rice)
        places = (self.shelf, self.cellar)
        for product in (self.tea, self.coffee, milk, rice):
            for place in places:
                self.count(product, 5, place)
        self.send_counts()
        self.assertEqual(len(self.target_world.counts), 8)
        self.target_world.counts.clear()
        for product in (self.tea, self.coffee, milk):
            for place in places:
                self.count(product, 0, place)
        self.send_counts()

    def test_most_of_it_sold_out_asks_first(self):
        self.sell_out()
        self.assertFalse(self.target_world.counts)
        self.assertTrue(self.stream.asks_zeros)
        self.assertRegex(self.stream.sentence, "6 of 8 counts would be set to zero")
        self.stream.action_send_zeros()
        self.send_counts()
        self.assertEqual({item.quantity for item in self.target_world.counts}, {0})
        self.assertEqual(len(self.target_world.counts), 6)
        self.assertFalse(self.stream.asks_zeros or self.stream.zeros_allowed or self.stream.sentence)
        # What was sold out already is no news.
        self.target_world.counts.clear()
        self.stream.action_send_counts()
        self.send_counts()
        self.assertEqual(len(self.target_world.counts), 8)

    def test_goods_that_are_found_again(self):
        self.sell_out()
        self.count(self.tea, 4)
        self.count(self.coffee, 4)
        self.stream.retry_at = False
        self.send_counts()
        self.assertEqual(sorted(item.quantity for item in self.target_world.counts), [0, 0, 0, 0, 4, 4])
        self.assertFalse(self.stream.asks_zeros)

    def test_whoever_is_sent_the_stock_does_not_own_it(self):
        self.assertEqual(self.target.stock_policy, "odoo")
        with self.assertRaisesRegex(ValidationError, "switch off “Send stock” first"):
            self.target.stock_policy = "system"
