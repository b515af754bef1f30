from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import float_round

from ..connectors import records as rec
from .posting_common import PostingCase, by_card, paid
from .sales_common import SOLD_AT, charge, line, order, refund, tax_of

CENT = Decimal("0.01")
AMOUNTS = st.integers(1, 9999).map(lambda cents: Decimal(cents) / 100)
SHARES = st.integers(0, 100)
RATES = ("", "7", "10")
LINES = st.lists(st.tuples(st.integers(1, 4), AMOUNTS, st.sampled_from(RATES)), min_size=1, max_size=4)
TIPS = st.one_of(st.just(Decimal(0)), AMOUNTS)
# Lines, tip, the share that cash pays, the share that a card pays of what is left, the share that is given back.
ORDERS = st.tuples(LINES, TIPS, SHARES, SHARES, SHARES)
# Two taxes of 3.5 cents, one of them of a later change, make 7; and rounding moves a cent to a line without taxes.
NO_TIP = Decimal(0)
HALF_CENTS = [([(1, Decimal("0.50"), "7")], NO_TIP, 100, 0, 0)], [([(1, Decimal("1.00"), "7")], NO_TIP, 100, 0, 0)]
MOVED_CENT = (
    [([(1, Decimal("1.13"), ""), (3, Decimal("6.08"), ""), (1, Decimal("1.63"), "")], NO_TIP, 0, 81, 49)],
    [
        (
            [(4, Decimal("2.68"), "7"), (2, Decimal("0.26"), "10"), (3, Decimal("2.56"), "10")],
            Decimal("2.87"),
            100,
            18,
            69,
        ),
        ([(2, Decimal("5.03"), "7"), (4, Decimal("48.12"), ""), (3, Decimal("53.48"), "7")], NO_TIP, 88, 100, 49),
    ],
)


class Sale:
    """An order, and what it adds to each account: debits are positive."""

    def __init__(self, key, drawn, at):
        lines, self.tip, cash, card, back = drawn
        bases = defaultdict(Decimal)
        for quantity, price, rate in lines:
            bases[rate] += quantity * price
        self.base = sum(bases.values())
        # A tax is rounded once an order.
        self.tax = sum((base * Decimal(rate or 0) / 100).quantize(CENT, ROUND_HALF_UP) for rate, base in bases.items())
        self.gross = self.base + self.tax + self.tip
        self.cash = (self.gross * cash / 100).quantize(CENT)
        self.card = ((self.gross - self.cash) * card / 100).quantize(CENT)
        goods = self.base + self.tax
        self.back = (goods * back / 100).quantize(CENT)
        tax = (self.back * self.tax / goods).quantize(CENT, ROUND_HALF_UP)
        refunds = (refund(f"r{key}", key, self.back, tax=tax, refunded_at=at, payments=(paid(f"q{key}", self.back),)),)
        self.record = order(
            key,
            *(
                line(
                    f"{key}-{number}", quantity=quantity, unit_price=price, taxes=(tax_of(rate, rate),) if rate else ()
                )
                for number, (quantity, price, rate) in enumerate(lines)
            ),
            charges=(charge(f"t{key}", rec.ChargeKind.TIP, self.tip),) if self.tip else (),
            payments=(paid(f"c{key}", self.cash), by_card(f"v{key}", self.card)),
            refunds=refunds if self.back else (),
            gross=self.gross,
            tax=self.tax,
            created_at=at,
        )


