"""Orders sent to a system: what arrives, once whatever is cut, in order, and what failed in words."""

from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from ..connectors.errors import NeedsFixing, Refused, RetryLater
from .common import product, variant
from .push_common import PushCase
from .sales_common import customer
from .sales_common import order as sold


@tagged("post_install", "-at_install")
class TestWhatArrives(PushCase):
    def test_an_order_arrives_with_its_customer(self):
        order = self.sale(self.tea, self.coffee)
        order.action_confirm()
        self.send(order)
        self.push()
        made = self.assertMadeOnce(order)
        self.assertEqual(made.customer_id, "c-1")
        (sent,) = self.target_world.sent_customers
        self.assertEqual((sent.first_name, sent.last_name, sent.email), ("Ada", "Lovelace", "ada@example.com"))
        self.assertEqual(
            [(line.variant_id, line.quantity, line.unit_price, line.gross) for line in made.lines],
            [(f"theirs-{product.id}", 1, 10, 10) for product in (self.tea, self.coffee)],
        )
        self.assertEqual((made.status, made.paid), (rec.OrderStatus.OPEN, False))
        self.assertEqual(made.totals.gross, Decimal("20.00"))
        self.assertEqual(made.number, order.name)
        link = self.link("c-1", "customer", self.target)
        self.assertEqual((link.partner_id, link.linked_by), (self.ada, "sent"))
        self.assertEqual(order.pos_sync_sent_state, "sent")
        self.assertIn("T0", order.message_ids[0].body)

    def test_a_quotation_arrives_as_one(self):
        order = self.sale()
        self.send(order)
        self.push()
        self.assertIs(self.assertMadeOnce(order).status, rec.OrderStatus.DRAFT)

    def test_it_arrives_as_the_flow_says(self):
        for push_as, status in (("draft", rec.OrderStatus.DRAFT), ("open", rec.OrderStatus.OPEN)):
            self.orders_stream.push_as = push_as
            order = self.sale()
            order.action_confirm()
            self.send(order)
            self.push()
            self.assertIs(self.assertMadeOnce(order).status, status)

    def test_taxes_go_by_their_mapping(self):
        tax = self.map_tax("their-tax", 8.25, connection=self.target).tax_id
        order = self.sale()
        order.order_line.tax_ids = tax
        self.send(order)
        self.push()
        (line,) = self.assertMadeOnce(order).lines
        self.assertEqual([item.tax_id for item in line.taxes], ["their-tax"])
        self.assertEqual((line.net, line.gross), (Decimal("10.0"), Decimal("10.83")))

    def test_a_tax_without_mapping_is_named(self):
        order = self.sale()
        order.order_line.tax_ids = self.make_tax(5)
        self.send(order)
        self.push()
        (message,) = self.outbox(order)
        self.assertEqual((message.state, message.code), ("failed", "unmapped-tax"))
        self.assertIn(order.order_line.tax_ids.name, message.sentence)
        self.assertFalse(self.target_world.made)
        self.map_tax("their-tax", 5, connection=self.target, tax_id=order.order_line.tax_ids.id)
        message.action_retry()
        self.push()
        self.assertMadeOnce(order)

    def test_the_address_of_delivery_and_the_owner_of_an_address(self):
        child = self.env["res.partner"].create(
            {"name": "Door", "parent_id": self.ada.id, "type": "delivery", "street": "1 Way"}
        )
        order = self.sale(partner=child)
        order.partner_shipping_id = child
        self.send(order)
        self.push()
        made = self.assertMadeOnce(order)
        self.assertEqual((made.customer_id, made.customer.last_name), ("c-1", "Lovelace"))

    def test_another_unit_is_told_in_the_products_own(self):
        order = self.sale()
        order.order_line.write({"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price_unit": 120})
        self.send(order)
        self.push()
        (line,) = self.assertMadeOnce(order).lines
        self.assertEqual((line.quantity, line.unit_price, line.net), (12, 10, 120))

    def test_sent_twice_it_is_there_once(self):
        order = self.sale()
        self.assertTrue(self.send(order))
        self.assertFalse(self.send(order), "it waits already")
        self.push()
        self.assertFalse(self.send(order), "it is there")
        self.push()
        self.assertMadeOnce(order)

    def test_a_cancelled_order_is_not_sent(self):
        order = self.sale()
        self.send(order)
        order._action_cancel()
        self.push()
        self.assertFalse(self.target_world.made)
        self.assertEqual(self.outbox(order).state, "dropped")
        with self.assertRaises(UserError):
            self.send(order)


