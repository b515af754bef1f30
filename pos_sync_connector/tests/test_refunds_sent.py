"""What is given back in Odoo arrives at the system once, with money and goods, and is not given back anew when it comes
back from there."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from ..connectors.errors import NeedsFixing, RetryLater
from .sales_common import line, money, refund
from .sales_common import order as sold
from .test_push_triggers import TriggerCase


def short(name):
    return name.removeprefix("Product ")


class SentRefundsCase(TriggerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refunds_stream = cls.target._stream("refunds_push")
        cls.refunds_stream.enabled = True

    def setUp(self):
        super().setUp()
        for flow in ("products_pull", "customers_pull", "orders_pull"):
            self.target._stream(flow).first_done = True
        self.storable(self.tea, self.coffee)

    def sold_and_sent(self, quantity=3):
        """An order of Odoo's own: invoiced, paid, delivered, and at the target."""
        order = self.sale(self.tea, self.coffee)
        order.order_line[0].product_uom_qty = quantity
        order.action_confirm()
        self.invoice_of = self.invoice(order)
        self.pay(self.invoice_of)
        self.deliver(order)
        self.send(order)
        self.push()
        self.assertMadeOnce(order)
        return order

    def take_back(self, order, quantities, to_refund=True):
        """A validated return of so many of each line's goods."""
        picking = order.picking_ids.filtered(lambda item: item.state == "done" and not item.return_id)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        for row in wizard.product_return_moves:
            row.quantity = quantities.get(row.product_id, 0)
            row.to_refund = to_refund
        returned = wizard._create_return()
        for move in returned.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        returned._action_done()
        return returned

    def credit(self, order, quantities=None, amount=None):
        """A posted credit note: of so many of each product, or of an amount alone."""
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": [Command.set(self.invoice_of.ids)], "journal_id": self.invoice_of.journal_id.id}
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        if amount:
            note.invoice_line_ids.unlink()
            note.invoice_line_ids = [Command.create({"name": "Goodwill", "price_unit": amount, "tax_ids": False})]
        for row in note.invoice_line_ids if quantities is not None else ():
            row.quantity = quantities.get(row.product_id, 0)
        note.invoice_line_ids.filtered(lambda row: not row.quantity).unlink()
        note.action_post()
        return note

    def given(self):
        """[(amount, {(line, quantity, restocked)})] that the target was told."""
        return [
            (float(item.gross), {(short(row.name), float(row.quantity), row.restock) for row in item.lines})
            for item in self.target_world.refunds.values()
        ]

    def put_back(self):
        return {(short(row.name), float(row.quantity)) for row in self.target_world.put_back}

    def waiting(self, order):
        return self.env["pos.sync.message"].search(
            [("stream_id", "=", self.refunds_stream.id), ("order_id", "=", order.id), ("state", "!=", "dropped")]
        )

    def push_refunds(self):
        self.run_job(self.refunds_stream)
        self.env.invalidate_all()

    def pull_refunds(self):
        for full in (False, True):
            self.pull("refunds_pull", self.target, full=full)
        self.assertNothingFailed("refunds_pull", self.target)

    def refunds(self, order):
        return self.env["pos.sync.refund"].search([("order_id", "=", order.id), ("connection_id", "=", self.target.id)])


