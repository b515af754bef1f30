"""Records that fail: kept with payload and sentence, alone, and brought in once they are mended."""

import json
import math
from dataclasses import replace
from unittest.mock import patch

from psycopg2 import errors as postgres

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..connectors.errors import Skip
from ..connectors.pages import Malformed
from .common import EngineCase, TestSystem, product


@tagged("post_install", "-at_install")
class TestFailures(EngineCase):
    def products(self, count):
        return [product(f"p{i:03}", barcode=f"B{i:03}") for i in range(count)]

    def test_one_malformed_of_two_hundred(self):
        self.world.put(*self.products(200))
        whole = self.world.products["p077"]
        self.world.break_product("p077", "price is no number")
        run = self.pull()
        self.assertCounts(run, read=200, created=199, failed=1)
        message = self.messages()
        self.assertEqual((message.external_id, message.state, message.code), ("p077", "failed", "malformed"))
        self.assertIn("price is no number", message.sentence)
        self.assertEqual(json.loads(message.payload)["id"], "p077")
        self.assertEqual(message.run_id, run)
        self.world.products["p077"] = whole
        message.action_retry()
        self.drain()
        self.assertNothingFailed()
        self.assertTrue(self.template("p077"))
        self.assertEqual(message.state, "done")

    def test_retry_brings_in_the_siblings(self):
        whole = {}
        self.world.put(*self.products(6))
        for key in ("p001", "p003", "p004"):
            whole[key] = self.world.products[key]
            self.world.break_product(key, "no currency")
        self.world.break_product("p005", "no name")
        self.pull()
        self.assertEqual(self.message("p001").sibling_count, 3)
        self.world.products.update(whole)
        self.message("p001").action_retry()
        self.drain()
        self.assertEqual(self.messages().mapped("external_id"), ["p005"])
        self.assertTrue(self.template("p003") and self.template("p004"))

    def test_still_broken(self):
        self.world.put(*self.products(2))
        self.world.break_product("p001")
        self.pull()
        message = self.message("p001")
        message.action_retry()
        self.drain()
        self.assertEqual(message.state, "failed")
        self.assertGreater(message.attempts, 1)
        self.assertTrue(message.payload)
        with self.assertRaises(UserError):
            message.write({"state": "done"})
            message.action_retry()

    def test_what_another_job_has_brought_in_meanwhile_is_not_counted_twice(self):
        self.world.put(*self.products(2))
        whole = self.world.products["p001"]
        self.world.break_product("p001")
        self.pull()
        self.world.products["p001"] = whole
        self.message("p001").action_retry()
        stream = self.connection._stream("products_pull")
        stream.run_id = self.env["pos.sync.run"].create({"stream_id": stream.id})
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            jobs = self.env(cr=cursor)["pos.sync.run_stream"]
            waiting = [jobs._waiting(message) for message in stream.with_env(jobs.env)._waiting_messages()]
            with self.connection.with_env(jobs.env)._connector() as connector:
                for _job in range(2):
                    jobs._import_waiting(stream.id, waiting, connector)
        self.env.invalidate_all()
        self.assertCounts(stream.run_id, created=1)
        self.assertFalse(stream._waiting_messages())

    def test_failing_again_and_again_is_one_message(self):
        self.world.put(*self.products(2))
        self.world.break_product("p001")
        for attempt in range(1, 4):
            self.pull(full=True)
            self.assertEqual(self.messages().mapped("attempts"), [attempt])

    def test_arriving_by_itself_closes_the_message(self):
        self.world.put(*self.products(2))
        whole = self.world.products["p001"]
        self.world.break_product("p001")
        self.pull()
        message = self.message("p001")
        self.world.put(whole)
        self.pull()
        self.assertEqual(message.state, "done")
        self.assertFalse(message.sentence)
        self.assertTrue(message.done_at)

    def test_what_cannot_be_read_is_not_taken_for_deleted(self):
        self.world.put(*self.products(3))
        self.pull()
        self.world.break_product("p001")
        self.pull(full=True)
        self.assertFalse(self.link("p001").gone)
        self.assertTrue(self.template("p001").active)

    def test_a_record_that_is_not_for_us_is_only_counted(self):
        skipped = (Malformed("test-1", {"id": "test-1"}, Skip("a test order")),)
        self.world.put(*self.products(2))

        original = TestSystem.pull_products

        def with_skip(system, cursor):
            for page in original(system, cursor):
                yield replace(page, malformed=skipped)

        with patch.object(TestSystem, "pull_products", with_skip):
            run = self.pull()
        self.assertCounts(run, read=3, created=2, skipped=1)
        self.assertNothingFailed()

    def test_one_without_an_id(self):
        self.world.put(*self.products(2))
        self.world.products["x"] = {"id": None, "why": "no id"}
        run = self.pull()
        self.assertCounts(run, read=3, created=2, failed=1)
        self.pull(full=True)
        self.assertEqual(len(self.messages()), 1, "the same payload is the same message")

    # What only the ORM finds

    def veto(self, *names):
        """Odoo refuses products of these names, as a constraint of any other module would."""
        model = self.env.registry["product.product"]
        attempts = []
        original = model.create

        def create(records, vals_list):
            attempts.append(len(vals_list))
            if any(vals.get("name") in names for vals in vals_list):
                raise UserError("Not this one.")
            return original(records, vals_list)

        return attempts, patch.object(model, "create", create)

    def test_bisected_to_the_bad_record(self):
        self.world.put(*self.products(64))
        attempts, vetoed = self.veto("Product p017")
        with vetoed:
            run = self.pull()
        self.assertCounts(run, read=64, created=63, failed=1)
        message = self.messages()
        self.assertEqual((message.external_id, message.code), ("p017", "rejected"))
        self.assertIn("Not this one.", message.sentence)
        batches = [size for size in attempts if size]
        self.assertLessEqual(len(batches), 1 + 2 * math.log2(64), batches)

    def test_two_bad_records_in_one_page(self):
        self.world.put(*self.products(32))
        _attempts, vetoed = self.veto("Product p003", "Product p029")
        with vetoed:
            run = self.pull()
        self.assertCounts(run, read=32, created=30, failed=2)
        self.assertEqual(self.messages().mapped("external_id"), ["p003", "p029"])
        self.assertEqual(set(self.messages().mapped("trace_key")), {"rejected:Not this one."})

    def test_a_real_constraint_of_odoo(self):
        """A packaging has the barcode: Odoo refuses it, and only it."""
        self.env["product.uom"].create(
            {
                "product_id": self.env["product.product"].create({"name": "Boxed"}).id,
                "uom_id": self.env.ref("uom.product_uom_dozen").id,
                "barcode": "B002",
            }
        )
        self.world.put(*self.products(5))
        run = self.pull()
        self.assertCounts(run, read=5, created=4, failed=1)
        self.assertEqual(self.message("p002").code, "rejected")

    def test_an_unforeseen_error_of_one_record(self):
        """A database error does not poison the others, and no traceback reaches a person."""
        model = self.env.registry["product.product"]
        original = model.create

        def create(records, vals_list):
            if any(vals.get("name") == "far" for vals in vals_list):
                records.env.cr.execute("SELECT 1/0", log_exceptions=False)
            return original(records, vals_list)

        self.world.put(*self.products(4), product("far", name="far"))
        logged = self.assertLogs("odoo.addons.pos_sync_connector.sync.engine.base_importer", "ERROR")
        with patch.object(model, "create", create), logged:
            run = self.pull()
        self.assertCounts(run, read=5, created=4, failed=1)
        message = self.message("far")
        self.assertEqual(message.code, "unexpected")
        self.assertNotIn("Traceback", f"{message.sentence}{message.details}")

    def test_a_text_that_no_database_stores(self):
        self.world.put(*self.products(2))
        self.world.products["nul"] = {"id": "nul", "name": "bad \x00 name"}
        run = self.pull()
        self.assertCounts(run, read=3, created=2, failed=1)
        self.assertEqual(self.message("nul").code, "malformed")

    # Concurrency is replayed, never bisected

    def failing_import(self, *errors):
        model = self.env.registry["pos.sync.import_products"]
        original, planned, sizes = model._import, list(errors), []

        def _import(importer, stream, records, outcome):
            sizes.append(len(records))
            original(importer, stream, records, outcome)
            if planned:
                raise planned.pop(0)

        patches = patch.multiple("odoo.addons.pos_sync_connector.sync.engine.replay.time", sleep=lambda seconds: None)
        self.enterContext(patches)
        self.enterContext(patch.object(model, "_import", _import))
        return sizes

    def test_a_concurrent_change_replays_the_page(self):
        sizes = self.failing_import(postgres.SerializationFailure(), postgres.DeadlockDetected())
        self.world.put(*self.products(8))
        run = self.pull()
        self.assertCounts(run, read=8, created=8)
        self.assertEqual(sizes, [8, 8, 8], "whole, and never in halves")
        self.assertNothingFailed()

    def test_too_many_concurrent_changes(self):
        self.failing_import(*(postgres.SerializationFailure() for _attempt in range(5)))
        self.world.put(*self.products(8))
        self.pull()
        stream = self.connection._stream("products_pull")
        self.assertEqual(stream.state, "retry")
        self.assertFalse(self.template("p000"))
        self.assertNothingFailed()
        self.pull()
        self.assertTrue(self.template("p000"))
        self.assertFalse(stream.sentence)

    # Sweeps

    def test_deleted_at_the_source(self):
        """Archived is what was made here, has no stock and nobody else maps."""
        own = self.env["product.product"].create({"name": "Own", "barcode": "OWN", "company_id": self.company.id})
        second = self.connect("second")
        second._system_class().worlds["second"].put(product("shared-2", barcode="SHARED"))
        self.world.put(
            *self.products(8),
            product("linked", barcode="OWN"),
            product("shared", barcode="SHARED"),
            product("stocked", tracked=True),
            product("plain"),
        )
        self.pull()
        self.pull(connection=second)
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.quant"]._update_available_quantity(self.variant("v-stocked"), warehouse.lot_stock_id, 2)
        links = {key: self.link(key) for key in ("linked", "shared", "stocked", "plain")}
        for key in links:
            del self.world.products[key]
        self.pull()
        self.assertFalse(any(link.gone for link in links.values()), "an increment can't see a deletion")
        run = self.pull(full=True)
        self.assertCounts(run, read=8, unchanged=8, deleted=4)
        self.assertTrue(all(link.gone for link in links.values()))
        self.assertEqual(
            {key: link.product_tmpl_id.active for key, link in links.items()},
            {"linked": True, "shared": True, "stocked": True, "plain": False},
        )
        self.assertTrue(own.active)

    def test_deleted_and_back(self):
        self.world.put(*self.products(8))
        self.pull()
        tea = self.world.products.pop("p003")
        self.pull(full=True)
        self.assertFalse(self.link("p003").product_tmpl_id.active)
        self.world.put(tea)
        self.pull()
        self.assertTrue(self.template("p003").active)
        self.assertFalse(self.link("p003").gone or self.link("v-p003", "variant").gone)
        self.assertTrue(self.link("p003").owns_identity)

    def test_deletion_named_by_the_system(self):
        self.world.put(*self.products(3))
        self.pull()
        del self.world.products["p001"]
        self.world.deleted.append("p001")
        run = self.pull()
        self.assertEqual(run.deleted_count, 1)
        self.assertFalse(self.link("p001").product_tmpl_id.active)

    def test_mass_deletion_waits_for_a_person(self):
        self.world.put(*self.products(40))
        self.pull()
        kept = dict(self.world.products)
        for key in list(kept)[:20]:
            del self.world.products[key]
        run = self.pull(full=True)
        self.assertEqual((run.deleted_count, run.failed_count), (0, 1))
        message = self.messages()
        self.assertEqual(message.code, "mass-deletion")
        self.assertIn("20", message.sentence)
        self.assertTrue(self.template("p000").active)
        message.action_retry()
        self.drain()
        self.assertNothingFailed()
        self.assertTrue(self.link("p000").gone)
        self.assertFalse(self.link("p000").product_tmpl_id.active)
        self.assertFalse(self.link("p020").gone)

    def test_mass_deletion_that_was_a_passing_fault(self):
        self.world.put(*self.products(40))
        self.pull()
        kept = dict(self.world.products)
        self.world.products.clear()
        self.pull(full=True)
        message = self.messages()
        self.world.products.update(kept)
        run = self.pull(full=True)
        self.assertEqual(message.state, "dropped")
        self.assertCounts(run, read=40, unchanged=40)

    def test_deletion_that_odoo_refuses_stops_no_other(self):
        self.world.put(*self.products(6))
        self.pull()
        for key in ("p001", "p002", "p003"):
            del self.world.products[key]
        model = self.env.registry["product.template"]
        original = model.action_archive

        def action_archive(templates):
            if "Product p002" in templates.mapped("name"):
                raise UserError("A till sells it just now.")
            return original(templates)

        with patch.object(model, "action_archive", action_archive):
            run = self.pull(full=True)
        self.assertEqual((run.state, run.deleted_count, run.failed_count), ("done", 2, 1))
        message = self.messages()
        self.assertIn("A till sells it just now.", message.sentence)
        self.assertTrue(self.template("p002").active)
        message.action_retry()
        self.drain()
        self.assertNothingFailed()
        self.assertFalse(self.link("p002").product_tmpl_id.active)

    def test_a_sweep_begun_again_sees_what_went_meanwhile(self):
        """The first, unfinished full pass had named p000; the second must not rely on that."""
        self.world.put(*self.products(8))
        self.pull()
        self.world.page_size = 2
        stream = self.connection._stream("products_pull")
        with patch.object(self.env.registry["pos.sync.run_stream"], "_SLICE", 0):
            stream._request(full=True)
            self.run_job(stream)
            self.assertEqual(stream.state, "running")
            del self.world.products["p000"]
            self.pull(full=True)
        self.assertTrue(self.link("p000").gone)
