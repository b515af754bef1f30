from dataclasses import replace
from decimal import Decimal

from odoo.tests import tagged

from ..connectors.records import OrderStatus
from .points_common import PointsCase
from .sales_common import customer, line, order, refund


@tagged("post_install", "-at_install")
class TestPointsPull(PointsCase):
    """Points through the whole way of a pull."""

    def setUp(self):
        super().setUp()
        self.world.know(customer("ada", points=Decimal(40)), customer("bob", "Bob", "Smith"))
        self.pull("customers_pull")
        self.assertNothingFailed("customers_pull")

    def of(self, external_id):
        return self.link(external_id, "customer").partner_id

    def sold(self, external_id, amount=100, **values):
        values.setdefault("customer_id", "ada")
        item = order(external_id, line(f"{external_id}-1", unit_price=amount), **values)
        self.world.sell(item)
        return item

    def arrive(self, **kwargs):
        self.pull("orders_pull", **kwargs)
        self.assertNothingFailed("orders_pull")
        self.env.invalidate_all()

    def test_the_life_of_an_order(self):
        ada, bob = self.of("ada"), self.of("bob")
        self.assertEqual(self.points(ada), 40)
        item = self.sold("1", status=OrderStatus.OPEN)
        self.arrive()
        self.assertEqual(self.points(ada), 40)
        item = replace(item, status=OrderStatus.COMPLETED)
        self.world.sell(item)
        self.arrive()
        self.assertEqual(self.points(ada), 140)
        self.arrive(full=True)
        self.assertEqual(self.points(ada), 140)
        self.world.give_back(refund("r1", "1", 40))
        self.pull("refunds_pull")
        self.assertEqual(self.points(ada), 100)
        self.world.give_back(refund("r1", "1", 25))
        self.pull("refunds_pull")
        self.assertEqual(self.points(ada), 115)
        item = replace(item, customer_id="bob")
        self.world.sell(item)
        self.arrive()
        self.assertEqual((self.points(ada), self.points(bob)), (40, 75))
        self.world.sell(replace(item, status=OrderStatus.CANCELLED))
        self.arrive()
        self.assertEqual((self.points(ada), self.points(bob)), (40, 0))

    def test_what_is_edited_at_the_system_moves_points(self):
        ada = self.of("ada")
        for amounts, points in (((100, 20), 120), ((100,), 100), ((100, 5.5), 105.5), ((30,), 30)):
            lines = [line(f"1-{place}", unit_price=amount) for place, amount in enumerate(amounts)]
            self.world.sell(order("1", *lines, customer_id="ada"))
            self.arrive()
            self.assertEqual(self.points(ada), 40 + points)

    def test_customers_who_are_merged_between_two_pulls(self):
        ada, bob = self.of("ada"), self.of("bob")
        self.sold("1")
        self.sold("2", 50, customer_id="bob")
        self.arrive()
        self.merge(bob, ada)
        self.sold("2", 80, customer_id="bob")
        self.sold("3", 1, customer_id="bob")
        self.arrive(full=True)
        self.assertEqual(self.points(ada), 40 + 100 + 80 + 1)

    def test_an_order_with_its_refund_in_one_record(self):
        self.sold("1", refunds=(refund("r1", "1", 40),))
        self.arrive()
        self.assertEqual(self.points(self.of("ada")), 100)

    def test_a_balance_comes_once_and_also_after_a_program_was_chosen(self):
        self.world.know(customer("cleo", "Cleo", "Jones", points=Decimal(7)))
        self.connection.program_id = False
        self.pull("customers_pull")
        self.assertEqual(self.points(self.of("cleo")), 0)
        self.connection.program_id = self.program
        for _again in range(2):
            self.pull("customers_pull", full=True)
        self.assertEqual(self.points(self.of("cleo")), 7)
        self.assertEqual(self.points(self.of("ada")), 40)

    def test_one_who_was_deleted_at_the_system_has_no_balance_to_take_over(self):
        old = customer("old", "Olga", "Ray", points=Decimal(9), archived=True)
        self.world.know(old)
        self.pull("customers_pull")
        self.sold("1", customer_id="old")
        self.arrive()
        self.assertEqual(self.points(self.of("old")), 100)
        self.world.know(replace(old, archived=False))
        self.pull("customers_pull", full=True)
        self.assertEqual(self.points(self.of("old")), 109, "who is back has it again")

    def test_a_page_settles_its_orders_at_once(self):
        for number in range(20):
            self.sold(str(number), amount=10)
        calls = []
        self.patch(type(self.Awards), "_settle", lambda model, orders: calls.append(len(orders)))
        self.arrive()
        self.assertEqual(calls, [20])
