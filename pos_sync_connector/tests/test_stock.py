"""Counts: compared with what Odoo has, written as differences, held where they can't be right."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..connectors.errors import RetryLater
from .common import EngineCase, product


@tagged("post_install", "-at_install")
class TestStock(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.shelf = cls.make_location("Shelf")
        cls.shop = cls.env["pos.sync.location"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": "shop",
                "name": "Shop",
                "holds_stock": True,
                "stock_location_id": cls.shelf.id,
            }
        )
        cls.connection._stream("products_pull").first_done = True

    @classmethod
    def make_location(cls, name, **values):
        return cls.env["stock.location"].create(
            {
                "name": name,
                "usage": "internal",
                "location_id": cls.warehouse.lot_stock_id.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    def have(self, *names, **values):
        """Tracked products that have arrived."""
        self.world.put(*(product(name, tracked=True, **values) for name in names))
        self.pull()

    def test_a_product_that_stock_asks_for_meanwhile_counts_once_in_its_own_pass(self):
        self.have("a")
        self.world.put(product("b", amount=None, tracked=True), product("c", tracked=True))
        self.world.count("v-b", 3)
        self.world.page_size = 1
        with patch.object(self.env.registry["pos.sync.run_stream"], "_SLICE", 0):
            products = self.connection._stream("products_pull")
            products._request(full=True)
            self.run_job(products)
            self.assertEqual(products.run_id.page_count, 1, "b is still to come")
            self.pull("stock_pull")
            self.assertEqual(self.message("b").run_id, products.run_id, "it was read by its id, and has no price")
            run = self.pull_requested(products)
        self.assertCounts(run, read=3, created=1, unchanged=1, failed=1)

    def on_hand(self, variant_id, location=None):
        quants = self.env["stock.quant"].search(
            [("product_id", "=", self.variant(variant_id).id), ("location_id", "=", (location or self.shelf).id)]
        )
        return sum(quants.mapped("quantity"))

    def count(self, full=False):
        return self.pull("stock_pull", full=full)

    def failures(self):
        return self.messages("stock_pull")

    def test_count_delivery_count(self):
        """Count 9, a delivery of 1 in Odoo, count 9 again: on hand is 9."""
        self.have("tea")
        self.world.count("v-tea", 9)
        self.assertCounts(self.count(), read=1, updated=1)
        self.assertEqual(self.on_hand("v-tea"), 9)
        delivery = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.shelf.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.variant("v-tea").id,
                            "product_uom_qty": 1,
                            "location_id": self.shelf.id,
                            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                        },
                    )
                ],
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        delivery.move_ids.write({"quantity": 1, "picked": True})
        delivery.button_validate()
        self.assertEqual(self.on_hand("v-tea"), 8)
        self.world.count("v-tea", 9)
        self.count()
        self.assertEqual(self.on_hand("v-tea"), 9)

    def test_reset_and_read_again(self):
        """Nothing differs, so nothing is written: no quant's write_date moves."""
        self.have("tea", "milk")
        self.world.count("v-tea", 9)
        self.world.count("v-milk", "0.25")
        self.world.count("v-milk", 0, "shop")
        self.count()
        quants = self.env["stock.quant"].search([("location_id", "=", self.shelf.id)])
        self.env.cr.execute("UPDATE stock_quant SET write_date = '2020-01-01' WHERE id = ANY(%s)", [quants.ids])
        moves = self.env["stock.move"].search_count([])
        run = self.count(full=True)
        self.assertCounts(run, read=2, unchanged=2)
        quants.invalidate_recordset()
        self.assertEqual({quant.write_date.year for quant in quants}, {2020})
        self.assertEqual(self.env["stock.move"].search_count([]), moves)

    def test_counterpart_location(self):
        self.connection.counterpart_location_id = self.env["stock.location"].create(
            {"name": "Counts of the tills", "usage": "inventory", "company_id": self.company.id}
        )
        self.have("tea")
        self.world.count("v-tea", 9)
        self.count()
        self.world.count("v-tea", 7)
        self.count()
        moves = self.env["stock.move"].search([("product_id", "=", self.variant("v-tea").id)], order="id")
        self.assertEqual(
            [(move.quantity, move.location_id, move.location_dest_id) for move in moves],
            [
                (9, self.connection.counterpart_location_id, self.shelf),
                (2, self.shelf, self.connection.counterpart_location_id),
            ],
        )
        self.assertTrue(all("Connection main" in (move.origin or move.reference or move.name or "") for move in moves))

    def test_negative_count(self):
        self.have("tea")
        self.world.count("v-tea", -2)
        self.count()
        self.assertEqual(self.on_hand("v-tea"), -2)

    def test_goods_in_a_package(self):
        """What lies in a package is part of the count: the whole becomes what was counted."""
        self.have("tea")
        package = self.env["stock.package"].create({"name": "Box"})
        Quant = self.env["stock.quant"]
        Quant._update_available_quantity(self.variant("v-tea"), self.shelf, 3, package_id=package)
        Quant._update_available_quantity(self.variant("v-tea"), self.shelf, 6)
        self.world.count("v-tea", 10)
        self.count()
        self.assertEqual(self.on_hand("v-tea"), 10)
        self.assertCounts(self.count(full=True), read=1, unchanged=1)

    def test_goods_on_a_shelf_below(self):
        """What somebody moved to a place inside the mapped location is part of what the system counts there."""
        self.have("tea")
        below = self.make_location("Below the shelf", location_id=self.shelf.id)
        self.env["stock.quant"]._update_available_quantity(self.variant("v-tea"), below, 3)
        self.world.count("v-tea", 9)
        self.assertCounts(self.count(), read=1, updated=1)
        self.assertEqual((self.on_hand("v-tea"), self.on_hand("v-tea", below)), (6, 3))
        self.assertCounts(self.count(full=True), read=1, unchanged=1)

    def test_unmapped_location_is_skipped_then_read(self):
        self.have("tea")
        back = self.env["pos.sync.location"].create(
            {"connection_id": self.connection.id, "external_id": "back", "name": "Back room", "holds_stock": True}
        )
        self.world.count("v-tea", 4, "back")
        self.world.count("v-tea", 1, "nowhere")
        self.assertCounts(self.count(), read=2, skipped=2)
        self.assertFalse(self.failures())
        self.world.now = self.world.now.replace(year=2027)
        shelf = self.make_location("Back shelf")
        back.stock_location_id = shelf
        stream = self.connection._stream("stock_pull")
        self.assertTrue(stream.requested, "mapping a location asks for every count again")
        self.pull_requested(stream)
        self.assertEqual(self.on_hand("v-tea", shelf), 4)

    def test_location_mapped_in_the_middle_of_the_first_pull(self):
        self.have("tea", "milk")
        back = self.env["pos.sync.location"].create(
            {"connection_id": self.connection.id, "external_id": "back", "name": "Back room", "holds_stock": True}
        )
        self.world.page_size = 1
        self.world.count("v-tea", 4, "back")
        self.world.count("v-milk", 5, "back")
        self.world.plan["pull_stock"] = [None, RetryLater("busy")]
        self.count()
        shelf = self.make_location("Back shelf")
        back.stock_location_id = shelf
        self.count()
        self.assertEqual((self.on_hand("v-tea", shelf), self.on_hand("v-milk", shelf)), (4, 5))

    def test_a_location_that_holds_no_stock(self):
        """The system counts at a place that it says has no stock: the count is imported where the place is mapped."""
        self.have("tea", "milk")
        self.shop.holds_stock = False
        self.world.count("v-tea", 5)
        self.count()
        self.assertNothingFailed("stock_pull")
        self.assertEqual(self.on_hand("v-tea"), 5)

    def test_ignored_location(self):
        self.have("tea")
        self.shop.ignored = True
        self.world.count("v-tea", 4)
        self.assertCounts(self.count(), read=1, skipped=1)

    def test_two_system_locations_on_one_of_odoo(self):
        second = self.env["pos.sync.location"].create(
            {"connection_id": self.connection.id, "external_id": "second", "name": "Second", "holds_stock": True}
        )
        with self.assertRaisesRegex(ValidationError, "Shop"):
            second.stock_location_id = self.shelf
        self.shop.ignored = True
        second.stock_location_id = self.shelf

    # Held

    def assertHeld(self, code, variant_id="v-tea"):
        message = self.failures()
        self.assertEqual(message.mapped("code"), [code])
        self.assertEqual(self.on_hand(variant_id), 0)
        return message

    def test_lot_tracked(self):
        self.have("tea", "milk")
        self.template("tea").tracking = "lot"
        self.world.count("v-tea", 4)
        self.world.count("v-milk", 5)
        self.assertCounts(self.count(), read=2, updated=1, failed=1)
        self.assertHeld("lot-tracked")
        self.template("tea").tracking = "none"
        self.failures().action_retry()
        self.drain("stock_pull")
        self.assertFalse(self.failures())
        self.assertEqual(self.on_hand("v-tea"), 4)

    def test_not_storable(self):
        self.world.put(product("tea"))
        self.pull()
        self.world.count("v-tea", 4)
        self.count()
        message = self.assertHeld("not-storable")
        self.template("tea").is_storable = True
        message.action_retry()
        self.drain("stock_pull")
        self.assertEqual(self.on_hand("v-tea"), 4)

    def test_kit(self):
        if "is_kits" not in self.env["product.product"]._fields:
            importer = self.env["pos.sync.import_stock"]
            self.assertIsNone(
                importer._foreseeable(self.world.count("v-x", 1), self.shop, self.kit_free_link()),
                "without the module mrp nothing is a kit",
            )
            return
        self.have("tea")
        self.env["mrp.bom"].create({"product_tmpl_id": self.template("tea").id, "type": "phantom", "bom_line_ids": []})
        self.world.count("v-tea", 4)
        self.count()
        self.assertHeld("kit")

    def kit_free_link(self):
        self.have("plain")
        return self.link("v-plain", "variant")

    # Waiting for products

    def test_count_of_a_product_that_arrives_later(self):
        self.world.count("v-tea", 4)
        self.world.put(product("milk", tracked=True))
        self.pull()
        self.world.products["tea"] = product("tea", tracked=True)
        self.world.plan["get_product"] = [RetryLater("busy")]
        self.count()
        self.assertEqual((self.failures().state, self.failures().kind), ("held", "waits"))
        self.pull(full=True)
        self.assertEqual(self.failures().state, "waiting", "the product's arrival released it")
        self.count()
        self.assertFalse(self.failures())
        self.assertEqual(self.on_hand("v-tea"), 4)

    def test_count_set_aside_while_its_product_arrives(self):
        self.world.count("v-tea", 4)
        self.world.products["tea"] = product("tea", tracked=True)
        self.world.plan["get_product"] = [RetryLater("busy")]
        self.count()
        with patch.object(type(self.env["pos.sync.message"]), "_release"):
            # The product's transaction began before the count was set aside: it does not see what it should release.
            self.pull(full=True)
        self.assertEqual(self.failures().state, "held")
        self.count()
        self.assertFalse(self.failures())
        self.assertEqual(self.on_hand("v-tea"), 4)

    def test_count_of_a_product_fetched_by_id(self):
        self.world.count("v-tea", 4)
        self.world.products["tea"] = product("tea", tracked=True)
        run = self.count()
        self.assertFalse(self.failures())
        self.assertEqual(self.on_hand("v-tea"), 4)
        self.assertEqual((run.held_count, run.failed_count, run.updated_count), (0, 0, 1))

    def test_count_of_a_product_that_the_system_does_not_know(self):
        self.world.count("v-ghost", 4)
        run = self.count()
        self.assertFalse(self.failures())
        self.assertEqual((run.held_count, run.skipped_count), (0, 1))

    def test_count_of_a_product_that_was_deleted(self):
        self.have("tea")
        self.template("tea").unlink()
        self.world.count("v-tea", 4)
        self.assertCounts(self.count(), read=1, skipped=1)

    def test_page_by_page(self):
        """Each page is its own transaction: what the first applied stays when the second can't be fetched."""
        self.have("tea", "milk")
        self.world.page_size = 1
        self.world.count("v-tea", 4)
        self.world.count("v-milk", 5)
        self.world.plan["pull_stock"] = [None, RetryLater("busy", after=60)]
        self.count()
        self.assertEqual((self.on_hand("v-tea"), self.on_hand("v-milk")), (4, 0))
        self.count()
        self.assertEqual((self.on_hand("v-tea"), self.on_hand("v-milk")), (4, 5))
