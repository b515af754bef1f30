from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid
from .sales_common import SOLD_AT, line, order, refund, tax_of


@tagged("post_install", "-at_install")
class TestPostingPreview(PostingCase):
    """The entry before it is posted, as an accountant opens it."""

    SPEC = {
        "line_ids": {"fields": {"account_id": {}, "debit": {}, "credit": {}, "key": {}}},
        "choice_ids": {"fields": {"label": {}, "account_id": {}}},
        "lacks_sentence": {},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            login="previews",
            groups="pos_sync_connector.group_user,account.group_account_invoice,sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def open(self, date="2026-03-02"):
        """What the web client reads to show the day."""
        day = self.day(date).with_user(self.accountant)
        self.env.flush_all()
        self.env.invalidate_all()
        return day, day.web_read(self.SPEC)[0]

    def amounts(self, read):
        code = {account.id: account.code for account in self.accounts.values()}
        return sorted((code.get(row["account_id"]), row["debit"] - row["credit"]) for row in read["line_ids"])

    def test_it_is_the_entry_that_is_posted_then(self):
        self.map_tax("vat", 10.0)
        self.sell(
            order("1", line("a", taxes=(tax_of("vat", 10),)), gross=11, tax=1, payments=(paid("p", 11),)),
            order("2", payments=(by_card("q", 10),)),
        )
        self.gather()
        _day, read = self.open()
        expected = [("101000", 11), ("102000", 10), ("251000", -1), ("400000", -10), ("400000", -10)]
        self.assertEqual(self.amounts(read), expected)
        self.assertFalse(read["choice_ids"])
        move = self.post()
        posted = sorted((item.account_id.code, item.amount_currency) for item in move.line_ids)
        self.assertEqual(posted, expected)
        self.assertFalse(self.open()[1]["line_ids"], "nothing is left to post")

    def test_it_follows_what_changes(self):
        self.sell(order("1", payments=(paid("p", 10),)))
        self.post()
        self.sell(order("2", payments=(paid("q", 10),)))
        self.gather()
        self.assertEqual(self.amounts(self.open()[1]), [("101000", 10), ("400000", -10)], "what is to be added")
        self.connection.payment_method_ids.account_id = self.accounts["103000"]
        self.sell(order("3", created_at=SOLD_AT.replace(day=3), payments=(paid("r", 10),)))
        self.gather()
        self.assertEqual(self.amounts(self.open("2026-03-03")[1]), [("103000", 10), ("400000", -10)])
        self.connection.payment_method_ids.account_id = self.accounts["101000"]
        self.assertEqual(self.amounts(self.open("2026-03-03")[1]), [("101000", 10), ("400000", -10)])

    def test_what_is_missing_is_chosen_in_the_day(self):
        self.sell(order("1", payments=(paid("a", 10, method="Voucher", kind=rec.PaymentKind.OTHER),)))
        self.gather()
        day, read = self.open()
        self.assertIn("“Voucher” has no account yet", read["lacks_sentence"])
        (choice,) = read["choice_ids"]
        self.assertEqual((choice["label"], choice["account_id"]), ("Voucher", False))
        day.web_save(
            {"choice_ids": [Command.update(choice["id"], {"account_id": self.accounts["103000"].id})]}, self.SPEC
        )
        read = self.open()[1]
        self.assertFalse(read["lacks_sentence"] or read["choice_ids"])
        self.assertEqual(self.amounts(read), [("103000", 10), ("400000", -10)])
        day.action_post()
        self.assertEqual(day.state, "posted")

    def test_each_line_leads_to_its_orders(self):
        self.sell(order("1", payments=(paid("p", 10),)), order("2", payments=(by_card("q", 10),)))
        self.refund(refund("r1", "1", 5, refunded_at=SOLD_AT, payments=(paid("x", 5),)))
        self.gather()
        day, _read = self.open()
        found = {}
        for item in day.line_ids:
            orders = self.env["sale.order"].search(item.action_view_orders()["domain"])
            found[item.key.partition(":")[0], item.account_id.code] = set(orders.mapped("pos_sync_external_id"))
        self.assertEqual(found["payment", "102000"], {"2"})
        self.assertEqual(found["payment", "101000"], {"1"})
        self.assertEqual(found["sale", "400000"], {"1", "2"})

    def test_sums_of_days_are_stored(self):
        self.sell(order("1", payments=(paid("p", 10),)), order("2", payments=(by_card("q", 10, tip=0),)))
        self.refund(refund("r1", "1", 5, refunded_at=SOLD_AT, payments=(paid("x", 5),)))
        self.gather()
        ((orders, sold, refunded),) = self.env["pos.sync.day"]._read_group(
            [("connection_id", "=", self.connection.id)],
            [],
            ["order_count:sum", "order_total:sum", "refund_total:sum"],
        )
        self.assertEqual((orders, sold, refunded), (2, 20, 5))
