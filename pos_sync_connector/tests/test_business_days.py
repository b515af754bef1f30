"""A business day is the location's own, else the account's: wherever a sale is compared with a date."""

from dataclasses import replace
from datetime import date, datetime, timezone
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors import records as rec
from ..connectors.registry import registry
from .posting_common import PostingCase, paid
from .reconcile_common import ChecksDays, CountingSystem
from .sales_common import SalesSystem, order

# 22:30 on 2 March in New York; 3 March in UTC and in Auckland.
LATE = datetime(2026, 3, 3, 3, 30, tzinfo=timezone.utc)
ZONES = {"ny": "America/New_York", "ak": "Pacific/Auckland", "": False}


@tagged("post_install", "-at_install")
class TestBusinessDays(ChecksDays, PostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(registry._systems, {SalesSystem.code: CountingSystem}))
        cls.company.partner_id.tz = False

    def open_places(self, *names):
        self.world.locations = [
            rec.Location(external_id=name, name=name, timezone=ZONES[name] or "", currency="USD", takes_orders=True)
            for name in names
        ]
        self.connection._stream("setup_pull")._request()
        self.run_job(self.connection._stream("setup_pull"))
        self.assertEqual(len(self.connection.location_ids), len(names))

    def test_the_test_of_a_connection_fills_in_the_time_zone_of_the_account(self):
        self.assertFalse(self.connection.timezone)
        self.world.account = replace(self.world.account, timezone="America/New_York")
        self.connection.action_test()
        self.assertEqual(self.connection.timezone, "America/New_York")
        self.connection.timezone = "America/Chicago"
        self.connection.action_test()
        self.assertEqual(self.connection.timezone, "America/Chicago", "what a person has chosen stays")
        self.connection.timezone = False
        self.world.account = replace(self.world.account, timezone="Middle/Earth")
        self.connection.action_test()
        self.assertFalse(self.connection.timezone)

    def test_a_web_order_is_of_the_shops_own_day(self):
        for zone, places, expected in (
            ("America/New_York", (), date(2026, 3, 2)),
            (False, (), date(2026, 3, 3)),
            ("America/New_York", ("ak",), date(2026, 3, 2)),
            # Where the account states none, a shop with places in one time zone is there itself.
            (False, ("ny",), date(2026, 3, 2)),
            (False, ("ny", "ak"), date(2026, 3, 3)),
        ):
            with self.subTest(zone=zone, places=places), self.env.cr.savepoint() as undone:
                self.open_places(*places)
                self.connection.timezone = zone
                self.sell(order("web", created_at=LATE, payments=(paid("w", 10, paid_at=LATE),)))
                self.gather()
                self.assertEqual(self.order("web").pos_sync_day_id.date, expected)
                (checked,) = self.check(expected)
                self.assertEqual(self.causes(checked), [])
                self.assertEqual(checked.order_count, 1)
                self.assertEqual(self.order("web")._pos_sync_day_of_sale(), expected)
                undone.rollback()

    def test_a_location_has_its_own_day(self):
        self.open_places("ny", "ak")
        self.connection.timezone = "America/New_York"
        self.sell(*(order(name, created_at=LATE, location_id=name) for name in ("ny", "ak")))
        self.gather()
        days = {name: str(self.order(name).pos_sync_day_id.date) for name in ("ny", "ak")}
        self.assertEqual(days, {"ny": "2026-03-02", "ak": "2026-03-03"})
        # 3 March is over in Auckland 6 hours after 2 March is in New York.
        over = {name: str(self.order(name).pos_sync_day_id._ended_at()) for name in ("ny", "ak")}
        self.assertEqual(over, {"ny": "2026-03-03 05:00:00", "ak": "2026-03-03 11:00:00"})

    def test_orders_from_and_entries_from_are_business_days(self):
        self.open_places("ny", "ak")
        morning = datetime(2026, 3, 1, 20, 0, tzinfo=timezone.utc)
        noon = datetime(2026, 3, 2, 15, 0, tzinfo=timezone.utc)
        sold = (
            # 9:00 on 2 March in Auckland; 1 March in UTC.
            order("ak", created_at=morning, location_id="ak"),
            # 22:30 on 1 March in New York; 2 March in UTC.
            order("ny", created_at=datetime(2026, 3, 2, 3, 30, tzinfo=timezone.utc), location_id="ny"),
            # Ordered the evening before, sold when it was closed.
            order("tab", created_at=morning, closed_at=noon, location_id="ny"),
        )
        with self.env.cr.savepoint() as undone:
            self.connection.orders_from = "2026-03-02"
            self.sell(*sold)
            self.assertTrue(self.order("ak"))
            self.assertTrue(self.order("tab"))
            self.assertFalse(self.order("ny"))
            undone.rollback()
        self.connection.write({"entries_from": "2026-03-02", "points_from": "2026-03-02", "stock_policy": "odoo"})
        self.sell(*sold)
        self.gather()
        history = {name: self.order(name).pos_sync_no_delivery for name in ("ak", "ny", "tab")}
        self.assertEqual(history, {"ak": False, "ny": True, "tab": False})
        booked = {name: bool(self.order(name).pos_sync_day_id) for name in ("ak", "ny", "tab")}
        self.assertEqual(booked, {"ak": True, "ny": False, "tab": True})
        old = {name: self.connection._is_history(self.order(name)) for name in ("ak", "ny")}
        self.assertEqual(old, {"ak": False, "ny": True})
