"""What changes after it was sent: customers are told where sending made them, a cancellation there is asked about."""

from odoo.tests import tagged

from ..connectors import records as rec
from .push_common import PushCase
from .sales_common import line
from .sales_common import order as sold


@tagged("post_install", "-at_install")
class TestChangedCustomers(PushCase):
    def setUp(self):
        super().setUp()
        self.send(self.ada)
        self.push()
        self.assertEqual(len(self.target_world.sent_customers), 1)

    def changes(self):
        self.push()
        return [(item.external_id, item.email, item.phone) for item in self.target_world.changed_customers]

    def test_a_change_is_told_once_under_the_targets_id(self):
        self.ada.email = "ada@lovelace.example.com"
        self.ada.phone = "+1 212 555 0199"
        self.assertEqual(self.changes(), [("c-1", "ada@lovelace.example.com", "+12125550199")])
        self.assertEqual(len(self.changes()), 1)
        self.assertEqual(len(self.target_world.sent_customers), 1)
        link = self.link("c-1", "customer", self.target)
        self.assertEqual(link.agreed_email, "ada@lovelace.example.com")

    def test_phones_and_emails_are_sent_as_any_system_reads_them(self):
        self.ada.write({"country_id": self.env.ref("base.uk").id, "phone": "020 7946 0018"})
        self.ada.email = "orders@example.com, billing@example.com"
        self.assertEqual(self.changes(), [("c-1", "orders@example.com", "+442079460018")])
        self.ada.phone = "ask at the desk"
        self.assertEqual(self.changes()[-1], ("c-1", "orders@example.com", ""))

    def test_it_comes_back_and_nothing_is_sent_again(self):
        self.ada.email = "ada@lovelace.example.com"
        self.changes()
        self.target._stream("setup_pull").first_done = True
        self.pull("customers_pull", self.target)
        self.assertEqual(self.ada.email, "ada@lovelace.example.com")
        self.assertEqual(len(self.changes()), 1)

    def test_what_did_not_change_or_is_not_sent_is_no_change(self):
        self.ada.write({"email": self.ada.email, "comment": "likes tea"})
        self.assertEqual(self.changes(), [])

    def test_whom_the_target_had_already_is_its_own(self):
        link = self.link("c-1", "customer", self.target)
        link.write({"pushed": False, "pushed_at": False})
        self.ada.email = "ada@lovelace.example.com"
        self.assertEqual(self.changes(), [])

    def test_a_flow_that_is_off_takes_nothing(self):
        self.customers_stream.enabled = False
        self.ada.email = "ada@lovelace.example.com"
        self.assertFalse(self.outbox(self.ada, states=("waiting",)))

    def test_what_a_pull_brings_is_not_sent_on(self):
        self.ada.with_context(**self.env["pos.sync.importer"]._prepared(self.orders_stream).env.context).email = "x@y.z"
        self.assertEqual(self.changes(), [])


@tagged("post_install", "-at_install")
class TestCancelledThere(PushCase):
    def cancel_there(self, order):
        key = self.outbox(order)[:1].idempotency_key
        self.target_world.sell(
            sold("o-0", line("x", variant_id="theirs"), source_reference=key, status=rec.OrderStatus.CANCELLED)
        )
        self.pull("order_status_pull", self.target)

    def test_whoever_sold_it_is_asked_once(self):
        order = self.sale(user_id=self.env.ref("base.user_admin").id)
        order.action_confirm()
        self.send(order)
        self.push()
        self.cancel_there(order)
        self.assertEqual(self.sent_link(order).remote_status, "cancelled")
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.activity_ids.user_id, self.env.ref("base.user_admin"))
        self.pull("order_status_pull", self.target, full=True)
        self.assertEqual(len(order.activity_ids), 1)

    def test_what_was_cancelled_here_too_asks_nobody(self):
        order = self.sale(user_id=self.env.ref("base.user_admin").id)
        order.action_confirm()
        self.send(order)
        self.push()
        order._action_cancel()
        self.push()
        self.cancel_there(order)
        self.assertFalse(order.activity_ids)


@tagged("post_install", "-at_install")
class TestOrdersChangedSince(PushCase):
    def test_an_order_that_was_changed_after_it_was_sent_says_so(self):
        order = self.sale(self.tea, self.coffee)
        order.action_confirm()
        self.send(order)
        self.push()
        self.assertFalse(order.pos_sync_changed_since)
        order.order_line[0].product_uom_qty = 2
        self.assertEqual(order.pos_sync_changed_since, self.target.name)
        order.order_line[0].product_uom_qty = 1
        self.assertFalse(order.pos_sync_changed_since)
        order.order_line[1].price_unit = 3
        order._action_cancel()
        self.assertFalse(order.pos_sync_changed_since, "its cancellation is sent")
