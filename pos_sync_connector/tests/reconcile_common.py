"""A selling test system that counts its own sales, and a connection whose days are compared with that."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from ..connectors import records as rec
from ..connectors.connector import Cursor, Page, Window, registry
from .posting_common import PostingCase
from .sales_common import SalesSystem

SOLD = (rec.OrderStatus.PAID, rec.OrderStatus.COMPLETED)


class CountingSystem(SalesSystem):
    """Counts by its own books: orders by the time they were made, refunds by when they were given."""

    __test__ = False

    name = "Test System That Counts"

    def control_totals(self, window: Window) -> Iterator[rec.ControlTotals]:
        self.world.happens("control_totals")
        sums = defaultdict(lambda: defaultdict(Decimal))
        methods = defaultdict(lambda: defaultdict(Decimal))
        for order in self.world.orders.values():
            place = order.location_id, order.currency
            if order.status in SOLD and window.starts_at <= order.created_at < window.ends_at:
                sums[place]["count"] += 1
                sums[place]["gross"] += order.totals.gross
                sums[place]["tax"] += order.totals.tax
                for payment in order.payments:
                    methods[place][payment.method_id] += payment.amount + payment.tip
            refunds = [
                *order.refunds,
                *(item for item in self.world.refunds.values() if item.order_id == order.external_id),
            ]
            for refund in refunds:
                if window.starts_at <= refund.refunded_at < window.ends_at:
                    there = refund.location_id, refund.currency
                    sums[there]["refunds"] += refund.gross
                    for payment in refund.payments:
                        methods[there][payment.method_id] -= payment.amount
        for place, found in sums.items():
            yield rec.ControlTotals(
                location_id=place[0],
                currency=place[1],
                starts_at=window.starts_at,
                ends_at=window.ends_at,
                count=int(found["count"]),
                gross=found["gross"],
                net=found["gross"] - found["tax"],
                tax=found["tax"],
                refunds=found["refunds"],
                payments=tuple(methods[place].items()),
            )

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        self.world.happens("orders_in")
        made = [order for order in self.world.orders.values() if window.starts_at <= order.created_at < window.ends_at]
        yield Page(records=tuple(made), cursor=Cursor())


class ReconcileCase(PostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: CountingSystem}))

    def check(self, *dates):
        """Compares these days as the job does. Returns them."""
        self.connection._reconcile(min(dates), max(dates))
        self.run_reconciliation()
        return self.days(*dates)

    def run_reconciliation(self):
        cron = self.env.ref("pos_sync_connector.ir_cron_reconcile")
        for _slice in range(10):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            if not self.connection.reconcile_from:
                break
        self.assertFalse(self.connection.reconcile_sentence)

    def days(self, *dates):
        return self.env["pos.sync.reconciliation"].search(
            [("connection_id", "=", self.connection.id), ("date", "in", dates)], order="date"
        )

    def causes(self, day):
        """(cause, order or what, amount) of each difference but what is only to be posted."""
        rows = day.difference_ids.filtered(lambda row: not row.day_id)
        return sorted((row.cause, row.external_id or row.name, round(row.amount, 2)) for row in rows)

    def edit(self, external_id, gross):
        """Changes an amount at the system behind the back of every pull: its time stays as it is."""
        known = self.world.orders[external_id]
        item = replace(known.lines[0], unit_price=Decimal(str(gross)))
        self.world.orders[external_id] = replace(
            known, lines=(item,), totals=rec.OrderTotals(gross=item.unit_price, net=item.unit_price, tax=Decimal(0))
        )
