"""Combos, and what they wait for."""

from dataclasses import replace
from decimal import Decimal

from odoo.tests import tagged

from ..connectors import records as rec
from .common import EngineCase, combo, product


@tagged("post_install", "-at_install")
class TestProductCombos(EngineCase):
    def offered(self, external_id):
        """{choice: {external id of the variant: extra price}} as Odoo has it."""
        ids = {
            link.product_id.id: link.external_id
            for link in self.env["pos.sync.mapping"].search(
                [("connection_id", "=", self.connection.id), ("entity", "=", "variant")]
            )
        }
        return {
            choice.name: {ids[item.product_id.id]: item.extra_price for item in choice.combo_item_ids}
            for choice in self.template(external_id).combo_ids
        }

    def test_combo(self):
        menu = combo("menu", 12, drink=("v-tea", "v-milk"), food=("v-bun",))
        drink = menu.combos[0]
        drink = replace(drink, items=(drink.items[0], rec.ComboItem(variant_id="v-milk", extra_price=Decimal("0.5"))))
        self.world.put(product("tea"), product("milk"), product("bun"), replace(menu, combos=(drink, menu.combos[1])))
        self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.template("menu").type, "combo")
        self.assertEqual(self.template("menu").list_price, 12.0)
        self.assertEqual(self.offered("menu"), {"drink": {"v-tea": 0.0, "v-milk": 0.5}, "food": {"v-bun": 0.0}})

    def test_combo_changes(self):
        self.world.put(product("tea"), product("milk"), combo("menu", drink=("v-tea",)))
        self.pull()
        before = self.template("menu").combo_ids
        self.world.put(combo("menu", drink=("v-milk",)))
        self.pull()
        self.assertEqual(self.template("menu").combo_ids, before, "a choice keeps its record")
        self.assertEqual(self.offered("menu"), {"drink": {"v-milk": 0.0}})

    def test_waits_for_a_later_page(self):
        self.world.page_size = 1
        self.world.put(combo("menu", drink=("v-tea",)), product("milk"), product("tea"))
        run = self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.offered("menu"), {"drink": {"v-tea": 0.0}})
        self.assertCounts(run, read=3, created=3)
        self.assertFalse(self.world.calls["get_product"], "what arrives by itself is not fetched")

    def test_waits_for_one_in_the_same_page(self):
        self.world.put(combo("menu", drink=("v-tea",)), product("tea"))
        run = self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.offered("menu"), {"drink": {"v-tea": 0.0}})
        self.assertCounts(run, read=2, created=2)

    def test_fetched_by_id_at_the_end(self):
        """An incremental pull does not name what has not changed: the product is asked for."""
        self.world.put(product("old"))
        self.world.put_later(product("new"))
        self.pull()
        self.link("old").unlink()
        self.link("v-old", "variant").unlink()
        self.world.put_later(combo("menu", drink=("v-old",)))
        run = self.pull()
        self.assertNothingFailed()
        self.assertEqual(self.world.calls["get_product"], 1)
        self.assertEqual(self.offered("menu"), {"drink": {"v-old": 0.0}})
        self.assertEqual((run.held_count, run.failed_count), (0, 0))

    def test_a_product_that_the_system_does_not_know(self):
        self.world.put(combo("menu", drink=("v-ghost",)), product("tea"))
        run = self.pull()
        message = self.message("menu")
        self.assertEqual(message.state, "failed")
        self.assertIn("menu", message.sentence)
        self.assertEqual((run.held_count, run.failed_count, run.created_count), (0, 1, 1))
        self.assertFalse(self.template("menu"))

    def test_an_unknown_product_that_comes_later(self):
        self.world.put(combo("menu", drink=("v-ghost",)))
        self.pull()
        self.world.put_later(product("later"))
        self.pull()
        self.world.put_later(product("ghost"))
        self.pull()
        self.assertTrue(self.variant("v-ghost"), "what was unknown once is no product that a person deleted")
        self.drain()
        self.assertNothingFailed()
        self.assertEqual(self.offered("menu"), {"drink": {"v-ghost": 0.0}})

    def test_retried_together_with_what_it_waits_for(self):
        """A record that another one of the same batch releases has not had its turn yet."""
        vat = self.map_tax("vat", tax_id=False)
        self.world.put(product("tea", tax_ids=("vat",)), combo("menu", drink=("v-tea",)))
        self.pull()
        self.assertEqual(set(self.messages().mapped("external_id")), {"tea", "menu"})
        self.world.put_later(product("later"))
        self.pull()
        vat.tax_id = self.make_tax()
        self.messages().action_retry()
        self.drain()
        self.drain()
        self.assertNothingFailed()
        self.assertEqual(self.offered("menu"), {"drink": {"v-tea": 0.0}})

    def test_a_choice_of_a_product_that_a_person_deleted(self):
        self.world.put(product("tea"), product("milk"))
        self.pull()
        self.template("tea").unlink()
        self.world.put(combo("menu", drink=("v-tea", "v-milk")))
        self.pull()
        message = self.message("menu")
        self.assertEqual((message.state, message.code), ("failed", "combo-deleted"))

    def test_empty_choice(self):
        self.world.put(replace(combo("menu", drink=("v-x",)), combos=()))
        self.pull()
        self.assertEqual(self.message("menu").code, "empty-combo")
