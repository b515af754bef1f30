from odoo.tests import new_test_user, tagged

from .common import EngineCase, product


@tagged("post_install", "-at_install")
class TestStockMinimum(EngineCase):
    """Stock below a minimum: one activity and one run a crossing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.shelf = cls.warehouse.lot_stock_id
        cls.env["pos.sync.location"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": "shop",
                "name": "Shop",
                "holds_stock": True,
                "stock_location_id": cls.shelf.id,
            }
        )
        cls.connection._stream("products_pull").first_done = True
        cls.keeper = new_test_user(cls.env, "keeper", "pos_sync_connector.group_user", company_id=cls.company.id)
        cls.connection.write({"stock_minimum": 5, "user_id": cls.keeper.id})

    def setUp(self):
        super().setUp()
        self.world.put(product("tea", tracked=True), product("pot", tracked=True))
        self.pull()
        self.stream = self.connection._stream("stock_pull")
        self.count(tea=8, pot=8)

    def count(self, **counts):
        """The system counts. Returns the request that this left behind, and takes it back."""
        for name, quantity in counts.items():
            self.world.count(f"v-{name}", quantity)
        self.pull("stock_pull")
        self.env.cr.flush()

    def sell(self, name, quantity):
        """Odoo delivers; returns whether the stock stream was asked for."""
        self.stream.write({"requested": False})
        self.env["stock.quant"]._update_available_quantity(self.variant(f"v-{name}"), self.shelf, -quantity)
        self.env.cr.flush()
        return self.stream.requested

    def told(self, name):
        template = self.variant(f"v-{name}").product_tmpl_id
        return template.activity_ids.filtered(lambda item: item.user_id == self.keeper).mapped("summary")

    def test_each_crossing_makes_one_activity_and_one_run(self):
        self.assertFalse(self.sell("tea", 3), "5 are left, which is enough")
        self.assertFalse(self.told("tea"))
        self.assertTrue(self.sell("tea", 1))
        self.assertEqual(self.told("tea"), ["Product tea: 4 left at Shop, less than 5"])
        self.assertFalse(self.sell("tea", 2), "it was below before")
        self.assertEqual(len(self.told("tea")), 1)
        self.count(tea=9)
        self.assertTrue(self.sell("tea", 6), "it crosses again")
        self.assertEqual(len(self.told("tea")), 2)
        self.assertFalse(self.told("pot"))

    def test_a_count_that_crosses(self):
        self.count(tea=2)
        self.assertEqual(self.told("tea"), ["Product tea: 2 left at Shop, less than 5"])
        self.count(tea=2)
        self.assertEqual(len(self.told("tea")), 1)

    def test_the_minimum_of_a_product_comes_first(self):
        self.variant("v-tea").product_tmpl_id.pos_sync_stock_minimum = 2
        self.sell("tea", 6)
        self.assertFalse(self.told("tea"))
        self.sell("tea", 1)
        self.assertEqual(self.told("tea"), ["Product tea: 1 left at Shop, less than 2"])

    def test_off(self):
        self.connection.stock_minimum = 0
        self.assertFalse(self.sell("tea", 8))
        self.assertFalse(self.told("tea"))

    def test_what_moves_within_the_shop_has_not_left_it(self):
        corner = self.env["stock.location"].create({"name": "Corner", "location_id": self.shelf.id})
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.variant("v-tea"), self.shelf, -6)
        quants._update_available_quantity(self.variant("v-tea"), corner, 6)
        self.env.cr.flush()
        self.assertFalse(self.told("tea"))
