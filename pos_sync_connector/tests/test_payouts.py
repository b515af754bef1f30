"""Payouts: what they are made of, what a day's share of them is, what no order explains, and their entries."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..connectors import records as rec
from .payouts_common import DAY, PayoutCase, entry
from .posting_common import by_card
from .sales_common import line, order, refund


@tagged("post_install", "-at_install")
class TestPayouts(PayoutCase):
    # What it is made of

    def test_a_payout_is_explained_by_its_orders(self):
        payout = self.both()
        self.assertEqual((payout.gross, payout.fees, payout.net, payout.difference), (42, 1.30, 40.70, 0))
        self.assertEqual(payout.entry_ids.mapped("explained"), ["yes", "yes"])
        self.assertEqual(payout.entry_ids.order_id, self.order("1") | self.order("2"))
        self.pull("payouts_pull")
        self.assertEqual(self.env["pos.sync.payout"].search_count([("external_id", "=", "po")]), 1)

    def test_what_no_order_explains_is_named(self):
        payout = self.pay_out(
            "po",
            entry("e1", "payment", 30, 1, "p1"),
            entry("e2", "payment", 13, 1, "p2"),
            entry("e3", "payment", 7, 0, "unheard-of"),
            entry("e4", "dispute", -4),
            entry("e5", "carried", -10),
            entry("e6", "fee", -2),
        )
        found = {item.external_id: (item.explained, item.difference) for item in payout.entry_ids}
        self.assertEqual(
            found,
            {
                "e1": ("yes", 0),
                "e2": ("amount", 1),
                "e3": ("no", 7),
                "e4": ("no", -4),
                "e5": ("apart", 0),
                "e6": ("apart", 0),
            },
        )
        self.assertEqual((payout.difference, payout.fees), (4, 4))

    def test_entries_that_do_not_come_to_the_payout_are_named(self):
        self.assertEqual(self.both(net="45.70").difference, 5)
        self.assertEqual(self.pay_out("simple", net=9).difference, 0)

    def test_an_order_that_comes_later_explains_it(self):
        payout = self.pay_out("po", entry("e1", "payment", 8, 0, "p9"))
        self.assertEqual(payout.difference, 8)
        self.sell(order("9", line("9-1", unit_price=8), payments=(by_card("p9", 8),)))
        self.assertEqual((payout.difference, payout.entry_ids.order_id), (0, self.order("9")))
        # And one whose payment is corrected explains it no more.
        self.sell(order("9", line("9-1", unit_price=6), payments=(by_card("p9", 6),)))
        self.assertEqual((payout.difference, payout.entry_ids.explained), (2, "amount"))

    def test_a_refund_is_found_by_its_payment(self):
        self.refund(refund("r1", "1", 10, payments=(by_card("r-p1", 10),)))
        payout = self.pay_out("po", entry("e1", "refund", -10, 0, "r-p1"))
        self.assertEqual((payout.difference, payout.entry_ids.order_id), (0, self.order("1")))

    def test_what_is_older_than_the_orders_is_no_difference(self):
        self.connection.orders_from = "2026-03-03"
        payout = self.pay_out("po", entry("e1", "payment", 30, 0, "before"))
        self.assertEqual((payout.entry_ids.explained, payout.difference), ("history", 0))
        self.connection.orders_from = "2026-04-01"
        self.assertFalse(self.pay_out("older", entry("e9", "payment", 30, 0, "before")))

    # A day's share

    def test_a_day_is_green_while_its_money_is_on_its_way(self):
        (day,) = self.check(self.date(DAY))
        self.assertFalse(day.has_payouts)
        payout = self.pay_out("po", entry("e1", "payment", 30, "0.90", "p1"), status="pending")
        share = day._read_format(["payout_taken", "payout_gross", "payout_pending", "payout_expected"])[0]
        names = ("taken", "gross", "pending", "expected")
        self.assertEqual([share[f"payout_{name}"] for name in names], [42, 0, 30, 12])
        self.both()
        self.env.invalidate_all()
        self.assertEqual(
            (day.payout_taken, day.payout_gross, day.payout_fees, day.payout_net, day.payout_expected),
            (42, 42, 1.30, 40.70, 0),
        )
        self.assertEqual(day.payout_ids, payout)
        self.assertNotIn("payout", day.difference_ids.mapped("cause"))

    def test_what_the_system_cancelled_was_received_and_refunded(self):
        self.both()
        self.sell(
            order(
                "1",
                line("1-1", unit_price=30),
                paid=False,
                status=rec.OrderStatus.CANCELLED,
                payments=(by_card("p1", 30),),
            )
        )
        self.refund(refund("r1", "1", 30, payments=(by_card("r-p1", 30),)))
        self.assertEqual(self.order("1").state, "cancel")
        days = self.check(self.date(DAY), self.date("2026-03-03"))
        self.assertEqual(days.mapped("payout_taken"), [42, -30])
        self.order("2")._action_cancel()
        self.env.invalidate_all()
        self.assertEqual(days.mapped("payout_taken"), [30, -30], "cancelled by a person")

    def test_a_day_names_what_no_order_explains_and_is_reopened_by_it(self):
        self.post(DAY)
        (day,) = self.check(self.date(DAY))
        self.assertEqual(day.state, "ok")
        day.action_sign()
        self.pay_out("po", entry("e1", "payment", 33, 1, "p1"))
        (row,) = day.difference_ids
        self.assertEqual((row.cause, row.amount, day.state, day.sign_state), ("payout", 3, "differs", "reopened"))
        self.assertIn("3.00", day.reopened_by)
        self.assertEqual(row.action_view()["res_model"], "pos.sync.payout")
        # Still there when the day is compared once more, and once only; gone when it is explained.
        self.check(self.date(DAY))
        self.assertEqual(day.difference_ids.mapped("cause"), ["payout"])
        self.pay_out("po", entry("e1", "payment", 30, 1, "p1"))
        self.assertEqual((day.difference_ids.ids, day.state), ([], "ok"))

    def test_a_red_day_keeps_it_beside_its_orders(self):
        self.edit("2", 20)
        self.pay_out("po", entry("e1", "payment", 33, 1, "p1"))
        (day,) = self.check(self.date(DAY))
        self.assertEqual(sorted(day.difference_ids.mapped("cause")), ["amount", "not_posted", "payout"])
        self.assertEqual(day.difference_count, 3)

    def test_queries_do_not_grow_with_payments(self):
        self.both()
        dates = [self.date(DAY), self.date("2026-03-09")]

        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["pos.sync.count_payouts"]._shares(self.connection, *dates)
            self.env["pos.sync.count_payouts"]._unexplained(self.connection, *dates)
            return self.cr.sql_log_count - before

        few = count()
        self.sell(
            *(order(f"m{n}", line(f"m{n}-1"), payments=(by_card(f"pm{n}", 10),)) for n in range(20)),
        )
        self.pay_out("many", *(entry(f"em{n}", "payment", 10, 0, f"pm{n}") for n in range(20)))
        self.assertEqual(count(), few)

    # Entries

    def test_a_payout_is_posted_once_and_clears_the_cards(self):
        self.post(DAY)
        payout = self.both()
        self.assertEqual(payout.posting_state, "open")
        payout.action_post()
        self.assertEntry(payout.move_id, ("102000", -42.0), ("104000", 40.7), ("651000", 1.3))
        self.assertEqual(sum(self.cards().mapped("balance")), 0)
        with self.assertRaises(UserError):
            payout.action_post()
        self.assertEqual((len(payout.move_ids), payout.posting_state), (1, "posted"))

    def test_an_entry_that_is_reversed_can_be_posted_again(self):
        self.post(DAY)
        payout = self.both()
        payout.action_post()
        self.pay_out("po", entry("e1", "payment", 30, "0.90", "p1"))
        self.assertEqual(payout.posting_state, "changed")
        payout.move_id._reverse_moves(cancel=True)
        payout.action_post()
        self.assertEntry(payout.move_id, ("102000", -30.0), ("104000", 29.1), ("651000", 0.9))
        self.assertEqual(len(payout.move_ids), 2)

    def test_what_no_order_explains_goes_to_its_own_account(self):
        self.post(DAY)
        payout = self.pay_out(
            "po",
            entry("e1", "payment", 30, 1, "p1"),
            entry("e2", "dispute", -4),
            entry("e3", "carried", -10),
        )
        with self.assertRaisesRegex(UserError, "What No Order Explains"):
            payout.action_post()
        choice = self.env["pos.sync.posting.choice"].search(
            [("connection_id", "=", self.connection.id), ("kind", "=", "payout"), ("done", "=", False)]
        )
        self.assertEqual(choice.label, "Payouts: What No Order Explains")
        bank = choice.search([("connection_id", "=", self.connection.id), ("name", "=", "bank")])
        self.assertEqual((bank.account_id, bank.guessed), (self.accounts["104000"], True), "a proposal says so")
        bank.account_id = self.accounts["104000"]
        self.assertFalse(bank.guessed)
        choice.account_id = self.accounts["652000"]
        payout.action_post()
        self.assertEntry(payout.move_id, ("102000", -20.0), ("104000", 15.0), ("651000", 1.0), ("652000", 4.0))

    def test_what_has_not_arrived_is_not_posted(self):
        payout = self.both(status="pending")
        self.assertEqual(payout.posting_state, "none")
        with self.assertRaises(UserError):
            payout.action_post()

    def test_where_sales_are_not_posted_payouts_are_not(self):
        self.env["pos.sync.posting.period"].search([("connection_id", "=", self.connection.id)]).mode = "orders"
        self.assertEqual(self.both().posting_state, "none")

    def test_a_locked_day_moves_the_entry(self):
        self.post(DAY)
        payout = self.both()
        self.company.fiscalyear_lock_date = "2026-03-31"
        payout.action_post()
        self.assertEqual(str(payout.move_id.date), "2026-04-01")

    def test_only_accountants_post(self):
        self.post(DAY)
        payout = self.both()
        user = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "clerk",
                "group_ids": [(6, 0, self.env.ref("pos_sync_connector.group_user").ids)],
            }
        )
        with self.assertRaises(UserError):
            payout.with_user(user).action_post()
        with self.assertRaises(AccessError):
            payout.with_user(user).write({"net": 5})
