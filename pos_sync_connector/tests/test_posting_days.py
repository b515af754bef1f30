from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid, returned
from .sales_common import SOLD_AT, charge, line, order, refund


@tagged("post_install", "-at_install")
class TestPostingChanges(PostingCase):
    """What changes after its day was posted."""

    def setUp(self):
        super().setUp()
        self.sell(order("1", payments=(paid("p1", 10),)), order("2", payments=(by_card("p2", 10),)))
        self.first = self.post()

    def assertCorrected(self, *lines):
        self.gather()
        self.assertEqual(self.day().state, "changed")
        correction = self.post()
        self.assertEntry(correction, *lines)
        self.assertEqual(self.day().state, "posted")
        self.assertEntry(self.first, ("101000", 10.00), ("102000", 10.00), ("400000", -20.00))
        self.assertFalse(self.post(), "corrected twice")

    def test_an_order_that_comes_late(self):
        self.sell(order("3", line("a", "v-coffee", unit_price=4), payments=(paid("p3", 4),)))
        self.assertCorrected(("101000", 4.00), ("400000", -4.00))

    def test_an_order_that_is_cancelled(self):
        self.sell(order("2", status=rec.OrderStatus.CANCELLED))
        self.assertCorrected(("102000", -10.00), ("400000", 10.00))

    def test_a_payment_that_was_by_card_after_all(self):
        self.sell(order("1", payments=(by_card("p1b", 10),)))
        self.assertCorrected(("101000", -10.00), ("102000", 10.00))

    def test_a_tip_that_comes_later(self):
        self.sell(order("2", charges=(charge("t", rec.ChargeKind.TIP, 2),), payments=(by_card("p2", 10, tip=2),)))
        self.assertCorrected(("102000", 2.00), ("252000", -2.00))

    def test_what_is_posted_keeps_its_account(self):
        """Another clearing account is for what comes; what stands on the former one is corrected there."""
        self.env["pos.sync.payment.method"].search([("name", "=", "Cash")]).account_id = self.accounts["103000"]
        self.gather()
        self.assertEqual(self.day().state, "posted")
        self.sell(order("3", payments=(paid("p3", 10),)))
        self.assertCorrected(("101000", 10.00), ("400000", -10.00))

    def test_a_refund_that_the_system_takes_back(self):
        self.refund(refund("r1", "1", 5, payments=(paid("q1", 5),)))
        given = self.post("2026-03-03")
        self.assertEntry(given, ("101000", -5.00), ("401000", 5.00))
        self.world.refunds.clear()
        self.pull("refunds_pull", full=True)
        self.gather()
        self.assertEqual(self.day("2026-03-03").state, "changed")
        self.assertEntry(self.post("2026-03-03"), ("101000", 5.00), ("401000", -5.00))

    def test_on_a_locked_day_it_goes_to_the_first_open_one(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.sell(order("3", payments=(paid("p3", 10),)))
        correction = self.post()
        self.assertEntry(correction, ("101000", 10.00), ("400000", -10.00))
        self.assertEqual(str(correction.date), "2026-04-01")
        self.assertIn("2026-03-02", correction.ref)
        self.assertIn("locked", correction.message_ids[0].body)

    def test_an_entry_that_was_cancelled_is_made_anew(self):
        self.first.button_draft()
        self.first.button_cancel()
        self.day().state = "changed"
        self.assertEntry(self.post(), ("101000", 10.00), ("102000", 10.00), ("400000", -20.00))


@tagged("post_install", "-at_install")
class TestPostingHolds(PostingCase):
    """What has no account yet waits, with one message for all."""

    def messages_of(self):
        return self.env["pos.sync.message"].search(
            [("connection_id", "=", self.connection.id), ("direction", "=", "post"), ("state", "=", "failed")]
        )

    def run_posting(self):
        with self.enter_registry_test_mode():
            self.env.ref("pos_sync_connector.ir_cron_posting").method_direct_trigger()
        self.env.invalidate_all()

    def test_ways_to_pay_get_a_proposal(self):
        self.sell(
            order(
                "1",
                payments=(paid("a", 5), by_card("b", 4), paid("c", 1, method="Voucher", kind=rec.PaymentKind.OTHER)),
            )
        )
        self.gather()
        found = self.env["pos.sync.payment.method"].search([("connection_id", "=", self.connection.id)])
        self.assertEqual(
            {method.name: (method.journal_id.code, method.account_id.code) for method in found},
            {"Cash": ("CSH", "101000"), "Visa": ("BNK", "102000"), "Voucher": (False, False)},
        )

    def test_one_message_for_all_and_choosing_the_account_posts_them(self):
        voucher = {"method": "Voucher", "kind": rec.PaymentKind.OTHER}
        later = SOLD_AT.replace(day=3)
        self.sell(
            order("1", payments=(paid("a", 10, **voucher),)),
            order("2", payments=(paid("b", 10, **voucher),)),
            order("3", created_at=later, payments=(paid("c", 10, **voucher),)),
        )
        self.assertFalse(self.post())
        self.assertFalse(self.post("2026-03-03"))
        self.assertEqual((self.day().state, self.day("2026-03-03").state), ("held", "held"))
        message = self.messages_of()
        self.assertEqual(len(message), 1)
        self.assertIn("Voucher", message.sentence)
        failure = self.env["pos.sync.failure"].search([("connection_id", "=", self.connection.id)])
        self.assertEqual(failure.trace_key, message.trace_key)
        self.day().payment_ids.method_id.account_id = self.accounts["103000"]
        cron = self.env.ref("pos_sync_connector.ir_cron_posting")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        self.run_posting()
        self.assertEntry(self.day().move_ids, ("103000", 20.00), ("400000", -20.00))
        self.assertEntry(self.day("2026-03-03").move_ids, ("103000", 10.00), ("400000", -10.00))
        self.assertFalse(self.messages_of())
        self.assertEqual(message.state, "done")

    def test_cash_without_journal_gets_one(self):
        self.cash.active = False
        self.sell(order("1", payments=(paid("a", 10),)))
        self.assertFalse(self.post())
        row = self.env["pos.sync.posting.choice"].search([("name", "=", "Cash"), ("done", "=", False)])
        row.action_create_missing()
        self.assertEqual((row.done, row.journal_id.type), (True, "cash"))
        self.run_posting()
        self.assertEqual(self.day().state, "posted")
        self.assertEqual(self.day().move_ids.line_ids.filtered("debit").account_id, row.journal_id.default_account_id)

    def test_rounding_goes_where_cash_that_differs_goes(self):
        self.accounts["650000"].name = "Small differences"
        self.charge_row("rounding").account_id = False
        self.company.default_cash_difference_expense_account_id = self.accounts["650000"]
        self.gather()
        self.assertEqual(self.charge_row("rounding").account_id, self.accounts["650000"])

    def test_a_tip_without_account(self):
        self.accounts["252000"].name = "Owed to the staff"
        self.charge_row("tip").account_id = False
        self.sell(order("1", charges=(charge("t", rec.ChargeKind.TIP, 2),), payments=(paid("a", 10, tip=2),)))
        self.assertFalse(self.post())
        self.assertEqual(self.messages_of().trace_key, "unmapped-charge:tip")
        self.charge_row("tip").account_id = self.accounts["252000"]
        self.run_posting()
        self.assertEntry(self.day().move_ids, ("101000", 12.00), ("252000", -2.00), ("400000", -10.00))

    def test_a_tip_whose_account_has_its_name(self):
        self.charge_row("tip").account_id = False
        self.gather()
        self.assertEqual(self.charge_row("tip").account_id, self.accounts["252000"])

    def test_a_period_without_journal(self):
        period = self.connection.posting_period_ids
        self.assertEqual(period.journal_id.name, "Sales of Connection sales", "its own")
        period.journal_id = False
        self.sell(order("1", payments=(paid("a", 10),)))
        self.assertFalse(self.post())
        self.assertEqual(self.messages_of().trace_key, "unmapped-journal")
        period.journal_id = self.journal
        self.run_posting()
        self.assertEntry(self.day().move_ids, ("101000", 10.00), ("400000", -10.00))

    def test_what_was_not_asked_for_is_not_posted(self):
        self.sell(order("1", payments=(paid("a", 10),)))
        self.gather()
        self.run_posting()
        self.assertEqual(self.day().state, "open")

    def test_a_day_posts_itself_once_it_is_long_enough_over(self):
        berlin = {"connection_id": self.connection.id, "external_id": "berlin", "name": "Berlin"}
        self.env["pos.sync.location"].create({**berlin, "timezone": "Europe/Berlin"})
        self.connection.posting_period_ids.write({"automatic": True, "hours": 2})
        self.sell(order("1", location_id="berlin", payments=(paid("a", 10),)))
        # 2 March ends in Berlin at 23:00 UTC.
        with freeze_time("2026-03-03 00:59:00"):
            self.run_posting()
        self.assertEqual(self.day().state, "open")
        with freeze_time("2026-03-03 01:00:00"):
            self.run_posting()
        self.assertEqual(self.day().state, "posted")
        self.sell(order("2", location_id="berlin", payments=(paid("b", 10),)))
        with freeze_time("2026-03-03 02:00:00"):
            self.run_posting()
        self.assertEqual((self.day().state, len(self.day().move_ids)), ("posted", 2))

    def test_a_day_that_cannot_be_posted_by_itself_says_why_and_keeps_no_other_waiting(self):
        self.connection.posting_period_ids.automatic = True
        later = SOLD_AT.replace(day=3)
        self.sell(order("1", payments=(paid("a", 10),)), order("2", created_at=later, payments=(by_card("b", 10),)))
        self.gather()
        self.accounts["101000"].active = False
        self.run_posting()
        self.assertEqual(self.day("2026-03-03").state, "posted")
        self.assertEqual(self.day().state, "open")
        self.assertIn("101000", self.day().sentence)
        self.accounts["101000"].active = True
        self.run_posting()
        self.assertEqual((self.day().state, self.day().sentence), ("posted", False))

    def test_what_is_to_be_chosen_stands_on_one_page(self):
        self.map_tax("out", 10.0)
        self.charge_row("tip").account_id = False
        self.accounts["252000"].name = "Owed to the staff"
        voucher = paid("a", 10, tip=2, method="Voucher", kind=rec.PaymentKind.OTHER)
        self.sell(order("1", charges=(charge("t", rec.ChargeKind.TIP, 2),), payments=(voucher, paid("b", 0))))
        self.post()
        Choice = self.env["pos.sync.posting.choice"]
        rows = Choice.search([("connection_id", "=", self.connection.id)])
        todo = rows.filtered(lambda row: not row.done)
        self.assertEqual(rows[: len(todo)], todo, "what is missing stands on top")
        self.assertEqual(
            {(row.kind, row.label, row.waiting) for row in todo if row.waiting},
            {("method", "Voucher", 1), ("charge", "Tip", 1)},
        )
        done = {(row.kind, row.name): row for row in rows - todo}
        self.assertEqual(done["method", "Cash"].account_id, self.accounts["101000"])
        self.assertEqual(done["tax", "out"].tax_id.amount, 10)
        self.assertEqual(done["charge", "gift_card"].account_id, self.accounts["253000"])
        self.assertEqual(done["charge", "service_charge"].account_id, self.accounts["400000"], "as other sales")
        todo.filtered(lambda row: row.name == "Voucher").journal_id = self.bank
        self.assertEqual(
            self.env["pos.sync.payment.method"].search([("name", "=", "Voucher")]).account_id.code, "102000"
        )
        self.run_posting()
        self.assertEqual(self.day().state, "held")
        todo.filtered(lambda row: row.name == "tip").account_id = self.accounts["252000"]
        self.run_posting()
        self.assertEntry(self.day().move_ids, ("102000", 12.00), ("252000", -2.00), ("400000", -10.00))
        self.assertFalse(any(rows.mapped("waiting")))


@tagged("post_install", "-at_install")
class TestPostingPeriods(PostingCase):
    """Which day is posted in which way."""

    def test_what_is_older_than_entries_from_is_history(self):
        self.connection.entries_from = "2026-03-02"
        self.sell(
            order("1", created_at=SOLD_AT.replace(day=1), payments=(paid("a", 10),)),
            order("2", payments=(paid("b", 10),)),
        )
        self.gather()
        self.assertFalse(self.order("1").pos_sync_day_id)
        self.assertEqual(self.order("2").pos_sync_day_id, self.day())

    def test_money_for_what_is_history_is_posted_when_it_is_received(self):
        self.connection.entries_from = "2026-03-02"
        before, later = SOLD_AT.replace(day=1), SOLD_AT.replace(day=3)
        self.sell(order("1", created_at=before, payments=(by_card("a", 4), by_card("b", 6, paid_at=later))))
        self.assertEntry(self.post("2026-03-03"), ("102000", 6.00), ("121000", -6.00))
        self.assertEqual(self.order("1").pos_sync_payment_ids.mapped("day_id"), self.day("2026-03-03"))
        self.assertFalse(self.order("1").pos_sync_day_id)

    def test_a_late_payment_is_posted_as_its_sale_was(self):
        self.sell(order("1", payments=(paid("a", 4),)))
        self.post()
        journal = self.connection.posting_period_ids.journal_id
        self.period("2026-03-05", "invoice")
        self.sell(order("1", payments=(paid("a", 4), paid("b", 6, paid_at=SOLD_AT.replace(day=6)))))
        entry = self.post("2026-03-06")
        self.assertEntry(entry, ("101000", 6.00), ("121000", -6.00))
        self.assertEqual(entry.journal_id, journal)

    def test_a_change_within_a_month_posts_each_order_once(self):
        self.period("2026-03-03", "orders")
        self.period("2026-03-05", "summary")
        self.sell(
            *(
                order(str(day), created_at=SOLD_AT.replace(day=day), payments=(paid(f"p{day}", 10),))
                for day in range(1, 8)
            )
        )
        self.gather()
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)], order="date")
        days.action_post()
        self.assertEqual(
            [(day.mode, day.state, len(day.order_ids), len(day.move_ids)) for day in days],
            [("summary", "posted", 1, 1)] * 2 + [("orders", "open", 1, 0)] * 2 + [("summary", "posted", 1, 1)] * 3,
        )

    def test_until_a_day_is_posted_its_way_may_change(self):
        self.sell(order("1", payments=(paid("a", 10),)))
        self.gather()
        self.assertEqual(self.day().mode, "summary")
        later = self.period("2026-03-02", "orders")
        self.gather()
        self.assertEqual(self.day().mode, "orders")
        later.unlink()
        self.post()
        with self.assertRaisesRegex(ValidationError, "2026-03-02 is posted already"):
            self.period("2026-03-01", "orders")
        self.period("2026-03-03", "orders")

    def test_an_order_that_is_not_sold_yet_waits(self):
        self.sell(order("1", status=rec.OrderStatus.OPEN, paid=False))
        self.gather()
        self.assertFalse(self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)]))

    def test_what_a_day_says_of_itself(self):
        self.sell(
            order(
                "1",
                payments=(paid("a", 8),),
                refunds=(refund("r", "1", 3, refunded_at=SOLD_AT, payments=(paid("q", 3),)),),
            ),
            order("2", payments=(by_card("b", 10, tip=2),), charges=(charge("t", rec.ChargeKind.TIP, 2),)),
        )
        self.gather()
        day = self.day()
        self.assertEqual(
            (day.order_count, day.order_total, day.refund_total, day.payment_total, day.move_count), (2, 22, 3, 17, 0)
        )

    def test_from_an_amount_to_its_orders(self):
        self.sell(order("1", payments=(paid("a", 10),)), order("2", payments=(by_card("b", 10),)))
        move = self.post()

        def orders(code):
            action = move.line_ids.filtered(lambda item: item.account_id.code == code).action_pos_sync_orders()
            return self.env["sale.order"].search(action["domain"]).mapped("pos_sync_external_id")

        self.assertEqual(orders("102000"), ["2"])
        self.assertEqual(sorted(orders("400000")), ["1", "2"])


