"""What is not well: a row a cause, what it keeps waiting, the button that mends it, and the daily activity."""

from dataclasses import replace
from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..connectors.errors import Refused, RetryLater
from .common import product, variant
from .push_common import PushCase
from .sales_common import line, order, refund


class HealthCase(PushCase):
    def causes(self, connection=None):
        """{trace key: row} of a connection."""
        rows = self.env["pos.sync.failure"].search([("connection_id", "=", (connection or self.connection).id)])
        return {row.trace_key: row for row in rows}

    def taxed(self, *ids, tax="vat"):
        return [product(external_id, tax_ids=(tax,)) for external_id in ids]

    def wait_for_nobody(self):
        """An order that waits for a customer who never came."""
        stream = self.connection._stream("orders_pull")
        vals = {"kind": "waits", "code": "waits", "sentence": "Waits for a customer.", "state": "held"}
        return self.env["pos.sync.message"].create(
            {
                **vals,
                "stream_id": stream.id,
                "flow": stream.flow,
                "external_id": "9",
                "trace_key": "missing-customer:nobody",
            }
        )


@tagged("post_install", "-at_install")
class TestHealth(HealthCase):
    def test_one_row_a_cause_and_what_waits_for_it(self):
        self.map_tax("vat", 8.25, tax_id=False)
        self.world.put_later(*self.taxed("mug", "pot"))
        self.pull()
        self.world.sell(order("1", line("1-1", "v-mug")), order("2", line("2-1", "v-pot")))
        self.world.give_back(refund("r1", "1", 4))
        self.pull("orders_pull")
        self.pull("refunds_pull")
        self.wait_for_nobody()
        causes = self.causes()
        self.assertEqual(set(causes), {"missing-tax:vat", "missing-customer:nobody"})
        tax = causes["missing-tax:vat"]
        # Two products fail; two orders wait for these, and a refund for one of the orders.
        self.assertEqual((tax.count, tax.held_count, tax.mend), (2, 3, "make_tax"))
        self.assertIn("All 2 then come in automatically. 3 other records wait", tax.siblings)
        self.assertEqual(tax.flow, "products_pull")
        self.assertTrue(tax.sentence)
        waits = causes["missing-customer:nobody"]
        self.assertEqual((waits.count, waits.held_count), (1, 0))

    def test_the_button_makes_the_tax_and_all_comes_in(self):
        self.map_tax("vat", 8.25, tax_id=False)
        self.world.put_later(*self.taxed("mug", "pot"))
        self.pull()
        self.world.sell(order("1", line("1-1", "v-mug")))
        self.pull("orders_pull")
        self.causes()["missing-tax:vat"].action_make_tax()
        self.drain()
        self.drain("orders_pull")
        self.assertEqual(self.causes(), {})
        self.assertTrue(self.order("1"))

    def test_two_trace_keys_of_two_connections_are_two_rows(self):
        other = self.connect("other", system="sales_test")
        for connection in (self.connection, other):
            self.map_tax("vat", tax_id=False, connection=connection)
        self.world.put_later(*self.taxed("mug"))
        self.pull()
        other._connector().world.put(*self.taxed("mug"))
        self.pull(connection=other)
        self.assertEqual(self.causes()["missing-tax:vat"].count, 1)
        self.assertEqual(self.causes(other)["missing-tax:vat"].count, 1)

    def test_a_chain_that_bites_its_tail_is_shown(self):
        stream = self.connection._stream("customers_pull")
        vals = {"stream_id": stream.id, "flow": stream.flow, "state": "held", "kind": "waits", "code": "waits"}
        self.env["pos.sync.message"].create(
            [
                {**vals, "external_id": "a", "trace_key": "missing-customer:b"},
                {**vals, "external_id": "b", "trace_key": "missing-customer:a"},
            ]
        )
        self.assertEqual(set(self.causes()), {"missing-customer:a", "missing-customer:b"})

    def test_an_order_to_be_sent_without_a_link(self):
        self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.target.id), ("product_id", "=", self.tea.id)]
        ).unlink()
        orders = self.sale() | self.sale()
        orders.action_confirm()
        self.send(orders)
        self.push()
        (cause,) = self.causes(self.target).values()
        self.assertEqual((cause.count, cause.mend), (2, "link_product"))
        action = cause.action_mend()
        self.assertEqual(self.env[action["res_model"]].browse(action["res_id"]).product_id, self.tea)
        self.link_products(self.tea)
        self.push()
        self.assertEqual(self.causes(self.target), {})
        for item in orders:
            self.assertMadeOnce(item)

    def test_what_stops_a_flow_or_the_connection(self):
        self.world.plan["pull_products"] = [RetryLater("It is closed.", after=60)]
        self.pull()
        (cause,) = self.causes().values()
        self.assertEqual((cause.source, cause.sentence, cause.mend), ("stream", "It is closed.", "retry"))
        self.assertTrue(cause.is_passing)
        cause.action_retry()
        self.pull_requested(cause.stream_id or self.connection._stream("products_pull"))
        self.assertEqual(self.causes(), {})
        self.world.plan["pull_products"] = [Refused("The key is not valid.")]
        self.pull()
        (cause,) = self.causes().values()
        self.assertEqual(
            (cause.source, cause.sentence, cause.mend), ("connection", "The key is not valid.", "connection")
        )
        self.assertEqual(cause.action_mend()["res_id"], self.connection.id)

    def test_questions_are_no_failures(self):
        self.connection.review_new = True
        self.env["product.template"].create({"name": "Product mug"})
        self.world.put_later(product("cup"))
        self.pull()
        (cause,) = self.causes().values()
        self.assertTrue(cause.is_question)
        self.assertEqual(cause.mend, "review")

    def test_rows_that_cannot_be_read_do_not_break_the_page(self):
        self.world.break_product("bad")
        self.world.products["odd"] = replace(
            product("odd", tax_ids=("none",)), variants=(variant("v-odd"), variant("v-“even”"))
        )
        self.pull(full=True)
        self.assertEqual(sum(row.count for row in self.causes().values()), 2)


