"""What sends an order by itself, or its new status: each event once, nothing for history; and the way by hand."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .push_common import PushCase, TargetSystem
from .sales_common import line
from .sales_common import order as sold


class TriggerCase(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)

    def invoice(self, order):
        moves = order._create_invoices(final=True)
        moves.action_post()
        return moves

    def pay(self, invoice, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": amount} if amount else {})
        )
        wizard.action_create_payments()

    def deliver(self, order, quantity=None):
        picking = order.picking_ids.filtered(lambda item: item.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.write({"quantity": quantity or move.product_uom_qty, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def storable(self, *products):
        products = products or (self.tea,)
        for product in products:
            product.product_tmpl_id.write({"type": "consu", "is_storable": True, "invoice_policy": "order"})

    def states(self, order):
        return self.outbox(order).mapped("state")


@tagged("post_install", "-at_install")
class TestTriggers(TriggerCase):
    def test_by_hand_nothing_is_sent_by_itself(self):
        self.storable()
        order = self.sale()
        order.action_confirm()
        self.pay(self.invoice(order))
        self.deliver(order)
        self.assertFalse(self.outbox())

    def test_on_confirmation(self):
        self.orders_stream.push_on = "confirmation"
        order = self.sale()
        self.assertFalse(self.outbox())
        order.action_confirm()
        self.assertEqual(self.states(order), ["waiting"])
        self.pay(self.invoice(order))
        order.action_lock()
        order.action_unlock()
        self.push()
        self.assertMadeOnce(order)

    def test_on_invoice(self):
        self.orders_stream.push_on = "invoice"
        self.storable()
        order = self.sale()
        order.action_confirm()
        self.assertFalse(self.outbox())
        invoice = self.invoice(order)
        self.assertEqual(self.states(order), ["waiting"])
        invoice.button_draft()
        invoice.action_post()
        self.push()
        self.assertMadeOnce(order)

    def test_on_payment(self):
        self.orders_stream.push_on = "payment"
        self.storable()
        order = self.sale(self.tea, self.tea)
        order.action_confirm()
        invoice = self.invoice(order)
        self.assertFalse(self.outbox())
        self.pay(invoice, 5)
        self.assertFalse(self.outbox(), "a part is paid")
        self.pay(invoice)
        self.assertEqual(self.states(order), ["waiting"])
        self.push()
        made = self.assertMadeOnce(order)
        self.assertEqual((made.status, made.paid), (rec.OrderStatus.PAID, True))
        self.assertEqual(sum(payment.amount for payment in made.payments), 20)

    def test_on_payment_online(self):
        self.orders_stream.push_on = "payment"
        provider = self.env["payment.provider"].create(
            {"name": "Card", "code": "none", "company_id": self.company.id, "state": "disabled"}
        )
        order = self.sale()
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].with_context(active_test=False).search([], limit=1).id,
                "reference": "pay-1",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": self.ada.id,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        # How Odoo books what a provider took is its own affair, and needs a real provider.
        self.patch(type(transaction), "_create_payment", lambda self, **_values: self.env["account.payment"])
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.states(order), ["waiting"])
        self.push()
        (payment,) = self.assertMadeOnce(order).payments
        self.assertEqual((payment.amount, payment.reference), (10, "pay-1"))

    def test_on_delivery(self):
        self.orders_stream.push_on = "delivery"
        self.storable()
        order = self.sale()
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        self.deliver(order, 1)
        self.assertFalse(self.outbox(), "a part is delivered")
        self.deliver(order)
        self.assertEqual(self.states(order), ["waiting"])
        self.push()
        self.assertMadeOnce(order)

    def test_only_what_the_filters_let_through(self):
        team = self.env["crm.team"].create({"name": "Shop", "company_id": self.company.id})
        self.orders_stream.write(
            {
                "push_on": "confirmation",
                "push_team_ids": [Command.set(team.ids)],
                "push_domain": "[('amount_total', '<', 15)]",
            }
        )
        other, dear, wanted = (
            self.sale(team_id=False),
            self.sale(self.tea, self.tea, team_id=team.id),
            self.sale(team_id=team.id),
        )
        (other | dear | wanted).action_confirm()
        self.assertEqual(self.outbox().order_id, wanted)
        with self.assertRaises(ValidationError):
            self.orders_stream.push_domain = "[('nonsense', '=', 1)]"

    def test_history_is_never_sent_by_itself(self):
        self.orders_stream.push_on = "invoice"
        self.target.entries_from = "2026-02-01"
        order = self.sale()
        order.action_confirm()
        order.date_order = "2026-01-31 12:00:00"
        self.invoice(order)
        self.assertFalse(self.outbox())
        self.assertTrue(self.send(order), "a person may")

    def test_imported_orders_are_sent_by_routes_only(self):
        self.orders_stream.push_on = "confirmation"
        self.world.sell(sold("1"))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.assertEqual(self.order("1").state, "sale")
        self.assertFalse(self.outbox())

    def test_a_flow_that_is_off_takes_nothing(self):
        self.orders_stream.write({"push_on": "confirmation", "enabled": False})
        self.sale().action_confirm()
        self.assertFalse(self.outbox())


@tagged("post_install", "-at_install")
class TestStatus(TriggerCase):
    def sent(self, *products):
        order = self.sale(*products)
        order.action_confirm()
        self.send(order)
        self.push()
        self.assertMadeOnce(order)
        return order

    def test_a_cancellation_is_told_once(self):
        order = self.sent()
        order._action_cancel()
        self.push()
        (change,) = self.target_world.statuses
        self.assertEqual((change.external_id, change.status), ("o-0", rec.OrderStatus.CANCELLED))

    def test_deliveries_are_told_as_they_are_together(self):
        self.storable()
        order = self.sale()
        order.order_line.product_uom_qty = 3
        order.action_confirm()
        self.send(order)
        self.push()
        self.deliver(order, 1)
        self.push()
        self.deliver(order)
        self.push()
        first, second = self.target_world.statuses
        self.assertEqual([item.lines for item in first.fulfilments], [(("l-0-0", 1),)])
        self.assertEqual([item.lines for item in second.fulfilments], [(("l-0-0", 1),), (("l-0-0", 2),)])

    def test_a_payment_is_told(self):
        order = self.sent()
        self.pay(self.invoice(order))
        self.push()
        (change,) = self.target_world.statuses
        self.assertEqual((change.status, change.paid), (rec.OrderStatus.PAID, True))

    def test_what_changes_before_it_is_sent_needs_no_telling(self):
        order = self.sale()
        self.send(order)
        order.action_confirm()
        self.push()
        self.assertIs(self.assertMadeOnce(order).status, rec.OrderStatus.OPEN)
        self.assertFalse(self.target_world.statuses)

    def test_an_order_that_was_never_sent_has_nobody_to_tell(self):
        order = self.sale()
        order.action_confirm()
        order._action_cancel()
        self.assertFalse(self.outbox())

    def test_its_status_comes_back(self):
        order = self.sent()
        made = self.target_world.made[0]
        self.target_world.sell(
            rec.Order(
                external_id="o-0",
                status=rec.OrderStatus.COMPLETED,
                paid=True,
                currency="USD",
                created_at=made.created_at,
                totals=made.totals,
                fulfilments=(
                    rec.Fulfilment(
                        external_id="f",
                        order_id="o-0",
                        status=rec.FulfilmentStatus.SHIPPED,
                        carrier="UPS",
                        tracking_number="1Z999",
                    ),
                ),
            )
        )
        self.pull("order_status_pull", self.target)
        link = self.sent_link(order)
        self.assertEqual(
            (link.remote_status, link.remote_paid, link.remote_shipping), ("completed", True, "shipped UPS 1Z999")
        )
        told = len(order.message_ids)
        self.target_world.sell(self.target_world.orders["o-0"])
        self.pull("order_status_pull", self.target)
        self.assertEqual(len(order.message_ids), told, "nothing new is told")


@tagged("post_install", "-at_install")
class TestByHand(PushCase):
    def test_the_action_sends_to_the_only_one(self):
        orders = self.sale() | self.sale()
        action = orders.action_pos_sync_send()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("2", action["params"]["message"])
        self.assertEqual(self.outbox().order_id, orders)
        self.assertIn("2 were there", orders.action_pos_sync_send()["params"]["message"])

    def test_the_action_asks_among_several(self):
        other = self._second_target()
        order = self.sale()
        action = order.action_pos_sync_send()
        self.assertEqual(action["res_model"], "pos.sync.send")
        wizard = self.env["pos.sync.send"].browse(action["res_id"])
        self.assertEqual(wizard.connection_ids, self.target | other)
        wizard.connection_id = other
        wizard.action_send()
        self.assertFalse(self.outbox())
        self.assertEqual(order.pos_sync_message_ids.connection_id, other)

    def test_an_automation_rule_names_one(self):
        self._second_target()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Rule",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": f"records.pos_sync_send('{self.target.name}')",
            }
        )
        order = self.sale()
        action.with_context(active_model="sale.order", active_ids=order.ids).run()
        self.assertEqual(self.outbox().order_id, order)
        with self.assertRaises(UserError):
            order.pos_sync_send()

    def test_who_may_send(self):
        seller = new_test_user(
            self.env,
            login="seller",
            groups="sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order = self.sale()
        with self.assertRaises(AccessError):
            order.with_user(seller).action_pos_sync_send()
        seller.group_ids += self.env.ref("pos_sync_connector.group_user")
        order.with_user(seller).action_pos_sync_send()
        self.assertEqual(self.outbox().order_id, order)

    def test_customers_go_by_themselves_too(self):
        self.ada.action_pos_sync_send()
        self.push()
        self.assertEqual([item.email for item in self.target_world.sent_customers], ["ada@example.com"])

    def _second_target(self):
        connection = self.connect("target-2", system=TargetSystem.code)
        connection._stream("orders_push").enabled = True
        return connection


@tagged("post_install", "-at_install")
class TestEcho(PushCase):
    def echo(self, order, external_id="o-0", **values):
        """The order as the target gives it back, of lines that nothing here is linked to."""
        made = next(item for item in self.target_world.made if item.external_id == f"sale.order,{order.id}")
        values.setdefault("status", rec.OrderStatus.PAID)
        return sold(external_id, line("x", variant_id="theirs"), source_reference=made.source_reference, **values)

    def pull_back(self, *orders):
        for flow in ("setup_pull", "products_pull", "customers_pull"):
            self.target._stream(flow).first_done = True
        self.target_world.sell(*orders)
        run = self.pull("orders_pull", self.target)
        self.assertNothingFailed("orders_pull", self.target)
        return run

    def test_what_was_sent_comes_back_as_its_status(self):
        order = self.sale()
        order.action_confirm()
        self.send(order)
        self.push()
        before = self.env["sale.order"].search_count([])
        self.pull_back(self.echo(order))
        self.pull_back(self.echo(order, status=rec.OrderStatus.COMPLETED))
        self.assertEqual(self.env["sale.order"].search_count([]), before)
        self.assertEqual(self.sent_link(order).remote_status, "completed")
        self.assertFalse(order.pos_sync_connection_id)
        self.assertIn("Completed", order.message_ids[0].body)

    def test_it_comes_back_before_its_answer(self):
        order = self.sale()
        before = self.env["sale.order"].search_count([])
        self.send(order)
        message = self.outbox(order)
        message.write({"state": "sending", "attempts": 1})
        self.target_world.made.append(sold(f"sale.order,{order.id}", source_reference=message.idempotency_key))
        self.pull_back(self.echo(order))
        self.assertEqual(self.sent_link(order).external_id, "o-0")
        self.push()
        self.assertEqual(self.assertMadeOnce(order).source_reference, message.idempotency_key)
        self.assertEqual(self.sent_link(order).name, "T0")
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_it_earns_once(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Points",
                "program_type": "loyalty",
                "applies_on": "both",
                "trigger": "auto",
                "company_id": self.company.id,
                "rule_ids": [Command.create({"reward_point_mode": "money", "reward_point_amount": 1})],
            }
        )
        self.target.program_id = program
        order = self.sale()
        order._update_programs_and_rewards()
        order.action_confirm()
        self.send(order)
        self.push()
        points = sum(self.env["loyalty.card"].search([("program_id", "=", program.id)]).mapped("points"))
        self.assertEqual(points, 10)
        self.pull_back(self.echo(order, status=rec.OrderStatus.COMPLETED))
        cards = self.env["loyalty.card"].search([("program_id", "=", program.id)])
        self.assertEqual(sum(cards.mapped("points")), 10)


@tagged("post_install", "-at_install")
class TestRoutes(PushCase):
    def setUp(self):
        super().setUp()
        self.route = self.env["pos.sync.route"].create(
            {"source_connection_id": self.connection.id, "target_connection_id": self.target.id}
        )
        self.connection.walk_in_partner_id = self.env["res.partner"].create({"name": "Walk-in"})

    def bring(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def test_orders_go_on_once_from_a_status_on(self):
        self.bring(sold("1"), sold("2", status=rec.OrderStatus.OPEN, paid=False))
        self.assertEqual(self.outbox().order_id, self.order("1"))
        self.push()
        made = self.assertMadeOnce(self.order("1"))
        self.assertEqual(
            (made.status, made.paid, made.lines[0].variant_id),
            (rec.OrderStatus.COMPLETED, True, f"theirs-{self.tea.id}"),
        )
        self.bring(sold("1", note="edited"), sold("2"))
        self.push()
        self.assertMadeOnce(self.order("1"))
        self.assertMadeOnce(self.order("2"))
        self.assertEqual(len(self.target_world.made), 2)

    def test_it_is_never_sent_back(self):
        self.target_world.put(*self.world.products.values())
        self.env["pos.sync.route"].create(
            {"source_connection_id": self.target.id, "target_connection_id": self.second().id}
        )
        self.bring(sold("1"))
        self.push()
        self.assertFalse(
            self.send(self.order("1"), self.connection) if self.connection._stream("orders_push") else None
        )
        for flow in ("setup_pull", "products_pull", "customers_pull"):
            self.target._stream(flow).first_done = True
        made = self.target_world.made[0]
        self.target_world.sell(sold("o-0", line("x"), source_reference=made.source_reference))
        self.pull("orders_pull", self.target)
        self.assertEqual(self.order("1").pos_sync_connection_id, self.connection)
        self.assertEqual(
            self.order("1").pos_sync_message_ids.connection_id, self.target, "an echo is no order of theirs"
        )

    def test_history_stays_where_it_is(self):
        self.target.entries_from = "2026-04-01"
        self.bring(sold("1"))
        self.assertFalse(self.outbox())

    def test_a_route_that_is_off_sends_nothing(self):
        self.route.active = False
        self.bring(sold("1"))
        self.assertFalse(self.outbox())

    def test_what_no_route_may_be(self):
        for source, target in (
            (self.target, self.target),
            (self.target, self.connection),
        ):
            with self.assertRaises(ValidationError):
                self.env["pos.sync.route"].create(
                    {"source_connection_id": source.id, "target_connection_id": target.id}
                )

    def second(self):
        connection = self.connect("target-2", system=TargetSystem.code, entries_from="2026-01-01")
        connection._stream("orders_push").enabled = True
        return connection
