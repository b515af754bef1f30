from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .points_common import PointsCase

AMOUNTS = st.integers(0, 20000).map(lambda cents: Decimal(cents) / 100)
PICKS = st.integers(0, 5)
EVENTS = st.one_of(
    st.tuples(st.just("sell"), AMOUNTS, PICKS),
    st.tuples(st.just("order"), AMOUNTS, PICKS),
    st.tuples(st.just("complete"), PICKS),
    st.tuples(st.just("edit"), PICKS, AMOUNTS),
    st.tuples(st.just("refund"), PICKS, AMOUNTS),
    st.tuples(st.just("correct_refund"), PICKS, AMOUNTS),
    st.tuples(st.just("delete_refund"), PICKS),
    st.tuples(st.just("cancel_at_the_system"), PICKS),
    st.tuples(st.just("cancel_in_odoo"), PICKS),
    st.tuples(st.just("reopen"), PICKS),
    st.tuples(st.just("delete"), PICKS),
    st.tuples(st.just("change_customer"), PICKS, PICKS),
    st.tuples(st.just("merge"), PICKS, PICKS),
    st.tuples(st.just("pull_again")),
)


@dataclass
class Sale:
    """An order as the model of this test knows it."""

    order: object
    gross: Decimal
    customer: str
    completed: bool
    confirmed: bool
    refunds: dict = field(default_factory=dict)


class Model:
    """What every customer's points must be, told without a ledger."""

    def __init__(self, rate, rounding):
        self.rate, self.rounding, self.sales = rate, rounding, []

    def points_of(self, sale):
        if not (sale.completed and sale.confirmed):
            return Decimal(0)
        left = max(sale.gross - sum(sale.refunds.values()), Decimal(0))
        if self.rounding == "unit":
            left = left.quantize(Decimal(1), ROUND_HALF_UP)
        return (left * self.rate).quantize(Decimal("0.01"), ROUND_DOWN)

    def points(self, customer):
        return sum((self.points_of(sale) for sale in self.sales if sale.customer == customer), Decimal(0))


@tagged("post_install", "-at_install")
class TestPointsRandom(PointsCase):
    """Whatever happens in whatever order: the ledger, the cards and their history are what the sales say."""

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        rate=st.sampled_from([Decimal("1"), Decimal("1.5"), Decimal("0.1")]),
        rounding=st.sampled_from(["none", "unit"]),
        events=st.lists(EVENTS, min_size=8, max_size=16),
    )
    def test_points_are_what_the_sales_say(self, rate, rounding, events):
        with self.env.cr.savepoint() as savepoint:
            self.rule.reward_point_amount = float(rate)
            self.connection.points_rounding = rounding
            self.model = Model(rate, rounding)
            self.customers = {
                name: self.env["res.partner"].create({"name": name}) for name in ("Cleo", "Dan", "Eve")
            }
            for pick, gross in enumerate(("100", "50.50", "25.25")):
                self._sell(Decimal(gross), pick)
            for name, *arguments in events:
                getattr(self, f"_{name}")(*arguments)
                self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [], f"after {name}")
            for name, partner in self.customers.items():
                self.assertEqual(Decimal(str(self.points(partner))), self.model.points(name), name)
            savepoint.rollback()
        self.env.invalidate_all()

    def _pick(self, pick):
        return self.model.sales[pick % len(self.model.sales)] if self.model.sales else None

    def _name(self, pick):
        return sorted(self.customers)[pick % len(self.customers)]

    def _settle(self, sale):
        self.Awards._settle(sale.order)

    # Events

    def _sell(self, gross, pick):
        name = self._name(pick)
        order = self.sell(float(gross), self.customers[name])
        self.model.sales.append(Sale(order, gross, name, completed=True, confirmed=True))

    def _order(self, gross, pick):
        name = self._name(pick)
        order = self.sell(float(gross), self.customers[name], pos_sync_status="open", state="draft")
        self.model.sales.append(Sale(order, gross, name, completed=False, confirmed=False))

    def _complete(self, pick):
        sale = self._pick(pick)
        if not sale:
            return
        sale.order.pos_sync_status = "completed"
        sale.completed = True
        if sale.order.state == "draft":
            sale.order.write({"state": "sale"})
            sale.confirmed = True

    def _edit(self, pick, gross):
        sale = self._pick(pick)
        if sale:
            sale.order.pos_sync_gross = float(gross)
            sale.gross = gross
            self._settle(sale)

    def _refund(self, pick, gross):
        sale = self._pick(pick)
        if sale:
            sale.refunds[self.give_back(sale.order, float(gross))] = gross

    def _correct_refund(self, pick, gross):
        sale = self._pick(pick)
        if sale and sale.refunds:
            refund = next(iter(sale.refunds))
            refund.write({"gross": float(gross), "net": float(gross)})
            sale.refunds[refund] = gross
            self._settle(sale)

    def _delete_refund(self, pick):
        sale = self._pick(pick)
        if sale and sale.refunds:
            refund = next(iter(sale.refunds))
            del sale.refunds[refund]
            refund.unlink()
            self._settle(sale)

    def _cancel_at_the_system(self, pick):
        sale = self._pick(pick)
        if sale:
            quiet = sale.order.with_context(pos_sync_settle_later=True)
            quiet.pos_sync_status = "cancelled"
            quiet._action_cancel()
            self._settle(sale)
            sale.completed = sale.confirmed = False

    def _cancel_in_odoo(self, pick):
        sale = self._pick(pick)
        if sale:
            sale.order._action_cancel()
            sale.confirmed = False

    def _reopen(self, pick):
        sale = self._pick(pick)
        if sale and sale.order.state in ("draft", "cancel"):
            sale.order.action_draft()
            sale.order.action_confirm()
            sale.confirmed = True

    def _delete(self, pick):
        sale = self._pick(pick)
        if sale:
            sale.order._action_cancel()
            sale.order.unlink()
            self.model.sales.remove(sale)

    def _change_customer(self, pick, other):
        sale = self._pick(pick)
        if sale:
            sale.customer = self._name(other)
            sale.order.partner_id = self.customers[sale.customer]

    def _merge(self, pick, other):
        source, target = self._name(pick), self._name(other)
        if source != target:
            self.merge(self.customers.pop(source), self.customers[target])
            for sale in self.model.sales:
                if sale.customer == source:
                    sale.customer = target

    def _pull_again(self):
        self.Awards._settle(self.env["sale.order"].concat(*(sale.order for sale in self.model.sales)))
