"""An order that is cancelled in Odoo and still there at the system: what is true is chosen, and nothing is removed
from the books unasked."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .posting_common import paid
from .reconcile_common import ReconcileCase
from .sales_common import order

DAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestDifferenceChoice(ReconcileCase):
    def setUp(self):
        super().setUp()
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(paid("b", 10),)))

    def cancelled(self):
        """The day, and the difference of the order that somebody has cancelled in Odoo."""
        self.order("1")._action_cancel()
        day = self.check(DAY)
        row = day.difference_ids.filtered(lambda row: row.cause == "cancelled")
        self.assertEqual((row.external_id, row.amount, row.cancelled_here), ("1", 10, True))
        return day, row

    def test_restored_here(self):
        self.post()
        day, row = self.cancelled()
        row.action_restore()
        with self.assertRaises(UserError):
            row.action_restore()
        self.run_reconciliation()
        self.assertEqual(self.order("1").state, "sale")
        self.assertEqual(self.causes(day), [])
        self.gather()
        self.day().action_post()
        self.assertEqual(self.day().state, "posted")
        self.assertEqual(sum(self.day().move_ids.line_ids.filtered(lambda item: item.debit).mapped("debit")), 20)

    def test_accepted_as_it_is_until_it_is_another(self):
        self.connection.posting_period_ids.unlink()
        day, row = self.cancelled()
        row.action_accept()
        self.assertEqual((day.state, day.difference_count), ("accepted", 0))
        self.check(DAY)
        self.assertEqual((day.state, day.difference_count), ("accepted", 0))
        self.assertEqual(day.difference_ids.accepted_by_id, self.env.user)
        with self.assertRaises(UserError):
            day.difference_ids.action_accept()
        self.edit("1", 12)
        self.check(DAY)
        self.assertEqual((day.state, day.difference_count), ("differs", 1))
        self.assertFalse(day.difference_ids.accepted_by_id)

    def test_one_that_the_system_can_not_be_told_of_is_not_offered_to_be_cancelled_there(self):
        _day, row = self.cancelled()
        self.assertFalse(row.can_cancel_there)
        with self.assertRaises(UserError):
            row.action_cancel_there()

    def test_fix_all_removes_no_sale(self):
        entry = self.post()
        day, row = self.cancelled()
        removal = day.difference_ids - row
        self.assertEqual((removal.cause, removal.amount, removal.removes_sales), ("not_posted", -10, True))
        with self.assertRaises(UserError):
            day.action_mend()
        with self.assertRaises(UserError):
            day.difference_ids.action_mend()
        self.assertEqual(self.day().move_ids, entry)
        self.assertEqual(self.order("1").state, "cancel")
        # Whoever presses the row's own button is asked.
        removal.action_mend()
        self.assertEqual(len(self.day().move_ids), 2)
