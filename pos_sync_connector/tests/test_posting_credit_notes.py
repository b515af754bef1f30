from decimal import ROUND_HALF_UP, Decimal

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import float_repr

from .posting_common import PostingCase, paid, returned
from .sales_common import line, money, order, refund, tax_of

CENT = Decimal("0.01")
RATES = ("8.25", "7", "19")


@tagged("post_install", "-at_install")
class TestPostingCreditNotes(PostingCase):
    """What a refund gives back is what its credit note comes to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.posting_period_ids.mode = "invoice"
        cls.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "default_account_id": cls.accounts["400000"].id,
                "company_id": cls.company.id,
            }
        )

    def setUp(self):
        super().setUp()
        for rate in RATES:
            self.map_tax(f"out-{rate}", float(rate))
            self.map_tax(f"in-{rate}", float(rate)).tax_id.price_include_override = "tax_included"

    def many_lines(self, external_id, **values):
        """Eight lines with taxes that are in the price and taxes that are not."""
        prices = ("12.35", "33.33", "77.77", "19.99", "54.91", "6.05", "8.21", "9.43")
        lines, gross, tax = [], Decimal(0), Decimal(0)
        for number, price in enumerate(map(Decimal, prices)):
            kind, rate = ("out", "in")[number % 2], RATES[number % 3]
            part = Decimal(rate) / 100
            owed = (price * part if kind == "out" else price - price / (1 + part)).quantize(CENT, ROUND_HALF_UP)
            tax += owed
            gross += price + (owed if kind == "out" else 0)
            taxes = (tax_of(f"{kind}-{rate}", rate, inclusive=kind == "in"),)
            lines.append(line(f"l{number}", unit_price=price, taxes=taxes))
        return order(external_id, *lines, gross=gross, tax=tax, payments=(paid(f"p{external_id}", gross),), **values)

    def tea(self, **values):
        """Two teas at 10.00, one with 19 % and one with 7 %: 22.60."""
        taxes = [(tax_of(f"out-{rate}", rate),) for rate in ("19", "7")]
        return order("1", line("a", taxes=taxes[0]), line("b", taxes=taxes[1]), gross="22.60", tax="2.60", **values)

    def refunds(self, order_id="1"):
        """{refund id: refund} of an order."""
        return {item.external_id: item for item in self.order(order_id).pos_sync_refund_ids}

    def given_back(self):
        """{account code: what all entries of the second day come to}, without those that come to nothing."""
        found = {}
        for item in self.day("2026-03-03").move_ids.line_ids:
            code = item.account_id.code
            found[code] = round(found.get(code, 0) + item.balance, 2)
        return {code: amount for code, amount in found.items() if amount}

    def test_an_amount_over_many_taxed_lines_is_credited_to_the_cent(self):
        amounts = [money(amount) for amount in ("7.01", "9.23", "11.45", "12.56", "12.93")]
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method):
                self.company.tax_calculation_rounding_method = method
                record = self.many_lines(method)
                part = record.totals.tax / record.totals.gross
                self.sell(record)
                self.post()
                self.refund(
                    *(
                        refund(
                            f"{method}-{amount}",
                            method,
                            amount,
                            tax=(amount * part).quantize(CENT, ROUND_HALF_UP),
                            payments=(paid(f"{method}-{amount}", amount),),
                        )
                        for amount in amounts
                    )
                )
                self.post("2026-03-03")
                refunds = self.refunds(method)
                found = {key: float_repr(item.move_id.amount_total, 2) for key, item in refunds.items()}
                self.assertEqual(found, {f"{method}-{amount}": str(amount) for amount in amounts})
                for item in refunds.values():
                    self.assertEqual(item.move_id.amount_residual, 0)
                    share = item.gross * self.order(method).amount_tax / self.order(method).amount_total
                    self.assertLess(abs(item.move_id.amount_tax - share), 0.045, "half a cent a line")
                self.assertFalse(self.post("2026-03-03"), "corrected though nothing changed")
        self.assertNotIn("121000", self.given_back())

    def test_an_amount_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "company_id": self.company.id, "rate": 0.857}
        )
        record = self.many_lines("1", currency="EUR")
        self.sell(record)
        self.post()
        tax = (money("12.93") * record.totals.tax / record.totals.gross).quantize(CENT, ROUND_HALF_UP)
        self.refund(refund("r1", "1", "12.93", tax=tax, currency="EUR", payments=(paid("q1", "12.93"),)))
        self.post("2026-03-03")
        note = self.refunds()["r1"].move_id
        self.assertEqual((note.currency_id, note.amount_total, note.amount_residual), (euro, 12.93, 0))
        self.assertAlmostEqual(sum(note.line_ids.mapped("balance")), 0, 6)
        for item in note.line_ids.filtered("tax_ids"):
            self.assertAlmostEqual(item.balance, item.amount_currency / 0.857, delta=0.011)
        self.assertAlmostEqual(self.given_back()["101000"], -15.09, 6)
        self.assertNotIn("121000", self.given_back())

    def test_what_is_refunded_for_a_free_order_is_accepted_by_a_person(self):
        self.sell(order("1", line("a", unit_price=0), gross=0))
        self.post()
        self.refund(refund("r1", "1", 3, payments=(paid("q1", 3),)))
        self.assertFalse(self.post("2026-03-03"))
        self.assertEqual(self.day("2026-03-03").state, "held")
        self.refunds()["r1"].action_accept()
        self.post("2026-03-03")
        self.assertEntry(self.refunds()["r1"].move_id, ("121000", -3.00), ("401000", 3.00))
        self.assertEqual(self.given_back(), {"101000": -3.0, "401000": 3.0})

    def test_goods_without_money_need_no_credit_note(self):
        self.sell(self.tea())
        self.post()
        self.refund(refund("r1", "1", 0, lines=(returned("a", 1, gross=0),)))
        self.post("2026-03-03")
        self.assertEqual(self.day("2026-03-03").state, "posted")
        self.assertFalse(self.refunds()["r1"].move_id)

    def test_an_amount_that_changes_after_its_credit_note(self):
        self.sell(self.tea(payments=(paid("p", "22.60"),)))
        self.post()
        self.refund(refund("r1", "1", "11.90", lines=(returned("a", 1),), payments=(paid("q1", "11.90"),)))
        self.post("2026-03-03")
        first = self.refunds()["r1"].move_id
        self.refund(refund("r1", "1", "5.95", lines=(returned("a", 1, gross="5.95"),), payments=(paid("q1", "5.95"),)))
        moves = self.post("2026-03-03")
        second = self.refunds()["r1"].move_id
        self.assertEntry(second, ("121000", -5.95), ("251000", 0.95), ("400000", 5.00, 19.0))
        self.assertEntry(first.reversal_move_ids, ("121000", 11.90), ("251000", -1.90), ("400000", -10.00, 19.0))
        self.assertLess(first.reversal_move_ids | second, moves, "all that was posted is with the day")
        self.assertEqual(self.given_back(), {"101000": -5.95, "251000": 0.95, "400000": 5.0})
        self.assertEqual((first | second).mapped("amount_residual"), [0, 0])
        self.assertFalse(self.post("2026-03-03"))

    def test_another_line_that_came_back_after_all(self):
        self.sell(self.tea(payments=(paid("p", "22.60"),)))
        self.post()
        for line_id in ("a", "b"):
            back = returned(line_id, 1, gross="10.70")
            self.refund(refund("r1", "1", "10.70", lines=(back,), payments=(paid("q1", "10.70"),)))
            self.post("2026-03-03")
        self.assertEqual(self.given_back(), {"101000": -10.7, "251000": 0.7, "400000": 10.0})

    def test_what_takes_a_credit_note_back_is_with_its_day(self):
        self.sell(self.tea(payments=(paid("p", "22.60"),)))
        self.post()
        self.refund(refund("r1", "1", 5, tax=money("0.58"), payments=(paid("q1", 5),)))
        note = self.post("2026-03-03").filtered(lambda move: move.move_type == "out_refund")
        self.world.refunds.clear()
        self.pull("refunds_pull", full=True)
        self.assertLess(self.env["account.move"], self.post("2026-03-03") & note.reversal_move_ids)
        self.assertEqual(self.given_back(), {})

    def test_a_credit_note_that_a_person_made_stays(self):
        self.sell(self.tea(payments=(paid("p", "22.60"),)))
        self.post()
        self.refund(refund("r1", "1", 5, payments=(paid("q1", 5),)))
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.order("1").partner_id.id,
                "invoice_date": "2026-03-03",
                "invoice_line_ids": [Command.create({"name": "Sorry", "price_unit": 5, "tax_ids": False})],
            }
        )
        note.action_post()
        self.refunds()["r1"].move_id = note
        self.post("2026-03-03")
        self.assertEqual(self.refunds()["r1"].move_id, note)
        self.assertEqual((note.amount_residual, note.reversal_move_ids.ids), (0, []))
        self.world.refunds.clear()
        self.pull("refunds_pull", full=True)
        self.assertTrue(self.refunds()["r1"].gone)
        self.post("2026-03-03")
        self.assertEqual((note.amount_residual, note.reversal_move_ids.ids), (5, []), "its money went back, it stays")
