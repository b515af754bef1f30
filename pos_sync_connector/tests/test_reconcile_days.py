from datetime import date, datetime, timedelta, timezone
from time import monotonic
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from ..connectors.errors import RetryLater
from .posting_common import by_card, paid
from .reconcile_common import ReconcileCase
from .sales_common import SOLD_AT, line, order, refund, tax_of

DAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestReconcileDays(ReconcileCase):
    """What the system counts against what is in Odoo."""

    def setUp(self):
        super().setUp()
        self.map_tax("out", 10.0)
        self.sell(
            order("1", payments=(paid("a", 10),)),
            order("2", line("b", taxes=(tax_of("out", 10),)), gross=11, tax=1, payments=(by_card("c", 11),)),
            order("3", payments=(paid("d", 10),)),
        )

    def test_a_day_agrees(self):
        self.connection.posting_period_ids.unlink()
        day = self.check(DAY)
        self.assertEqual(day.state, "ok")
        self.assertEqual(
            (day.system_count, day.system_gross, day.system_tax, day.order_count, day.order_gross, day.order_tax),
            (3, 31, 1, 3, 31, 1),
        )
        self.assertTrue(day.asked_at)
        self.assertEqual(
            [(row.name, row.system_amount, row.order_amount) for row in day.method_ids.sorted("external_id")],
            [("Cash", 20, 20), ("Visa", 11, 11)],
        )
        self.assertEqual(self.causes(day), [])
        self.assertNotIn("orders_in", self.world.calls)

    def test_once_posted_all_sides_agree(self):
        day = self.check(DAY)
        self.assertEqual((day.state, [row.cause for row in day.difference_ids]), ("to_post", ["not_posted"]))
        self.assertEqual((day.difference_ids.amount, day.difference_ids.mend_label), (31, "Post"))
        day.difference_ids.action_mend()
        self.assertEqual((day.state, day.posted_gross, day.posted_tax, day.posted_count), ("ok", 31, 1, 3))
        self.assertEqual({row.name: row.posted_amount for row in day.method_ids}, {"Cash": 20, "Visa": 11})
        self.assertFalse(day.difference_ids)

    def test_without_accounting_there_is_nothing_to_post(self):
        self.connection.posting_period_ids.unlink()
        self.assertEqual(self.check(DAY).state, "ok")

    def test_three_differences_are_named_and_mended(self):
        self.connection.posting_period_ids.unlink()
        del self.world.orders["1"]
        self.edit("3", 12.5)
        self.world.orders["4"] = order("4", payments=(paid("e", 10),))
        day = self.check(DAY)
        self.assertEqual(day.state, "differs")
        self.assertEqual(
            self.causes(day), [("amount", "3", 2.5), ("missing_odoo", "4", 10), ("missing_system", "1", -10)]
        )
        self.assertEqual(self.connection.unreconciled_count, 1)
        day.action_mend()
        self.run_reconciliation()
        self.assertEqual(self.causes(day), [("missing_system", "1", -10)], "no sale is removed unasked")
        self.assertEqual(self.order("1").state, "sale")
        day.difference_ids.action_mend()
        self.run_reconciliation()
        self.assertEqual((day.state, self.causes(day), day.difference_count), ("ok", [], 0))
        self.assertEqual(self.order("1").state, "cancel")
        self.assertEqual(self.order("3").amount_total, 12.5)
        self.assertEqual(self.order("4").amount_total, 10)
        self.assertEqual(self.connection.unreconciled_count, 0)

    def test_an_order_cancelled_at_the_system(self):
        self.connection.posting_period_ids.unlink()
        self.world.orders["1"] = order("1", status=rec.OrderStatus.CANCELLED, paid=False)
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("cancelled", "1", -10)])
        day.difference_ids.action_mend()
        self.run_reconciliation()
        self.assertEqual(day.state, "ok")

    def test_an_order_changed_in_odoo(self):
        self.connection.posting_period_ids.unlink()
        self.order("1").order_line.price_unit = 14
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("amount", "1", -4)])
        day.difference_ids.action_mend()
        self.run_reconciliation()
        self.assertEqual((day.state, self.order("1").amount_total), ("ok", 10))

    def test_an_order_that_a_failure_holds(self):
        self.world.sell(order("4", line("x", taxes=(tax_of("unheard", 7),)), gross=10.7, tax=0.7))
        self.pull("orders_pull")
        day = self.check(DAY)
        row = day.difference_ids.filtered("external_id")
        self.assertEqual((row.cause, row.amount, row.message_id.external_id), ("unmapped", 10.7, "4"))
        unheard = self.connection.env["pos.sync.tax"].search([("external_id", "=", "unheard")])
        unheard.tax_id = self.make_tax(7.0)
        row.action_mend()
        self.run_reconciliation()
        self.assertNotEqual(day.state, "differs")
        self.assertNothingFailed("orders_pull")

    def test_a_tax_that_differs(self):
        self.connection.order_tolerance = 0
        known = self.world.orders["2"]
        self.order("2").order_line.price_unit = 11
        self.order("2").order_line.tax_ids = False
        day = self.check(DAY)
        self.assertEqual(known.totals.tax, 1)
        self.assertEqual(self.causes(day), [("tax", "2", 0)])

    def test_rounding_within_the_tolerance(self):
        self.edit("3", 10.03)
        self.assertEqual(self.causes(self.check(DAY)), [("rounding", "3", 0.03)])

    def test_another_currency(self):
        self.env.ref("base.EUR").active = True
        self.world.orders["3"] = order("3", currency="EUR", payments=(paid("d", 10),))
        days = self.check(DAY)
        self.assertEqual(len(days), 2)
        self.assertIn(("currency", "3"), [(row.cause, row.external_id) for row in days.difference_ids])

    def test_a_refund_that_is_missing(self):
        self.connection.posting_period_ids.unlink()
        self.connection._stream("orders_pull").first_done = True
        self.world.now = datetime(2026, 3, 10, tzinfo=timezone.utc)
        self.world.give_back(refund("r", "1", 4, refunded_at=SOLD_AT, payments=(paid("q", 4),)))
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("missing_odoo", "r", -4)])
        day.action_mend()
        self.run_reconciliation()
        self.assertEqual((day.state, day.order_refunds), ("ok", 4))
        self.world.refunds.clear()
        self.check(DAY)
        self.assertEqual(self.causes(day), [("missing_system", "r", 4)])
        day.action_mend()
        self.run_reconciliation()
        self.assertEqual((day.state, day.order_refunds), ("ok", 0))

    def test_each_refund_that_differs_is_named(self):
        self.connection.posting_period_ids.unlink()
        self.connection._stream("orders_pull").first_done = True
        self.world.now = datetime(2026, 3, 10, tzinfo=timezone.utc)
        given = {"same": 1, "gone": 2, "other": 3}
        for key, amount in given.items():
            payments = (paid(f"q{key}", amount),)
            self.world.give_back(refund(key, "1", amount, refunded_at=SOLD_AT, payments=payments))
        self.pull("refunds_pull")
        self.assertEqual(self.check(DAY).state, "ok")
        del self.world.refunds["gone"]
        changed = refund("other", "1", 3.5, refunded_at=SOLD_AT, payments=(paid("qother", 3.5),))
        self.world.refunds["other"] = changed
        self.world.refunds["new"] = refund("new", "2", 5, refunded_at=SOLD_AT, payments=(paid("qnew", 5),))
        day = self.check(DAY)
        self.assertEqual(
            self.causes(day), [("amount", "other", -0.5), ("missing_odoo", "new", -5), ("missing_system", "gone", 2)]
        )
        self.assertEqual(day.difference_ids.order_id, self.order("1"))

    def test_what_the_list_does_not_explain(self):
        self.connection.posting_period_ids.unlink()
        self.world.orders["ghost"] = order("ghost")
        self.world.plan["orders_in"] = [lambda: self.world.orders.pop("ghost")]
        day = self.check(DAY)
        self.assertEqual(self.causes(day), [("unknown", "Orders", 10)])

    def test_days_are_the_locations_own(self):
        self.connection.posting_period_ids.unlink()
        self.world.locations.append(
            rec.Location(external_id="tokyo", name="Tokyo", timezone="Asia/Tokyo", currency="USD")
        )
        self.pull("setup_pull")
        self.sell(order("t", location_id="tokyo", created_at=datetime(2026, 3, 2, 20, tzinfo=timezone.utc)))
        days = self.check(DAY, DAY + timedelta(days=1))
        self.assertEqual(
            [(str(day.date), day.location_id.name, day.system_gross, day.state) for day in days],
            [("2026-03-02", False, 31, "ok"), ("2026-03-03", "Tokyo", 10, "ok")],
        )

    def test_a_system_that_does_not_answer_is_asked_again(self):
        self.world.plan["control_totals"] = [RetryLater("The system is busy.", after=5)]
        self.connection._reconcile(DAY, DAY)
        with self.enter_registry_test_mode():
            self.env.ref("pos_sync_connector.ir_cron_reconcile").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.connection.reconcile_sentence, "The system is busy.")
        self.assertEqual(self.connection.reconcile_from, DAY)
        self.run_reconciliation()
        self.assertEqual(self.days(DAY).system_count, 3)

    def test_the_system_is_asked_once_for_many_days(self):
        first = DAY - timedelta(days=40)
        self.sell(order("0", created_at=SOLD_AT - timedelta(days=40), payments=(paid("z", 10),)))
        calls = self.world.calls["control_totals"]
        self.check(first, DAY)
        self.assertEqual(self.world.calls["control_totals"] - calls, 1)
        self.assertEqual([day.state for day in self.days(first, DAY)], ["to_post", "to_post"])

    def test_a_slice_ends_between_two_days_and_the_next_goes_on_there(self):
        dates = [DAY + timedelta(days=number) for number in (0, 1, 5)]
        for day in dates:
            self.sell(order(f"d{day}", created_at=SOLD_AT + (day - DAY), payments=(paid(f"q{day}", 10),)))
        self.connection._reconcile(dates[0], dates[-1])
        cron, starts = self.env.ref("pos_sync_connector.ir_cron_reconcile"), []
        self.startPatcher(patch.object(type(self.env["pos.sync.reconcile"]), "_SLICE", -1.0))
        while self.connection.reconcile_from and len(starts) < 9:
            starts.append(self.connection.reconcile_from)
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
        self.assertEqual(starts, [dates[0], dates[1], dates[2]])
        self.assertEqual([day.system_count for day in self.days(*dates)], [4, 1, 1])

    def test_each_night_the_last_days(self):
        self.connection.reconcile_days = 3
        with self.enter_registry_test_mode():
            self.env.ref("pos_sync_connector.ir_cron_reconcile_nightly").method_direct_trigger()
        self.env.invalidate_all()
        today = fields.Date.context_today(self.connection)
        self.assertEqual(
            (self.connection.reconcile_from, self.connection.reconcile_to),
            (today - timedelta(days=3), today - timedelta(days=1)),
        )

    def test_the_number_of_queries_grows_with_neither_days_nor_orders(self):
        def queries(first, days, orders):
            self.sell(
                *(
                    order(
                        f"{first}-{day}-{number}",
                        created_at=SOLD_AT + timedelta(days=first + day),
                        payments=(paid(f"p{first}-{day}-{number}", 10),),
                    )
                    for day in range(days)
                    for number in range(orders)
                )
            )
            dates = [DAY + timedelta(days=first + day) for day in range(days)]
            self.check(*dates)
            self.env.invalidate_all()
            reconcile = self.env["pos.sync.reconcile"]
            with self.connection._connector() as connector:
                asked = reconcile._ask(connector, dates, reconcile._zones(self.connection), monotonic() + 60)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(reconcile._compare(self.connection, dates, asked))
            return self.env.cr.sql_log_count - before

        queries(10, 2, 1)
        few, many = queries(20, 3, 2), queries(40, 20, 10)
        self.assertEqual(few, many)


