from datetime import timedelta

from odoo.tests import tagged

from ..connectors import records as rec
from .sales_common import SOLD_AT, SalesCase, line, order, refund


@tagged("post_install", "-at_install")
class TestSalesReport(SalesCase):
    """Sales by channel: what was sold less what was given back, in the company's currency."""

    def test_by_channel_and_month(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-03-01", "company_rate": 0.8, "company_id": self.company.id}
        )
        later = SOLD_AT + timedelta(days=31)
        self.world.sell(
            order("1", channel="till"),
            order("2", channel="web"),
            order("3", line("a", unit_price=8), channel="web", currency="EUR"),
            order("4", channel="web", status=rec.OrderStatus.CANCELLED),
            order("5", channel="till", created_at=later),
            order("6", channel="till", refunds=(refund("r", "6", 4, refunded_at=later),)),
        )
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        rows = self.env["pos.sync.sales.report"].formatted_read_group(
            [("connection_id", "=", self.connection.id)],
            ["channel", "date:month"],
            ["orders:sum", "gross:sum", "refunded:sum", "takings:sum"],
        )
        found = {
            (row["channel"], row["date:month"][0][:7]): tuple(
                row[name] for name in ("orders:sum", "gross:sum", "refunded:sum", "takings:sum")
            )
            for row in rows
        }
        self.assertEqual(
            found,
            {
                ("till", "2026-03"): (2, 20, 0, 20),
                # 8 euros are 10 dollars
                ("web", "2026-03"): (2, 20, 0, 20),
                ("till", "2026-04"): (1, 10, 4, 6),
            },
        )

    def test_a_refund_that_the_system_took_back_does_not_count(self):
        self.world.sell(order("1", refunds=(refund("r", "1", 4),)))
        self.pull("orders_pull")
        self.world.sell(order("1"))
        self.pull("orders_pull")
        rows = self.env["pos.sync.sales.report"].search([("connection_id", "=", self.connection.id)])
        self.assertEqual(rows.mapped("takings"), [10])
