from odoo.tests import tagged

from ..connectors.records import Address, AddressKind
from .customers_common import CustomersCase, tom
from .sales_common import customer, order

HOME = Address(kind=AddressKind.CONTACT, street="1 Elm St", city="Duluth")
CABIN = Address(kind=AddressKind.DELIVERY, name="Cabin", street="9 Lake Rd", city="Duluth")


@tagged("post_install", "-at_install")
class TestCustomersFirstSync(CustomersCase):
    """In a business that has customers already nobody is made without a person."""

    def setUp(self):
        super().setUp()
        self.connection.review_new = True

    def asked(self, external_id):
        return self.message(external_id, flow="customers_pull")

    def bring_some(self, *customers):
        self.world.know(*customers)
        return self.pull("customers_pull")

    def test_known_ones_are_linked_and_others_wait(self):
        known = self.make_partner(phone="+12125550143")
        similar = self.make_partner("Daniela Weber", email="weber@example.com")
        run = self.bring_some(
            tom("1"),
            customer("2", "Daniel", "Weber", email="weber@example.com"),
            customer("3", "Ada", "Lovelace", email="ada@example.com"),
        )
        self.assertCounts(run, read=3, updated=1, held=2)
        self.assertEqual((self.partner("1"), self.customer_link("1").linked_by), (known, "name"))
        self.assertEqual((self.asked("2").code, self.asked("2").candidate_partner_id), ("new-customer", similar))
        self.assertEqual((self.asked("3").code, self.asked("3").candidate_partner_id.id), ("new-customer", False))
        self.assertFalse(self.partner("2") or self.partner("3"))
        self.assertEqual(
            (
                self.connection.first_sync_linked_by_name,
                self.connection.first_sync_likely_customers,
                self.connection.first_sync_new_customers,
            ),
            (1, 1, 1),
        )
        self.assertEqual(self.asked("3").stated, "ada@example.com")
        self.assertEqual(self.asked("2").proposed, "Daniela Weber · weber@example.com")

    def test_finished_who_may_be_somebody_comes_and_is_reviewed(self):
        similar = self.make_partner("Daniela Weber", email="weber@example.com")
        self.bring_some(
            customer("2", "Daniel", "Weber", email="weber@example.com"),
            customer("3", "Ada", "Lovelace", email="ada@example.com"),
        )
        self.connection.action_finish_first_sync()
        self.drain("customers_pull")
        self.assertEqual((self.partner("2").name, self.partner("3").name), ("Daniel Weber", "Ada Lovelace"))
        self.assertEqual(self.matches("open").candidate_id, similar)

    def test_a_person_says_who_is_made_and_who_is_linked(self):
        similar = self.make_partner("Daniela Weber", email="weber@example.com")
        self.bring_some(
            customer("2", "Daniel", "Weber", email="weber@example.com"),
            customer("3", "Ada", "Lovelace", email="ada@example.com"),
            customer("4", "Dan", "Weber", phone="+12125550111", email="weber@example.com"),
        )
        self.asked("2").action_link()
        (self.asked("3") | self.asked("4")).action_create()
        self.drain("customers_pull")
        self.assertEqual((self.partner("2"), self.customer_link("2").linked_by), (similar, "hand"))
        self.assertEqual((self.partner("3").name, self.customer_link("3").linked_by), ("Ada Lovelace", "made"))
        self.assertEqual(self.partner("4").name, "Dan Weber")
        self.assertNothingFailed("customers_pull")
        self.assertFalse(self.matches("open"), "the person has seen whom the page proposed")

    def test_who_comes_with_an_order_is_made(self):
        self.world.sell(order("1", customer_id="7", customer=tom("7")))
        self.pull("orders_pull")
        self.assertEqual(self.order("1").partner_id, self.partner("7"))

    def test_undo_takes_addresses_with_their_customer(self):
        stays = self.make_partner("Grace Hopper", email="grace@example.com")
        self.bring_some(tom("1", addresses=(HOME, CABIN)), customer("2", "Grace", "Hopper", email="grace@example.com"))
        self.asked("1").action_create()
        self.drain("customers_pull")
        everybody = self.partner("1") | self.partner("1").child_ids
        self.assertEqual(len(everybody), 2)
        self.connection.action_undo_first_sync()
        self.assertFalse(everybody.exists())
        self.assertTrue(stays.exists())
        self.assertFalse(self.customer_link("1") or self.customer_link("2"))