@tagged("post_install", "-at_install")
class TestCustomerFirst(PushCase):
    def test_one_who_is_there_is_linked(self):
        self.target_world.know(customer("x7", "Ada", "Lovelace", email="ADA@example.com"))
        order = self.sale()
        self.send(order)
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "x7")
        self.assertFalse(self.target_world.sent_customers)
        self.assertEqual(self.link("x7", "customer", self.target).linked_by, "name")

    def test_another_of_the_same_name_is_not(self):
        self.target_world.know(customer("x7", "Ada", "Lovelace", email="other@example.com", phone="+1 212 555 0199"))
        order = self.sale()
        self.send(order)
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "c-2")

    def test_one_in_doubt_is_asked_for(self):
        self.ada.name = "Daniel Lovelace"
        self.target_world.know(customer("x7", "Daniela", "Lovelace", email="ada@example.com"))
        order = self.sale()
        self.send(order)
        self.push()
        (message,) = self.outbox(order)
        self.assertEqual((message.state, message.code), ("failed", "doubtful-customer"))
        self.assertIn("Daniela Lovelace", message.sentence)
        message.action_link()
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "x7")
        self.assertEqual(self.link("x7", "customer", self.target).linked_by, "hand")

    def test_the_record_is_opened_by_whoever_may_read_it(self):
        order = self.sale()
        self.send(order)
        (message,) = self.outbox(order)
        self.assertTrue(message.can_open)
        alone = new_test_user(self.env, "alone", "pos_sync_connector.group_user", company_id=self.company.id)
        self.assertFalse(message.with_user(alone).can_open)
        seller = new_test_user(
            self.env, "sells", "pos_sync_connector.group_user,sales_team.group_sale_manager", company_id=self.company.id
        )
        self.assertTrue(message.with_user(seller).can_open)

    def test_one_in_doubt_can_be_made(self):
        self.ada.name = "Daniel Lovelace"
        self.target_world.know(customer("x7", "Daniela", "Lovelace", email="ada@example.com"))
        order = self.sale()
        self.send(order)
        self.push()
        self.outbox(order).action_create()
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "c-2")

    def test_two_orders_make_one_customer(self):
        orders = self.sale() | self.sale()
        self.send(orders)
        self.push()
        self.assertEqual(len(self.target_world.made), 2)
        self.assertEqual(len(self.target_world.sent_customers), 1)

    def test_two_partners_who_are_one_there(self):
        twin = self.ada.copy({"name": "Ada Lovelace", "email": "ada@example.com"})
        orders = self.sale() | self.sale(partner=twin)
        self.send(orders)
        self.push()
        self.assertEqual([item.customer_id for item in self.target_world.made], ["c-1", "c-1"])

    def test_the_answer_was_lost(self):
        self.target_world.plan["push_customer_answer"] = [RetryLater("The answer was lost.", code="in-doubt")]
        order = self.sale()
        self.send(order)
        self.push()
        self.assertFalse(self.target_world.made)
        self.orders_stream._request()
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "c-1")
        self.assertEqual(len(self.target_world.sent_customers), 1)

    def test_a_customer_alone(self):
        self.assertTrue(self.send(self.ada))
        self.push()
        self.assertEqual(self.outbox(self.ada).state, "done")
        self.assertEqual(self.link("c-1", "customer", self.target).partner_id, self.ada)
        self.assertFalse(self.send(self.ada))

    def test_a_walk_in_is_nobody(self):
        self.connection.walk_in_partner_id = self.ada
        order = self.sale()
        self.send(order)
        self.push()
        self.assertEqual(self.assertMadeOnce(order).customer_id, "")
        self.assertFalse(self.target_world.sent_customers)


