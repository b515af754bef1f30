from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import EngineCase, World, options, product, variant


@tagged("post_install", "-at_install")
class TestFirstSync(EngineCase):
    """A database that has products already: known ones are linked, what would be made waits for a person."""

    def setUp(self):
        super().setUp()
        Product = self.env["product.product"]
        self.by_barcode = Product.create({"name": "Mug", "barcode": "mug-1", "company_id": self.company.id})
        self.by_reference = Product.create({"name": "Bowl", "default_code": "BOWL", "company_id": self.company.id})
        self.twins = Product.create(
            [{"name": f"Twin {n}", "default_code": "TWIN", "company_id": self.company.id} for n in (1, 2)]
        )
        self.similar = Product.create({"name": "Café  table, large", "company_id": self.company.id})
        self.living = self.connect("living", World(account=self.other_account("living")))
        self.other = self.living._system_class().worlds["living"]
        self.other.put(
            product("mug", barcode="mug-1"),
            product("bowl", sku="BOWL"),
            product("twin", sku="TWIN"),
            product("table", name="Cafe Table large"),
            product("fork"),
            product(
                "shirt", variants=(variant("s", options=options(Size="S")), variant("l", options=options(Size="L")))
            ),
        )

    def other_account(self, key):
        return World().account.__class__(external_id=f"account-{key}", name=key, version="7.1", currency="USD")

    def pull_living(self):
        return self.pull(connection=self.living)

    def codes(self):
        return {message.external_id: message.code for message in self.messages(connection=self.living)}

    def test_known_ones_are_linked_and_the_rest_waits(self):
        self.assertTrue(self.living.review_new)
        run = self.pull_living()
        self.assertCounts(run, read=6, updated=2, held=3, failed=1)
        self.assertEqual(
            self.codes(),
            {"twin": "ambiguous", "table": "similar-product", "fork": "new-product", "shirt": "new-product"},
        )
        self.assertEqual(self.variant("v-mug", self.living), self.by_barcode)
        self.assertEqual(self.link("mug", connection=self.living).linked_by, "barcode")
        self.assertEqual(self.link("bowl", connection=self.living).linked_by, "reference")
        self.assertEqual(self.message("table", connection=self.living).candidate_tmpl_id, self.similar.product_tmpl_id)
        self.assertEqual(
            (
                self.living.first_sync_linked_by_barcode,
                self.living.first_sync_linked_by_reference,
                self.living.first_sync_similar_products,
                self.living.first_sync_new_products,
                self.living.first_sync_doubtful_products,
                self.living.first_sync_asked,
            ),
            (1, 1, 1, 2, 1, 4),
        )
        self.assertEqual(
            {message.external_id for message in self.living.first_sync_new_products_ids}, {"fork", "shirt"}
        )
        table = self.message("table", connection=self.living)
        self.assertEqual((table.stated, table.proposed), ("10 USD", "Café  table, large"))
        self.assertEqual(self.message("shirt", connection=self.living).stated, "2 variants")

    def test_asked_again_only_until_decided(self):
        self.pull_living()
        self.pull(connection=self.living, full=True)
        self.assertEqual(len(self.messages(connection=self.living)), 4)

    def test_decisions_are_carried_out(self):
        self.pull_living()
        self.answer("new_products").action_create_group()
        self.answer("similar_products").action_link_group()
        self.choose("twin", self.twins[1])
        self.assertEqual((self.living.first_sync_asked, self.living.first_sync_queued), (0, 4))
        self.drain(connection=self.living)
        self.assertFalse(self.messages(connection=self.living))
        self.assertEqual(self.variant("v-table", self.living), self.similar)
        self.assertEqual(self.variant("v-twin", self.living), self.twins[1])
        self.assertEqual(self.template("fork", self.living).name, "Product fork")
        self.assertEqual(len(self.template("shirt", self.living).product_variant_ids), 2)
        self.assertCounts(self.pull(connection=self.living, full=True), read=6, unchanged=6)

    def answer(self, group):
        return self.living.with_context(first_sync_group=group)

    def choose(self, external_id, product):
        """Answers as a person does in the dialog."""
        action = self.message(external_id, connection=self.living).action_choose()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.product_tmpl_id = product.product_tmpl_id
        form.save().action_link()

    def test_two_of_them_are_not_one_in_odoo(self):
        self.other.put(product("table2", name="Cafe Table large"))
        self.pull_living()
        self.assertEqual(self.living.first_sync_similar_products, 2)
        self.answer("similar_products").action_link_group()
        self.drain(connection=self.living)
        self.assertEqual(self.variant("v-table", self.living), self.similar)
        self.assertEqual(self.codes()["table2"], "new-product")
        asked = self.message("table2", connection=self.living)
        self.assertFalse(asked.decision or asked.candidate_tmpl_id)

    def test_another_number_is_another_product(self):
        self.env["product.product"].create({"name": "Hexagon bolt 4 mm", "company_id": self.company.id})
        self.other.put(product("bolt", name="Hexagon bolt 5 mm"), product("same", name="hexagon bolt, 4 mm"))
        self.pull_living()
        self.assertEqual((self.codes()["bolt"], self.codes()["same"]), ("new-product", "similar-product"))

    def test_only_a_group_is_answered(self):
        self.pull_living()
        with self.assertRaises(UserError):
            self.living.action_create_group()
        with self.assertRaises(UserError):
            self.env["pos.sync.link"].create(
                {"message_id": self.message("twin", connection=self.living).id}
            ).action_link()
        self.assertEqual(self.living.first_sync_asked, 4)

    def test_a_group_is_left_out(self):
        self.pull_living()
        self.answer("new_products").action_leave_out_group()
        self.assertEqual(self.living.first_sync_asked, 2)
        self.pull(connection=self.living, full=True)
        self.assertFalse(self.template("fork", self.living) or self.template("shirt", self.living))
        self.assertNotIn("fork", self.codes())

    def test_left_out_stays_out(self):
        self.pull_living()
        self.message("fork", connection=self.living).action_leave_out()
        self.other.change("fork", name="Fork, silver")
        self.pull_living()
        self.assertFalse(self.template("fork", self.living))
        self.assertNotIn("fork", self.codes())

    def test_finished(self):
        self.pull_living()
        self.living.action_finish_first_sync()
        self.drain(connection=self.living)
        self.assertEqual(self.codes(), {"twin": "ambiguous", "table": "similar-product"})
        self.other.put(product("spoon"))
        self.pull_living()
        self.assertTrue(self.template("spoon", self.living))

    def test_undo_removes_what_was_made_and_is_not_used(self):
        self.pull_living()
        self.answer("new_products").action_create_group()
        self.drain(connection=self.living)
        fork, shirt = self.template("fork", self.living), self.template("shirt", self.living)
        partner = self.env["res.partner"].create({"name": "Buyer"})
        self.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": fork.product_variant_id.id})]}
        )
        self.assertEqual(self.living.first_sync_removable_products, 1)
        self.assertEqual(self.living.first_sync_used_ids.product_tmpl_id, fork)
        self.assertEqual(self.living.first_sync_used_ids.used_by, "Sales Order Line")
        made_beside = self.env["product.attribute"].search([("name", "=", "Size"), ("pos_sync_made", "=", True)])
        self.assertTrue(made_beside)
        self.living.action_undo_first_sync()
        self.assertFalse(made_beside.exists(), "nothing uses it any more")
        self.assertFalse(shirt.exists(), "made and not used")
        self.assertTrue(fork.exists(), "in use")
        self.assertTrue(self.by_barcode.exists() and self.by_reference.exists(), "was there before")
        self.assertEqual(self.living.state, "off")
        mappings = self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.living.id), ("entity", "=", "product")]
        )
        self.assertEqual(mappings.mapped("external_id"), ["fork"])
        self.assertEqual(self.variant("v-fork", self.living), fork.product_variant_id, "its link stays whole")

    def test_after_undo_it_begins_anew(self):
        self.pull_living()
        before = self.codes()
        self.answer("new_products").action_create_group()
        self.drain(connection=self.living)
        self.living.action_undo_first_sync()
        self.assertEqual(self.codes(), {})
        self.living.action_on()
        self.pull_living()
        self.assertEqual(self.codes(), before)

    def test_first_connection_of_an_empty_company_asks_nothing(self):
        self.assertFalse(self.connection.review_new)
