"""Products and their variants as the system has them, from their first pull to their last."""

from odoo.tests import tagged

from .common import EngineCase, options, product, variant


@tagged("post_install", "-at_install")
class TestProductVariants(EngineCase):
    def shirts(self, *sizes, **values):
        """A shirt with one variant a size, named after it."""
        return product(
            "shirt",
            variants=tuple(
                variant(f"shirt-{size}", 20, sku=f"SH-{size}", options=options(Size=size)) for size in sizes
            ),
            **values,
        )

    def sizes(self, *external_ids):
        return [
            self.variant(external_id).product_template_attribute_value_ids.mapped("name")
            for external_id in external_ids
        ]

    def test_single_product(self):
        self.world.put(
            product("tea", 4.5, name="Green tea", sku="TEA-1", barcode="4006381333931", description="Loose leaves")
        )
        run = self.pull()
        self.assertCounts(run, read=1, created=1)
        tea = self.template("tea")
        self.assertRecordValues(
            tea,
            [
                {
                    "name": "Green tea",
                    "default_code": "TEA-1",
                    "barcode": "4006381333931",
                    "list_price": 4.5,
                    "type": "consu",
                    "description_sale": "Loose leaves",
                    "active": True,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(self.variant("v-tea"), tea.product_variant_ids)
        self.assertEqual(self.pricelist_price("v-tea"), 4.5)
        self.assertTrue(self.link("tea").made_here and self.link("tea").owns_identity)
        self.assertFalse(tea.message_ids, "an import writes no chatter")

    def test_only_the_variants_that_exist(self):
        """Two options with two values each, three variants: three, not four."""
        made = {"SR": ("S", "Red"), "SB": ("S", "Blue"), "LR": ("L", "Red")}
        self.world.put(
            product(
                "shirt",
                variants=tuple(
                    variant(key, 20 + place, sku=key, options=options(Size=size, Color=color))
                    for place, (key, (size, color)) in enumerate(made.items())
                ),
            )
        )
        self.pull()
        shirt = self.template("shirt")
        self.assertEqual(len(shirt.with_context(active_test=False).product_variant_ids), 3)
        self.assertEqual(shirt.attribute_line_ids.attribute_id.mapped("create_variant"), ["dynamic", "dynamic"])
        self.assertTrue(all(shirt.attribute_line_ids.attribute_id.mapped("pos_sync_made")))
        for place, (key, (size, color)) in enumerate(made.items()):
            self.assertEqual(self.sizes(key), [[size, color]])
            self.assertEqual(self.variant(key).default_code, key)
            self.assertEqual(self.pricelist_price(key), 20 + place)

    def test_attributes_of_people_are_left_alone(self):
        own = self.env["product.attribute"].create(
            {"name": "Size", "create_variant": "always", "value_ids": [(0, 0, {"name": "S"})]}
        )
        self.world.put(self.shirts("S", "M"))
        self.pull()
        self.assertEqual(own.value_ids.mapped("name"), ["S"])
        self.assertNotIn(own, self.template("shirt").attribute_line_ids.attribute_id)

    def test_two_products_share_an_attribute(self):
        self.world.put(
            self.shirts("S", "M"),
            product(
                "cap",
                variants=(variant("cap-S", options=options(Size="S")), variant("cap-X", options=options(Size="X"))),
            ),
        )
        self.pull()
        attribute = self.template("shirt").attribute_line_ids.attribute_id
        self.assertEqual(self.template("cap").attribute_line_ids.attribute_id, attribute)
        self.assertEqual(sorted(attribute.value_ids.mapped("name")), ["M", "S", "X"])

    def test_variant_added_later(self):
        self.world.put(self.shirts("S", "M"))
        self.pull()
        before = self.template("shirt").product_variant_ids
        self.world.put(self.shirts("S", "M", "L"))
        run = self.pull()
        self.assertCounts(run, read=1, updated=1)
        after = self.template("shirt").product_variant_ids
        self.assertEqual(len(after), 3)
        self.assertLessEqual(before, after, "the variants that were there stay")
        self.assertEqual(self.sizes("shirt-L"), [["L"]])

    def test_options_given_to_a_product_that_had_none(self):
        self.world.put(product("shirt", 20, name="Shirt"))
        self.pull()
        single = self.variant("v-shirt")
        self.world.put(
            product(
                "shirt",
                name="Shirt",
                variants=(
                    variant("v-shirt", 20, options=options(Size="S")),
                    variant("shirt-M", 21, options=options(Size="M")),
                ),
            )
        )
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.variant("v-shirt"), single, "the variant keeps its record")
        self.assertTrue(single.active)
        self.assertEqual(self.sizes("v-shirt", "shirt-M"), [["S"], ["M"]])
        self.assertEqual(len(self.template("shirt").with_context(active_test=False).product_variant_ids), 2)

    def test_new_option_later(self):
        self.world.put(self.shirts("S", "M"))
        self.pull()
        before = {key: self.variant(key) for key in ("shirt-S", "shirt-M")}
        self.world.change(
            "shirt",
            variants=tuple(
                variant(f"shirt-{size}", 20, options=options(Size=size, Color="Red")) for size in ("S", "M")
            ),
        )
        self.pull()
        self.assertNothingFailed()
        self.assertEqual({key: self.variant(key) for key in before}, before)
        self.assertEqual(self.sizes("shirt-S", "shirt-M"), [["S", "Red"], ["M", "Red"]])
        self.assertEqual(len(self.template("shirt").with_context(active_test=False).product_variant_ids), 2)

    def test_renamed_option(self):
        """The variants stay, and nobody is asked for the option's former name any more."""
        self.world.put(self.shirts("S", "M"))
        self.pull()
        before = {key: self.variant(key) for key in ("shirt-S", "shirt-M")}
        self.world.change(
            "shirt",
            variants=tuple(
                variant(f"shirt-{size}", 20, sku=f"SH-{size}", options=options(Width=size)) for size in ("S", "M")
            ),
        )
        self.pull()
        self.assertNothingFailed()
        self.assertEqual({key: self.variant(key) for key in before}, before)
        self.assertTrue(all(item.active for item in before.values()))
        self.assertEqual(self.sizes("shirt-S", "shirt-M"), [["S"], ["M"]])
        self.assertEqual(self.template("shirt").attribute_line_ids.attribute_id.mapped("name"), ["Width"])

    def test_renamed_value(self):
        self.world.put(self.shirts("S", "M"))
        self.pull()
        small = self.variant("shirt-S")
        self.world.change(
            "shirt",
            variants=(
                variant("shirt-S", 20, sku="SH-S", options=options(Size="Small")),
                variant("shirt-M", 20, sku="SH-M", options=options(Size="M")),
            ),
        )
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.variant("shirt-S"), small)
        self.assertEqual(self.sizes("shirt-S"), [["Small"]])

    def test_two_variants_with_the_same_options(self):
        one, two = (variant(key, options=options(Size="M"), sku=key.upper()) for key in ("one", "two"))
        self.world.put(
            product("twins", variants=(variant("a", sku="A"), variant("b", name="Bee"))),
            product("sizes", variants=(one, two)),
            product("fine"),
        )
        self.pull()
        self.assertTrue(self.template("fine"))
        values = [
            self.variant(key).product_template_attribute_value_ids.mapped("name") for key in ("a", "b", "one", "two")
        ]
        self.assertEqual(values, [["A"], ["Bee"], ["M"], ["M (TWO)"]])
        message = self.message("twins")
        self.assertEqual(message.code, "same-options")
        self.assertIn("Product twins", message.sentence)

    def test_variant_removed_at_the_source(self):
        self.world.put(self.shirts("S", "M", "L"))
        self.pull()
        large = self.variant("shirt-L")
        self.world.put(self.shirts("S", "M"))
        self.pull()
        self.assertFalse(large.active)
        self.assertTrue(self.link("shirt-L", "variant").gone)
        self.assertEqual(len(self.template("shirt").product_variant_ids), 2)

    def test_removed_variant_comes_back(self):
        self.world.put(self.shirts("S", "M"))
        self.pull()
        medium = self.variant("shirt-M")
        self.world.put(self.shirts("S"))
        self.pull()
        self.world.put(self.shirts("S", "M"))
        self.pull()
        self.assertEqual(self.variant("shirt-M"), medium)
        self.assertTrue(medium.active)
        self.assertFalse(self.link("shirt-M", "variant").gone, "its counts are imported again")

    def test_removed_variant_with_stock_stays(self):
        self.world.put(self.shirts("S", "M", tracked=True))
        self.pull()
        medium = self.variant("shirt-M")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.quant"]._update_available_quantity(medium, warehouse.lot_stock_id, 3)
        self.world.put(self.shirts("S", tracked=True))
        self.pull()
        self.assertTrue(medium.active)

    def test_archived_and_back(self):
        self.world.put(product("tea"), self.shirts("S", "M"))
        self.pull()
        tea, shirt = self.template("tea"), self.template("shirt")
        self.world.change("tea", archived=True)
        self.world.change("shirt", archived=True)
        self.pull()
        self.assertEqual((tea.active, shirt.active), (False, False))
        self.assertFalse(any(shirt.with_context(active_test=False).product_variant_ids.mapped("active")))
        self.world.change("tea", archived=False)
        self.world.change("shirt", archived=False)
        self.pull()
        self.assertEqual((tea.active, shirt.active), (True, True))
        self.assertEqual(len(shirt.product_variant_ids), 2)
        self.assertEqual(tea.product_variant_ids, self.variant("v-tea"))

    def test_archived_variant_stays_archived_when_its_product_comes_back(self):
        one = product(
            "shirt",
            variants=(
                variant("shirt-S", options=options(Size="S")),
                variant("shirt-M", options=options(Size="M"), archived=True),
            ),
        )
        self.world.put(one)
        self.pull()
        self.assertEqual(self.template("shirt").product_variant_ids, self.variant("shirt-S"))
        self.world.change("shirt", archived=True)
        self.pull()
        self.world.change("shirt", archived=False)
        self.pull()
        self.assertEqual(self.template("shirt").product_variant_ids, self.variant("shirt-S"))

    def test_archived_from_the_start(self):
        self.world.put(product("tea", archived=True), self.shirts("S", "M", archived=True))
        self.pull()
        self.assertNothingFailed()
        for key in ("tea", "shirt"):
            self.assertTrue(self.template(key), key)
            self.assertFalse(self.template(key).active, key)

    def test_barcodes_exchanged(self):
        self.world.put(product("one", barcode="1111"), product("two", barcode="2222"))
        self.pull()
        self.world.put(product("one", barcode="2222"), product("two", barcode="1111"))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual((self.variant("v-one").barcode, self.variant("v-two").barcode), ("2222", "1111"))

    def test_barcode_moved_to_a_new_product(self):
        self.world.put(product("one", barcode="1111"))
        self.pull()
        self.world.put(product("two", barcode="1111"), product("one", barcode=""))
        self.pull()
        self.pull(full=True)
        self.drain()
        self.assertNothingFailed()
        self.assertEqual((self.variant("v-one").barcode, self.variant("v-two").barcode), (False, "1111"))
        self.assertNotEqual(self.template("one"), self.template("two"))
