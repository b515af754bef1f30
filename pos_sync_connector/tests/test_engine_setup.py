"""What a connection is set up with: locations and taxes, kept when the system does not name them any more."""

from decimal import Decimal

from odoo import fields
from odoo.tests import tagged

from ..connectors.records import Location, TaxRate
from .common import EngineCase

SHOP, CELLAR = Location(external_id="1", name="Shop"), Location(external_id="2", name="Cellar")
# A location and a tax may have the same id.
TAX = TaxRate(external_id="2", name="Reduced", rate=Decimal(7))


@tagged("post_install", "-at_install")
class TestSetup(EngineCase):
    def read(self, *locations, taxes=(TAX,)):
        self.world.locations, self.world.taxes = list(locations), list(taxes)
        self.pull("setup_pull")

    def locations(self):
        return self.connection.location_ids.grouped("external_id")

    def test_what_is_gone_is_marked_and_kept(self):
        self.read(SHOP, CELLAR)
        self.connection.action_make_stock_locations()
        stock_location = self.locations()["2"].stock_location_id
        self.read(SHOP)
        cellar = self.locations()["2"]
        self.assertTrue(cellar.gone_since)
        self.assertEqual(cellar.stock_location_id, stock_location)
        self.assertFalse(self.locations()["1"].gone_since or self.connection.tax_ids.gone_since)
        since = cellar.gone_since = fields.Datetime.to_datetime("2026-01-01 10:00:00")
        self.read(SHOP)
        self.assertEqual(cellar.gone_since, since, "it went only once")
        self.read(SHOP, CELLAR)
        self.assertFalse(cellar.gone_since)

    def test_what_is_gone_asks_for_nothing(self):
        self.read(SHOP, CELLAR)
        self.assertEqual((self.connection.unmapped_location_count, self.connection.unmapped_tax_count), (2, 1))
        self.read(SHOP, taxes=())
        self.assertEqual((self.connection.unmapped_location_count, self.connection.unmapped_tax_count), (1, 0))
        self.assertTrue(self.connection.tax_ids.gone_since)

    def test_a_tax_of_orders_is_not_gone_when_it_is_not_named_again(self):
        seen = TaxRate(external_id="VAT 9", name="VAT", rate=Decimal(9), inclusive=True, from_orders=True)
        self.read(SHOP, taxes=(TAX, seen))
        row = self.connection.tax_ids.filtered("from_orders")
        self.assertEqual((row.external_id, row.rate, row.inclusive), ("VAT 9", 9.0, "yes"))
        self.assertEqual(self.connection.unmapped_tax_count, 2)
        self.company.country_id = self.env.ref("base.us")
        self.connection.action_make_taxes()
        self.assertEqual((row.tax_id.amount, row.tax_id.price_include), (9.0, True))
        self.read(SHOP)
        self.assertFalse(row.gone_since)

    def test_nothing_named_at_all_is_no_answer(self):
        self.read(SHOP)
        self.read(taxes=())
        self.assertFalse(self.locations()["1"].gone_since)
