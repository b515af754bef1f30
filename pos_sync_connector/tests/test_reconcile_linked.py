from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.registry import registry
from .posting_common import paid
from .push_common import PushCase, TargetSystem
from .reconcile_common import ChecksDays, CountingSystem, CountsOrders, CountsPayments
from .sales_common import SalesSystem, line
from .sales_common import order as sold

DAY = date(2026, 3, 2)


class LinkedCase(ChecksDays, PushCase):
    book = CountsOrders

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        target = type("CountingTarget", (cls.book, TargetSystem), {"__test__": False})
        systems = {TargetSystem.code: target, SalesSystem.code: CountingSystem}
        cls.startClassPatcher(patch.dict(registry._systems, systems))

    def setUp(self):
        super().setUp()
        self.target_world.locations.append(
            rec.Location(external_id="till", name="Till", timezone="Asia/Tokyo", currency="USD")
        )
        for flow in ("setup_pull", "products_pull", "customers_pull"):
            self.target._stream(flow).first_done = True
        self.pull("setup_pull", self.target)

    def send_and_take_back(self, order, **values):
        """The order is at the target, paid there, and what the target says of it is here."""
        self.send(order)
        self.push()
        (made,) = (item for item in self.target_world.made if item.external_id == f"sale.order,{order.id}")
        number = self.target_world.made.index(made)
        self.target_world.sell(
            sold(
                f"o-{number}",
                line("x", variant_id="theirs"),
                source_reference=made.source_reference,
                location_id="till",
                payments=(paid(f"p-{number}", 10),),
                **values,
            )
        )
        self.pull("orders_pull", self.target)
        self.assertNothingFailed("orders_pull", self.target)

    def confirmed(self):
        order = self.sale()
        order.action_confirm()
        return order

    def brought(self):
        """An order of the other system, which a route sends on."""
        self.env["pos.sync.route"].create(
            {"source_connection_id": self.connection.id, "target_connection_id": self.target.id}
        )
        self.connection.walk_in_partner_id = self.env["res.partner"].create({"name": "Walk-in"})
        self.world.sell(sold("1", payments=(paid("a", 10),)))
        self.pull("orders_pull")
        return self.order("1")

    def figures(self, day):
        return day.state, day.location_id.name, day.system_count, day.order_count, day.system_gross, day.order_gross


@tagged("post_install", "-at_install")
class TestReconcileLinked(LinkedCase):
    """Orders that were sent to a system count there, as it counts them."""

    def test_one_made_in_odoo(self):
        order = self.confirmed()
        self.send_and_take_back(order)
        day = self.check(DAY, connection=self.target)
        self.assertEqual(self.figures(day), ("ok", "Till", 1, 1, 10, 10))
        self.assertEqual(self.env["pos.sync.count_days"]._order_ids(day), order.ids)

    def test_one_of_another_system_counts_at_both(self):
        order = self.brought()
        self.send_and_take_back(order)
        self.assertEqual(self.figures(self.check(DAY, connection=self.target)), ("ok", "Till", 1, 1, 10, 10))
        self.assertEqual(self.figures(self.check(DAY)), ("ok", False, 1, 1, 10, 10))

    def test_one_that_is_not_here_as_sold_is_pulled(self):
        order = self.confirmed()
        self.send_and_take_back(order)
        self.sent_link(order).write({"remote_at": False, "remote_status": False, "remote_taken": False})
        day = self.check(DAY, connection=self.target)
        self.assertEqual(self.causes(day), [("missing_odoo", "o-0", 10)])
        self.assertEqual(day.difference_ids.order_id, order)
        day.action_mend()
        self.run_reconciliation(self.target)
        self.assertEqual(self.figures(day), ("ok", "Till", 1, 1, 10, 10))

    def test_one_that_the_system_has_no_more_stays_in_odoo(self):
        order = self.confirmed()
        self.send_and_take_back(order)
        self.target_world.orders.clear()
        day = self.check(DAY, connection=self.target)
        self.assertEqual(self.causes(day), [("missing_system", "o-0", -10)])
        self.assertEqual(day.difference_ids.mend_label, "Unlink")
        day.action_mend()
        self.run_reconciliation(self.target)
        self.assertEqual((day.state, day.order_count, order.state), ("ok", 0, "sale"))

    def test_an_amount_that_was_changed_in_odoo(self):
        order = self.confirmed()
        self.send_and_take_back(order)
        order.order_line.price_unit = 12
        self.assertEqual(self.causes(self.check(DAY, connection=self.target)), [("amount", "o-0", -2)])

    def test_one_cancelled_in_odoo(self):
        order = self.confirmed()
        self.send_and_take_back(order)
        order._action_cancel()
        self.assertEqual(self.causes(self.check(DAY, connection=self.target)), [("cancelled", "o-0", 10)])


@tagged("post_install", "-at_install")
class TestReconcileLinkedByPayments(LinkedCase):
    """The same at a system that counts what was paid."""

    book = CountsPayments

    def test_one_made_in_odoo_and_one_of_another_system(self):
        self.send_and_take_back(self.confirmed())
        self.send_and_take_back(self.brought())
        day = self.check(DAY, connection=self.target)
        self.assertEqual(self.figures(day), ("ok", "Till", 2, 2, 20, 20))
        self.assertEqual([(row.system_amount, row.order_amount) for row in day.method_ids], [(20, 20)])
        self.assertEqual(self.figures(self.check(DAY)), ("ok", False, 1, 1, 10, 10))
