"""What a person saves at the same moment as a job costs the job a moment, never its run nor what was asked for."""

from datetime import timedelta
from unittest.mock import patch

import psycopg2.errors as postgres

from odoo import fields
from odoo.tests import tagged

from .posting_common import PostingCase, paid
from .sales_common import order

MODULE = "odoo.addons.pos_sync_connector"


@tagged("post_install", "-at_install")
class TestCollisions(PostingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.multiple(f"{MODULE}.sync.engine.replay.time", sleep=lambda seconds: None))

    def collide(self, model, name, times):
        """The first `times` calls meet somebody who saves the same rows."""
        registry = self.env.registry[model]
        original, calls = getattr(registry, name), []

        def collides(this, *args, **kwargs):
            calls.append(args)
            result = original(this, *args, **kwargs)
            if len(calls) <= times:
                raise postgres.SerializationFailure
            return result

        self.startPatcher(patch.object(registry, name, collides))
        return calls

    def run_cron(self, name):
        cron = self.env.ref(f"pos_sync_connector.{name}")
        before = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - before

    def test_the_job_of_the_days_goes_on_after_a_save(self):
        self.connection.posting_period_ids.automatic = True
        self.sell(order("1", payments=(paid("a", 10),)))
        self.collide("pos.sync.gather_days", "_gather", 2)
        self.collide("pos.sync.post_days", "_post_day", 2)
        self.run_cron("ir_cron_posting")
        self.assertEqual(self.day().state, "posted")
        self.assertEqual(len(self.day().move_ids), 1)

    def test_where_others_go_on_saving_it_comes_back_in_a_moment(self):
        self.connection.posting_period_ids.automatic = True
        self.sell(order("1", payments=(paid("a", 10),)))
        calls = self.collide("pos.sync.post_days", "_post_day", 5)
        again = self.run_cron("ir_cron_posting")
        self.assertEqual(len(calls), 5)
        self.assertNotEqual(self.day().state, "posted")
        self.assertLess(min(again.mapped("call_at")), fields.Datetime.now() + timedelta(minutes=1))
        self.run_cron("ir_cron_posting")
        self.assertEqual(self.day().state, "posted")

    def test_each_nights_days_are_asked_for_all_the_same(self):
        self.startPatcher(
            patch.object(self.env.registry["pos.sync.connection"], "_can_reconcile", lambda connection: True)
        )
        self.collide("pos.sync.connection", "_reconcile", 2)
        self.run_cron("ir_cron_reconcile_nightly")
        self.assertTrue(self.connection.reconcile_from)

    def test_what_a_person_asked_for_is_kept(self):
        stream = self.connection._stream("orders_pull")
        self.collide("pos.sync.run_stream", "_start", 5)
        stream._request()
        self.run_job(stream)
        self.assertTrue(stream.requested)
        self.assertEqual(stream.failure_kind, "retry_later")
        self.assertLess(stream.retry_at, fields.Datetime.now() + timedelta(minutes=1))
        self.world.sell(order("1"))
        stream.retry_at = fields.Datetime.now()
        self.run_job(stream)
        self.assertTrue(self.order("1"))
        self.assertFalse(stream.sentence)
