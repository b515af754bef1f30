from odoo.exceptions import UserError
from odoo.tests import tagged

from ..connectors.records import OrderStatus
from .sales_common import SOLD_AT, SalesCase, customer, order, refund


@tagged("post_install", "-at_install")
class TestOrdersFulfils(SalesCase):
    """A sale of the system that hands over what was ordered in Odoo becomes one with that order."""

    def setUp(self):
        super().setUp()
        self.connection.action_make_program()
        self.anything = self.env["product.product"].create({"name": "Anything", "type": "consu"})
        self.world.know(customer("c-1"))
        self.pull("customers_pull")
        self.buyer = self.link("c-1", "customer").partner_id

    def _ordered_here(self, amount=10.0):
        return self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "date_order": SOLD_AT.replace(tzinfo=None),
                "order_line": [(0, 0, {"product_id": self.anything.id, "price_unit": amount, "tax_ids": False})],
            }
        )

    def pull_order(self, record):
        self.world.sell(record)
        self.pull("orders_pull")
        return self.order(record.external_id)

    def _points(self):
        cards = self.env["loyalty.card"].search([("partner_id", "=", self.buyer.id)])
        return sum(cards.mapped("points"))

    def test_one_of_the_same_customer_amount_and_day_is_proposed(self):
        here = self._ordered_here()
        self._ordered_here(amount=11.0)
        sale = self.pull_order(order("1", customer_id="c-1"))
        self.assertEqual(sale.pos_sync_fulfils_id, here)
        self.assertEqual(here.state, "draft")

    def test_none_is_proposed_where_two_would_do(self):
        self._ordered_here()
        self._ordered_here()
        self.assertFalse(self.pull_order(order("1", customer_id="c-1")).pos_sync_fulfils_id)

    def test_an_order_is_proposed_to_one_sale_only(self):
        here = self._ordered_here()
        first = self.pull_order(order("1", customer_id="c-1"))
        second = self.pull_order(order("2", customer_id="c-1"))
        self.assertEqual((first | second).pos_sync_fulfils_id, here)
        self.assertFalse(second.pos_sync_fulfils_id)

    def test_both_become_one_which_earns_once(self):
        here = self._ordered_here()
        sale = self.pull_order(order("1", customer_id="c-1"))
        sale.action_pos_sync_fulfil()
        self.assertFalse(sale.exists())
        self.assertEqual((here.state, here.pos_sync_status, here.pos_sync_number), ("sale", "completed", "N1"))
        self.assertTrue(here.pos_sync_no_delivery)
        self.assertEqual(self._points(), 10.0)
        self.pull_order(order("1", customer_id="c-1"))
        self.assertEqual(self._points(), 10.0)
        self.assertEqual(self.env["sale.order"].search([("partner_id", "=", self.buyer.id)]), here)

    def test_later_news_of_the_sale_reach_the_order(self):
        here = self._ordered_here()
        sale = self.pull_order(order("1", customer_id="c-1", status=OrderStatus.OPEN, paid=False))
        sale.action_pos_sync_fulfil()
        self.assertEqual((here.state, here.pos_sync_status), ("draft", "open"))
        self.pull_order(order("1", customer_id="c-1"))
        self.assertEqual(here.pos_sync_status, "completed")
        self.world.give_back(refund("r-1", "1", 4))
        self.pull("refunds_pull")
        self.assertEqual(here.pos_sync_refund_ids.gross, 4.0)

    def test_one_is_chosen_by_hand(self):
        here = self._ordered_here(amount=99.0)
        sale = self.pull_order(order("1", customer_id="c-1"))
        self.assertFalse(sale.pos_sync_fulfils_id)
        with self.assertRaises(UserError):
            sale.action_pos_sync_fulfil()
        sale.pos_sync_fulfils_id = here
        sale.action_pos_sync_fulfil()
        self.assertEqual(here.pos_sync_number, "N1")

    def test_what_can_not_be_fulfilled(self):
        here = self._ordered_here()
        sale = self.pull_order(order("1", customer_id="c-1"))
        here._action_cancel()
        with self.assertRaises(UserError):
            sale.action_pos_sync_fulfil()
        other = self.pull_order(order("2", customer_id="c-1"))
        sale.pos_sync_fulfils_id = other
        with self.assertRaises(UserError):
            sale.action_pos_sync_fulfil()
