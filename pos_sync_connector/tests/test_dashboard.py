"""What the cards say: figures of the user's day and week in the company's money, with a fixed number of queries."""

import json
from datetime import datetime, timedelta, timezone

from freezegun import freeze_time

from odoo.tests import tagged

from ..connectors import records as rec
from .push_common import PushCase
from .sales_common import SOLD_AT, order, refund

# A Wednesday.
NOW = datetime(2026, 3, 4, 20, 0, tzinfo=timezone.utc)
MONDAY = SOLD_AT
FIGURES = (
    "dashboard_flows", "is_working", "is_well", "dashboard_graph", "has_sales", "orders_today", "orders_week",
    "takings_today", "takings_week", "has_sending", "sent_today", "sent_week", "points_today", "points_week",
    "message_count", "match_count", "state",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestDashboard(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._lang_get("en_US").week_start = "1"

    def card(self, connection=None, now=NOW, **context):
        """What the card says at the moment `now`."""
        self.env.invalidate_all()
        context = {"tz": "UTC", "lang": "en_US", **context}
        with freeze_time(now):
            (card,) = (connection or self.connection).with_context(**context).read(FIGURES)
        return card

    def bars(self, **context):
        (series,) = json.loads(self.card(**context)["dashboard_graph"])
        return [(bar["label"], bar["value"], bar["type"]) for bar in series["values"]]

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def test_today_this_week_and_the_days_before(self):
        self.sell(
            order("1", created_at=NOW - timedelta(hours=1)),
            order("2", created_at=MONDAY),
            order("3", created_at=MONDAY - timedelta(days=1)),
            order("4", created_at=MONDAY - timedelta(days=30)),
        )
        card = self.card()
        self.assertEqual((card["orders_today"], card["takings_today"]), (1, 10.0))
        self.assertEqual((card["orders_week"], card["takings_week"]), (2, 20.0))
        self.assertEqual(
            self.bars(),
            [
                ("Thu", 0.0, "before"),
                ("Fri", 0.0, "before"),
                ("Sat", 0.0, "before"),
                ("Sun", 10.0, "before"),
                ("Mon", 10.0, "past"),
                ("Tue", 0.0, "past"),
                ("Wed", 10.0, "past"),
            ],
        )

    def test_the_day_is_the_users(self):
        self.sell(order("1", created_at=NOW - timedelta(hours=1)))
        self.assertEqual(self.card(tz="America/New_York")["orders_today"], 1)
        # There it is Thursday already, and the order was on Thursday too.
        self.assertEqual(self.card(tz="Asia/Tokyo")["orders_today"], 1)
        self.sell(order("2", created_at=NOW - timedelta(hours=6)))
        self.assertEqual(self.card(tz="America/New_York")["orders_today"], 2)
        self.assertEqual(self.card(tz="Asia/Tokyo")["orders_today"], 1)

    def test_what_is_cancelled_or_not_paid_is_no_money(self):
        self.sell(
            order("1", created_at=NOW),
            order("2", created_at=NOW, status=rec.OrderStatus.CANCELLED, paid=False),
            order("3", created_at=NOW, status=rec.OrderStatus.OPEN, paid=False),
            order("4", created_at=NOW, status=rec.OrderStatus.DRAFT, paid=False),
        )
        card = self.card()
        self.assertEqual((card["orders_today"], card["takings_today"]), (2, 10.0))

    def test_what_was_given_back_counts_on_its_day(self):
        self.sell(order("1", created_at=MONDAY))
        self.world.give_back(refund("r1", "1", 4, refunded_at=NOW))
        self.pull("refunds_pull")
        card = self.card()
        self.assertEqual((card["orders_today"], card["takings_today"]), (0, -4.0))
        self.assertEqual((card["orders_week"], card["takings_week"]), (1, 6.0))

    def test_a_foreign_currency_is_reckoned_in_the_companys(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2026-01-01", "rate": 0.5}
        )
        self.sell(order("1", created_at=NOW, currency="EUR"), order("2", created_at=NOW))
        self.assertEqual(self.card()["takings_today"], 30.0)

    def test_what_is_sent_counts_at_the_target(self):
        sale = self.sale()
        sale.action_confirm()
        self.send(sale)
        self.push()
        self.assertMadeOnce(sale)
        card = self.card(self.target, now=datetime.now(timezone.utc))
        self.assertTrue(card["has_sending"])
        self.assertEqual((card["sent_today"], card["sent_week"]), (1, 1))
        self.assertEqual(self.card(now=datetime.now(timezone.utc))["sent_week"], 0)

    def test_flows_say_their_last_result(self):
        self.sell(order("1", created_at=NOW))
        flows = {flow["label"]: flow for flow in self.card()["dashboard_flows"]}
        self.assertEqual(flows["Orders"]["result"], "1 created")
        self.assertFalse(self.card()["is_working"])
        self.assertTrue(self.card()["is_well"])

    def test_a_flow_that_works_says_how_far_it_is(self):
        stream = self.connection._stream("orders_pull")
        stream._request()
        stream.run_id = self.env["pos.sync.run"].create({"stream_id": stream.id, "total": 40, "read_count": 10})
        card = self.card()
        self.assertTrue(card["is_working"])
        (flow,) = [flow for flow in card["dashboard_flows"] if flow["id"] == stream.id]
        self.assertEqual((flow["state"], flow["progress"], flow["result"]), ("running", 25, "10 of 40"))

    def test_what_stopped_or_failed_is_not_well(self):
        stream = self.connection._stream("orders_pull")
        stream.write({"sentence": "It does not answer.", "failure_kind": "retry_later"})
        self.assertFalse(self.card()["is_well"])

    def test_many_connections_take_no_more_queries_than_one(self):
        self.sell(order("1", created_at=NOW), order("2", created_at=MONDAY))
        others = self.env["pos.sync.connection"].browse()
        for number in range(5):
            others |= self.connect(f"other {number}", system="sales_test")
        for connection in others:
            stream = connection._stream("orders_pull")
            run = self.env["pos.sync.run"].create({"stream_id": stream.id, "state": "done", "read_count": 1})
            stream.last_run_id = run
        self.card(others[0])
        counts = []
        for connections in (self.connection, self.connection | others):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            connections.read(FIGURES)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.env.invalidate_all()
        with self.assertQueryCount(counts[0]):
            (self.connection | others).read(FIGURES)
