from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .points_common import PointsCase


@tagged("post_install", "-at_install")
class TestPointsAward(PointsCase):
    """What a completed order earns, once."""

    def test_hundred_dollars_give_hundred_points_however_often_settled(self):
        order = self.sell(100)
        for _again in range(3):
            self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 100)
        self.assertEqual(self.rows(order), [("earn", 100)])
        card = self.cards(self.ada)
        self.assertEqual((card.history_ids.issued, card.history_ids.used), (100, 0))
        self.assertEqual(card.history_ids.order_id, order.id)
        self.assertEqual(order.coupon_point_ids.points, 100)

    def test_open_paid_cancelled_and_draft_orders_earn_nothing(self):
        for status in ("draft", "open", "paid", "cancelled"):
            with self.subTest(status=status):
                self.sell(100, pos_sync_status=status)
        self.sell(100, state="draft")
        self.sell(100, state="cancel")
        self.assertEqual(self.points(self.ada), 0)
        self.assertFalse(self.cards(self.ada))

    def test_an_open_order_earns_when_it_is_completed(self):
        order = self.sell(100, pos_sync_status="open", state="draft")
        order.write({"pos_sync_status": "completed", "state": "sale"})
        self.assertEqual(self.rows(order), [("earn", 100)])
        self.assertEqual(self.points(self.ada), 100)

    def test_walk_ins_earn_nothing_until_a_customer_is_set(self):
        shop, door = self.env["res.partner"].create([{"name": "Walk-in"}, {"name": "Walk-in at the door"}])
        self.connection.walk_in_partner_id = shop
        self.env["pos.sync.location"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "door",
                "name": "Door",
                "walk_in_partner_id": door.id,
            }
        )
        orders = [self.sell(30, shop), self.sell(40, door)]
        self.assertFalse(self.env["pos.sync.points"].search([("connection_id", "=", self.connection.id)]))
        for order in orders:
            order.partner_id = self.ada
        self.assertEqual(self.points(self.ada), 70)
        orders[0].partner_id = shop
        self.assertEqual(self.points(self.ada), 40)
        self.assertFalse(self.cards(shop))
        self.assertEqual(self.rows(orders[0]), [("earn", 30), ("move", -30)])

    def test_orders_before_the_start_earn_nothing_and_the_day_is_that_of_the_shop(self):
        self.connection.points_from = "2026-03-02"
        location = self.env["pos.sync.location"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "la",
                "name": "Los Angeles",
                "timezone": "America/Los_Angeles",
            }
        )
        early = {"pos_sync_closed_at": "2026-03-02 07:59:00", "pos_sync_location_id": location.id}
        self.sell(10, **early)
        self.assertEqual(self.points(self.ada), 0)
        self.sell(10, **{**early, "pos_sync_closed_at": "2026-03-02 08:00:00"})
        self.assertEqual(self.points(self.ada), 10)
        self.sell(10, pos_sync_closed_at="2026-03-01 23:59:00")
        self.assertEqual(self.points(self.ada), 10)
        self.connection.points_from = False
        self.sell(10, pos_sync_closed_at="2020-01-01 00:00:00")
        self.assertEqual(self.points(self.ada), 20)

    def test_no_program_and_points_kept_by_the_system_give_nothing(self):
        self.connection.points_by = "system"
        self.sell(100)
        self.connection.write({"points_by": "odoo", "program_id": False})
        self.sell(100)
        self.assertEqual(self.points(self.ada), 0)

    def test_orders_made_in_odoo_are_left_to_odoo(self):
        order = self.sell(100, settle=False, pos_sync_connection_id=False, state="draft")
        order.action_confirm()
        self.assertEqual(self.cards(self.ada).points, 100)
        self.Awards._settle(order)
        self.assertEqual(self.cards(self.ada).points, 100)
        self.assertEqual(self.rows(order), [])

    def test_the_customers_card_is_used_and_the_oldest_of_several(self):
        vals = {"program_id": self.program.id, "partner_id": self.ada.id, "points": 5}
        archived, first, _second = self.env["loyalty.card"].create([{**vals, "active": False}, vals, vals])
        self.sell(100)
        self.assertEqual((archived.points, first.points), (5, 105))

    def test_an_archived_card_stays_the_only_one(self):
        card = self.env["loyalty.card"].create(
            {"program_id": self.program.id, "partner_id": self.ada.id, "active": False}
        )
        self.sell(100)
        self.assertEqual(self.cards(self.ada), card)
        self.assertFalse(card.active)

    def test_no_mail_no_chatter(self):
        template = self.env.ref("loyalty.mail_template_loyalty_card")
        self.program.communication_plan_ids = [
            (0, 0, {"trigger": "create", "mail_template_id": template.id}),
            (0, 0, {"trigger": "points_reach", "points": 50, "mail_template_id": template.id}),
        ]
        mails = self.env["mail.mail"].search_count([])
        self.sell(100)
        card = self.cards(self.ada)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(card.message_ids)

    def test_a_card_with_points_of_imported_orders_cant_be_deleted(self):
        self.sell(100)
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.cards(self.ada).unlink()

    def test_a_page_of_orders_takes_few_queries(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(100)])

        def page():
            orders = self.env["sale.order"].concat(
                *(self.sell(10 + n, partner, settle=False) for n, partner in enumerate(partners))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            return orders

        orders = page()
        with self.assertQueryCount(50):
            self.Awards._settle(orders)
            self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            self.Awards._settle(orders)
            self.env.flush_all()
        for partner, gross in zip(partners, range(10, 110), strict=True):
            self.assertEqual(self.cards(partner).points, gross)
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])