@tagged("post_install", "-at_install")
class TestCutOff(PushCase):
    """Whatever is lost on the way, the target has the order once."""

    def test_before_it_arrived(self):
        self._cut("push_order")
        self.assertEqual(self.target_world.calls["find_pushed_order"], 1)

    def test_after_it_arrived(self):
        self._cut("push_order_answer")
        self.assertEqual(self.target_world.calls["push_order"], 1)

    def test_while_asking_what_arrived(self):
        self.target_world.plan["find_pushed_order"] = [RetryLater("Down.", code="no-connection")]
        self._cut("push_order_answer", times=2)
        self.assertEqual(self.target_world.calls["push_order"], 1)

    def _cut(self, method, times=1):
        self.target_world.plan[method] = [RetryLater("The answer was lost.", code="in-doubt", after=30)]
        order = self.sale()
        self.send(order)
        self.push()
        message = self.outbox(order)
        self.assertEqual((message.state, message.attempts), ("waiting", 1))
        self.assertTrue(self.orders_stream.retry_at)
        self.assertEqual(self.orders_stream.sentence, "The answer was lost.")
        for _time in range(times):
            self.orders_stream._request()
            self.push()
        self.assertMadeOnce(order)
        self.assertFalse(self.orders_stream.sentence)

    def test_the_job_died_during_the_call(self):
        """Then the message stands as being sent, and nobody holds its lock."""
        order, lost = self.sale(), self.sale()
        self.send(order | lost)
        message = self.outbox(order)
        self.target_world.made.append(sold(f"sale.order,{order.id}", source_reference=message.idempotency_key))
        self.outbox().write({"state": "sending", "attempts": 1})
        self.push()
        self.assertMadeOnce(order)
        self.assertMadeOnce(lost)
        self.assertEqual(self.target_world.calls["push_order"], 1)

    def test_dropped_and_sent_again_it_asks_first(self):
        self.target_world.plan["push_order_answer"] = [RetryLater("The answer was lost.", code="in-doubt")]
        order = self.sale()
        self.send(order)
        self.push()
        self.outbox(order).action_drop()
        self.send(order)
        self.orders_stream._request()
        self.push()
        self.assertEqual(len(self.target_world.made), 1)
        self.assertEqual(self.outbox(order).mapped("state"), ["dropped", "done"])
        self.assertEqual(len(set(self.outbox(order).mapped("idempotency_key"))), 1)


