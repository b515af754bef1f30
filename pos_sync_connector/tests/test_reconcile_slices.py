from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors.errors import RetryLater
from .posting_common import paid
from .reconcile_common import ReconcileCase
from .sales_common import order

DAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestReconcileSlices(ReconcileCase):
    """Mending goes on where its time or the system's answer ended."""

    def setUp(self):
        super().setUp()
        self.connection.posting_period_ids.unlink()
        self.sell(*(order(number, payments=(paid(f"p{number}", 10),)) for number in "123"))

    def test_what_is_mended_one_by_one_is_mended_to_the_end(self):
        del self.world.orders["1"]
        self.edit("2", 12.5)
        self.world.orders["4"] = order("4", payments=(paid("p4", 10),))
        day = self.check(DAY)
        self.assertEqual(len(self.causes(day)), 3)
        day.action_mend()
        self.startPatcher(patch.object(type(self.env["pos.sync.reconcile"]), "_SLICE", -1.0))
        self.run_reconciliation()
        self.assertEqual((day.state, self.causes(day)), ("ok", []))

    def test_a_day_that_was_mended_is_looked_at_once_the_system_answers(self):
        del self.world.orders["1"]
        day = self.check(DAY)
        day.difference_ids.action_mend()
        cron = self.env.ref("pos_sync_connector.ir_cron_reconcile")
        silent = RetryLater("It does not answer.")
        reconcile = type(self.env["pos.sync.reconcile"])
        with patch.object(reconcile, "_ask", side_effect=silent), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.connection.reconcile_sentence, "It does not answer.")
        self.assertEqual(self.order("1").state, "cancel")
        self.assertEqual(day.state, "differs")
        self.run_reconciliation()
        self.assertEqual((day.state, self.causes(day)), ("ok", []))


@tagged("post_install", "-at_install")
class TestPulledIntoPostedDay(ReconcileCase):
    def test_what_is_pulled_into_a_posted_day_is_what_is_to_be_posted(self):
        self.sell(order("1", payments=(paid("p1", 10),)))
        self.post()
        self.world.orders["2"] = order("2", payments=(paid("p2", 10),))
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("missing_odoo", "2", 10)])
        day.difference_ids.filtered("external_id").action_mend()
        self.run_reconciliation()
        self.assertEqual([(row.cause, row.amount) for row in day.difference_ids], [("not_posted", 10)])