@tagged("post_install", "-at_install")
class TestPointsProgram(PointsCase):
    """The button that makes a program, and programs that change."""

    def test_the_made_program_collects_one_point_a_dollar_and_can_be_spent(self):
        self.assertTrue(self.program.is_nominative)
        self.assertEqual((self.rule.reward_point_mode, self.rule.reward_point_amount), ("money", 1))
        self.assertEqual(self.program.currency_id, self.company.currency_id)
        self.assertTrue(self.program.reward_ids)
        self.connection.action_make_program()
        self.assertEqual(self.connection.program_id, self.program)

    def test_a_program_for_the_current_order_only_is_refused(self):
        program = self.program.copy({"applies_on": "current"})
        with self.assertRaisesRegex(ValidationError, "Current & Future"):
            self.connection.program_id = program

    def test_orders_that_came_before_the_program(self):
        walk_in = self.ada.copy({"name": "Walk-in"})
        self.connection.write({"program_id": False, "walk_in_partner_id": walk_in.id})
        self.sell(100)
        self.sell(50, self.bob, pos_sync_status="open")
        self.sell(7, walk_in)
        self.sell(30, pos_sync_closed_at="2025-12-31 10:00:00", date_order="2025-12-31 10:00:00")
        self.connection.program_id = self.program
        for said in ("1 orders have earned", "0 orders have earned"):
            self.assertIn(said, self.connection.action_award_earlier()["params"]["message"])
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (100, 0))

    def test_another_program_is_for_new_orders(self):
        old = self.sell(100)
        second = self.program.copy({"name": "Double"})
        second.rule_ids.write({"reward_point_amount": 2, "reward_point_mode": "money", "minimum_qty": 0})
        self.connection.program_id = second
        self.Awards._settle(old)
        self.sell(50)
        self.assertEqual(self.points(self.ada), 100)
        self.assertEqual(self.points(self.ada, second), 100)
        self.give_back(old, 40)
        self.assertEqual(self.points(self.ada), 60)

    def test_a_changed_rate_an_ended_program_and_a_later_start_leave_what_was_earned(self):
        order = self.sell(100)
        self.rule.reward_point_amount = 3
        self.program.date_to = "2026-03-01"
        self.connection.points_from = "2026-06-01"
        self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 100)
        self.program.active = False
        self.give_back(order, 40)
        self.assertEqual(self.points(self.ada), 60)
