"""A connection that has brought something is not deleted, and a new one to the same account goes on where it ended."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TestSystem
from .posting_common import PostingCase, paid
from .sales_common import SOLD_AT, SalesSystem, line, order, refund


@tagged("post_install", "-at_install")
class TestConnectionKeep(PostingCase):
    def orders(self):
        return self.env["sale.order"].search([("origin", "=", self.connection.name)])

    def connect_again(self):
        """A new connection to the account of the archived one, as its form makes it. Returns it untested."""
        TestSystem.worlds["again"] = self.sales_world
        connection = self.env["pos.sync.connection"].create(
            {"name": "Again", "system": SalesSystem.code, "company_id": self.company.id}
        )
        connection.setting_ids.filtered(lambda row: row.key == "account").value = "again"
        return connection

    def test_one_with_orders_or_posted_days_is_not_deleted(self):
        self.sell(order("1", payments=(paid("a", 10),)))
        self.post()
        with self.assertRaises(UserError) as refused:
            self.connection.unlink()
        self.assertIn("orders (1), posted days (1)", str(refused.exception))
        self.assertIn("Archive it", str(refused.exception))
        self.connection.active = False
        self.assertEqual(len(self.link("1", "order")), 1)
        self.assertEqual(self.day().state, "posted")
        self.assertFalse(self.connection._may_talk())

    def test_one_that_has_brought_nothing_but_products_is(self):
        self.connection.unlink()
        self.assertFalse(self.connection.exists())

    def test_a_new_connection_asks_and_takes_over(self):
        self.sell(order("1", payments=(paid("a", 10),)))
        entry = self.post()
        old, self.connection.active = self.connection, False
        new = self.connect_again()
        answer = new.action_test()
        self.assertEqual((answer["params"]["type"], new.state), ("danger", "draft"))
        self.assertIn(old.name, new.former_sentence)
        new.action_take_over()
        self.assertEqual(new.state, "connected")
        self.assertFalse(new.former_id)
        self.assertEqual(new.entries_from, old.entries_from)
        new.stream_ids.filtered(lambda stream: stream.flow != "orders_pull").first_done = True
        self.world.sell(order("1", line("1-1", quantity=2), payments=(paid("a", 20),)), order("2"))
        self.pull("orders_pull", connection=new)
        self.connection = new
        self.assertNothingFailed("orders_pull", connection=new)
        found = self.env["sale.order"].search([("pos_sync_connection_id", "=", new.id)])
        self.assertEqual(sorted(found.mapped("pos_sync_external_id")), ["1", "2"])
        self.assertEqual(self.order("1").pos_sync_day_id.move_ids, entry)
        self.gather()
        self.assertEqual(self.day().state, "changed")
        self.refund(refund("r", "1", 10, payments=(paid("b", 10),)))
        self.assertEqual(self.order("1").pos_sync_refund_ids.connection_id, new)
        # Nothing is left that would keep the former one.
        old.unlink()
        self.assertFalse(old.exists())

    def test_started_anew_it_is_another_shop(self):
        self.sell(order("1"))
        self.connection.active = False
        new = self.connect_again()
        new.action_test()
        new.action_start_anew()
        self.assertEqual(new.state, "connected")
        self.assertFalse(new.mapping_count)

    def test_after_a_new_installation_the_orders_are_found(self):
        sold = (order("1", line("1-1"), line("1-2", quantity=2, unit_price=9), payments=(paid("a", 28),)), order("2"))
        self.sell(*sold)
        before = self.order("1") | self.order("2")
        lines, totals = before.order_line, before.mapped("amount_total")
        # What an uninstallation leaves of them: Odoo's own columns.
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM pos_sync_payment; DELETE FROM pos_sync_points; DELETE FROM pos_sync_mapping")
        self.env.cr.execute(
            "UPDATE sale_order SET pos_sync_connection_id = NULL, pos_sync_external_id = NULL, pos_sync_number = NULL,"
            " pos_sync_status = NULL, pos_sync_day_id = NULL;"
            "UPDATE sale_order_line SET pos_sync_line_id = NULL"
        )
        self.env.invalidate_all()
        self.connection.unlink()
        new = self.connect_again()
        new.entries_from = SOLD_AT.date() + timedelta(days=1)
        new.action_test()
        self.assertEqual(new.state, "connected")
        new.stream_ids.first_done = True
        new._stream("products_pull").first_done = False
        self.pull("products_pull", connection=new)
        self.pull("orders_pull", connection=new)
        self.connection = new
        self.assertNothingFailed("orders_pull", connection=new)
        self.assertEqual(self.env["sale.order"].search([("company_id", "=", self.company.id)]), before)
        self.assertEqual(before.order_line, lines)
        self.assertEqual(before.mapped("amount_total"), totals)
        self.assertEqual(set(before.pos_sync_connection_id), {new})
        self.assertEqual(set(before.mapped("invoice_status")), {"no"}, "what was booked then is not booked again")
        self.pull("orders_pull", connection=new, full=True)
        self.assertEqual(before.order_line, lines)