class RandomDays(PostingCase):
    """Any day: what was sold, taken and given back is what its orders and entries hold, whatever changed meanwhile."""

    mode = ""
    days = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.posting_period_ids.mode = cls.mode
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
        for rate in filter(None, RATES):
            self.map_tax(rate, float(rate))

    def any_day(self, first, then):
        type(self).days += 1
        at = SOLD_AT + timedelta(days=self.days)
        date = at.date().isoformat()
        sales = [Sale(f"{self.days}-{number}", drawn, at) for number, drawn in enumerate(first)]
        self.sell(*(sale.record for sale in sales))
        self.assertPosted(date, sales)
        # The first ones become others, the last may be new.
        for number, drawn in enumerate(then):
            sales[number : number + 1] = [Sale(f"{self.days}-{number}", drawn, at)]
        # What comes twice is there once.
        for _time in range(2):
            self.sell(*(sale.record for sale in sales))
        self.assertPosted(date, sales)

    def assertPosted(self, date, sales):
        """The orders and entries of the day add up to the sales, and posting it once more adds none."""
        self.assertOrders(sales)
        self.post(date)
        self.assertFalse(self.post(date))
        found = defaultdict(Decimal)
        for item in self.day(date).move_ids.line_ids:
            self.assertEqual(item.parent_state, "posted")
            found[item.account_id.code] += Decimal(str(item.amount_currency)).quantize(CENT)
        self.assertEqual(sum(found.values()), 0)
        if self.mode == "orders":
            self.assertFalse(found)
            return
        self.assertEqual(found["101000"], sum(sale.cash - sale.back for sale in sales))
        self.assertEqual(found["102000"], sum(sale.card for sale in sales))
        self.assertEqual(found["121000"], sum(sale.gross - sale.cash - sale.card for sale in sales))
        if not any(sale.back for sale in sales):
            self.assertEqual(found["251000"], -sum(sale.tax for sale in sales))
            self.assertEqual(found["252000"], -sum(sale.tip for sale in sales))
            self.assertEqual(found["400000"], -sum(sale.base for sale in sales))
        self.assertFalse(found["650000"], "nothing was rounded")
        if self.mode == "invoice":
            self.assertCredited(sales)

    def assertOrders(self, sales):
        for sale in sales:
            order = self.order(sale.record.external_id)
            refunds = order.pos_sync_refund_ids.filtered(lambda refund: not refund.gone)
            amounts = order.amount_total, order.amount_tax, sum(refunds.mapped("gross"))
            found = [Decimal(str(amount)).quantize(CENT) for amount in amounts]
            self.assertEqual(found, [sale.gross, sale.tax, sale.back])
            self.assertLessEqual(found[2], found[0])

    def assertCredited(self, sales):
        """Each refund has a credit note that comes to it, and the invoices are paid as far as the orders are."""
        for sale in sales:
            order = self.order(sale.record.external_id)
            refunds = order.pos_sync_refund_ids.filtered(lambda refund: not refund.gone)
            self.assertEqual(
                [float_round(amount, 2) for amount in refunds.move_id.mapped("amount_total")],
                [float(sale.back)] if sale.back else [],
            )
            self.assertFalse(float_round(sum(refunds.move_id.mapped("amount_residual")), 2))


def examples(count):
    def decorate(test):
        drawn = given(st.lists(ORDERS, min_size=1, max_size=4), st.lists(ORDERS, min_size=1, max_size=3))(test)
        checks = [HealthCheck.too_slow, HealthCheck.differing_executors]
        # A failure of many steps is not made smaller: that takes longer than all the rest.
        phases = [Phase.explicit, Phase.generate]
        return settings(
            max_examples=count, deadline=None, derandomize=True, suppress_health_check=checks, phases=phases
        )(drawn)

    return decorate


@tagged("post_install", "-at_install")
class TestRandomSummaries(RandomDays):
    mode = "summary"

    @examples(6)
    def test_the_entries_are_what_was_sold(self, first, then):
        self.any_day(first, then)


@tagged("post_install", "-at_install")
class TestRandomInvoices(RandomDays):
    mode = "invoice"

    @examples(2)
    @example(*HALF_CENTS)
    @example(*MOVED_CENT)
    def test_invoices_credit_notes_and_payments_are_what_was_sold(self, first, then):
        self.any_day(first, then)


@tagged("post_install", "-at_install")
class TestRandomOrders(RandomDays):
    mode = "orders"

    @examples(3)
    def test_orders_alone_are_what_was_sold(self, first, then):
        self.any_day(first, then)