@tagged("post_install", "-at_install")
class TestFailures(PushCase):
    def test_a_product_that_is_not_linked_is_held(self):
        juice = self.env["product.product"].create({"name": "Juice"})
        orders = self.sale(juice) | self.sale(juice)
        good = self.sale()
        self.send(orders | good)
        self.push()
        self.assertMadeOnce(good)
        held = self.outbox(orders[0]) | self.outbox(orders[1])
        self.assertEqual(set(held.mapped("state")), {"held"})
        self.assertEqual(set(held.mapped("trace_key")), {f"missing-product:{juice.id}"})
        self.assertIn("Juice", held[0].sentence)
        self.assertEqual(held[0].sibling_count, 2)
        wizard = self.link_product(held[0])
        self.assertEqual(wizard.waiting_count, 2)
        self.assertFalse(wizard.mapping_id, "nothing there is named like it")
        wizard.write({"by": "id", "external_id": "their-juice"})
        with self.assertRaisesRegex(UserError, "no product of the ID"):
            wizard.action_link()
        self.target_world.put(product("juice", variants=(variant("their-juice"),)))
        wizard.action_link()
        self.push()
        for order in orders:
            self.assertEqual(self.assertMadeOnce(order).lines[0].variant_id, "their-juice")

    def test_a_product_linked_while_its_order_was_held(self):
        juice = self.env["product.product"].create({"name": "Juice"})
        order = self.sale(juice)
        self.send(order)
        other = self.env["product.product"].create({"name": "Other"})
        values = {"connection_id": self.target.id, "entity": "variant"}
        jobs = [("cron_id", "=", self.target._stream("orders_push").cron_id.id)]
        self.env["ir.cron.trigger"].search(jobs).unlink()
        self.env["pos.sync.mapping"].create({**values, "external_id": "o", "product_id": other.id})
        self.assertTrue(self.env["ir.cron.trigger"].search(jobs), "what is just being held must see the link")
        self.push()
        with patch.object(self.registry["pos.sync.mapping"], "_release_orders_to_send"):
            self.env["pos.sync.mapping"].create({**values, "external_id": "j", "product_id": juice.id})
        self.assertEqual(self.outbox(order).state, "held")
        self.push()
        self.assertEqual(self.assertMadeOnce(order).lines[0].variant_id, "j")

    def link_product(self, message):
        action = message.action_link_product()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_a_link_whose_product_was_deleted_is_proposed(self):
        """The product was made anew in Odoo: its former link takes it, and the product that it belongs to."""
        Mapping = self.env["pos.sync.mapping"]
        values = {"connection_id": self.target.id, "name": "Juice"}
        whole = Mapping.create({**values, "entity": "product", "external_id": "j", "owns_price": True})
        part = Mapping.create({**values, "entity": "variant", "external_id": "j-1", "parent_external_id": "j"})
        juice = self.env["product.product"].create({"name": "Juice"})
        order = self.sale(juice)
        self.send(order)
        self.push()
        wizard = self.link_product(self.outbox(order))
        self.assertEqual(wizard.mapping_id, part)
        wizard.action_link()
        self.assertEqual((part.product_id, whole.product_tmpl_id), (juice, juice.product_tmpl_id))
        self.assertFalse(whole.owns_price, "another owner may have it by now")
        self.push()
        self.assertEqual(self.assertMadeOnce(order).lines[0].variant_id, "j-1")

    def test_a_link_moves_to_the_product_that_is_sent(self):
        juice = self.env["product.product"].create({"name": "Juice"})
        order = self.sale(juice)
        self.send(order)
        self.push()
        wizard = self.link_product(self.outbox(order))
        wizard.mapping_id = self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.target.id), ("product_id", "=", self.tea.id)]
        )
        self.assertEqual(wizard.other_product_id, self.tea)
        wizard.action_link()
        self.push()
        self.assertEqual(self.assertMadeOnce(order).lines[0].variant_id, f"theirs-{self.tea.id}")

    def test_what_waits_while_the_flow_is_off_is_kept_or_dropped(self):
        order = self.sale()
        self.send(order)
        self.assertNotIn("pending", {item["code"] for item in self.target._todo_items()})
        self.orders_stream.enabled = False
        self.push()
        (item,) = (item for item in self.target._todo_items() if item["code"] == "pending")
        self.assertEqual((item["count"], self.outbox(order).mapped("state")), (1, ["waiting"]))
        self.assertEqual(getattr(self.target, item["action"])()["res_id"], self.orders_stream.id)
        self.orders_stream.action_drop_pending()
        self.env.invalidate_all()
        self.assertEqual((self.orders_stream.pending_count, self.outbox(order).mapped("state")), (0, ["dropped"]))
        self.orders_stream.enabled = True
        self.push()
        self.assertFalse(self.target_world.made)

    def test_what_the_target_refuses_stands_alone(self):
        self.target_world.plan["push_order"] = [NeedsFixing("Too dear.", code="rejected", trace="rejected:dear")]
        orders = self.sale() | self.sale()
        self.send(orders)
        self.push()
        message = self.outbox(orders[0])
        self.assertEqual((message.state, message.sentence), ("failed", "Too dear."))
        self.assertEqual(orders[0].pos_sync_sent_state, "failed")
        self.assertMadeOnce(orders[1])
        self.assertEqual(self.counts(self.orders_stream.last_run_id), {"read": 2, "created": 1, "failed": 1})
        message.action_retry()
        self.push()
        self.assertMadeOnce(orders[0])

    def test_a_failed_one_holds_what_follows_it(self):
        order = self.sale()
        order.action_confirm()
        self.target_world.plan["push_order"] = [NeedsFixing("No.")]
        self.send(order)
        self.push()
        order._action_cancel()
        failed, follows = self.outbox(order)
        self.assertEqual((failed.state, follows.flow), ("failed", "order_status_push"))
        self.push()
        self.assertFalse(self.target_world.statuses)
        failed.action_drop()
        self.push()
        self.assertFalse(self.target_world.statuses, "it is not there")
        self.assertEqual(follows.state, "dropped")

    def test_refused_stops_the_connection(self):
        self.target_world.plan["push_order"] = [Refused("The key was withdrawn.")]
        orders = self.sale() | self.sale()
        self.send(orders)
        self.push()
        self.assertEqual((self.target.state, self.target.state_message), ("refused", "The key was withdrawn."))
        self.assertEqual(self.outbox().mapped("state"), ["waiting", "waiting"])
        self.target.action_test()
        self.push()
        for order in orders:
            self.assertMadeOnce(order)

    def test_an_error_of_the_connector_stops_nobody_else(self):
        self.target_world.plan["push_order"] = [RuntimeError()]
        orders = self.sale() | self.sale()
        self.send(orders)
        with self.assertLogs("odoo.addons.pos_sync_connector.sync.outbox.send_outbox", level="ERROR"):
            self.push()
        self.assertEqual(self.outbox(orders[0]).code, "unexpected")
        self.assertMadeOnce(orders[1])

    def test_one_that_always_times_out_lets_others_pass(self):
        slow = RetryLater("Too slow.", code="timeout", after=0)
        self.target_world.plan["push_order"] = [slow]
        orders = self.sale() | self.sale()
        self.send(orders)
        self.push()
        self.target_world.plan["push_order"] = [None, slow]
        self.orders_stream._request()
        self.push()
        self.assertMadeOnce(orders[1])
        self.assertEqual(self.outbox(orders[0]).state, "waiting")

    def test_off_nothing_is_sent_and_nothing_is_lost(self):
        order = self.sale()
        self.send(order)
        self.target.action_off()
        self.push()
        self.assertFalse(self.target_world.made)
        self.target.action_on()
        self.push()
        self.assertMadeOnce(order)

    def test_many_have_one_run_with_progress(self):
        orders = self.env["sale.order"].concat(*(self.sale() for _number in range(30)))
        self.send(orders)
        self.assertEqual(len(self.outbox()), 30)
        self.patch(type(self.env["pos.sync.send_outbox"]), "_SLICE", 0.0)
        self.run_job(self.orders_stream)
        self.env.invalidate_all()
        run = self.orders_stream.run_id
        self.assertEqual((run.total, run.read_count, self.orders_stream.progress), (30, 1, 3))
        for _slice in range(40):
            self.push("orders_push")
        self.assertEqual(len(self.target_world.made), 30)
        self.assertEqual(self.orders_stream.last_run_id, run)
        self.assertCounts(run, read=30, created=30)


@tagged("post_install", "-at_install")
class TestCharges(PushCase):
    def test_lines_that_are_no_product(self):
        order = self.sale()
        order.write(
            {
                "order_line": [
                    Command.create({"display_type": "line_section", "name": "Section"}),
                    Command.create(
                        {
                            "product_id": self._discount().id,
                            "price_unit": -1.5,
                            "tax_ids": [Command.clear()],
                        }
                    ),
                ]
            }
        )
        self.send(order)
        self.push()
        made = self.assertMadeOnce(order)
        self.assertEqual(len(made.lines), 1)
        self.assertEqual(
            [(item.kind, item.amount) for item in made.charges], [(rec.ChargeKind.DISCOUNT, Decimal("-1.5"))]
        )

    def _discount(self):
        product = self.env["product.product"].create({"name": "Discount", "type": "service"})
        self.company.sale_discount_product_id = product
        return product
