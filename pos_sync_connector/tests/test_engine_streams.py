"""A stream from its request to its end: schedule, slices, failures of the whole, and what people do meanwhile."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tests.test_cursor import TestCursor

from ..connectors import records as rec
from ..connectors.errors import NeedsFixing, Refused, RetryLater
from .common import EngineCase, picture, product

NOW = datetime(2026, 1, 5, 12, 0)  # noqa: DTZ001


@tagged("post_install", "-at_install")
class TestStreams(EngineCase):
    def setUp(self):
        super().setUp()
        self.stream = self.connection._stream("products_pull")
        self.clock = self.enterContext(freeze_time(NOW, tick=False))
        self.world.put(product("a"), product("b"), product("c"))
        self.stream.write({"next_poll": NOW, "requested": False})

    def run_at(self, **later):
        """Runs the cron so much later, whether something is due or not."""
        self.clock.tick(timedelta(**later))
        self.run_job(self.stream)

    def slice_by_page(self):
        self.world.page_size = 1
        self.enterContext(patch.object(self.env.registry["pos.sync.run_stream"], "_SLICE", 0))

    def triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.stream.cron_id.id)]).mapped("call_at")

    # Schedule

    def test_a_pass_under_way_gives_way_to_what_somebody_asks_for(self):
        self.slice_by_page()
        asked = self.connect("other")._stream("products_pull")
        self.stream._request()
        self.run_job(self.stream)
        asked._request()
        self.run_job(self.stream)
        self.assertEqual(self.stream.run_id.page_count, 1, "it waits for the one that was asked for")
        self.run_job(asked)
        self.assertTrue(asked.first_done)
        asked._request()
        asked.requested_at -= timedelta(minutes=2)
        self.run_job(self.stream)
        self.assertEqual(self.stream.run_id.page_count, 2, "one that can't begin holds nobody up")

    def test_a_slice_ends_after_the_page_in_which_somebody_asks(self):
        asked = self.connect("other")._stream("products_pull")
        self.world.page_size = 2
        self.world.put(*(product(f"p{number}") for number in range(6)))
        self.stream._request()

        def ask():
            self.world.step = lambda: None
            asked._request()
            self.env.flush_all()

        self.world.step = ask
        self.run_job(self.stream)
        self.assertEqual(self.stream.run_id.page_count, 1)
        self.run_job(asked)
        self.run_job(self.stream)
        self.assertTrue(self.stream.first_done)

    def test_runs_when_it_is_due(self):
        self.run_at(seconds=0)
        self.assertEqual(self.world.calls["pull_products"], 1)
        self.assertEqual(self.stream.next_poll, NOW + timedelta(minutes=5))
        self.assertIn(NOW + timedelta(minutes=5), self.triggers())
        self.assertTrue(self.stream.first_done)
        self.run_at(minutes=4)
        self.assertEqual(self.world.calls["pull_products"], 1, "not due yet")
        self.run_at(minutes=1)
        self.assertEqual(self.world.calls["pull_products"], 2)

    def test_the_job_runs_as_odoobot_with_a_cron_of_its_own(self):
        crons = self.connection.stream_ids.cron_id
        self.assertEqual(len(crons), len(self.connection.stream_ids))
        self.assertEqual(crons.user_id, self.env.ref("base.user_root"))
        self.assertTrue(all(crons.mapped("active")))

    def test_asked_for_by_hand(self):
        self.run_at(seconds=0)
        self.stream.action_sync_now()
        self.run_at(seconds=1)
        self.assertEqual(self.world.calls["pull_products"], 2)
        self.assertFalse(self.stream.requested)

    def test_waits_for_the_flows_before_it(self):
        setup = self.connection._stream("setup_pull")
        setup.first_done = False
        self.stream._request()
        self.run_at(seconds=0)
        self.assertEqual((self.stream.state, self.world.calls["pull_products"]), ("waiting", 0))
        setup._request()
        self.run_job(setup)
        self.assertIn(NOW, self.triggers(), "the end of the first wakes the second")
        self.run_at(seconds=0)
        self.assertTrue(self.template("a"))

    def test_a_switched_off_prerequisite_is_not_waited_for(self):
        self.connection._stream("setup_pull").write({"first_done": False, "enabled": False})
        self.run_at(seconds=0)
        self.assertTrue(self.template("a"))

    def test_incremental_then_sweep(self):
        self.run_at(seconds=0)
        self.assertTrue(self.stream.last_run_id.full)
        self.world.put_later(product("d"))
        self.run_at(minutes=5)
        self.world.put_later(product("e"))
        self.run_at(minutes=5)
        self.assertFalse(self.stream.last_run_id.full)
        self.assertCounts(self.stream.last_run_id, read=2, created=1, unchanged=1)
        self.run_at(days=7)
        self.assertTrue(self.stream.last_run_id.full)
        self.assertCounts(self.stream.last_run_id, read=5, unchanged=5)

    def test_the_overlap_catches_what_the_system_committed_late(self):
        self.run_at(seconds=0)
        late = product("late")
        self.world.put(late)
        self.world.products["late"] = replace(late, updated_at=self.world.now - timedelta(minutes=10))
        self.run_at(minutes=5)
        self.assertTrue(self.template("late"))

    def test_a_poll_that_found_nothing_is_no_history(self):
        self.run_at(seconds=0)
        last = self.stream.last_run_id
        self.run_at(minutes=5)
        self.assertEqual(self.stream.last_run_id, last)
        self.assertEqual(self.stream.run_ids, last)

    # Slices

    def test_a_slice_at_a_time(self):
        self.slice_by_page()
        self.run_at(seconds=0)
        self.assertTrue(self.template("a"))
        self.assertFalse(self.template("b"))
        self.assertEqual((self.stream.state, self.stream.progress), ("running", 33))
        self.assertIn(NOW, self.triggers(), "the rest comes after the others had their turn")
        self.run_at(seconds=1)
        self.run_at(seconds=1)
        self.assertEqual(self.stream.state, "scheduled")
        self.assertCounts(self.stream.last_run_id, read=3, created=3)
        self.assertEqual(self.stream.last_run_id.page_count, 3)

    def test_switched_off_in_the_middle_ends_after_the_page(self):
        self.world.page_size = 1
        self.world.plan["pull_products"] = [None, self.meanwhile(self.connection, "action_off")]
        self.run_at(seconds=0)
        self.assertTrue(self.template("b"), "the page that was under way is kept")
        self.assertFalse(self.template("c"))
        self.assertEqual((self.stream.state, self.world.calls["pull_products"]), ("off", 2))
        self.connection.action_on()
        self.run_at(minutes=5)
        self.assertTrue(self.template("c"))
        self.assertEqual(self.world.calls["pull_products"], 3, "it went on where it was")

    def meanwhile(self, record, method, **arguments):
        """What another process does while a page is being fetched, to be put into the world's plan."""

        def happen():
            with self.registry.cursor() as cr:
                getattr(record.with_env(self.env(cr=cr)), method)(**arguments)

        return happen

    def test_switched_off_while_the_last_page_is_imported(self):
        self.world.plan["pull_products"] = [self.meanwhile(self.connection, "action_off")]
        self.run_at(seconds=0)
        self.assertTrue(self.template("c"))
        self.assertFalse(self.world.calls["get_product"])
        self.connection.action_on()
        self.run_at(minutes=5)
        self.assertTrue(self.stream.first_done)

    def test_reset_while_a_page_is_fetched_drops_that_page(self):
        self.world.page_size = 2
        self.world.plan["pull_products"] = [None, self.meanwhile(self.stream, "_request", full=True)]
        self.run_at(seconds=0)
        self.assertTrue(self.template("a"))
        self.assertFalse(self.template("c"), "the page that was asked for under the old cursor is dropped")
        self.assertTrue(self.stream.requested)
        self.run_at(seconds=1)
        self.assertTrue(self.template("c"))
        self.assertEqual([run.state for run in self.stream.run_ids.sorted("id")], ["stopped", "done"])

    def test_asked_for_while_it_runs(self):
        self.world.plan["pull_products"] = [self.meanwhile(self.stream, "action_sync_now")]
        self.run_at(seconds=0)
        self.assertTrue(self.template("c"))
        self.assertTrue(self.stream.requested, "the request is not lost")
        self.run_at(seconds=1)
        self.assertEqual(self.world.calls["pull_products"], 2)
        self.assertFalse(self.stream.requested)

    def test_asked_for_in_mid_pass(self):
        """The slices of the pass under way don't use up the request: another pass comes after it, at once."""
        self.slice_by_page()
        self.run_at(seconds=0)
        self.stream.action_sync_now()
        self.run_at(seconds=70)
        self.assertTrue(self.stream.requested and self.stream.run_id, "the pass goes on")
        self.world.plan["pull_products"] = [RetryLater("The shop is closed.", after=90)]
        self.run_at(seconds=1)
        calls = self.world.calls["pull_products"]
        self.run_at(seconds=1)
        self.assertEqual(self.world.calls["pull_products"], calls, "the shop said when")
        self.run_at(seconds=91)
        self.assertTrue(self.stream.requested, "a fault does not use it up either")
        self.assertEqual(self.stream.next_poll, fields.Datetime.now(), "the pass that was asked for begins at once")
        for _slice in range(4):
            self.run_at(seconds=1)
        self.assertFalse(self.stream.requested or self.stream.run_id)
        self.assertGreater(self.stream.next_poll, fields.Datetime.now())

    def test_the_schedule_in_words(self):
        words = []
        for number, unit in ((15, "minutes"), (1, "hours"), (3, "hours"), (1, "days")):
            self.stream.write({"interval_number": number, "interval_type": unit})
            words.append(self.stream.schedule)
        self.assertEqual(words, ["every 15 minutes", "every hour", "every 3 hours", "every day"])

    # Failures of the whole stream

    def test_retry_later_comes_back_when_the_system_said(self):
        self.world.plan["pull_products"] = [RetryLater("The shop is closed.", after=90)]
        self.run_at(seconds=0)
        self.assertEqual((self.stream.state, self.stream.sentence), ("retry", "The shop is closed."))
        self.assertEqual(self.stream.retry_at, NOW + timedelta(seconds=90))
        self.assertIn(NOW + timedelta(seconds=90), self.triggers())
        self.assertEqual(self.stream.last_run_id.state, "failed")
        self.run_at(seconds=89)
        self.assertEqual(self.world.calls["pull_products"], 1)
        self.run_at(seconds=1)
        self.assertTrue(self.template("a"))
        self.assertEqual((self.stream.state, self.stream.sentence, self.stream.failures), ("scheduled", False, 0))

    def test_failing_again_and_again_waits_longer(self):
        self.world.plan["pull_products"] = [RetryLater("closed") for _time in range(9)]
        waits = []
        for _time in range(9):
            self.run_job(self.stream)
            waits.append(self.stream.retry_at - datetime.now())  # noqa: DTZ005
            self.clock.tick(waits[-1])
        self.assertEqual([wait.total_seconds() / 60 for wait in waits], [1, 2, 4, 8, 16, 32, 60, 60, 60])

    def test_a_failure_in_mid_pass_keeps_what_has_come(self):
        self.world.page_size = 1
        self.world.plan["pull_products"] = [None, RetryLater("closed", after=60)]
        self.run_at(seconds=0)
        self.assertTrue(self.template("a"))
        self.assertEqual((self.stream.state, self.stream.sentence), ("retry", "closed"))
        self.run_at(seconds=60)
        self.assertTrue(self.template("c"))
        self.assertEqual(self.world.calls["pull_products"], 4, "the first page is not read again")
        self.assertEqual(len(self.stream.run_ids), 1, "one pass is one run")
        self.assertEqual((self.stream.last_run_id.state, self.stream.last_run_id.read_count), ("done", 3))

    def test_needs_fixing_blocks(self):
        self.world.plan["pull_products"] = [NeedsFixing("Choose a company.", code="no-company")]
        self.run_at(seconds=0)
        self.assertEqual((self.stream.state, self.stream.sentence), ("blocked", "Choose a company."))
        self.assertGreaterEqual(self.stream.retry_at, NOW + timedelta(minutes=5))

    def test_a_successful_test_of_the_connection_lets_blocked_streams_try_at_once(self):
        self.world.plan["pull_products"] = [NeedsFixing("Choose a company.", code="no-company")]
        self.run_at(seconds=0)
        self.connection.action_test()
        self.run_at(seconds=1)
        self.assertTrue(self.template("a"))

    def test_refused_stops_the_connection(self):
        self.world.plan["pull_products"] = [Refused("The key was withdrawn.")]
        self.run_at(seconds=0)
        self.assertEqual((self.connection.state, self.connection.state_message), ("refused", "The key was withdrawn."))
        self.assertEqual(self.stream.state, "blocked")
        with self.assertRaisesRegex(UserError, "The key was withdrawn."):
            self.connection.action_sync_now()
        self.connection._stream("setup_pull")._request()
        self.run_job(self.connection._stream("setup_pull"))
        self.assertFalse(self.world.calls["locations"], "no flow of the connection talks any more")
        self.connection.action_test()
        self.run_at(seconds=1)
        self.assertTrue(self.template("a"))
        self.assertFalse(self.stream.sentence)

    def test_an_unexpected_error(self):
        self.world.plan["pull_products"] = [RuntimeError("secret-token-123")]
        with self.assertLogs("odoo.addons.pos_sync_connector.sync.engine.run_stream", "ERROR"):
            self.run_at(seconds=0)
        self.assertEqual(self.stream.state, "retry")
        self.assertIn("RuntimeError", self.stream.sentence)
        for text in (self.stream.sentence, self.stream.last_run_id.sentence, self.stream.last_run_id.details or ""):
            self.assertNotIn("secret-token-123", text)
            self.assertNotIn("Traceback", text)
        self.run_at(minutes=1)
        self.assertTrue(self.template("a"))

    def test_a_missing_setting_is_a_sentence_on_the_stream(self):
        self.connection.setting_ids.filtered(lambda row: row.key == "account").value = False
        self.run_at(seconds=0)
        self.assertEqual(self.stream.state, "blocked")
        self.assertIn("“Account” is empty", self.stream.sentence)

    def test_the_engine_never_holds_a_transaction_while_it_asks(self):
        """Nothing is read or written between the commit before a page is fetched and the page's arrival."""
        seen = []

        def look():
            # A test cursor has a savepoint from its first query to its commit; the job's is the newest.
            seen.append(bool(TestCursor._cursors_stack[-1]._savepoint))

        self.world.page_size = 1
        self.world.pictures["a.png"] = picture()
        self.world.change("a", images=(rec.Image(url="a.png"),))
        self.world.plan.update({"pull_products": [look, look, look], "download": [look]})
        self.run_at(seconds=0)
        self.assertTrue(self.template("c"))
        self.assertEqual(seen, [False] * 4)

    # People

    def test_deleting_a_running_stream_only_marks_it(self):
        cron, action = self.stream.cron_id, self.stream.cron_id.ir_actions_server_id
        with self.running(self.stream):
            self.stream.unlink()
            self.env["pos.sync.stream"]._run_housekeeping()
        self.assertTrue(self.stream.exists() and self.stream.to_remove)
        self.assertFalse(self.stream.enabled)
        self.env["pos.sync.stream"]._run_housekeeping()
        self.assertFalse(self.stream.exists() or cron.exists() or action.exists())

    def test_housekeeping_waits_for_its_next_turn_where_somebody_else_was_quicker(self):
        streams = self.env["pos.sync.stream"]
        for error, expected in ((SerializationFailure, nullcontext()), (ValueError, self.assertRaises(ValueError))):
            with patch.object(self.env.registry[streams._name], "_run_housekeeping", side_effect=error), expected:
                streams._housekeeping_job()

    def test_deleting_a_connection_of_which_one_stream_runs(self):
        crons = self.connection.stream_ids.cron_id
        actions = crons.ir_actions_server_id
        with self.running(self.stream):
            self.connection.unlink()
            self.env["pos.sync.stream"]._run_housekeeping()
        self.assertTrue(self.connection.exists() and self.connection.to_remove)
        self.assertFalse(self.connection._may_talk())
        self.assertTrue(self.stream.exists(), "the running job still finds its stream")
        self.env["pos.sync.stream"]._run_housekeeping()
        self.assertFalse(self.connection.exists() or crons.exists() or actions.exists())

    def test_deleting_a_connection(self):
        crons = self.connection.stream_ids.cron_id
        actions = crons.ir_actions_server_id
        self.run_at(seconds=0)
        self.connection.unlink()
        self.assertFalse(self.connection.exists() or crons.exists() or actions.exists())
        self.assertTrue(self.env["product.product"].search([("name", "=", "Product a")]), "the products stay")

    def running(self, *streams):
        """The jobs of these streams, and no others, run in another process until the context ends."""
        busy = {stream.cron_id.id for stream in streams}
        return patch.object(
            self.env.registry["ir.cron"],
            "try_lock_for_update",
            lambda crons, **options: crons.filtered(lambda cron: cron.id not in busy),
        )

    def test_a_deleted_stream_is_no_error_for_its_job(self):
        stream_id = self.stream.id
        self.connection.unlink()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["pos.sync.run_stream"]._run(stream_id)

    def test_switched_on_again(self):
        self.stream.enabled = False
        self.run_at(hours=1)
        self.assertEqual((self.stream.state, self.world.calls["pull_products"]), ("off", 0))
        with self.assertRaises(UserError):
            self.stream.action_sync_now()
        self.stream.enabled = True
        self.run_at(seconds=1)
        self.assertTrue(self.template("a"))

    def test_housekeeping_wakes_streams_with_messages(self):
        self.world.break_product("a")
        self.run_at(seconds=0)
        self.message("a").state = "waiting"
        self.env["ir.cron.trigger"].search([]).unlink()
        self.env["pos.sync.stream"]._run_housekeeping()
        self.assertIn(NOW, self.triggers())
