"""Categories, tags, taxes, units and pictures of products."""

from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors import pictures
from ..connectors import records as rec
from ..connectors.errors import NeedsFixing, RetryLater
from .common import EngineCase, encoded, picture, product


@tagged("post_install", "-at_install")
class TestProductFields(EngineCase):
    def test_category_path(self):
        self.world.put(product("tea", category=("Drinks", "Hot")), product("milk", category=("Drinks",)))
        self.pull()
        hot = self.template("tea").categ_id
        self.assertEqual((hot.name, hot.parent_id.name), ("Hot", "Drinks"))
        self.assertEqual(self.template("milk").categ_id, hot.parent_id)
        self.world.put(product("cocoa", category=("Drinks", "Hot")))
        self.pull()
        self.assertEqual(self.template("cocoa").categ_id, hot, "a category is made once")

    def test_product_tags(self):
        self.world.put(product("tea", tags=("Organic", "New")))
        self.pull()
        self.assertEqual(sorted(self.template("tea").product_tag_ids.mapped("name")), ["New", "Organic"])
        self.world.change("tea", tags=("Organic",))
        self.pull()
        self.assertEqual(self.template("tea").product_tag_ids.mapped("name"), ["Organic"])
        self.world.change("tea", tags=())
        self.pull()
        self.assertFalse(self.template("tea").product_tag_ids)

    # Taxes

    def test_mapped_tax(self):
        vat = self.map_tax("vat")
        self.world.put(product("tea", tax_ids=("vat",)))
        self.pull()
        self.assertEqual(self.template("tea").taxes_id, vat.tax_id)

    def test_no_tax_means_no_default_tax(self):
        self.company.account_sale_tax_id = self.make_tax()
        self.world.put(product("tea"))
        self.pull()
        self.assertFalse(self.template("tea").taxes_id)

    def test_ignored_tax(self):
        self.map_tax("vat", ignored=True)
        self.world.put(product("tea", tax_ids=("vat",)))
        self.pull()
        self.assertNothingFailed()
        self.assertFalse(self.template("tea").taxes_id)

    def test_tax_that_the_system_archived(self):
        vat = self.map_tax("vat", active=False)
        self.world.put(product("tea", tax_ids=("vat",)))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.template("tea").taxes_id, vat.tax_id)

    def test_mapping_a_tax_releases_all_that_wait_for_it(self):
        vat = self.map_tax("vat", tax_id=False)
        self.map_tax("other", tax_id=False)
        self.world.put(*(product(f"p{i}", tax_ids=("vat",)) for i in range(3)), product("q", tax_ids=("other",)))
        run = self.pull()
        self.assertCounts(run, read=4, failed=4)
        self.assertEqual(
            self.messages().mapped("trace_key"),
            ["missing-tax:vat"] * 3 + ["missing-tax:other"],
            "one cause, one trace key",
        )
        self.assertFalse(self.template("p0"))
        vat.tax_id = self.make_tax(8.25)
        self.assertEqual(set(self.message("p0").mapped("state")), {"waiting"})
        self.drain()
        self.assertEqual(self.messages().mapped("external_id"), ["q"])
        self.assertEqual(self.template("p2").taxes_id, vat.tax_id)

    def test_tax_that_the_setup_pull_proposes_releases_what_waits(self):
        """A tax that is new at the system is proposed by its rate: nobody has to press anything."""
        mine = self.make_tax(8.25)
        self.world.put(product("tea", tax_ids=("city",)))
        self.pull()
        self.assertEqual(self.message("tea").trace_key, "missing-tax:city")
        self.world.taxes.append(rec.TaxRate(external_id="city", name="City", rate=Decimal("8.25")))
        self.pull("setup_pull")
        self.drain()
        self.assertNothingFailed()
        self.assertEqual(self.template("tea").taxes_id, mine)

    def test_taxes_of_other_companies_stay(self):
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.company.currency_id.id})
        self.env.user.company_ids |= other
        foreign = self.make_tax(7, other)
        self.connection.share_products = True
        self.map_tax("one")
        second = self.map_tax("two")
        self.world.put(product("tea", tax_ids=("one",)))
        self.pull()
        self.template("tea").sudo().taxes_id |= foreign
        self.world.change("tea", tax_ids=("two",))
        self.pull()
        taxes = self.template("tea").sudo().taxes_id
        self.assertIn(foreign, taxes)
        self.assertEqual(taxes.filtered(lambda tax: tax.company_id == self.company), second.tax_id)

    # Units

    def test_unit_that_odoo_has(self):
        self.world.put(product("flour", unit=rec.Unit(name="kg")))
        self.pull()
        self.assertEqual(self.template("flour").uom_id, self.env.ref("uom.product_uom_kgm"))

    def test_unit_made_from_one_that_odoo_has(self):
        eighth = rec.Unit(name="3.5 g", factor=Decimal("3.5"), base="g")
        self.world.put(product("flower", unit=eighth), product("bud", unit=eighth))
        self.pull()
        unit = self.template("flower").uom_id
        self.assertEqual((unit.name, unit.relative_factor), ("3.5 g", 3.5))
        self.assertEqual(unit.relative_uom_id, self.env.ref("uom.product_uom_gram"))
        self.assertEqual(self.template("bud").uom_id, unit)

    def test_missing_unit_holds_the_product(self):
        self.world.put(product("cloth", unit=rec.Unit(name="Ell")), product("tea"))
        run = self.pull()
        self.assertCounts(run, read=2, created=1, failed=1)
        message = self.message("cloth")
        self.assertEqual((message.code, message.trace_key), ("missing-unit", "missing-unit"))
        self.assertTrue(message.fix)
        self.env["uom.uom"].create({"name": "Ell"})
        message.action_retry()
        self.drain()
        self.assertNothingFailed()
        self.assertEqual(self.template("cloth").uom_id.name, "Ell")

    # Pictures

    def test_picture_is_fetched_once(self):
        self.world.pictures["tea.png"] = picture("red")
        self.world.put(product("tea", images=(rec.Image(url="tea.png", checksum="1"),)))
        self.pull()
        self.assertTrue(self.template("tea").image_1920)
        self.world.change("tea", name="Black tea")
        self.pull()
        self.pull(full=True)
        self.assertEqual(self.world.calls["download"], 1)
        red = self.template("tea").image_1920
        self.world.pictures["tea.png"] = picture("blue")
        self.world.change("tea", images=(rec.Image(url="tea.png", checksum="2"),))
        self.pull()
        self.assertEqual(self.world.calls["download"], 2)
        self.assertNotEqual(self.template("tea").image_1920, red)

    def test_one_picture_for_many_products_is_fetched_once(self):
        self.world.pictures["logo.png"] = picture()
        self.world.put(*(product(f"p{i}", images=(rec.Image(url="logo.png"),)) for i in range(3)))
        self.pull()
        self.assertEqual(self.world.calls["download"], 1)
        self.assertEqual([bool(self.template(f"p{i}").image_1920) for i in range(3)], [True] * 3)

    def test_unreadable_picture_is_no_reason_to_hold_a_product(self):
        self.world.pictures.update(
            {"bad.png": b"no picture", "gone.png": NeedsFixing("not there"), "good.png": picture("green")}
        )
        self.world.put(*(product(name, images=(rec.Image(url=f"{name}.png"),)) for name in ("bad", "gone", "good")))
        self.pull()
        self.assertNothingFailed()
        self.assertFalse(self.template("bad").image_1920)
        self.assertFalse(self.template("gone").image_1920)
        self.assertEqual(self.template("good").image_1920, encoded(picture("green")))

    def test_a_picture_that_was_left_out_says_so_and_is_asked_for_again(self):
        busy = RetryLater("The server of the pictures does not answer.")
        self.world.pictures.update({"tea.png": busy, "tin.png": b"<html>", "cup.png": picture()})
        self.world.put(*(product(name, images=(rec.Image(url=f"{name}.png"),)) for name in ("tea", "tin", "cup")))
        self.pull()
        self.assertNothingFailed()
        self.assertTrue(self.template("tea"))
        self.assertEqual(self.link("tea").image_problem, busy.sentence)
        self.assertIn("no picture of the kinds", self.link("tin").image_problem)
        self.assertFalse(self.link("cup").image_problem)
        self.world.pictures["tea.png"] = picture("green")
        self.pull(full=True)
        self.assertTrue(self.template("tea").image_1920)
        self.assertFalse(self.link("tea").image_problem)
        self.assertEqual(self.world.calls["download"], 5, "what is there is not asked for again")

    def test_pictures_of_a_page_have_a_budget(self):
        self.world.pictures.update({f"p{i}.png": picture() for i in range(4)})
        self.world.put(*(product(f"p{i}", images=(rec.Image(url=f"p{i}.png"),)) for i in range(4)))
        with patch.object(pictures, "MOST_BYTES_A_PAGE", len(picture())):
            self.pull()
        self.assertEqual(self.world.calls["download"], 2)
        self.pull(full=True)
        self.assertEqual([bool(self.template(f"p{i}").image_1920) for i in range(4)], [True] * 4)