@tagged("post_install", "-at_install")
class TestAlert(HealthCase):
    """One activity a day for whoever is responsible."""

    def setUp(self):
        super().setUp()
        self.responsible = self.connection.user_id = self.env.ref("base.user_admin")
        self.map_tax("vat", tax_id=False)

    def fail_to_import(self, *ids):
        self.world.put_later(*(product(external_id, tax_ids=("vat",)) for external_id in ids))
        self.pull()

    def activities(self, moment, connection=None):
        """The open ones after the housekeeping of that moment."""
        with freeze_time(datetime.fromisoformat(moment)):
            (self.connection | self.target)._alert()
        return (connection or self.connection).activity_ids

    def test_two_failures_on_one_day_are_one_activity(self):
        self.assertFalse(self.activities("2026-03-02 08:00"))
        self.fail_to_import("mug")
        first = self.activities("2026-03-02 09:00")
        self.assertEqual(len(first), 1)
        self.assertEqual(first.user_id, self.responsible)
        self.assertIn("1 to fix", first.summary)
        self.fail_to_import("pot")
        self.assertEqual(self.activities("2026-03-02 17:00"), first)
        self.assertIn("1 to fix", first.summary)
        # The next day it says how it stands then, and is still one.
        self.assertEqual(self.activities("2026-03-03 08:00"), first)
        self.assertIn("2 to fix", first.summary)
        self.assertFalse(self.activities("2026-03-03 08:00", self.target))

    def test_done_by_hand_it_comes_again_tomorrow_only(self):
        self.fail_to_import("mug")
        self.activities("2026-03-02 09:00").action_feedback()
        self.assertFalse(self.activities("2026-03-02 09:01"))
        self.assertEqual(len(self.activities("2026-03-03 09:00")), 1)

    def test_it_is_closed_when_all_is_well(self):
        self.fail_to_import("mug")
        self.assertTrue(self.activities("2026-03-02 09:00"))
        self.connection.tax_ids.filtered(lambda tax: tax.external_id == "vat").ignored = True
        self.drain()
        self.assertNothingFailed()
        self.assertFalse(self.activities("2026-03-02 09:30"))
        # What fails again on the same day waits for tomorrow.
        self.world.break_product("bad")
        self.pull(full=True)
        self.assertFalse(self.activities("2026-03-02 17:00"))
        self.assertTrue(self.activities("2026-03-03 08:00"))

    def test_the_day_is_the_responsible_persons(self):
        self.responsible.tz = "Asia/Tokyo"
        self.fail_to_import("mug")
        self.activities("2026-03-02 14:00").action_feedback()
        self.assertTrue(self.activities("2026-03-02 15:30"))

    def test_what_only_waits_or_asks_is_no_alert(self):
        self.wait_for_nobody()
        self.assertTrue(self.causes())
        self.assertFalse(self.activities("2026-03-02 09:00"))
