"""An imported order that is cancelled in Odoo, and the system that still has it: by policy, never silently."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.answers import Pushed
from ..connectors.registry import registry
from .posting_common import paid
from .reconcile_common import CountingSystem, ReconcileCase
from .sales_common import SalesCase, SalesSystem, order

PAID = rec.OrderStatus.PAID


class HearsOfStatus:
    """A system that cancels what it is told to."""

    def push_order_status(self, change, *, key):
        self.world.happens("push_order_status")
        self.world.__dict__.setdefault("changes", []).append((change.external_id, change.status.value, key))
        return Pushed(external_id=change.external_id)


class CancellingSystem(HearsOfStatus, SalesSystem):
    __test__ = False

    code = "cancelling_test"
    name = "Test System That Cancels"


class CountingCancellingSystem(HearsOfStatus, CountingSystem):
    __test__ = False


@tagged("post_install", "-at_install")
class TestCancelThere(SalesCase):
    selling_system = CancellingSystem

    def setUp(self):
        super().setUp()
        self.world.changes = []
        self.stream = self.connection._stream("order_status_push")
        self.stream.enabled = True

    def sell(self, external_id="1", **values):
        self.world.sell(order(external_id, **{"status": PAID, **values}))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(external_id)

    def push(self):
        self.run_job(self.stream)
        self.env.invalidate_all()
        return [row[:2] for row in self.world.changes]

    def test_who_is_asked_cancels_there_by_a_button(self):
        sale = self.sell()
        sale._action_cancel()
        self.assertTrue(sale.pos_sync_stands_there)
        self.assertEqual(sale.activity_ids.summary, f"Still stands at {self.connection.name}")
        self.assertEqual(self.push(), [])
        sale.action_pos_sync_cancel_there()
        self.assertFalse(sale.activity_ids)
        self.assertEqual(self.push(), [("1", "cancelled")])
        self.sell(status=rec.OrderStatus.CANCELLED)
        self.assertFalse(sale.pos_sync_stands_there)
        with self.assertRaises(UserError):
            sale.action_pos_sync_cancel_there()

    def test_always(self):
        self.connection.cancel_policy = "always"
        sale = self.sell()
        sale._action_cancel()
        self.assertEqual(self.push(), [("1", "cancelled")])
        self.assertFalse(sale.activity_ids)

    def test_always_asks_where_the_flow_is_off(self):
        self.connection.cancel_policy = "always"
        self.stream.enabled = False
        sale = self.sell()
        sale._action_cancel()
        self.assertEqual(len(sale.activity_ids), 1)
        with self.assertRaises(UserError):
            sale.action_pos_sync_cancel_there()

    def test_never_is_not_silent(self):
        self.connection.cancel_policy = "never"
        sale = self.sell()
        sale._action_cancel()
        self.assertFalse(sale.activity_ids)
        self.assertIn("still stands", " ".join(sale.message_ids.mapped("body")))
        self.assertEqual(self.push(), [])

    def test_one_that_is_a_sale_again_is_not_cancelled(self):
        self.connection.cancel_policy = "always"
        sale = self.sell()
        sale._action_cancel()
        sale.action_draft()
        self.assertEqual(self.push(), [])

    def test_what_the_system_cancels_is_no_news_there(self):
        self.connection.cancel_policy = "always"
        sale = self.sell()
        self.sell(status=rec.OrderStatus.CANCELLED, paid=False)
        self.assertEqual(sale.state, "cancel")
        self.sell("2", status=rec.OrderStatus.CANCELLED, paid=False)
        self.assertFalse((sale | self.order("2")).activity_ids)
        self.assertEqual(self.push(), [])


@tagged("post_install", "-at_install")
class TestCancelDifferenceThere(ReconcileCase):
    def test_an_imported_order_can_be_cancelled_there_from_its_difference(self):
        self.startPatcher(patch.dict(registry._systems, {SalesSystem.code: CountingCancellingSystem}))
        self.connection._make_streams()
        self.connection._stream("order_status_push").enabled = True
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(paid("b", 10),)))
        self.order("1")._action_cancel()
        row = self.check(date(2026, 3, 2)).difference_ids.filtered(lambda row: row.cause == "cancelled")
        self.assertTrue(row.can_cancel_there)
        row.action_cancel_there()
        self.run_job(self.connection._stream("order_status_push"))
        self.assertEqual([change[:2] for change in self.world.changes], [("1", "cancelled")])
