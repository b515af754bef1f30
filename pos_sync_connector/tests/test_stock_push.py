"""Counts that are told where Odoo owns the stock: when goods move, once for all that waits, as they are then."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..connectors.errors import NeedsFixing, RetryLater
from .counts_common import CountsCase


@tagged("post_install", "-at_install")
class TestStockPush(CountsCase):
    def test_what_moves_is_told_once_as_it_is_then(self):
        self.count(self.tea, 5)
        self.count(self.tea, 7)
        self.assertEqual(len(self.waiting()), 1)
        self.assertEqual(self.told(), [("tea", "S", 7)])
        self.assertEqual(self.told(), [])

    def test_what_is_delivered_and_brought_from_one_place_to_another(self):
        self.count(self.tea, 5)
        self.told()
        shelf = self.make_place("Upper", self.shelf)
        move = self.env["stock.move"].create(
            {"product_id": self.tea.id, "product_uom_qty": 2, "location_id": self.shelf.id,
             "location_dest_id": self.cellar.id, "company_id": self.company.id}
        )  # fmt: skip
        move._action_confirm()
        move.write({"quantity": 2, "picked": True})
        move._action_done()
        self.assertEqual(sorted(self.told()), [("tea", "C", 2), ("tea", "S", 3)])
        # A shelf within counts for what is above it.
        self.count(self.tea, 4, shelf)
        self.assertEqual(self.told(), [("tea", "S", 7)])

    def test_what_is_of_no_interest_there(self):
        other = self.env["product.product"].create({"name": "Elsewhere", "is_storable": True})
        self.count(other, 5)
        self.count(self.tea, 5, self.make_place("Backyard"))
        self.assertFalse(self.waiting())
        self.count(self.tea, 5)
        self.target.location_ids.filtered(lambda item: item.external_id == "S").ignored = True
        self.assertEqual(self.told(), [])
        self.assertFalse(self.waiting())

    def test_a_new_link_and_a_new_place_are_told(self):
        milk = self.env["product.product"].create({"name": "Milk", "is_storable": True})
        self.count(milk, 3)
        self.assertFalse(self.waiting())
        self.link_products(milk)
        self.assertEqual(len(self.waiting()), 2)
        self.stream.enabled = False
        self.waiting().unlink()
        self.stream.enabled = True
        self.assertEqual(len(self.waiting()), 6)

    def test_one_that_fails_goes_with_the_next_count(self):
        self.count(self.tea, 5)
        self.target_world.plan["push_stock"] = [NeedsFixing("No fractions.")]
        self.assertEqual(self.told(), [])
        self.assertEqual(self.waiting().state, "failed")
        self.count(self.tea, 6)
        self.assertEqual(self.told(), [("tea", "S", 6)])
        self.assertFalse(self.waiting())

    def test_after_a_lost_answer_it_is_told_again_under_another_key(self):
        self.count(self.tea, 5)
        self.target_world.plan["push_stock_answer"] = [RetryLater("Lost.")]
        self.told()
        self.count(self.tea, 8)
        self.stream.write({"retry_at": False})
        self.assertIn(("tea", "S", 8), self.told())
        keys = self.target_world.count_keys
        self.assertEqual(len(keys), len(set(keys)))

    def test_stock_goes_one_way(self):
        with self.assertRaisesRegex(ValidationError, "one way only"):
            self.target._stream("stock_pull").enabled = True

    def test_two_systems_may_be_told_of_one_place(self):
        other = self.connection.location_ids.create(
            {"connection_id": self.connection.id, "external_id": "X", "name": "X", "holds_stock": True}
        )
        other.stock_location_id = self.shelf
        with self.assertRaisesRegex(ValidationError, "owned by"):
            self.stream.enabled = False
