from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid
from .sales_common import order


@tagged("post_install", "-at_install")
class TestClearingAccounts(PostingCase):
    """Each gateway has a clearing account of its own, that comes back to zero by its own payouts."""

    def setUp(self):
        super().setUp()
        self.company.transfer_account_id = self.accounts["102000"]

    def methods(self):
        return {method.name: method for method in self.connection.payment_method_ids}

    def by_paypal(self, external_id, amount):
        return paid(external_id, amount, method="PayPal", kind=rec.PaymentKind.WALLET)

    def test_the_account_for_transfers_is_proposed_to_none(self):
        self.sell(order("1", payments=(by_card("a", 6), self.by_paypal("b", 4))))
        self.assertFalse(self.post())
        found = self.methods()
        self.assertFalse(found["Visa"].account_id | found["PayPal"].account_id)
        self.assertIn("“PayPal” has no account yet", self.day().sentence)
        rows = self.env["pos.sync.posting.choice"].search([("name", "in", ("Visa", "PayPal"))])
        rows.action_create_missing()
        self.assertTrue(all(rows.mapped("done")))
        accounts = found["Visa"].account_id | found["PayPal"].account_id
        self.assertEqual(len(accounts - self.company.transfer_account_id), 2)
        self.assertEqual(set(accounts.mapped("account_type")), {"asset_current"})
        self.assertTrue(all(accounts.mapped("reconcile")))
        self.post()
        self.assertEqual(self.day().state, "posted")

    def test_what_is_proposed_says_so_until_somebody_confirms_it(self):
        self.company.transfer_account_id = False
        self.sell(order("1", payments=(by_card("a", 6), self.by_paypal("b", 4))))
        self.gather()
        found = self.methods()
        proposed = found["PayPal"] | found["Visa"]
        self.assertEqual(len(proposed.filtered("account_id")), 1, "an account is proposed to one gateway only")
        guess = proposed.filtered("account_id")
        self.assertTrue(guess.guessed)
        row = self.env["pos.sync.posting.choice"].search([("kind", "=", "method"), ("source", "=", guess.id)])
        row.guessed = False
        self.assertFalse(guess.guessed)
        guess.guessed = True
        guess.account_id = self.accounts["103000"]
        self.assertFalse(guess.guessed, "a person chose it")

    def test_the_account_with_its_name_is_proposed(self):
        account = self.accounts["102000"].copy({"name": "PayPal on its way", "code": "102100"})
        self.sell(order("1", payments=(self.by_paypal("b", 10),)))
        self.gather()
        self.assertEqual(self.methods()["PayPal"].account_id, account)

    def test_its_balance_is_what_is_not_paid_out(self):
        self.company.transfer_account_id = False
        self.sell(order("1", payments=(by_card("a", 10),)))
        self.post()
        visa = self.methods()["Visa"]
        self.assertEqual((visa.account_balance, visa.unpaid, visa.unexplained), (10, 10, 0))
        move = self.env["account.move"].create(
            {
                "journal_id": self.journal.id,
                "line_ids": [
                    (0, 0, {"account_id": self.accounts["102000"].id, "balance": -3}),
                    (0, 0, {"account_id": self.accounts["103000"].id, "balance": 3}),
                ],
            }
        )
        move.action_post()
        visa.invalidate_recordset()
        self.assertEqual((visa.account_balance, visa.unpaid, visa.unexplained), (7, 10, -3))
