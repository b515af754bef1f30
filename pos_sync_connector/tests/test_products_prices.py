"""Prices: the chosen level on the connection's pricelist, the product's own price; nothing is ever sold for free."""

from odoo.tests import tagged

from ..connectors import records as rec
from .common import EngineCase, options, price, product, variant


@tagged("post_install", "-at_install")
class TestProductPrices(EngineCase):
    def choose_level(self, level):
        self.connection.setting_ids.filtered(lambda row: row.key == "price_level").value = level

    def test_chosen_level_else_ordinary_price(self):
        self.choose_level("member")
        self.world.put(
            product("tea", prices=(price(10), price(8, "member"), price(7, "staff"))),
            product("milk", prices=(price(3),)),
        )
        self.pull()
        self.assertEqual((self.pricelist_price("v-tea"), self.pricelist_price("v-milk")), (8.0, 3.0))
        self.assertEqual((self.template("tea").list_price, self.template("milk").list_price), (8.0, 3.0))

    def test_changed_price(self):
        self.world.put(product("tea", 10), product("milk", 3))
        self.pull()
        self.world.put(product("tea", 12))
        self.pull()
        self.assertEqual((self.pricelist_price("v-tea"), self.template("tea").list_price), (12.0, 12.0))
        self.assertEqual((self.pricelist_price("v-milk"), self.template("milk").list_price), (3.0, 3.0))

    def test_each_variant_has_its_own_price(self):
        self.world.put(
            product("shirt", variants=tuple(variant(f"s-{i}", 20 + i, options=options(Size=str(i))) for i in range(3)))
        )
        self.pull()
        self.world.change(
            "shirt", variants=tuple(variant(f"s-{i}", 30 + i, options=options(Size=str(i))) for i in range(3))
        )
        self.pull()
        self.assertEqual([self.pricelist_price(f"s-{i}") for i in range(3)], [30.0, 31.0, 32.0])

    def test_a_price_finer_than_a_cent_is_kept(self):
        self.world.put(product("screw", "0.0125"))
        self.pull()
        self.assertEqual((self.pricelist_price("v-screw"), self.template("screw").list_price), (0.0125, 0.0125))

    def test_open_price(self):
        self.world.put(product("repair", None, open_price=True))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.template("repair").list_price, 0.0)
        self.assertIsNone(self.pricelist_price("v-repair"))

    def test_price_that_becomes_open_leaves_the_pricelist(self):
        self.world.put(product("repair", 40))
        self.pull()
        self.world.put(product("repair", None, open_price=True))
        self.pull()
        self.assertIsNone(self.pricelist_price("v-repair"))

    def test_no_price_is_never_zero(self):
        for kind in (rec.ProductKind.GOODS, rec.ProductKind.SERVICE):
            self.world.put(product(kind.value, None, kind=kind))
        self.world.put(product("free", 0))
        run = self.pull()
        self.assertCounts(run, read=3, created=1, failed=2)
        self.assertEqual(set(self.messages().mapped("code")), {"no-price"})
        self.assertFalse(self.template("goods"))
        self.assertEqual(self.template("free").list_price, 0.0, "a price of zero is a price")

    def test_price_in_another_currency_than_the_pricelist(self):
        self.world.put(product("tea", 10))
        self.pull()
        self.world.put(product("wine", prices=(price(9, currency="EUR"),)))
        self.pull()
        message = self.message("wine")
        self.assertEqual((message.code, message.trace_key), ("wrong-currency", "wrong-currency:EUR"))
        self.assertFalse(self.template("wine"))

    def test_two_currencies_in_the_first_page(self):
        """Before there is a pricelist the first price says its currency: no amount is ever written in another one."""
        self.world.put(product("tea", 10), product("wine", prices=(price(9, currency="EUR"),)))
        self.pull()
        self.assertEqual(self.connection.pricelist_id.currency_id.name, "USD")
        self.assertEqual(self.message("wine").code, "wrong-currency")
        self.assertEqual(self.pricelist_price("v-tea"), 10.0)

    def test_currency_that_odoo_does_not_know(self):
        self.world.put(product("tea", prices=(price(9, currency="XQZ"),)))
        self.pull()
        message = self.message("tea")
        self.assertEqual(message.code, "wrong-currency")
        self.assertIn("XQZ", message.sentence)

    def test_foreign_prices_without_a_rate_give_no_own_price(self):
        euro = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        euro.rate_ids.unlink()
        self.world.put(product("wine", prices=(price(9, currency="EUR"),)))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.connection.pricelist_id.currency_id, euro)
        self.assertEqual(self.pricelist_price("v-wine"), 9.0)
        self.assertEqual(self.template("wine").list_price, 0.0, "no amount is better than a wrong one")

    def test_price_level_changed(self):
        self.world.put(*(product(f"p{i}", prices=(price(10 + i), price(5 + i, "member"))) for i in range(3)))
        self.pull()
        self.world.put_later(product("later"))
        self.pull()
        self.choose_level("member")
        stream = self.connection._stream("products_pull")
        self.assertEqual((stream.stale_count, self.connection.stale_count), (4, 4))
        self.pull()
        self.assertEqual(self.pricelist_price("v-p0"), 10.0, "it asks before everything is pulled again")
        self.connection.action_pull_stale()
        self.pull_requested(stream)
        self.assertEqual([self.pricelist_price(f"v-p{i}") for i in range(3)], [5.0, 6.0, 7.0])
        self.assertEqual(stream.stale_count, 0)

    def test_the_first_pricelist_makes_nothing_stale(self):
        self.world.put(product("repair", None, open_price=True))
        self.pull()
        self.world.put(product("tea"))
        self.pull()
        self.assertTrue(self.connection.pricelist_id)
        self.assertEqual(self.connection.stale_count, 0)

    def test_prices_of_people_on_the_pricelist_stay(self):
        self.world.put(product("tea", 10))
        self.pull()
        quantity = self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.connection.pricelist_id.id,
                "applied_on": "0_product_variant",
                "product_id": self.variant("v-tea").id,
                "product_tmpl_id": self.template("tea").id,
                "min_quantity": 10,
                "compute_price": "fixed",
                "fixed_price": 6,
            }
        )
        self.world.put(product("tea", 11))
        self.pull()
        self.assertEqual(quantity.fixed_price, 6)
        self.assertEqual(
            sorted(self.connection.pricelist_id.item_ids.mapped("fixed_price")),
            [6, 11],
            "the system's own item follows",
        )
