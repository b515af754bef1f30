from dataclasses import replace

from odoo.tests import tagged

from ..connectors.records import Address, AddressKind, OrderStatus
from .sales_common import SalesCase, customer, order

HOME = Address(name="Gina Giver", street="1 Home Street", city="Boston", zip="02101", state="MA", country="US")
LANE = Address(name="Rita Receiver", street="9 Gift Lane", city="Denver", country="US", phone="+1 212 555 0147")


def ship_to(address=LANE):
    return replace(address, kind=AddressKind.DELIVERY)


def bill_to(address=HOME):
    return replace(address, kind=AddressKind.INVOICE)


@tagged("post_install", "-at_install")
class TestOrdersAddresses(SalesCase):
    """Whom an order is for, billed to and shipped to, and what its buyer wrote."""

    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"
        self.world.know(customer("gina", "Gina", "Giver", email="gina@example.com", addresses=(HOME,)))
        self.pull("customers_pull")
        self.gina = self.link("gina", "customer").partner_id

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(orders[0].external_id)

    def children(self, partner=None):
        found = self.env["res.partner"].with_context(active_test=False)
        return found.search([("parent_id", "=", (partner or self.gina).id)])

    def test_sent_to_somebody_else(self):
        sale = self.sell(order("1", customer_id="gina", billing_address=bill_to(), shipping_address=ship_to()))
        self.assertEqual((sale.partner_id, sale.partner_invoice_id), (self.gina, self.gina))
        rita = sale.partner_shipping_id
        self.assertEqual((rita.parent_id, rita.type, rita.name), (self.gina, "delivery", "Rita Receiver"))
        self.assertEqual((rita.street, rita.city, rita.country_id.code), ("9 Gift Lane", "Denver", "US"))
        self.assertEqual(sale.picking_ids.partner_id, rita)
        self.assertEqual(sale._prepare_invoice()["partner_shipping_id"], rita.id)

    def test_an_address_is_one_contact_however_often_it_comes(self):
        moved = replace(LANE, street=" 9 GIFT lane", phone="(212) 555-0147")
        first = self.sell(
            order("1", customer_id="gina", shipping_address=ship_to()),
            order("2", customer_id="gina", shipping_address=ship_to(moved), billing_address=bill_to(LANE)),
        )
        self.sell(order("3", customer_id="gina", shipping_address=ship_to()))
        self.assertEqual(self.children(), first.partner_shipping_id)
        self.assertEqual(self.order("2").partner_invoice_id, first.partner_shipping_id)
        self.assertEqual(self.order("3").partner_shipping_id, first.partner_shipping_id)

    def test_the_own_address_makes_no_contact(self):
        own = replace(HOME, name="", street="1  home street", state="Massachusetts")
        sale = self.sell(order("1", customer_id="gina", billing_address=bill_to(), shipping_address=ship_to(own)))
        self.assertFalse(self.children())
        self.assertEqual((sale.partner_invoice_id, sale.partner_shipping_id), (self.gina, self.gina))

    def test_another_company_is_billed_with_its_own_tax_id(self):
        works = replace(HOME, name="Ann Example", company="Millbrook Works", country="BE", state="", vat="BE0477472701")
        sale = self.sell(order("1", customer_id="gina", billing_address=bill_to(works)))
        billed = sale.partner_invoice_id
        self.assertEqual((billed.parent_id, billed.name, billed.vat), (self.gina, "Millbrook Works", "BE0477472701"))
        self.assertFalse(self.gina.vat)
        self.sell(order("2", customer_id="gina", billing_address=bill_to(works)))
        self.assertEqual(self.order("2").partner_invoice_id, billed)

    def test_a_gift_is_no_address_of_the_next_quotation(self):
        self.sell(order("1", customer_id="gina", shipping_address=ship_to()))
        quotation = self.env["sale.order"].create({"partner_id": self.gina.id})
        self.assertEqual(quotation.partner_shipping_id, self.gina)
        self.world.know(customer("gina", "Gina", "Giver", phone="+1 212 555 0100", addresses=(HOME,)))
        self.pull("customers_pull")
        self.assertTrue(self.order("1").partner_shipping_id.active)

    def test_a_guest_is_a_contact_of_its_own(self):
        email = replace(HOME, name="Gus Guest", email="gus@example.com", street="5 Pay Street", state="")
        first = self.sell(order("1", billing_address=bill_to(email)))
        gus = first.partner_id
        self.assertEqual((gus.name, gus.email, gus.street), ("Gus Guest", "gus@example.com", "5 Pay Street"))
        self.assertFalse(self.children(gus))
        again = replace(email, email="GUS@example.com", street="6 New Street")
        second = self.sell(order("2", billing_address=bill_to(again), shipping_address=ship_to()))
        self.assertEqual(second.partner_id, gus)
        self.assertEqual(second.partner_invoice_id.street, "6 New Street")
        self.assertEqual(gus.street, "5 Pay Street")
        self.assertEqual(len(self.children(gus)), 2)

    def test_a_guest_who_is_a_customer_is_that_customer(self):
        sale = self.sell(order("1", billing_address=bill_to(replace(HOME, email="gina@example.com"))))
        self.assertEqual(sale.partner_id, self.gina)

    def test_who_can_not_be_known_again_is_a_walk_in(self):
        sale = self.sell(order("1", billing_address=bill_to(Address(name="Bob"))))
        self.assertEqual(sale.partner_id, self.connection.walk_in_partner_id)
        self.assertEqual(sale.partner_id, sale.partner_invoice_id)

    def test_a_changed_address_follows_and_one_that_a_person_chose_stays(self):
        paid = order("1", customer_id="gina", status=OrderStatus.PAID, shipping_address=ship_to())
        sale = self.sell(paid)
        own = self.gina.copy({"name": "Desk", "parent_id": self.gina.id, "type": "delivery"})
        sale.partner_shipping_id = own
        self.sell(replace(paid, note="ring"))
        self.assertEqual(sale.partner_shipping_id, own)
        self.sell(replace(paid, shipping_address=ship_to(replace(LANE, street="10 Gift Lane"))))
        self.assertEqual(sale.partner_shipping_id.street, "10 Gift Lane")
        self.assertEqual(sale.picking_ids.partner_id.street, "10 Gift Lane")

    def test_erased_with_the_person(self):
        paid = order("1", customer_id="gina", shipping_address=ship_to())
        sale = self.sell(paid)
        rita = sale.partner_shipping_id
        self.env["pos.sync.erase_person"]._erase(self.gina)
        self.assertFalse(rita.street or rita.phone)
        self.assertNotIn("Rita", rita.name)
        self.sell(replace(paid, tags=("gift",)), order("2", customer_id="gina", shipping_address=ship_to()))
        self.assertEqual(self.order("2").partner_shipping_id, self.gina)
        self.assertFalse(self.env["res.partner"].with_context(active_test=False).search([("name", "like", "Rita")]))

    def test_the_buyers_note_is_read_as_written_and_is_no_terms(self):
        note = "Leave at <back door>\nRing twice & wait"
        sale = self.sell(order("1", customer_id="gina", note=note, purchase_order="PO 77"))
        self.assertEqual((sale.pos_sync_note, sale.picking_ids.pos_sync_note), (note, note))
        self.assertFalse(sale.note)
        self.assertEqual(sale.client_order_ref, "PO 77")
        invoice = sale._prepare_invoice()
        self.assertEqual((invoice["ref"], "Leave" in str(invoice["narration"])), ("PO 77", False))

    def test_recomputing_changes_nothing(self):
        sale = self.sell(order("1", customer_id="gina", billing_address=bill_to(LANE), shipping_address=ship_to()))
        before = sale.partner_invoice_id, sale.partner_shipping_id
        for name in ("partner_invoice_id", "partner_shipping_id"):
            self.env.add_to_compute(sale._fields[name], sale)
        self.env.flush_all()
        self.assertEqual((sale.partner_invoice_id, sale.partner_shipping_id), before)

    def test_a_customers_only_address_and_phone(self):
        only = replace(LANE, kind=AddressKind.DELIVERY)
        self.world.know(customer("cy", "Cy", "Carter", addresses=(only,)))
        self.pull("customers_pull")
        cy = self.link("cy", "customer").partner_id
        self.assertEqual((cy.street, cy.phone), ("9 Gift Lane", "+1 212 555 0147"))
        self.assertFalse(self.children(cy))
