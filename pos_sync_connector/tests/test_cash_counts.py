from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..connectors.cash_counts import CashCount
from ..connectors.registry import registry
from .posting_common import paid
from .reconcile_common import CountingSystem, ReconcileCase
from .sales_common import SOLD_AT, SalesSystem, line, money, order


class CountedSystem(CountingSystem):
    """Tells its cash drawers."""

    __test__ = False

    def pull_cash_counts(self, cursor):
        return self._pages("pull_cash_counts", self.world.cash_counts.values(), cursor)


@tagged("post_install", "-at_install")
class TestCashCounts(ReconcileCase):
    """A day's drawer: 100 at opening, 10 sold in cash."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: CountedSystem}))
        cls.connection._make_streams()
        cls.connection._stream("cash_counts_pull").enabled = True
        cls.cash.write(
            {"profit_account_id": cls.accounts["402000"].id, "loss_account_id": cls.accounts["650000"].id}
        )

    def setUp(self):
        super().setUp()
        self.world.cash_counts = {}
        self.sell(order("1", line("1-1"), payments=(paid("p1", 10),)))
        self.post()

    def count(self, counted, paid_in=0, paid_out=0):
        self.world.now += timedelta(minutes=1)
        self.world.cash_counts["c"] = CashCount(
            external_id="c",
            name="Front till",
            currency="USD",
            opened_at=SOLD_AT - timedelta(hours=2),
            ended_at=SOLD_AT + timedelta(hours=2),
            closed_at=None if counted is None else SOLD_AT + timedelta(hours=3),
            opening=money(100),
            cash_sales=money(10),
            paid_in=money(paid_in),
            paid_out=money(paid_out),
            expected=money(110 + paid_in - paid_out),
            counted=None if counted is None else money(counted),
            updated_at=self.world.now,
        )
        self.pull("cash_counts_pull")
        self.assertNothingFailed("cash_counts_pull")
        self.env.invalidate_all()
        return self.env["pos.sync.cash.count"].search([("connection_id", "=", self.connection.id)])

    def test_a_drawer_that_comes_before_the_first_payment_finds_its_method_later(self):
        payments = self.env["pos.sync.payment"].search([("connection_id", "=", self.connection.id)])
        payments.sudo().method_id = False
        self.connection.payment_method_ids.sudo().unlink()
        count = self.count(110)
        self.assertFalse(count.method_id)
        self.env["pos.sync.day"].action_gather()
        self.assertEqual(count.method_id, self.connection.payment_method_ids.filtered(lambda row: row.kind == "cash"))
        self.assertTrue(count.method_id)

    def test_a_drawer_of_days_before_the_books_is_not_posted(self):
        count = self.count("107.50")
        self.connection.entries_from = "2026-03-03"
        self.assertEqual(count.state, "nothing")
        with self.assertRaisesRegex(UserError, "None of these is to be posted"):
            count.action_post()
        self.connection.entries_from = "2026-03-02"
        self.assertEqual(count.state, "to_post")

    def test_what_is_missing_is_a_difference_until_it_is_posted(self):
        count = self.count("107.50")
        self.assertEqual((str(count.date), count.difference, count.state), ("2026-03-02", -2.5, "to_post"))
        day = self.check("2026-03-02")
        (row,) = day.difference_ids.filtered(lambda item: item.cause == "cash")
        self.assertEqual((row.amount, day.state), (-2.5, "differs"))
        count.action_post()
        self.assertEntry(count.move_id, ("101000", -2.5), ("650000", 2.5))
        day._recount()
        self.assertFalse(day.difference_ids.filtered(lambda item: item.cause == "cash"))
        with self.assertRaisesRegex(UserError, "None of these is to be posted"):
            count.action_post()

    def test_what_was_paid_in_and_out_goes_to_the_account_that_is_chosen(self):
        count = self.count(125, paid_in=30, paid_out=20)
        with self.assertRaisesRegex(UserError, "Choose the account of what was paid in and out"):
            count.action_post()
        count.other_account_id = self.accounts["103000"]
        count.action_post()
        self.assertEntry(
            count.move_id,
            ("101000", 30),
            ("103000", -30),
            ("101000", -20),
            ("103000", 20),
            ("101000", 5),
            ("402000", -5),
        )

    def test_a_drawer_that_agrees_has_nothing_to_post(self):
        self.assertEqual(self.count(None).state, "open")
        count = self.count(110)
        self.assertEqual((count.state, len(count)), ("nothing", 1))
        self.assertFalse(self.check("2026-03-02").difference_ids.filtered(lambda item: item.cause == "cash"))

    def test_what_is_posted_stays(self):
        count = self.count(109)
        count.action_post()
        self.assertEqual(self.count(108).counted, 109)
