"""A selling test system that counts its own sales, and a connection whose days are compared with that."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from ..connectors import records as rec
from ..connectors.answers import Book
from ..connectors.pages import Cursor, Page
from ..connectors.registry import registry
from ..connectors.windows import Days, Window
from .posting_common import PostingCase
from .sales_common import SalesSystem

SOLD = (rec.OrderStatus.PAID, rec.OrderStatus.COMPLETED)


class CountsOrders:
    """Counts by its own books: orders by the time they were made, refunds by when they were given."""

    def control_totals(self, days: Days) -> Iterator[rec.ControlTotals]:
        self.world.happens("control_totals")
        sums = defaultdict(lambda: defaultdict(Decimal))
        methods = defaultdict(lambda: defaultdict(Decimal))
        for order in self.world.orders.values():
            day = days.day_of(order.created_at, order.location_id)
            if day and order.status in SOLD:
                place = day, order.location_id, order.currency
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
                if day := days.day_of(refund.refunded_at, refund.location_id):
                    there = day, refund.location_id, refund.currency
                    sums[there]["refunds"] += refund.gross
                    for payment in refund.payments:
                        methods[there][payment.method_id] -= payment.amount
        for place, found in sorted(sums.items()):
            yield rec.ControlTotals(
                day=place[0],
                location_id=place[1],
                currency=place[2],
                count=int(found["count"]),
                gross=found["gross"],
                net=found["gross"] - found["tax"],
                tax=found["tax"],
                refunds=found["refunds"],
                payments=tuple(methods[place].items()),
            )
            self.world.happens("a day was counted")

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        self.world.happens("orders_in")
        made = [order for order in self.world.orders.values() if window.starts_at <= order.created_at < window.ends_at]
        yield Page(records=tuple(made), cursor=Cursor())


class CountsPayments(CountsOrders):
    """Counts money by the time it was taken or given back."""

    counts = Book.PAYMENTS

    def control_totals(self, days: Days) -> Iterator[rec.ControlTotals]:
        taken = defaultdict(list)
        for order in self.world.orders.values():
            for payment in order.payments:
                if day := days.day_of(payment.paid_at or order.created_at, order.location_id):
                    taken[day, order.location_id, order.currency].append((order.external_id, payment))
        refunds = defaultdict(Decimal)
        for refund in self.world.refunds.values():
            if day := days.day_of(refund.refunded_at, refund.location_id):
                taken.setdefault((day, refund.location_id, refund.currency), [])
                refunds[day, refund.location_id, refund.currency] += sum(item.amount for item in refund.payments)
        for (day, place, currency), found in sorted(taken.items(), key=lambda item: item[0]):
            methods = defaultdict(Decimal)
            for _order, payment in found:
                methods[payment.method_id] += payment.amount + payment.tip
            yield rec.ControlTotals(
                day=day,
                location_id=place,
                currency=currency,
                count=len({order for order, _payment in found}),
                gross=sum(methods.values(), Decimal(0)),
                tips=sum((payment.tip for _order, payment in found), Decimal(0)),
                refunds=refunds[day, place, currency],
                payments=tuple(methods.items()),
            )


class CountingSystem(CountsOrders, SalesSystem):
    __test__ = False

    name = "Test System That Counts"


class ChecksDays:
    """Compares days as the job does."""

    def check(self, *dates, connection=None):
        """Returns these days."""
        connection = connection or self.connection
        connection._reconcile(min(dates), max(dates))
        self.run_reconciliation(connection)
        return self.days(*dates, connection=connection)

    def run_reconciliation(self, connection=None):
        connection = connection or self.connection
        cron = self.env.ref("pos_sync_connector.ir_cron_reconcile")
        for _slice in range(10):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            if not connection.reconcile_from and not connection.env["pos.sync.difference"].search_count(
                [("mending", "=", True)]
            ):
                break
        self.assertFalse(connection.reconcile_sentence)

    def days(self, *dates, connection=None):
        return self.env["pos.sync.reconciliation"].search(
            [("connection_id", "=", (connection or self.connection).id), ("date", "in", dates)], order="date"
        )

    def causes(self, day):
        """(cause, order or what, amount) of each difference but what is only to be posted."""
        rows = day.difference_ids.filtered(lambda row: not row.day_id)
        return sorted((row.cause, row.external_id or row.name, round(row.amount, 2)) for row in rows)


class ReconcileCase(ChecksDays, PostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: CountingSystem}))

    def edit(self, external_id, gross):
        """Changes an amount at the system behind the back of every pull: its time stays as it is."""
        known = self.world.orders[external_id]
        item = replace(known.lines[0], unit_price=Decimal(str(gross)))
        self.world.orders[external_id] = replace(
            known, lines=(item,), totals=rec.OrderTotals(gross=item.unit_price, net=item.unit_price, tax=Decimal(0))
        )
