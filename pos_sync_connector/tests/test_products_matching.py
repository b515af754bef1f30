"""What a product of the system is in Odoo: the one that is there, a new one, or a question for a person."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..connectors import records as rec
from .common import EngineCase, options, product, variant


@tagged("post_install", "-at_install")
class TestProductMatching(EngineCase):
    def own(self, name="Own", **values):
        return self.env["product.product"].create({"name": name, "company_id": self.company.id, **values})

    def assertHeld(self, external_id, code):
        message = self.message(external_id)
        self.assertEqual(message.code, code)
        self.assertEqual(message.state, "failed")
        self.assertTrue(message.sentence and message.payload)
        self.assertFalse(self.link(external_id), "nothing is linked silently")

    def test_by_barcode_then_by_reference(self):
        by_barcode, by_reference = self.own(barcode="111", default_code="OLD"), self.own(default_code="SKU-2")
        self.world.put(product("one", barcode="111", sku="SKU-2"), product("two", sku="SKU-2"))
        run = self.pull()
        self.assertNothingFailed()
        self.assertCounts(run, read=2, updated=2)
        self.assertEqual(self.variant("v-one"), by_barcode)
        self.assertEqual(self.variant("v-two"), by_reference)
        self.assertFalse(self.link("one").made_here)

    def test_what_the_system_does_not_say_empties_nothing(self):
        tea = self.own(barcode="111", default_code="T-1", weight=0.5, description_sale="Since 1902")
        self.world.put(product("tea", barcode="111"))
        self.pull()
        self.assertRecordValues(
            tea,
            [
                {
                    "name": "Product tea",
                    "barcode": "111",
                    "default_code": "T-1",
                    "weight": 0.5,
                    "description_sale": "Since 1902",
                }
            ],
        )

    def test_variants_by_reference(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Size", "create_variant": "always", "value_ids": [(0, 0, {"name": "S"}), (0, 0, {"name": "M"})]}
        )
        shirt = self.env["product.template"].create(
            {
                "name": "Shirt",
                "company_id": self.company.id,
                "attribute_line_ids": [
                    (0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]})
                ],
            }
        )
        for item, size in zip(shirt.product_variant_ids, "SM", strict=True):
            item.default_code = f"SH-{size}"
        self.world.put(
            product("shirt", variants=tuple(variant(f"v-{s}", sku=f"SH-{s}", options=options(Size=s)) for s in "SM"))
        )
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.variant("v-S") | self.variant("v-M"), shirt.product_variant_ids)
        self.assertEqual(shirt.attribute_line_ids.attribute_id, attribute, "options of people stay theirs")

    def test_a_variant_that_odoo_lacks(self):
        self.own(default_code="SH-S")
        self.world.put(
            product("shirt", variants=tuple(variant(f"v-{s}", sku=f"SH-{s}", options=options(Size=s)) for s in "SM"))
        )
        self.pull()
        self.assertHeld("shirt", "variant-missing")

    def test_variants_of_several_products(self):
        self.own(default_code="SH-S")
        self.own(default_code="SH-M")
        self.world.put(
            product("shirt", variants=tuple(variant(f"v-{s}", sku=f"SH-{s}", options=options(Size=s)) for s in "SM"))
        )
        self.pull()
        self.assertHeld("shirt", "ambiguous")

    def test_archived_match(self):
        old = self.own(barcode="111", active=False)
        self.world.put(product("tea", barcode="111"))
        self.pull()
        self.assertHeld("tea", "archived-match")
        old.product_tmpl_id.active = True
        self.message("tea").action_retry()
        self.drain()
        self.assertNothingFailed()
        self.assertEqual(self.variant("v-tea"), old)

    def test_ambiguous_reference(self):
        first, second = self.own(default_code="SKU"), self.own(default_code="SKU")
        self.world.put(product("tea", sku="SKU"))
        self.pull()
        self.assertHeld("tea", "ambiguous")
        second.default_code = False
        self.message("tea").action_retry()
        self.drain()
        self.assertEqual(self.variant("v-tea"), first)

    def test_two_records_with_one_barcode(self):
        self.world.put(product("tea", barcode="111"), product("coffee", barcode="111"))
        run = self.pull()
        self.assertCounts(run, read=2, created=2, failed=1)
        self.assertEqual(self.message("coffee").code, "duplicate-barcode")
        self.assertEqual([self.variant(key).barcode for key in ("v-tea", "v-coffee")], ["111", False])
        self.world.put(product("cocoa", barcode="111"))
        self.pull()
        self.assertEqual(self.message("cocoa").code, "duplicate-barcode")
        self.assertTrue(self.variant("v-cocoa"))
        self.pull(full=True)
        self.assertEqual([self.message(key).code for key in ("coffee", "cocoa")], ["duplicate-barcode"] * 2)
        self.world.put(product("tea", barcode="222"), product("cocoa"))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual([self.variant(key).barcode for key in ("v-tea", "v-coffee")], ["222", "111"])

    def test_two_records_with_one_reference(self):
        """A reference may stand on several products of a system: each is one of its own."""
        self.world.put(product("tea", sku="SAME"), product("coffee", sku="SAME"))
        self.pull()
        self.assertNothingFailed()
        self.assertNotEqual(self.template("tea"), self.template("coffee"))

    def test_a_reference_that_is_left_over_tells_nothing(self):
        """Both are called the same at the system: the one that no record has taken yet need not be the next one."""
        known, other = self.own(barcode="111", default_code="MISC"), self.own(default_code="MISC")
        self.world.put(product("tea", barcode="111", sku="MISC"), product("coffee", sku="MISC"))
        self.pull()
        self.assertEqual(self.variant("v-tea"), known)
        self.assertHeld("coffee", "ambiguous")
        self.message("coffee").candidate_tmpl_id = other.product_tmpl_id
        self.message("coffee").action_link()
        self.drain()
        self.assertEqual(self.variant("v-coffee"), other)

    def test_one_that_takes_the_place_of_an_archived_one(self):
        self.world.put(product("old", sku="SKU"))
        self.pull()
        self.template("old").active = False
        new = self.own(default_code="SKU")
        self.world.put(product("new", sku="SKU"))
        self.pull()
        self.assertEqual(self.variant("v-new"), new)

    def test_unit_mismatch(self):
        self.own(barcode="111", uom_id=self.env.ref("uom.product_uom_kgm").id)
        self.world.put(product("flour", barcode="111", unit=rec.Unit(name="g")))
        self.pull()
        self.assertHeld("flour", "unit-mismatch")

    def test_kind_mismatch(self):
        self.own(barcode="111", type="service")
        self.world.put(product("tea", barcode="111"))
        self.pull()
        self.assertHeld("tea", "kind-mismatch")

    def test_kind_changed_at_the_system(self):
        self.world.put(product("tea"))
        self.pull()
        self.world.change("tea", kind=rec.ProductKind.SERVICE, name="Tea ceremony")
        self.pull()
        self.assertEqual(self.message("tea").code, "kind-mismatch")
        self.assertEqual(self.template("tea").type, "consu")

    def test_policy_hold(self):
        self.connection.product_policy = "hold"
        known = self.own(barcode="111")
        self.world.put(product("tea", barcode="111"), product("coffee", barcode="222"))
        run = self.pull()
        self.assertCounts(run, read=2, updated=1, failed=1)
        self.assertEqual(self.variant("v-tea"), known)
        self.assertHeld("coffee", "unknown-product")
        made = self.own(barcode="222")
        self.message("coffee").action_retry()
        self.drain()
        self.assertEqual(self.variant("v-coffee"), made)

    def test_product_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        foreign = self.env["product.product"].create({"name": "Foreign", "barcode": "111", "company_id": other.id})
        self.world.put(product("tea", barcode="111"))
        self.pull()
        self.assertNothingFailed()
        self.assertNotEqual(self.variant("v-tea"), foreign)
        self.assertEqual(self.template("tea").company_id, self.company)

    # Deleted in Odoo

    def test_deleted_in_odoo_is_not_made_again_by_itself(self):
        self.world.put(product("tea"))
        self.pull()
        self.template("tea").unlink()
        self.assertTrue(self.link("tea").missing)
        self.assertIn(self.link("tea"), self.env["pos.sync.mapping"].search([("missing", "=", True)]))
        self.world.change("tea", name="Other name")
        self.pull()
        self.pull(full=True)
        self.assertFalse(self.template("tea"))
        self.assertNothingFailed()

    def test_made_again_when_a_person_asks(self):
        self.world.put(product("tea"), product("milk"))
        self.pull()
        self.template("tea").unlink()
        self.world.put_later(product("later"))
        self.pull()
        self.link("tea").action_make_again()
        self.pull_requested(self.connection._stream("products_pull"))
        self.assertTrue(self.template("tea"))
        self.assertTrue(self.variant("v-tea"))

    def test_variant_made_again_when_a_person_asks(self):
        self.world.put(product("shirt", variants=tuple(variant(f"v-{s}", options=options(Size=s)) for s in "SML")))
        self.pull()
        self.variant("v-M").unlink()
        self.world.change("shirt", name="Shirt")
        self.pull()
        self.assertNothingFailed()
        self.assertFalse(self.variant("v-M"))
        self.assertEqual(len(self.template("shirt").product_variant_ids), 2)
        self.link("v-M", "variant").action_make_again()
        self.pull_requested(self.connection._stream("products_pull"))
        self.assertTrue(self.variant("v-M"))
        self.assertEqual(len(self.template("shirt").product_variant_ids), 3)

    # Owners

    def test_three_alternating_pulls_of_two_connections(self):
        """One barcode, two prices: the product keeps its owner's values and is written once."""
        second = self.connect("second")
        world = second._system_class().worlds["second"]
        self.world.put(product("tea", 10, name="Tea of the first", barcode="111"))
        world.put(product("t-9", 12, name="Tea of the second", barcode="111"))
        self.pull()
        tea = self.template("tea")
        tea.flush_recordset()
        self.env.cr.execute("UPDATE product_template SET write_date = '2020-01-01' WHERE id = %s", [tea.id])
        for _round in range(3):
            self.pull(connection=second, full=True)
            self.pull(full=True)
        tea.invalidate_recordset()
        self.assertNothingFailed(connection=second)
        self.assertEqual(self.template("t-9", second), tea)
        self.assertEqual((tea.name, tea.list_price), ("Tea of the first", 10.0))
        self.assertEqual(tea.write_date.year, 2020, "the product was written when it was made, and not since")
        self.assertEqual(self.pricelist_price("v-tea"), 10.0)
        self.assertEqual(self.pricelist_price("v-t-9", second), 12.0)

    def test_second_owner_is_refused_naming_the_first(self):
        second = self.connect("second")
        second._system_class().worlds["second"].put(product("t-9", barcode="111"))
        self.world.put(product("tea", barcode="111"))
        self.pull()
        self.pull(connection=second)
        with self.assertRaisesRegex(ValidationError, "Connection main"):
            self.link("t-9", connection=second).owns_price = True
        self.link("tea").owns_price = False
        self.link("t-9", connection=second).owns_price = True

    def test_owner_whose_product_ended_leaves_its_place(self):
        second = self.connect("second")
        world = second._system_class().worlds["second"]
        self.world.put(product("tea", barcode="111"), product("milk"))
        self.pull()
        del self.world.products["tea"]
        self.pull(full=True)
        self.assertTrue(self.link("tea").gone)
        tea = self.link("tea").product_tmpl_id
        tea.active = True
        world.put(product("t-9", 15, name="Second tea", barcode="111"))
        self.pull(connection=second)
        self.assertNothingFailed(connection=second)
        self.assertEqual((tea.name, tea.list_price), ("Second tea", 15.0))
        self.world.put(product("tea", 10, barcode="111"))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(tea.name, "Second tea", "the first comes back as a guest")