@tagged("post_install", "-at_install")
class TestRefundsSent(SentRefundsCase):
    def test_goods_and_then_their_money_are_one_refund(self):
        order = self.sold_and_sent()
        picking = self.take_back(order, {self.tea: 2})
        self.assertFalse(self.waiting(order), "the money is not known yet")
        note = self.credit(order, {self.tea: 2})
        self.assertEqual(self.waiting(order).credit_note_id, note)
        self.push_refunds()
        self.assertEqual(self.given(), [(20.0, {("tea", 2.0, True)})])
        link = self.sent_link(order)
        (told,) = self.target_world.refunds.values()
        self.assertEqual((told.order_id, told.currency), (link.external_id, "USD"))
        self.assertEqual(told.lines[0].order_line_id, link.remote_lines[f"sale.order.line,{order.order_line[0].id}"])
        self.assertEqual(told.lines[0].variant_id, f"theirs-{self.tea.id}")

        moves, pickings = order.invoice_ids, order.picking_ids
        row = self.refunds(order)
        self.assertEqual((row.external_id, row.gross, row.move_id, row.picking_ids), ("r-1", 20, note, picking))
        self.target.write({"stock_policy": "odoo", "return_policy": "all"})
        self.pull_refunds()
        self.assertEqual(self.refunds(order), row, "read back, it is the same")
        self.assertEqual((row.move_id, row.picking_ids), (note, picking))
        self.assertEqual((order.invoice_ids, order.picking_ids), (moves, pickings), "nothing is made anew")
        self.assertEqual(self.waiting(order).mapped("state"), ["done"])
        note.action_pos_sync_send_refund()
        picking.action_pos_sync_send_refund()
        self.push_refunds()
        self.assertEqual(len(self.given()), 1)

    def test_money_first_and_the_goods_later(self):
        order = self.sold_and_sent()
        self.credit(order, {self.tea: 2})
        self.take_back(order, {self.tea: 1})
        self.assertEqual(len(self.waiting(order)), 1, "what was not begun takes the goods along")
        self.push_refunds()
        self.assertEqual(self.given(), [(20.0, {("tea", 1.0, True), ("tea", 1.0, False)})])
        self.assertEqual(sum(row.gross for row in next(iter(self.target_world.refunds.values())).lines), 20)
        self.take_back(order, {self.tea: 1})
        self.push_refunds()
        self.assertEqual(len(self.given()), 1, "the money was given back before")
        self.assertEqual(self.put_back(), {("tea", 1.0)})
        self.assertEqual(len(self.target_world.put_back), 2)

    def test_an_exchange_moves_goods_only(self):
        order = self.sold_and_sent()
        self.take_back(order, {self.coffee: 1}, to_refund=False)
        self.push_refunds()
        self.assertEqual((self.given(), self.put_back()), ([], {("coffee", 1.0)}))

    def test_without_an_invoice_the_return_gives_the_money_back(self):
        """As for orders of a system of which only orders are kept."""
        self.target.stock_policy = "odoo"
        self.target_world.sell(sold("9", line("a", f"theirs-{self.tea.id}", quantity=4)))
        self.pull("orders_pull", self.target)
        self.assertNothingFailed("orders_pull", self.target)
        order = self.link("9", "order", self.target).sale_order_id
        self.assertEqual(order.delivery_status, "full")
        self.take_back(order, {self.tea: 1})
        self.push_refunds()
        self.assertEqual(self.given(), [(10.0, {(short(order.order_line.name), 1.0, True)})])
        told = next(iter(self.target_world.refunds.values()))
        self.assertEqual((told.order_id, told.lines[0].order_line_id), ("9", "a"))
        self.pull_refunds()
        self.assertEqual(len(self.refunds(order)), 1)
        self.assertEqual(len(order.picking_ids.filtered("return_id")), 1)

    def test_goods_go_by_the_policy(self):
        order = self.sold_and_sent()
        self.target.return_policy = "none"
        self.take_back(order, {self.tea: 1})
        self.credit(order, {self.tea: 1})
        self.push_refunds()
        self.target.return_policy = "all"
        self.credit(order, {self.coffee: 1})
        self.push_refunds()
        self.assertEqual(
            self.given(), [(10.0, {("tea", 1.0, False)}), (10.0, {("coffee", 1.0, True)})]
        )

    def test_an_amount_alone(self):
        order = self.sold_and_sent()
        self.credit(order, amount=2.5)
        self.push_refunds()
        self.assertEqual(self.given(), [(2.5, {("Goodwill", 1.0, False)})])

    def test_what_the_system_gave_back_is_not_sent_to_it(self):
        order = self.sold_and_sent()
        external_id = self.sent_link(order).external_id
        back = rec.RefundLine(order_line_id="l-0-0", quantity=money(2), gross=money(20), restock=True)
        self.target_world.give_back(refund("theirs", external_id, 20, lines=(back,)))
        self.pull_refunds()
        row = self.refunds(order)
        note = self.credit(order, {self.tea: 2})
        self.assertEqual(row.move_id, note, "it is the credit note of that")
        self.assertFalse(self.waiting(order))
        other = self.credit(order, {self.coffee: 1})
        self.assertEqual(self.waiting(order).credit_note_id, other)
        self.push_refunds()
        self.assertEqual([amount for amount, _lines in self.given()], [20.0, 10.0])

    def test_read_back_before_the_answer_it_is_known_by_its_key(self):
        order = self.sold_and_sent()
        picking = self.take_back(order, {self.tea: 1})
        note = self.credit(order, {self.tea: 1})
        self.target.write({"stock_policy": "odoo", "return_policy": "all"})
        self.target_world.plan["push_refund_answer"] = [RetryLater("The answer was lost.", code="in-doubt", after=30)]
        self.push_refunds()
        self.assertEqual((self.waiting(order).state, len(self.given())), ("waiting", 1))
        self.pull_refunds()
        row = self.refunds(order)
        self.assertEqual((row.move_id, row.picking_ids, bool(row.sent_key)), (note, picking, True))
        self.refunds_stream._request()
        self.push_refunds()
        self.assertEqual((self.waiting(order).state, len(self.given())), ("done", 1))
        self.assertEqual((self.refunds(order), len(order.picking_ids)), (row, 2))

    def test_what_the_system_refuses_says_so_and_is_retried(self):
        order = self.sold_and_sent()
        self.credit(order, {self.tea: 1})
        self.target_world.plan["push_refund"] = [NeedsFixing("Less is left.", code="over-refund")]
        self.push_refunds()
        failed = self.waiting(order)
        self.assertEqual((failed.state, failed.sentence), ("failed", "Less is left."))
        self.assertEqual(failed.action_open_record()["res_model"], "account.move")
        failed.action_retry()
        self.push_refunds()
        self.assertEqual((failed.state, len(self.given())), ("done", 1))

    def test_taken_back_before_it_was_sent(self):
        order = self.sold_and_sent()
        note = self.credit(order, {self.tea: 1})
        note.button_draft()
        self.push_refunds()
        self.assertFalse(self.given())
        note.action_post()
        self.push_refunds()
        self.assertEqual(len(self.given()), 1)

    def test_off_by_hand_and_history(self):
        order = self.sold_and_sent()
        self.refunds_stream.enabled = False
        note = self.credit(order, {self.tea: 1})
        self.assertFalse(self.waiting(order))
        self.refunds_stream.enabled = True
        self.target.entries_from = "2199-01-01"
        self.credit(order, {self.coffee: 1})
        self.assertFalse(self.waiting(order), "history is never sent by itself")
        user = new_test_user(self.env, "bookkeeper", groups="account.group_account_invoice", company_id=self.company.id)
        with self.assertRaises(AccessError):
            note.with_user(user).action_pos_sync_send_refund()
        note.action_pos_sync_send_refund()
        self.push_refunds()
        self.assertEqual(self.given(), [(10.0, {("tea", 1.0, False)})])

    def test_orders_that_no_system_has_are_left_alone(self):
        order = self.sale(self.tea)
        order.action_confirm()
        self.invoice_of = self.invoice(order)
        self.deliver(order)
        self.take_back(order, {self.tea: 1})
        self.credit(order, {self.tea: 1})
        self.assertFalse(self.waiting(order))
        self.assertFalse(self.outbox())