@tagged("post_install", "-at_install")
class TestReconcileSigning(ReconcileCase):
    """Who vouches for a day, and what takes that back."""

    def setUp(self):
        super().setUp()
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(paid("b", 10),)))
        self.gather()
        self.day().action_post()
        self.accountant = new_test_user(
            self.env,
            "vouches",
            "pos_sync_connector.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[fields.Command.set(self.company.ids)],
        )
        self.signed = self.check(DAY)
        self.signed.with_user(self.accountant).action_sign()

    def assertReopened(self, sentence):
        self.env.invalidate_all()
        self.assertEqual(self.signed.sign_state, "reopened")
        self.assertIn(sentence, self.signed.reopened_by)
        self.assertIn(sentence, self.signed.message_ids[0].body)
        self.signed.with_user(self.accountant).action_sign()
        self.assertEqual((self.signed.sign_state, self.signed.reopened_by), ("signed", False))

    def test_who_and_when_stand_on_it(self):
        self.assertEqual(self.signed.state, "ok")
        self.assertEqual((self.signed.sign_state, self.signed.signed_by_id), ("signed", self.accountant))
        self.assertTrue(self.signed.signed_at)
        self.assertEqual(self.signed.message_ids[0].author_id, self.accountant.partner_id)
        self.check(DAY)
        self.assertEqual(self.signed.sign_state, "signed", "nothing has changed")

    def test_a_late_order_reopens_it(self):
        self.sell(order("3", payments=(paid("c", 10),)))
        self.assertReopened("there were 2 orders, now 3")

    def test_an_edit_reopens_it(self):
        self.sell(order("2", line("2-1", unit_price=12), payments=(paid("b", 12),)))
        self.assertReopened("An order was edited: 20.00 were sold, now 22.00")

    def test_a_refund_reopens_it(self):
        self.refund(refund("r", "1", 4, refunded_at=SOLD_AT, payments=(paid("q", 4),)))
        self.assertReopened("Refunds have changed from 0.00 to 4.00")

    def test_a_refund_that_is_no_more_reopens_it(self):
        self.refund(refund("r", "1", 4, refunded_at=SOLD_AT, payments=(paid("q", 4),)))
        self.assertReopened("Refunds have changed")
        self.check(DAY)
        self.assertReopened("other amounts were refunded: 0.00 before, now 4.00")
        self.world.refunds.clear()
        self.check(DAY)
        self.assertReopened("other amounts were refunded: 4.00 before, now 0.00")
        self.signed.difference_ids.filtered("external_id").action_mend()
        self.run_reconciliation()
        self.assertReopened("Refunds have changed from 4.00 to 0.00")

    def test_a_deleted_order_reopens_it(self):
        del self.world.orders["2"]
        self.check(DAY)
        self.assertReopened("The system counts other orders: 2 before, now 1")
        self.assertEqual([row.cause for row in self.signed.difference_ids], ["missing_system"])
        self.signed.difference_ids.action_mend()
        self.run_reconciliation()
        self.assertReopened("one is no more: there were 2 orders, now 1")

    def test_an_order_of_another_day_reopens_both(self):
        """Weeks later, so no window around the new day holds the old one."""
        other = DAY + timedelta(days=30)
        self.sell(order("3", created_at=SOLD_AT + timedelta(days=30), payments=(paid("c", 10),)))
        later = self.check(other)
        later.with_user(self.accountant).action_sign()
        moved = SOLD_AT + timedelta(days=30, hours=1)
        self.sell(order("2", created_at=moved, updated_at=moved, payments=(paid("b", 10),)))
        self.env.invalidate_all()
        self.assertEqual((later.sign_state, self.order("2").date_order.date()), ("reopened", other))
        self.assertIn("there were 1 orders, now 2", later.reopened_by)
        self.assertReopened("there were 2 orders, now 1")

    def test_a_refund_that_comes_with_its_order_reopens_its_own_day(self):
        other = DAY + timedelta(days=30)
        self.sell(order("3", created_at=SOLD_AT + timedelta(days=30), payments=(paid("c", 10),)))
        later = self.check(other)
        later.with_user(self.accountant).action_sign()
        given = refund("r", "1", 4, refunded_at=SOLD_AT + timedelta(days=30), payments=(paid("q", 4),))
        self.sell(order("1", payments=(paid("a", 10),), refunds=(given,)))
        self.env.invalidate_all()
        self.assertEqual((later.sign_state, self.signed.sign_state), ("reopened", "signed"))
        self.assertIn("Refunds have changed from 0.00 to 4.00", later.reopened_by)

    def test_a_posting_reopens_it(self):
        self.sell(order("2", line("2-1", unit_price=12), payments=(paid("b", 12),)))
        self.assertReopened("An order was edited")
        entry = self.post()
        self.assertEntry(entry, ("101000", 2.00), ("400000", -2.00))
        self.assertReopened("Something was posted: 20.00 before, now 22.00")
        self.assertEqual(len(self.day().move_ids), 2, "what was posted stays as it was")

    def test_another_count_of_the_system_reopens_it(self):
        self.world.orders["3"] = order("3")
        self.check(DAY)
        self.assertReopened("The system counts other orders")

    def test_others_do_not_sign(self):
        user = new_test_user(
            self.env,
            "looks",
            "pos_sync_connector.group_user",
            company_id=self.company.id,
            company_ids=[fields.Command.set(self.company.ids)],
        )
        for button in ("action_sign", "action_reopen", "action_check", "action_mend"):
            with self.subTest(button=button), self.assertRaisesRegex(UserError, "Only accountants"):
                getattr(self.signed.with_user(user), button)()

    def test_an_accountant_does_all_of_it(self):
        day = self.signed.with_user(self.accountant)
        day.action_reopen()
        self.assertIn("has reopened it", day.reopened_by)
        self.edit("2", 13)
        self.connection.with_user(self.accountant).action_reconcile_all()
        self.run_reconciliation()
        day.difference_ids.filtered("external_id").action_mend()
        self.run_reconciliation()
        self.assertEqual(self.order("2").amount_total, 13)
        day.action_post()
        self.assertEqual(day.state, "ok")
        report = self.env["ir.actions.report"].with_user(self.accountant)
        printed = report._render_qweb_html("pos_sync_connector.report_reconciliation", day.ids)[0].decode()
        for text in ("23.00", "There are none.", "Not signed" if day.sign_state == "open" else "Signed before"):
            self.assertIn(text, printed)
