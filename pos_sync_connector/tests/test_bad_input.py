"""What a system sends costs the record that it is about, and no more: the flow goes on, and a person can read why."""

import errno
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors as postgres

from odoo import fields
from odoo.tests import tagged

from ..connectors.errors import NeedsFixing, RetryLater
from ..connectors.moments import read_moment
from ..connectors.pages import Malformed, Page, parse_each
from ..connectors.records import PriceLevel
from ..models.engine import run as runs
from .common import EngineCase, TestSystem, product

NASTY = "half \ud83d an emoji \x00 " + "x" * 9000
LOGS = "odoo.addons.pos_sync_connector"


@tagged("post_install", "-at_install")
class TestBadInput(EngineCase):
    def setUp(self):
        super().setUp()
        self.stream = self.connection._stream("products_pull")

    def pages(self, *pages):
        """What the system answers instead of its products; a callable is asked for each page."""

        def pull_products(system, cursor):
            for page in pages:
                yield page(cursor) if callable(page) else page

        self.enterContext(patch.object(TestSystem, "pull_products", pull_products))

    def page(self, records=(), malformed=(), position=""):
        return lambda cursor: Page(tuple(records), cursor.at(position), tuple(malformed))

    def test_a_message_of_anything_is_stored(self):
        failure = NeedsFixing(f"It says {NASTY}", details=NASTY, trace=f"malformed:{NASTY}")
        bad = [Malformed(NASTY, {"name": NASTY, NASTY: [NASTY]}, failure), Malformed("other", NASTY, failure)]
        self.pages(self.page([product("good")], bad))
        self.pull()
        self.assertFalse(self.stream.sentence)
        self.assertTrue(self.template("good"))
        messages = self.messages()
        self.assertEqual(len(messages), 2)
        for name in ("external_id", "trace_key", "sentence", "name", "details"):
            self.assertLess(max(len(message[name] or "") for message in messages), 5000, name)
        self.assertEqual(len(set(messages.mapped("trace_key"))), 1)
        self.assertTrue(self.env["pos.sync.failure"].search([("connection_id", "=", self.connection.id)]))
        self.pull(full=True)
        self.assertEqual(len(self.messages()), 2, "known again by the digest of its id")

    def test_where_not_even_that_can_be_stored_less_is(self):
        failure = NeedsFixing("Bad.")
        failure.sentence = "bad\x00"
        self.pages(self.page([product("good")], [Malformed("bad", {}, failure)]))
        model = self.env.registry["pos.sync.message"]
        with patch.object(model, "_storable", lambda records, vals: vals), self.assertLogs(LOGS, "ERROR"):
            self.pull()
        self.assertTrue(self.template("good"))
        self.assertEqual(self.messages().mapped("code"), ["unstorable"])

    def test_failures_of_one_kind_are_one_line_on_health(self):
        rows = [{"id": f"p{i}", "when": f"day {i} of “{i}”"} for i in range(40)]
        _none, malformed = parse_each(rows, lambda row: read_moment(row["when"]), lambda row: row["id"])
        self.pages(self.page([], malformed))
        self.pull()
        lines = self.env["pos.sync.failure"].search([("connection_id", "=", self.connection.id)])
        self.assertEqual((len(lines), lines.count), (1, 40))
        self.assertIn("day 0", lines.sentence)

    def test_trouble_of_odoo_itself_is_no_failure_of_records(self):
        for error in (
            OSError(errno.ENOSPC, "No space left on device"),
            PermissionError(errno.EACCES, "Permission denied"),
            postgres.DiskFull(),
            postgres.AdminShutdown(),
        ):
            model = self.env.registry["pos.sync.import_products"]
            self.world.put(product("a"), product("b"))
            with self.subTest(type(error).__name__), patch.object(model, "_import", side_effect=error):
                with self.assertLogs(LOGS, "WARNING"):
                    self.pull()
                self.assertEqual((self.stream.state, self.stream.failure_kind), ("retry", RetryLater.kind))
                self.assertNothingFailed()
        self.pull()
        self.assertTrue(self.template("a") and self.template("b"))

    def test_a_value_that_is_too_long_for_an_index_costs_its_record(self):
        create = self.env.registry["product.product"].create

        def refuse(records, vals_list):
            if any(vals.get("name") == "Long" for vals in vals_list):
                records.env.cr.execute("SELECT 1/0 WHERE false")
                raise postgres.ProgramLimitExceeded()
            return create(records, vals_list)

        self.world.put(product("a"), product("b", name="Long"), product("c"))
        with patch.object(self.env.registry["product.product"], "create", refuse), self.assertLogs(LOGS, "ERROR"):
            self.pull()
        self.assertTrue(self.template("a") and self.template("c"))
        self.assertEqual(self.messages().mapped("external_id"), ["b"])

    def test_a_foreign_answer_is_a_sentence_with_its_place(self):
        self.world.plan["pull_products"] = [KeyError("merchant")]
        with self.assertLogs(LOGS, "WARNING"):
            self.pull()
        self.assertEqual(self.stream.state, "blocked")
        self.assertIn("answers, but not as this system does", self.stream.sentence)
        self.world.plan["check"] = [TypeError("nothing is there")]
        with self.assertLogs(LOGS, "WARNING"):
            action = self.connection.action_test()
        self.assertIn("answers, but not as this system does", action["params"]["message"])

    def test_one_bad_row_of_the_set_up_costs_itself(self):
        bad = Malformed("broken", None, NeedsFixing("It can't be read.", code="malformed"))
        self.world.locations = [bad, *self.world.locations]
        self.pull("setup_pull")
        self.assertEqual(self.messages("setup_pull").mapped("external_id"), ["broken"])
        self.assertFalse(self.connection._stream("setup_pull").sentence)

    def test_a_choice_that_cannot_be_read_is_not_offered(self):
        bad = Malformed("broken", None, NeedsFixing("It can't be read.", code="malformed"))
        self.world.levels = [bad, PriceLevel(external_id="1", name="Retail")]
        self.assertEqual(self.connection.action_test()["params"]["type"], "success")
        choices = self.env["pos.sync.setting.choice"].search([("connection_id", "=", self.connection.id)])
        self.assertIn("Retail", choices.mapped("name"))
        self.assertNotIn("broken", choices.mapped("value"))

    def test_cursors_without_end(self):
        self.enterContext(patch.object(runs, "MOST_IDLE_PAGES", 4))
        self.pages(*(self.page(position=str(number)) for number in range(1, 1000)))
        self.pull()
        self.assertEqual(self.stream.state, "blocked")
        self.assertIn("again and again", self.stream.sentence)
        self.assertLess(self.stream.last_run_id.page_count, 8)

    def test_a_full_pass_over_what_is_known_may_be_long(self):
        self.enterContext(patch.object(runs, "MOST_IDLE_PAGES", 4))
        self.world.page_size = 1
        self.world.put(*(product(f"p{i}") for i in range(12)))
        self.pull()
        self.pull(full=True)
        self.assertFalse(self.stream.sentence)
        self.assertEqual(self.stream.last_run_id.unchanged_count, 12)

    def test_no_wait_at_all_is_not_believed(self):
        for after in (0, -5):
            self.world.plan["pull_products"] = [RetryLater("Too many requests.", after=after)]
            before = fields.Datetime.now()
            self.pull()
            self.assertGreaterEqual(self.stream.retry_at, before + timedelta(seconds=5))

    def test_what_was_killed_in_the_middle_goes_on_and_says_so(self):
        self.world.page_size = 1
        self.world.put(product("a"), product("b"), product("c"))
        self.stream._request()
        with patch.object(self.env.registry["pos.sync.run_stream"], "_SLICE", 0):
            self.run_job(self.stream)
        self.assertTrue(self.stream.run_id)
        later = fields.Datetime.now() + timedelta(hours=1)
        self.stream.sudo().cron_id.nextcall = later
        self.stream.flush_recordset()
        self.env.cr.execute(
            "UPDATE pos_sync_stream SET write_date = write_date - interval '1 hour' WHERE id = %s", [self.stream.id]
        )
        self.stream.invalidate_recordset()
        self.env["pos.sync.stream"]._run_housekeeping()
        self.assertEqual(self.stream.stops, 1)
        self.assertIn("stopped 1 times, going on", self.stream.result)
        self.assertLess(self.stream.sudo().cron_id.nextcall, later)
        self.run_job(self.stream)
        self.assertFalse(self.stream.stops)
