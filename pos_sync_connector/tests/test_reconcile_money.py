"""Days of a system that counts money: what was exchanged is worth something, but nothing was given back for it."""

from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.registry import registry
from .posting_common import paid
from .reconcile_common import CountsPayments, ReconcileCase
from .sales_common import SOLD_AT, SalesSystem, order, refund

DAY = SOLD_AT.date()


@tagged("post_install", "-at_install")
class TestReconcileMoney(ReconcileCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = type("CountingMoney", (CountsPayments, SalesSystem), {"__test__": False})
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: system}))

    def setUp(self):
        super().setUp()
        self.connection.posting_period_ids.unlink()
        self.connection._stream("orders_pull").first_done = True
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(paid("b", 10),)))
        self.world.now = datetime(2026, 3, 10, tzinfo=timezone.utc)

    def give(self, external_id, gross, *payments):
        self.world.give_back(refund(external_id, external_id, gross, refunded_at=SOLD_AT, payments=payments))

    def test_an_exchange_is_no_money(self):
        self.give("1", 10)
        self.give("2", 10, paid("c", 4))
        self.pull("refunds_pull")
        day = self.check(DAY)
        self.assertEqual((day.state, day.system_refunds, day.order_refunds), ("ok", 4, 4), self.causes(day))

    def test_what_was_given_back_is_missed(self):
        self.give("1", 10)
        self.pull("refunds_pull")
        self.give("2", 10, paid("c", 4))
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("missing_odoo", "2", -4)])
        day.difference_ids.action_mend()
        self.run_reconciliation()
        self.assertEqual((day.state, day.order_refunds), ("ok", 4), self.causes(day))

    def test_what_the_system_cancelled_was_received_on_its_day(self):
        """The sale on its own day, the refund on the next; a deposit is no sale, and money all the same."""
        self.sell(order("3", paid=False, status=rec.OrderStatus.OPEN, payments=(paid("d", 4),)))
        cancelled = {"paid": False, "status": rec.OrderStatus.CANCELLED}
        self.sell(order("1", payments=(paid("a", 10),), **cancelled), order("3", payments=(paid("d", 4),), **cancelled))
        self.refund(refund("1", "1", 10, payments=(paid("c", 10),)), refund("3", "3", 4, payments=(paid("e", 4),)))
        self.assertEqual((self.order("1").state, self.order("3").state), ("cancel", "cancel"))
        first, second = self.check(DAY, DAY + timedelta(days=1))
        self.assertEqual((first.state, first.order_gross, first.order_count), ("ok", 24, 3), self.causes(first))
        self.assertEqual((second.state, second.order_refunds), ("ok", 14), self.causes(second))
        # It is named where it differs, and only there.
        self.world.orders["4"] = order("4", payments=(paid("f", 7),))
        del self.world.orders["3"]
        self.check(DAY)
        self.assertEqual(self.causes(first), [("missing_odoo", "4", 7), ("missing_system", "3", -4)])

    def test_what_a_person_cancelled_does_not_count(self):
        self.order("1")._action_cancel()
        day = self.check(DAY)
        self.assertEqual((day.order_gross, self.causes(day)), (10, [("cancelled", "1", 10)]))
