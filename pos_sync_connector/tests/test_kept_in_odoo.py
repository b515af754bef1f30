from odoo.tests import tagged

from .common import options, product, variant
from .sales_common import SalesCase, customer


@tagged("post_install", "-at_install")
class TestKeptInOdoo(SalesCase):
    """What a person has changed in Odoo stays when something else changes at the system."""

    def change(self, external_id, **values):
        self.world.change(external_id, **values)
        self.pull()
        self.assertNothingFailed()

    def add(self, *products):
        self.world.put(*products)
        self.pull()
        self.assertNothingFailed()

    def test_a_field_follows_the_system_when_it_changes_there(self):
        self.add(product("cup", 3, name="Cup", sku="CUP", description="Blue"))
        cup = self.template("cup")
        cup.write({"name": "Our cup", "list_price": 3.5, "default_code": "OURS"})
        item = self.connection.pricelist_id.item_ids.filtered(lambda row: row.product_tmpl_id == cup)
        item.fixed_price = 3.5
        self.change("cup", description="Green")
        self.assertRecordValues(
            cup,
            [{"name": "Our cup", "list_price": 3.5, "default_code": "OURS", "description_sale": "Green"}],
        )
        self.assertEqual(item.fixed_price, 3.5)
        self.change("cup", name="Mug", variants=(variant("v-cup", 4, sku="MUG"),))
        self.assertRecordValues(cup, [{"name": "Mug", "list_price": 4.0, "default_code": "MUG"}])
        self.assertEqual(item.fixed_price, 4.0)

    def test_read_again_nothing_is_undone(self):
        self.add(product("cup", 3, name="Cup"))
        self.template("cup").name = "Our cup"
        self.connection._stream("products_pull")._forget_digests()
        self.pull(full=True)
        self.assertEqual(self.template("cup").name, "Our cup")

    def test_taxes_of_the_accountant_where_the_system_names_none(self):
        self.add(product("cup", 3))
        seven = self.make_tax()
        self.template("cup").taxes_id = seven
        self.change("cup", variants=(variant("v-cup", 4),))
        self.assertEqual((self.template("cup").taxes_id, self.template("cup").list_price), (seven, 4.0))
        vat = self.map_tax("vat")
        self.change("cup", tax_ids=("vat",))
        self.assertEqual(self.template("cup").taxes_id, vat.tax_id)
        self.change("cup", tax_ids=())
        self.assertFalse(self.template("cup").taxes_id, "what the system named it takes away again")

    def test_what_was_archived_here(self):
        self.add(product("cup", 3))
        cup = self.template("cup")
        cup.action_archive()
        self.change("cup", variants=(variant("v-cup", 4),))
        self.assertFalse(cup.active or self.variant("v-cup").active)
        self.assertEqual(cup.list_price, 4.0)
        self.change("cup", archived=True)
        self.change("cup", archived=False)
        self.assertTrue(cup.active and self.variant("v-cup").active, "the system has brought it back")

    def test_a_value_that_was_renamed(self):
        def caps(*colors):
            return tuple(
                variant(f"cap-{number}", options=options(Color=color)) for number, color in enumerate(colors)
            )

        self.add(product("cap", variants=caps("Grey", "Blue")))
        self.change("cap", variants=caps("Stone", "Blue"))
        cap = self.template("cap")
        self.assertEqual(sorted(cap.attribute_line_ids.value_ids.mapped("name")), ["Blue", "Stone"])
        self.assertEqual(len(cap.product_variant_ids), 2)
        self.assertEqual(self.variant("cap-0").product_template_attribute_value_ids.name, "Stone")
        self.change("cap", variants=caps("Grey", "Blue"))
        self.assertEqual(sorted(cap.attribute_line_ids.value_ids.mapped("name")), ["Blue", "Grey"])

    def test_spellings_of_a_tag(self):
        self.env["product.tag"].create({"name": "Organic"})
        self.add(product("cup", tags=("organic", " ORGANIC ", "New  in")), product("mug", tags=("new in",)))
        self.assertEqual(sorted(self.template("cup").product_tag_ids.mapped("name")), ["New in", "Organic"])
        self.assertEqual(self.template("mug").product_tag_ids.name, "New in")

    def test_a_customer(self):
        self.world.know(customer("bea", "Bea", "Buyer", email="bea@example.com"))
        self.pull("customers_pull")
        bea = self.env["pos.sync.mapping"]._find(self.connection, "customer", ["bea"])["bea"].partner_id
        bea.name = "Beatrix Buyer-Smith"
        self.world.know(customer("bea", "Bea", "Buyer", email="bea@example.com", note="likes tea"))
        self.pull("customers_pull")
        self.assertEqual(bea.name, "Beatrix Buyer-Smith")
        self.world.know(customer("bea", "Bea", "Byers", email="bea@example.com", note="likes tea"))
        self.pull("customers_pull")
        self.assertEqual(bea.name, "Bea Byers")


@tagged("post_install", "-at_install")
class TestProductCodes(SalesCase):
    """Codes are the same whatever is around them, and however many zeros are before them."""

    def own(self, **values):
        return self.env["product.product"].create({"name": "Ours", "company_id": self.company.id, **values})

    def assertIs(self, ours, **codes):
        self.world.put(product("theirs", **codes))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.variant("v-theirs"), ours)

    def test_blanks(self):
        ours = self.own(barcode="4012345678901", default_code="TS-1")
        self.assertIs(ours, barcode=" 4012345678901 ", sku="TS-1 ")
        self.assertEqual((ours.barcode, ours.default_code), ("4012345678901", "TS-1"))

    def test_twelve_digits_there_thirteen_here(self):
        ours = self.own(barcode="0012345678905")
        self.assertIs(ours, barcode="012345678905")
        self.assertEqual(ours.barcode, "0012345678905", "the same code stays as it is written here")

    def test_fourteen_digits_there_thirteen_here(self):
        self.assertIs(self.own(barcode="4006381333931"), barcode="04006381333931")

    def test_other_codes(self):
        ours = self.own(barcode="0012345678905")
        self.world.put(product("one", barcode="012345678912"), product("two", barcode="12345678905"))
        self.pull()
        self.assertNothingFailed()
        self.assertNotIn(ours, self.variant("v-one") | self.variant("v-two"))

    def test_one_code_on_two_products_of_the_system(self):
        self.world.put(product("one", barcode="012345678905"), product("two", barcode="0012345678905"))
        self.pull()
        self.assertEqual([self.variant("v-one").barcode, self.variant("v-two").barcode], ["012345678905", False])
        (message,) = self.messages()
        self.assertEqual((message.external_id, message.code), ("two", "duplicate-barcode"))
