"""Doing things twice, in another order or only half: the database ends the same."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tests.test_cursor import TestCursor

from ..connectors import records as rec
from .again_common import PROFILE, AgainMixin
from .common import EngineCase, combo, options, picture, price, product, variant


def shirt(*sizes, amount=20):
    return product(
        "shirt",
        variants=tuple(
            variant(f"shirt-{size}", amount + place, sku=f"SH-{size}", options=options(Size=size, Color="Red"))
            for place, size in enumerate(sizes)
        ),
    )


@tagged("post_install", "-at_install")
class TestAgain(AgainMixin, EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.shelf = cls.env["stock.location"].create(
            {
                "name": "Shelf",
                "usage": "internal",
                "location_id": warehouse.lot_stock_id.id,
                "company_id": cls.company.id,
            }
        )
        cls.env["pos.sync.location"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": "shop",
                "name": "Shop",
                "holds_stock": True,
                "stock_location_id": cls.shelf.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.map_tax("vat")
        self.map_tax("unmapped", tax_id=False)

    def catalogue(self):
        """A bit of everything, with what waits and what fails."""
        return [
            combo("menu", 12, drink=("v-tea", "v-milk"), food=("v-bun",)),
            product("tea", 3, barcode="111", tracked=True, category=("Drinks", "Hot"), tags=("New",)),
            product("milk", prices=(price(2), price(1, "member")), tracked=True, tax_ids=("vat",)),
            product("bun", 1, images=(rec.Image(url="bun.png", checksum="1"),)),
            shirt("S", "M"),
            product("old", 5, archived=True),
            product("held", 5, tax_ids=("unmapped",)),
            product("unpriced", None),
            product("loose", 7, unit=rec.Unit(name="g")),
        ]

    def fill(self, records):
        self.world.pictures["bun.png"] = picture()
        self.world.put(*records)
        for variant_id, quantity in (("v-tea", 9), ("v-milk", 0), ("shirt-S", 2), ("v-bun", 1)):
            self.world.count(variant_id, quantity)

    # Reset cursors, pull again

    def test_everything_read_again_writes_nothing(self):
        self.fill(self.catalogue())
        first = self.pull()
        self.assertCounts(first, read=9, created=7, failed=2)
        self.pull("stock_pull")
        links = self.env["pos.sync.mapping"].search([("connection_id", "=", self.connection.id)])
        watched = [
            links.product_tmpl_id,
            links.product_id,
            links.combo_id,
            links.combo_id.combo_item_ids,
            self.connection.pricelist_id.item_ids,
            links.product_tmpl_id.attribute_line_ids,
            links.product_tmpl_id.attribute_line_ids.product_template_value_ids,
            self.env["stock.quant"].search([("location_id", "=", self.shelf.id)]),
            links,
        ]
        self.env.flush_all()
        for records in watched:
            self.assertTrue(records, records._name)
            self.env.cr.execute(
                f"UPDATE {records._table} SET write_date = '2020-01-01' WHERE id = ANY(%s)", [records.ids]
            )
        again = self.pull(full=True)
        self.assertCounts(again, read=9, unchanged=7, failed=2)
        self.assertEqual(self.pull("stock_pull", full=True).updated_count, 0)
        for records in watched:
            self.env.cr.execute(
                f"SELECT count(*) FROM {records._table} WHERE id = ANY(%s) AND write_date != '2020-01-01'",
                [records.ids],
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, f"{records._name} was written for nothing")
        self.assertEqual(
            self.env["pos.sync.mapping"].search_count([("connection_id", "=", self.connection.id)]), len(links)
        )

    def test_made_with_former_settings_writes_only_what_differs(self):
        """Dropped digests make every record be compared again, and none be written."""
        self.fill([record for record in self.catalogue() if record.external_id not in ("held", "unpriced")])
        self.pull()
        before = self.dump()
        self.connection._forget_digests(["products_pull"])
        links = self.env["pos.sync.mapping"].search([("connection_id", "=", self.connection.id)])
        watched = [links.product_tmpl_id, links.product_id, links.combo_id, self.connection.pricelist_id.item_ids]
        self.env.flush_all()
        for records in watched:
            self.env.cr.execute(
                f"UPDATE {records._table} SET write_date = '2020-01-01' WHERE id = ANY(%s)", [records.ids]
            )
        self.env.invalidate_all()
        self.pull(full=True)
        self.assertEqual(self.dump(), before)
        for records in watched:
            self.env.cr.execute(
                f"SELECT id FROM {records._table} WHERE id = ANY(%s) AND write_date != '2020-01-01'", [records.ids]
            )
            written = records.browse([row[0] for row in self.env.cr.fetchall()])
            self.assertFalse(written, written.mapped("display_name"))

    # Any order, any crash

    def dump(self):
        """All that an import leaves behind, without ids and moments."""
        self.env.invalidate_all()
        links = self.env["pos.sync.mapping"].search([("connection_id", "=", self.connection.id)])
        found = {}
        for link in links:
            key = f"{link.entity}:{link.external_id}"
            self.assertNotIn(key, found)
            found[key] = {"gone": link.gone, "digest": link.digest, "parent": link.parent_external_id}
            template, item, choice = link.product_tmpl_id, link.product_id, link.combo_id
            if link.entity == "product":
                found[key].update(
                    name=template.name,
                    list_price=template.list_price,
                    taxes=template.taxes_id.mapped("name"),
                    category=template.categ_id.complete_name,
                    tags=sorted(template.product_tag_ids.mapped("name")),
                    active=template.active,
                    kind=template.type,
                    unit=template.uom_id.name,
                    picture=bool(template.image_1920),
                    combos=sorted(template.combo_ids.mapped("name")),
                    variants=len(template.with_context(active_test=False).product_variant_ids),
                    lines=sorted(template.attribute_line_ids.attribute_id.mapped("name")),
                    owner=(link.owns_identity, link.owns_price, link.owns_tax, link.made_here),
                )
            elif link.entity == "variant":
                quants = self.env["stock.quant"].search(
                    [("product_id", "=", item.id), ("location_id", "=", self.shelf.id)]
                )
                found[key].update(
                    code=item.default_code,
                    barcode=item.barcode,
                    active=item.active,
                    options=sorted(item.product_template_attribute_value_ids.mapped("name")),
                    price=self.pricelist_price(link.external_id),
                    stock=sum(quants.mapped("quantity")),
                )
            else:
                found[key]["items"] = sorted(
                    (line.product_id.display_name, line.extra_price) for line in choice.combo_item_ids
                )
        open_messages = self.env["pos.sync.message"].search(
            [("connection_id", "=", self.connection.id), ("state", "in", ("waiting", "held", "failed"))]
        )
        found["messages"] = sorted((m.flow, m.external_id, m.state, m.code) for m in open_messages)
        found["products"] = (
            self.env["product.template"]
            .with_context(active_test=False)
            .search_count([("company_id", "=", self.company.id)])
        )
        found["attributes"] = sorted(
            (value.attribute_id.name, value.name)
            for value in self.env["product.attribute.value"].search([("attribute_id.pos_sync_made", "=", True)])
        )
        return found

    def pull_all(self, full=False):
        self.pull(full=full)
        self.pull("stock_pull", full=full)

    def expected(self):
        with self.undone():
            self.fill(self.catalogue())
            self.pull_all()
            dump = self.dump()
        self.forget_world()
        self.assertEqual(len([key for key in dump if key.startswith("product:")]), 7)
        return dump

    def forget_world(self):
        self.world.products.clear()
        self.world.stock.clear()
        self.world.plan.clear()

    def test_any_order_with_repeats(self):
        expected = self.expected()

        @PROFILE
        @given(st.permutations(range(9)), st.integers(2, 9), st.lists(st.integers(0, 8), max_size=4))
        def check(order, page_size, repeats):
            records = self.catalogue()
            with self.undone():
                self.forget_world()
                self.fill([records[place] for place in order])
                self.world.page_size = page_size
                # The same record again on a later page, as a system does whose pages shift while they are read.
                for number, place in enumerate(repeats):
                    self.world.products[f"again-{number}"] = self.world.products[records[place].external_id]
                self.pull_all()
                self.assertSame(self.dump(), expected, (order, page_size, repeats))

        check()

    def test_a_crash_between_any_two_steps(self):
        expected = self.expected()

        @PROFILE
        @given(st.integers(0, 40), st.integers(0, 40), st.integers(2, 6))
        def check(first, second, page_size):
            with self.undone():
                self.forget_world()
                self.fill(self.catalogue())
                self.world.page_size = page_size
                self.pull_killed(("products_pull", "stock_pull"), first, second)
                self.assertSame(self.dump(), expected, f"killed after {first} and {second} steps")

        check()

    def test_the_crash_test_crashes(self):
        """Few steps leave a pass half done, many complete it."""
        self.fill(self.catalogue())
        self.world.page_size = 2
        stream = self.connection._stream("products_pull")
        stream._request()
        for steps in range(1, 40):
            self.run_killed(stream, steps)
            if self.link("tea"):
                break
        self.assertGreater(steps, 3, "a killed job had written something at once")
        self.assertEqual(stream.state, "running")
        self.assertFalse(self.link("loose"))
        self.assertFalse(TestCursor._cursors_stack)
        self.run_killed(stream, 500)
        self.assertEqual(stream.state, "scheduled")
        self.assertTrue(self.link("loose"))
