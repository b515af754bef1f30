from odoo.tests import tagged

from ..connectors import records as rec
from .sales_common import SalesCase, line, money, order, refund


@tagged("post_install", "-at_install")
class TestReturns(SalesCase):
    """Goods that a refund brought back, where Odoo owns the stock."""

    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"
        self.variant("v-tea").is_storable = True
        self.sell()

    def sell(self, *refunds):
        self.world.sell(order("1", line("a", quantity=3), line("b", "v-coffee", unit_price=4), refunds=refunds))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def back(self, key, quantity, restock):
        gone = rec.RefundLine(order_line_id="a", quantity=money(quantity), gross=money(10 * quantity), restock=restock)
        return refund(key, "1", 10 * quantity, lines=(gone,))

    def returns(self):
        """What has come back: [(refund, quantity)]."""
        pickings = self.order("1").picking_ids.filtered("return_id")
        self.assertFalse(set(pickings.mapped("state")) - {"done"})
        return [
            (picking.pos_sync_refund_id.external_id, sum(picking.move_ids.mapped("quantity"))) for picking in pickings
        ]

    def on_hand(self):
        places = self.env["stock.location"].search([("usage", "=", "internal"), ("company_id", "=", self.company.id)])
        quants = self.env["stock.quant"].search(
            [("product_id", "=", self.variant("v-tea").id), ("location_id", "in", places.ids)]
        )
        return sum(quants.mapped("quantity"))

    def test_what_was_put_back_is_returned_once(self):
        self.assertEqual(self.on_hand(), -3)
        self.sell(self.back("r1", 2, True))
        self.assertEqual(self.returns(), [("r1", 2)])
        self.assertEqual(self.on_hand(), -1)
        self.sell(self.back("r1", 2, True), self.back("r2", 1, True))
        self.assertEqual(sorted(self.returns()), [("r1", 2), ("r2", 1)])
        self.assertEqual(self.on_hand(), 0)

    def test_the_sold_lines_stay_delivered(self):
        self.variant("v-tea").invoice_policy = "delivery"
        self.sell(self.back("r1", 2, True))
        self.assertEqual(self.lines("1")["a"].qty_delivered, 3)

    def test_no_more_comes_back_than_was_delivered(self):
        self.sell(self.back("r1", 2, True), self.back("r2", 2, True))
        self.assertEqual(sorted(self.returns()), [("r1", 2), ("r2", 1)])

    def test_what_the_system_does_not_tell_is_returned_by_policy(self):
        self.sell(self.back("r1", 1, None), self.back("r2", 1, False))
        self.assertFalse(self.returns())
        self.connection.return_policy = "all"
        self.sell(self.back("r3", 1, None), self.back("r4", 1, False))
        self.assertEqual(self.returns(), [("r3", 1)])

    def test_nothing_is_returned_where_that_is_off_or_the_system_counts(self):
        self.connection.return_policy = "none"
        self.sell(self.back("r1", 1, True))
        self.assertFalse(self.returns())
        self.connection.write({"return_policy": "all", "stock_policy": "system"})
        self.sell(self.back("r2", 1, True))
        self.assertFalse(self.returns())