@tagged("post_install", "-at_install")
class TestPostingRights(PostingCase):
    def setUp(self):
        super().setUp()
        self.sell(order("1", payments=(paid("a", 10),)))
        self.gather()

    def user(self, *groups):
        return new_test_user(
            self.env,
            f"user{len(groups)}",
            ",".join(("pos_sync_connector.group_user", *groups)),
            company_id=self.company.id,
            company_ids=[fields.Command.set(self.company.ids)],
        )

    def test_an_accountant_maps_and_posts(self):
        accountant = self.user("account.group_account_invoice")
        day = self.day().with_user(accountant)
        day.payment_ids.method_id.account_id = self.accounts["103000"]
        self.connection.charge_product_ids.with_user(accountant).filtered(
            lambda row: row.kind == "tip"
        ).account_id = self.accounts["251000"]
        day.action_post()
        self.assertEntry(day.move_ids, ("103000", 10.00), ("400000", -10.00))
        tax = self.map_tax("new", 7.0, tax_id=False)
        row = self.env["pos.sync.posting.choice"].with_user(accountant).search([("name", "=", "new")])
        row.tax_id = self.make_tax(7.0)
        self.assertEqual(tax.tax_id.amount, 7)
        self.env["pos.sync.posting.period"].with_user(accountant).create(
            {"connection_id": self.connection.id, "date_from": "2026-04-01", "mode": "orders"}
        )

    def test_others_do_not(self):
        with self.assertRaisesRegex(UserError, "Only accountants can post"):
            self.day().with_user(self.user()).action_post()
        with self.assertRaises(UserError):
            self.day().payment_ids.method_id.with_user(self.env["res.users"].search([("login", "=", "user0")])).write(
                {"account_id": self.accounts["103000"].id}
            )


@tagged("post_install", "-at_install")
class TestPostingQueries(PostingCase):
    def test_their_number_does_not_grow_with_the_orders_and_refunds(self):
        self.map_tax("out", 10.0)

        def queries(day, count):
            at = SOLD_AT.replace(day=day)
            self.sell(
                *(
                    order(f"{day}-{number}", line(f"a{number}"), created_at=at, payments=(paid(f"p{number}", 10),))
                    for number in range(count)
                )
            )
            refunds = []
            for number in range(count):
                key, back = f"{day}-{number}", {"refunded_at": at, "payments": (paid(f"q{day}-{number}", 3),)}
                lines = (returned(f"a{number}", 1, gross=4),)
                fee = (charge("k", rec.ChargeKind.FEE, -1),)
                refunds += [
                    refund(f"r{key}", key, 3, lines=lines, charges=fee, **back),
                    # The other names nothing.
                    refund(f"s{key}", key, 2, **back),
                ]
            self.refund(*refunds)
            self.gather()
            found = self.day(f"2026-03-{day:02}")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found.action_post()
            self.assertEqual(len(found.move_ids), 1)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2, 2)
        few, many = queries(3, 3), queries(4, 60)
        self.assertEqual(few, many)
