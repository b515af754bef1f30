"""Random lives of sales, told in any order and with any cut between pulls and postings, end in the books that are
worked out beside them; told and posted once more they change nothing."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..connectors import records as rec
from .cases_books import Books
from .common import product
from .lives import LIVES, RATES, Life
from .sales_common import SOLD_AT, SalesCase

# Lives lie so far apart that no day is shared with those of another example.
_APART = 5


class LivesCase(SalesCase):
    mode = ""
    examples = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("account.group_account_manager")
        cls.company.country_id = cls.env.ref("base.us")
        cls.books = Books(cls.env, cls.company)
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "company_rate": 0.9, "company_id": cls.company.id}
        )
        cls.sales_world.put(product("gift", 50, kind=rec.ProductKind.GIFT_CARD))
        stream = cls.connection._stream("products_pull")
        stream._request()
        cls.run_job(stream)
        cls._stocked["products"] = dict(cls.sales_world.products)
        cls.env["pos.sync.posting.period"].create(
            {"connection_id": cls.connection.id, "date_from": "2026-01-01", "mode": cls.mode}
        )
        cls.env["pos.sync.import_orders"]._ensure_charge_products(cls.connection)
        cls.connection._stream("orders_pull").first_done = True
        cls.connection._stream("refunds_pull").first_done = True
        for rate in filter(None, RATES):
            stated = rec.LineTax(tax_id=rate, name=f"Tax {rate}", rate=Decimal(rate))
            cls.env["pos.sync.tax"]._learn(cls.connection, [stated]).action_make_tax()

    # What happens

    def live(self, drawn, seed):
        """Tells the lives in an order, and with cuts, that are drawn by `seed`."""
        type(self).examples += 1
        chance = Random(seed)
        at = SOLD_AT - timedelta(days=50) + timedelta(days=self.examples % 40 * _APART)
        lives = [Life(f"{self.examples}.{number}", each, at) for number, each in enumerate(drawn)]
        self.world.orders.clear()
        self.world.refunds.clear()
        before = self.found()
        for record in self.mixed(lives, chance):
            (self.world.sell if isinstance(record, rec.Order) else self.world.give_back)(record)
            for happens in chance.sample([self.orders, self.refunds, self.post], 3):
                if chance.random() < 0.3:
                    happens()
        self.settle()
        wanted = self.wanted(lives)
        self.assertEqual(self.since(before), wanted, self.told(lives))
        moves = self.env["account.move"].search_count([])
        for life in lives:
            self.world.sell(life.versions[-1])
            self.world.give_back(*life.refunds)
        self.settle()
        self.assertEqual(self.since(before), wanted, "told twice")
        self.assertEqual(self.env["account.move"].search_count([]), moves, "posted twice")

    @staticmethod
    def mixed(lives, chance):
        """All versions and refunds; those of one order stay in their order, as a system knows only the last."""
        rows = [list(life.versions) for life in lives] + [[refund] for life in lives for refund in life.refunds]
        while rows:
            row = chance.choice(rows)
            yield row.pop(0)
            rows = [rest for rest in rows if rest]

    def orders(self):
        self.pull("orders_pull")

    def refunds(self):
        self.pull("refunds_pull")

    def post(self):
        self.env["pos.sync.day"].action_gather()
        self.books.choose(self.connection)
        self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id)], order="date").action_post()

    def settle(self):
        """All is read and posted; a refund that waited for its order follows with the next pull."""
        self.orders()
        self.refunds()
        self.drain("refunds_pull")
        self.post()

    # What is found

    def found(self):
        """{(currency, role): amount}; a tax by its rate, whatever remains on other accounts as "channel"."""
        self.env.flush_all()
        roles = {account.id: role for role, account in self.books.accounts.items()}
        sums = defaultdict(Decimal)
        groups = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")],
            ["account_id", "tax_line_id", "currency_id"],
            ["amount_currency:sum"],
        )
        for account, tax, currency, amount in groups:
            role = roles.get(account.id, "channel")
            role = f"tax {tax.amount:g}" if role == "tax" and tax else role
            role = "channel" if role not in _ROLES else role
            sums[currency.name, role] += Decimal(str(amount)).quantize(Decimal("0.01"))
        return sums

    def since(self, before):
        found = self.found()
        sums = {key: found[key] - before.get(key, 0) for key in {*found, *before}}
        return {key: amount for key, amount in sums.items() if amount}

    @staticmethod
    def wanted(lives):
        sums = defaultdict(Decimal)
        for life in lives:
            for role, amount in life.book.items():
                sums[life.drawn["currency"], role] += amount
        return {key: amount for key, amount in sums.items() if amount}

    def told(self, lives):
        """What a person would read, for a failure."""
        days = self.env["pos.sync.day"].search([("connection_id", "=", self.connection.id), ("sentence", "!=", False)])
        messages = self.env["pos.sync.message"].search(
            [("connection_id", "=", self.connection.id), ("state", "in", ("waiting", "held", "failed"))]
        )
        sentences = [*days.mapped("sentence"), *messages.mapped("sentence")]
        return "\n".join([*map(str, (life.drawn for life in lives)), *sentences])


_ROLES = {"till", "clearing", "receivable", "sales", "shipping", "tips", "gift cards", "rounding"} | {
    f"tax {rate}" for rate in RATES if rate
}


def lives(count):
    def decorate(test):
        drawn = given(st.lists(LIVES, min_size=1, max_size=3), st.integers(0, 2**32))(test)
        checks = [HealthCheck.too_slow, HealthCheck.differing_executors, HealthCheck.data_too_large]
        # A failure of many steps is not made smaller: that takes longer than all the rest.
        phases = [Phase.explicit, Phase.generate]
        return settings(
            max_examples=count, deadline=None, derandomize=True, suppress_health_check=checks, phases=phases
        )(drawn)

    return decorate


@tagged("post_install", "-at_install")
class TestLivesSummary(LivesCase):
    mode = "summary"

    @lives(4)
    def test_the_books_are_what_happened(self, drawn, seed):
        self.live(drawn, seed)

    @pytest.mark.thorough
    @pytest.mark.timeout(3600)
    @lives(200)
    def test_the_books_are_what_happened_many_times(self, drawn, seed):
        self.live(drawn, seed)


@tagged("post_install", "-at_install")
class TestLivesInvoice(LivesCase):
    mode = "invoice"

    @lives(4)
    def test_the_books_are_what_happened(self, drawn, seed):
        self.live(drawn, seed)

    @pytest.mark.thorough
    @pytest.mark.timeout(3600)
    @lives(100)
    def test_the_books_are_what_happened_many_times(self, drawn, seed):
        self.live(drawn, seed)
