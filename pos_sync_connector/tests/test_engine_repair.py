"""What webhooks and the pulls of the day have missed is found by the first pull of the night, at hardly any cost."""

from dataclasses import replace
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import EngineCase, product

# 7 o'clock in the morning in New York.
NOW = datetime(2026, 1, 5, 12, 0)  # noqa: DTZ001


@tagged("post_install", "-at_install")
class TestNightlyRepair(EngineCase):
    def setUp(self):
        super().setUp()
        self.company.partner_id.tz = "America/New_York"
        self.stream = self.connection._stream("products_pull")
        self.clock = self.enterContext(freeze_time(NOW, tick=False))
        self.world.put(product("a"), product("b"))
        self.stream.write({"next_poll": NOW, "requested": False})
        self.run_at(seconds=0)
        self.world.put_later(product("c"))
        self.run_at(minutes=5)

    def run_at(self, **later):
        self.clock.tick(timedelta(**later))
        self.run_job(self.stream)

    def lose(self, external_id, hours):
        """The system tells of a product only now that was changed so long before the newest that was read."""
        self.world.products[external_id] = replace(
            product(external_id), updated_at=self.world.now - timedelta(hours=hours)
        )

    def test_what_was_lost_by_day_is_here_at_night(self):
        self.lose("lost", hours=20)
        untouched = self.template("a").write_date, self.link("a").write_date
        for _pull in range(3):
            self.run_at(minutes=5)
        self.assertFalse(self.template("lost"), "the pulls of the day do not go back so far")
        self.run_at(hours=18, minutes=35)
        self.assertFalse(self.template("lost"), "5 minutes before 2 o'clock")
        self.run_at(minutes=5)
        self.assertTrue(self.template("lost"))
        self.assertFalse(self.stream.last_run_id.full)
        self.assertCounts(self.stream.last_run_id, read=4, created=1, unchanged=3)
        self.assertEqual((self.template("a").write_date, self.link("a").write_date), untouched)

    def test_it_goes_back_once_a_night(self):
        self.run_at(days=1)
        self.assertEqual(self.stream.repaired_at, NOW + timedelta(days=1, minutes=5))
        self.lose("lost", hours=20)
        self.run_at(hours=18)
        self.assertFalse(self.template("lost"))
        self.run_at(hours=1)
        self.assertTrue(self.template("lost"), "the next night")

    def test_a_server_that_slept_at_night_does_it_in_the_morning(self):
        self.lose("lost", hours=70)
        self.run_at(days=2)
        self.assertTrue(self.template("lost"))

    def test_it_goes_back_as_far_as_the_flow_says(self):
        self.stream.repair_days = 1
        self.lose("lost", hours=25)
        self.run_at(days=1)
        self.assertFalse(self.template("lost"))
        self.stream.repair_days = 2
        self.run_at(days=1)
        self.assertTrue(self.template("lost"))

    def test_it_can_be_switched_off(self):
        self.stream.repair_days = 0
        self.lose("lost", hours=20)
        self.run_at(days=1)
        self.assertFalse(self.template("lost"))

    def test_it_is_not_lost_with_a_page_that_failed(self):
        self.world.page_size = 2
        self.lose("lost", hours=20)
        self.world.plan["pull_products"] = [None, ConnectionError("cut")]
        with self.assertLogs("odoo.addons.pos_sync_connector.sync.engine.run_stream", "ERROR"):
            self.run_at(days=1)
        self.assertFalse(self.template("lost"))
        self.run_at(minutes=5)
        self.assertTrue(self.template("lost"))

    def test_reading_everything_is_further_than_any_night(self):
        self.run_at(days=8)
        self.assertTrue(self.stream.last_run_id.full)
        self.assertEqual(self.stream.repaired_at, NOW + timedelta(days=8, minutes=5))
