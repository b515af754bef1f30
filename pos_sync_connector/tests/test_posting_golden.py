"""Each golden day, in each way of posting, ends in exactly the entries that it names."""

import re

from odoo.tests import tagged

from .golden_money import MONEY
from .golden_refunds import REFUNDS
from .golden_sales import SALES
from .posting_common import PostingCase

_ACCOUNTS = {
    "till": "101000",
    "cards": "102000",
    "customers": "121000",
    "tax": "251000",
    "tips": "252000",
    "gift cards": "253000",
    "sales": "400000",
    "discounts": "401000",
    "delivery": "402000",
    "rounding": "650000",
}
_NAMES = {code: name for name, code in _ACCOUNTS.items()}
_ITEM = re.compile(
    r"(?P<account>[a-z ]+) (?P<amount>-?\d+\.\d\d)(?: =(?P<balance>-?\d+\.\d\d))?(?: @(?P<rates>[\d.+]+))?"
)


def read(entry):
    """The items of an entry as it is written: (account, amount, balance, rates), sorted."""
    items = []
    for text in entry.split(", "):
        found = _ITEM.fullmatch(text)
        rates = sorted(float(rate) for rate in (found["rates"] or "").split("+") if rate)
        amount = float(found["amount"])
        items.append((_ACCOUNTS[found["account"]], amount, float(found["balance"] or amount), rates))
    return sorted(items)


def items_of(move):
    return sorted(
        (
            line.account_id.code,
            round(line.amount_currency, 2),
            round(line.balance, 2),
            sorted(line.tax_ids.mapped("amount")),
        )
        for line in move.line_ids
    )


def written(items):
    """An entry as a person reads it, for messages."""
    return ", ".join(
        f"{_NAMES.get(code, code)} {amount:.2f}"
        + (f" ={balance:.2f}" if balance != amount else "")
        + (f" @{'+'.join(map(str, rates))}" if rates else "")
        for code, amount, balance, rates in items
    )


class GoldenCase(PostingCase):
    way = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.posting_period_ids.mode = cls.way
        cls.env["account.journal"].create(
            {
                "name": "Invoices",
                "type": "sale",
                "code": "INV",
                "default_account_id": cls.accounts["400000"].id,
                "company_id": cls.company.id,
            }
        )
        cls.env["pos.sync.location"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": "berlin",
                "name": "Berlin",
                "timezone": "Europe/Berlin",
            }
        )
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-03-01", "company_rate": 0.9, "company_id": cls.company.id}
        )

    def setUp(self):
        super().setUp()
        self.map_tax("out", 10.0)
        self.map_tax("city", 2.5)
        self.map_tax("in", 25.0, inclusive="yes")

    def post_all(self):
        self.gather()
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)], order="date")
        days.action_post()
        return days

    def check(self, golden):
        expected = {"summary": golden.summary, "invoice": golden.invoice, "orders": {}}[self.way]
        self.sell(*golden.orders)
        days = self.post_all()
        if golden.later:
            self.sell(*golden.later)
        if golden.refunds:
            self.refund(*golden.refunds)
        days |= self.post_all()
        moves = days.move_ids
        self.assertFalse(self.post_all().move_ids - moves, "posted twice")
        self.assertEqual(set(moves.mapped("state")), {"posted"} if expected else set())
        for date in sorted({*expected, *(str(move.date) for move in moves)}):
            found = [items_of(move) for move in moves if str(move.date) == date]
            wanted = [read(entry) for entry in expected.get(date, ())]
            self.assertEqual(
                "\n".join(map(written, sorted(found))), "\n".join(map(written, sorted(wanted))), f"entries of {date}"
            )
            for items in found:
                self.assertAlmostEqual(sum(balance for _code, _amount, balance, _rates in items), 0, 6)
        self.assertEqual(set(days.mapped("state")), {"posted"} if expected else {"open"})


def each_golden_day(case):
    """Gives the case a test a day."""
    for golden in (*SALES, *REFUNDS, *MONEY):
        setattr(case, f"test_{golden.name}", lambda self, golden=golden: self.check(golden))
    return case


@tagged("post_install", "-at_install")
@each_golden_day
class TestGoldenSummary(GoldenCase):
    way = "summary"


@tagged("post_install", "-at_install")
@each_golden_day
class TestGoldenInvoice(GoldenCase):
    way = "invoice"


@tagged("post_install", "-at_install")
@each_golden_day
class TestGoldenOrdersOnly(GoldenCase):
    way = "orders"
