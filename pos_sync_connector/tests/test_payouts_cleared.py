"""What a payout clears: the account that its payments were posted to, at what they were posted at, and no more."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .payouts_common import DAY, PayoutCase, entry
from .posting_common import by_card
from .sales_common import SOLD_AT, line, order, refund

MODES = ("summary", "invoice")
EXCHANGE = {"491000": "Exchange gains", "691000": "Exchange losses"}


@tagged("post_install", "-at_install")
class TestPayoutsCleared(PayoutCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.journal"].create(
            {"name": "Invoices", "type": "sale", "code": "INV", "company_id": cls.company.id}
        )

    def posting(self, mode):
        self.env["pos.sync.posting.period"].search([("connection_id", "=", self.connection.id)]).mode = mode

    def in_both_modes(self):
        for mode in MODES:
            savepoint = self.cr.savepoint()
            with self.subTest(mode=mode):
                self.posting(mode)
                yield mode
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def standing(self, code):
        """What stands on an account: (in the currency of its lines, in the company's)."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.accounts[code].id), ("parent_state", "=", "posted")]
        )
        return round(sum(lines.mapped("amount_currency")), 2), round(sum(lines.mapped("balance")), 2)

    def visa(self):
        return self.connection.payment_method_ids.filtered(lambda method: method.name == "Visa")

    def at(self, hours):
        return SOLD_AT + timedelta(hours=hours)

    # What is not there

    def test_it_waits_until_its_days_are_posted(self):
        for _mode in self.in_both_modes():
            payout = self.both()
            with self.assertRaisesRegex(UserError, f"{DAY}.*Post them first"):
                payout.action_post()
            self.assertFalse(payout.move_ids)
            self.post(DAY)
            payout.action_post()
            self.assertEqual(self.standing("102000"), (0, 0))

    def test_it_waits_for_what_has_changed_since(self):
        for _mode in self.in_both_modes():
            self.post(DAY)
            payout = self.both()
            self.sell(order("4", line("4-1", unit_price=7), payments=(by_card("p4", 7),)))
            with self.assertRaisesRegex(UserError, "not posted as they are now"):
                payout.action_post()
            self.post(DAY)
            payout.action_post()
            self.assertEqual(self.standing("102000"), (7, 7))

    def test_a_day_that_was_reset_holds_it(self):
        self.post(DAY)
        payout = self.both()
        self.day(DAY).move_ids.button_draft()
        with self.assertRaises(UserError):
            payout.action_post()

    def test_money_of_before_the_entries_clears_no_account(self):
        for _mode in self.in_both_modes():
            self.connection.entries_from = "2026-03-03"
            self.sell(
                order(
                    "4",
                    line("4-1", unit_price=7),
                    created_at=self.at(24),
                    payments=(by_card("p4", 7, paid_at=self.at(24)),),
                )
            )
            self.post("2026-03-03")
            payout = self.pay_out("po", entry("e1", "payment", 30, 0, "p1"), entry("e4", "payment", 7, 0, "p4"))
            other = self.env["pos.sync.payout.account"].search(
                [("connection_id", "=", self.connection.id), ("purpose", "=", "other")]
            )
            other.account_id = self.accounts["652000"]
            payout.action_post()
            self.assertEqual(self.standing("102000"), (0, 0), "only what was posted there")
            self.assertEqual(self.standing("652000"), (-30, -30))

    # Which account

    def test_it_clears_the_account_that_the_day_was_posted_to(self):
        for _mode in self.in_both_modes():
            self.post(DAY)
            self.visa().account_id = self.accounts["103000"]
            payout = self.both()
            payout.action_post()
            self.assertEqual((self.standing("102000"), self.standing("103000")), ((0, 0), (0, 0)))

    def test_what_a_day_adds_and_takes_back_keeps_its_account(self):
        for _mode in self.in_both_modes():
            self.post(DAY)
            self.visa().account_id = self.accounts["103000"]
            self.sell(order("2", line("2-1", unit_price=9), payments=(by_card("p2", 9),)))
            self.post(DAY)
            self.assertEqual((self.standing("102000"), self.standing("103000")), ((39, 39), (0, 0)))

    def test_what_is_not_paid_out_stands_where_it_was_posted(self):
        for _mode in self.in_both_modes():
            self.post(DAY)
            payout = self.pay_out("po", entry("e1", "payment", 30, 1, "p1"))
            payout.action_post()
            visa = self.visa()
            visa.invalidate_recordset()
            self.assertEqual((visa.account_balance, visa.unpaid, visa.unexplained), (12, 12, 0))
            # One that was reversed has paid out nothing.
            payout.move_id._reverse_moves(cancel=True)
            visa.invalidate_recordset()
            self.assertEqual((visa.account_balance, visa.unpaid, visa.unexplained), (42, 42, 0))
            visa.account_id = self.accounts["103000"]
            visa.invalidate_recordset()
            self.assertEqual((visa.account_balance, visa.unpaid, visa.unexplained), (0, 0, 0))

    # What it was posted at

    def test_another_days_rate_is_an_exchange_difference(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        for date, rate in (("2026-03-01", 0.8), ("2026-03-03", 0.5), ("2026-03-06", 1.0)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": date, "company_rate": rate, "company_id": self.company.id}
            )
        self.accounts |= {
            code: self.accounts["652000"].copy({"code": code, "name": name}) for code, name in EXCHANGE.items()
        }
        for _mode in self.in_both_modes():
            self.sell(
                *(
                    order(
                        f"e{number}",
                        line(f"e{number}-1", unit_price=amount),
                        currency="EUR",
                        payments=(by_card(f"pe{number}", amount, currency="EUR"),),
                    )
                    for number, amount in ((1, 33.33), (2, 66.67))
                )
            )
            self.refund(refund("r1", "e1", 10, currency="EUR", payments=(by_card("re1", 10, currency="EUR"),)))
            self.post(DAY, currency_id=euro)
            self.post("2026-03-03", currency_id=euro)
            self.assertEqual(self.standing("102000"), (90, 105))
            first = self.pay_out(
                "po1", entry("e1", "payment", 33.33, 1, "pe1"), entry("e3", "refund", -10, 0, "re1"), currency="EUR"
            )
            with self.assertRaisesRegex(UserError, "exchange difference"):
                first.action_post()
            self.company.income_currency_exchange_account_id = self.accounts["491000"]
            self.company.expense_currency_exchange_account_id = self.accounts["691000"]
            first.action_post()
            # 33.33 at 0.8 was worth 41.66, and 66.66 at 0.5.
            self.assertEqual(self.standing("491000")[1], -25.0)
            second = self.pay_out(
                "po2", entry("e2", "payment", 66.67, 0, "pe2"), currency="EUR", sent_at=self.at(24 * 4)
            )
            second.action_post()
            self.assertEqual(self.standing("102000"), (0, 0), "in both currencies")
            self.assertEqual(self.standing("691000")[1], 16.67)

    def test_its_rate_is_that_of_its_own_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        rates = self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": date, "company_rate": rate, "company_id": self.company.id}
                for date, rate in (("2026-03-01", 0.8), ("2026-04-01", 0.5))
            ]
        )
        for _mode in self.in_both_modes():
            self.sell(
                order(
                    "e1",
                    line("e1-1", unit_price=36),
                    currency="EUR",
                    payments=(by_card("pe1", 36, currency="EUR"),),
                )
            )
            self.post(DAY, currency_id=euro)
            payout = self.pay_out("po", entry("e1", "payment", 36, 4, "pe1"), currency="EUR")
            with self.cr.savepoint() as savepoint:
                rates.unlink()
                with self.assertRaisesRegex(UserError, "EUR has no rate on or before"):
                    payout.action_post()
                savepoint.rollback()
            self.env.invalidate_all()
            self.company.fiscalyear_lock_date = "2026-03-31"
            payout.action_post()
            self.assertEqual(str(payout.move_id.date), "2026-04-01", "the first open day")
            self.assertEqual(self.standing("102000"), (0, 0), "no exchange difference comes of a lock")
