from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..connectors import records as rec
from .posting_common import by_card, paid
from .reconcile_common import SOLD, ReconcileCase
from .sales_common import SOLD_AT, line, order, refund, tax_of

AMOUNTS = st.integers(1, 9999).map(lambda cents: Decimal(cents) / 100)
# What happens to an order at the system behind the back of every pull.
FATES = st.sampled_from(("kept", "kept", "deleted", "cancelled", "edited"))
ORDERS = st.lists(st.tuples(AMOUNTS, st.booleans(), st.integers(0, 100), FATES, AMOUNTS), min_size=1, max_size=5)


@tagged("post_install", "-at_install")
class TestReconcileRandom(ReconcileCase):
    """Any day: what the system counts is what Odoo's orders hold and the named differences, and mending leaves none."""

    days_made = 0

    def setUp(self):
        super().setUp()
        self.connection.order_tolerance = 0
        self.map_tax("ten", 10.0)

    def make(self, key, at, amount, taxed, back, gross=None):
        tax = (amount / 10).quantize(Decimal("0.01"), "ROUND_HALF_UP") if taxed else Decimal(0)
        given = ((amount + tax) * back / 100).quantize(Decimal("0.01"))
        refunds = (refund(f"r{key}", key, given, refunded_at=at, payments=(paid(f"q{key}", given),)),)
        return order(
            key,
            line(f"{key}-1", unit_price=amount, taxes=(tax_of("ten", 10),) if taxed else ()),
            payments=(by_card(f"p{key}", amount + tax),),
            refunds=refunds if given else (),
            gross=amount + tax,
            tax=tax,
            created_at=at,
        )

    def assertExplained(self, date):
        """System = orders + named differences, each with a cause that is known; refunds never exceed the sale."""
        for day in self.days(date):
            rows = day.difference_ids.filtered(lambda row: not row.day_id)
            gross, back = (
                sum(part.mapped("amount"))
                for part in (
                    rows.filtered(lambda row: row.flow != "refunds_pull"),
                    rows.filtered(lambda row: row.flow == "refunds_pull"),
                )
            )
            self.assertAlmostEqual(day.system_gross, day.order_gross + gross, 2)
            self.assertAlmostEqual(day.system_refunds, day.order_refunds - back, 2)
            self.assertFalse(rows.filtered(lambda row: row.cause == "unknown"))
            self.assertLessEqual(day.order_refunds, day.order_gross + 0.005)

    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(ORDERS, st.lists(st.tuples(AMOUNTS, st.booleans(), st.integers(0, 100)), max_size=2))
    def test_source_is_orders_and_named_differences(self, sold, late):
        type(self).days_made += 1
        at = SOLD_AT + timedelta(days=self.days_made)
        date = at.date()
        keys = [f"{self.days_made}-{number}" for number in range(len(sold))]
        self.sell(*(self.make(key, at, *drawn[:3]) for key, drawn in zip(keys, sold, strict=True)))
        before = self.check(date)
        self.assertEqual(set(before.mapped("state")), {"to_post"})
        self.post(str(date))
        self.assertEqual(set(self.check(date).mapped("state")), {"ok"})
        self.assertAlmostEqual(before.posted_gross, before.system_gross - before.system_refunds, 2)

        for key, (_amount, taxed, back, fate, other) in zip(keys, sold, strict=True):
            if fate == "deleted":
                del self.world.orders[key]
            elif fate == "cancelled":
                known = self.world.orders[key]
                self.world.orders[key] = replace(known, status=rec.OrderStatus.CANCELLED, payments=(), refunds=())
            elif fate == "edited":
                self.world.orders[key] = self.make(key, at, other, taxed, back)
        for number, drawn in enumerate(late):
            key = f"{self.days_made}-late{number}"
            self.world.orders[key] = self.make(key, at, *drawn)
        day = self.check(date)
        self.assertExplained(date)
        again = [(row.cause, row.external_id, row.amount) for row in day.difference_ids]
        self.check(date)
        self.assertEqual([(row.cause, row.external_id, row.amount) for row in day.difference_ids], again)

        for _pass in range(2):
            if mendable := day.difference_ids.filtered(lambda row: row._can_mend() and not row.day_id):
                mendable.action_mend()
                self.run_reconciliation()
        self.assertExplained(date)
        self.assertNotEqual(day.state, "differs", self.causes(day))
        left = [item for item in self.world.orders.values() if item.status in SOLD and item.created_at == at]
        self.assertAlmostEqual(day.order_gross, float(sum(item.totals.gross for item in left)), 2)
        self.gather()
        for part in self.env["pos.sync.day"].search([("date", "=", date)]):
            part.action_post()
        self.check(date)
        self.assertEqual(day.state, "ok", self.causes(day))
        self.assertAlmostEqual(day.posted_gross, day.order_gross - day.order_refunds, 2)
