from odoo.tests import tagged

from .points_common import PointsCase
from .sales_common import customer, line, order, refund


class RefundsCase(PointsCase):
    def setUp(self):
        super().setUp()
        self.connection._stream("orders_pull").write({"first_done": True})

    def pull_refunds(self, **options):
        run = self.pull("refunds_pull", **options)
        self.assertNothingFailed("refunds_pull")
        return run

    def pull_orders(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def refund(self, external_id):
        return self.env["pos.sync.refund"].search(
            [("connection_id", "=", self.connection.id), ("external_id", "=", external_id)]
        )


@tagged("post_install", "-at_install")
class TestRefundsCancelled(RefundsCase):
    """A refund that the system has deleted or cancelled."""

    def setUp(self):
        super().setUp()
        self.world.know(customer("ada"))
        self.pull("customers_pull")
        self.customer = self.link("ada", "customer").partner_id

    def item(self, **values):
        return order("1", line("a", unit_price=100), customer_id="ada", **values)

    def test_one_that_a_full_pass_misses_gives_its_points_back_once(self):
        self.pull_orders(self.item())
        self.world.give_back(refund("r1", "1", 40), refund("r2", "1", 10))
        self.pull_refunds()
        self.assertEqual(self.points(self.customer), 50)
        del self.world.refunds["r1"]
        self.pull_refunds()
        self.assertEqual(self.points(self.customer), 50, "only a full pass sees what is missing")
        run = self.pull_refunds(full=True)
        self.assertEqual((run.deleted_count, run.unchanged_count), (1, 1))
        self.assertEqual((self.refund("r1").gone, self.refund("r2").gone), (True, False))
        self.assertEqual(self.points(self.customer), 90)
        self.assertEqual(self.pull_refunds(full=True).deleted_count, 0)
        self.assertEqual(self.points(self.customer), 90)
        self.assertEqual(
            sorted(self.rows(self.order("1"))), [("earn", 100), ("refund", -40), ("refund", -10), ("refund", 40)]
        )
        self.assertEqual((self.order("1").pos_sync_status, self.order("1").amount_total), ("completed", 100))

    def test_one_that_is_there_again_counts_again(self):
        self.pull_orders(self.item())
        self.world.give_back(refund("r1", "1", 40))
        self.pull_refunds()
        lost = self.world.refunds.pop("r1")
        self.pull_refunds(full=True)
        self.world.refunds["r1"] = lost
        self.pull_refunds(full=True)
        self.assertFalse(self.refund("r1").gone)
        self.assertEqual(self.points(self.customer), 60)

    def test_one_that_came_with_its_order_goes_with_it_only(self):
        self.pull_orders(self.item(refunds=(refund("r1", "1", 40), refund("r2", "1", 5))))
        self.assertEqual(self.points(self.customer), 55)
        self.assertEqual(self.pull_refunds(full=True).deleted_count, 0)
        self.assertFalse(self.refund("r1").gone, "no list of refunds names it")
        self.pull_orders(self.item(refunds=(refund("r2", "1", 5),)))
        self.assertEqual((self.refund("r1").gone, self.refund("r2").gone), (True, False))
        self.assertEqual(self.points(self.customer), 95)
        self.pull_orders(self.item(refunds=(refund("r1", "1", 40), refund("r2", "1", 5))))
        self.assertEqual(self.points(self.customer), 55)

    def test_refunds_of_a_list_stay_when_their_order_changes(self):
        self.pull_orders(self.item())
        self.world.give_back(refund("r1", "1", 40))
        self.pull_refunds()
        self.pull_orders(self.item(register="Till 2"))
        self.assertFalse(self.refund("r1").gone)
        self.assertEqual(self.points(self.customer), 60)

    def test_many_at_once_wait_for_a_person(self):
        self.pull_orders(self.item())
        self.world.give_back(*(refund(f"r{number}", "1", 1) for number in range(12)))
        self.pull_refunds()
        self.world.refunds.clear()
        run = self.pull("refunds_pull", full=True)
        self.assertEqual((run.deleted_count, run.failed_count), (0, 1))
        self.assertEqual(self.points(self.customer), 88)
        message = self.env["pos.sync.message"].search([("external_id", "=", "mass-deletion")])
        message.action_retry()
        self.drain("refunds_pull")
        self.assertEqual(self.points(self.customer), 100)


@tagged("post_install", "-at_install")
class TestRefundsOfSentOrders(RefundsCase):
    """Orders that were made in Odoo and sent to the system, which takes them back there. Odoo itself awarded them."""

    def setUp(self):
        super().setUp()
        # Whoever has bought before; only what this order does is looked at.
        self.sent = self.sell(0, settle=False, pos_sync_connection_id=False, pos_sync_external_id=False, state="draft")
        self.sent.order_line.write({"price_unit": 100, "tax_ids": [(5,)]})
        self.sent.action_confirm()
        self.env["pos.sync.mapping"].create(
            {
                "connection_id": self.connection.id,
                "entity": "order",
                "external_id": "s1",
                "sale_order_id": self.sent.id,
            }
        )
        self.card = self.cards(self.ada)
        self.assertEqual(self.card.points, 100)

    def assertHeld(self, points):
        self.env.invalidate_all()
        history = sum(entry.issued - entry.used for entry in self.card.history_ids)
        self.assertEqual((self.card.points, history), (points, points))
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])

    def test_each_refund_takes_its_share_once(self):
        self.world.give_back(refund("r1", "s1", 40))
        for _again in range(2):
            self.pull_refunds(full=True)
        self.assertEqual(self.refund("r1").order_id, self.sent)
        self.assertHeld(60)
        self.world.give_back(refund("r2", "s1", "33.33"))
        self.pull_refunds()
        self.assertHeld(26.67)
        self.world.give_back(refund("r3", "s1", 50))
        self.pull_refunds()
        self.assertHeld(0)

    def test_a_corrected_and_a_cancelled_refund(self):
        self.world.give_back(refund("r1", "s1", 40))
        self.pull_refunds()
        self.world.give_back(refund("r1", "s1", 25))
        self.pull_refunds()
        self.assertHeld(75)
        self.world.refunds.clear()
        self.pull_refunds(full=True)
        self.assertHeld(100)

    def test_by_the_rules_of_the_first_refund(self):
        self.rule.write({"minimum_amount": 50})
        self.world.give_back(refund("r1", "s1", 30))
        self.pull_refunds()
        self.assertHeld(70)
        self.rule.write({"minimum_amount": 80, "reward_point_amount": 3})
        self.env["pos.sync.award_points"]._settle(self.sent)
        self.assertHeld(70)
        self.world.give_back(refund("r2", "s1", 30))
        self.pull_refunds()
        self.assertHeld(0)

    def test_cancelled_in_odoo_and_confirmed_again(self):
        self.world.give_back(refund("r1", "s1", 40))
        self.pull_refunds()
        self.sent._action_cancel()
        self.assertHeld(0)
        self.sent.action_draft()
        self.sent.action_confirm()
        self.assertHeld(60)

    def test_deleted_in_odoo(self):
        self.world.give_back(refund("r1", "s1", 40))
        self.pull_refunds()
        self.sent._action_cancel()
        self.sent.unlink()
        self.assertHeld(0)

    def test_customers_who_turn_out_to_be_one(self):
        self.world.give_back(refund("r1", "s1", 40))
        self.pull_refunds()
        self.sell(7, self.bob)
        self.merge(self.ada, self.bob)
        self.card = self.cards(self.bob)
        self.world.give_back(refund("r2", "s1", 10))
        self.pull_refunds()
        self.assertHeld(57)

    def test_it_comes_back_in_a_pull(self):
        lines = self.sent.order_line
        self.pull_orders(order("s1", line("a", unit_price=100), line("b", unit_price=5)))
        self.assertEqual((self.sent.order_line, self.sent.amount_total), (lines, 100))
        self.assertEqual((self.sent.pos_sync_status, self.sent.pos_sync_connection_id.id), ("completed", False))
        self.assertHeld(100)
