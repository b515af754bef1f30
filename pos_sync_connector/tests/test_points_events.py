from odoo.tests import new_test_user, tagged

from .points_common import PointsCase


@tagged("post_install", "-at_install")
class TestPointsRefunds(PointsCase):
    def test_a_refund_of_forty_leaves_sixty(self):
        order = self.sell(100)
        self.give_back(order, 40)
        self.assertEqual(self.points(self.ada), 60)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -40)])
        self.assertEqual(order.coupon_point_ids.points, 60)

    def test_each_refund_has_its_row_and_the_last_ones_take_no_more_than_is_there(self):
        order = self.sell(100)
        self.give_back(order, 30)
        self.give_back(order, 90)
        self.give_back(order, 10)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -30), ("refund", -70)])
        self.assertEqual(self.points(self.ada), 0)

    def test_a_refund_that_comes_with_its_order(self):
        order = self.sell(100, settle=False)
        self.give_back(order, 40)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -40)])

    def test_a_corrected_refund(self):
        order = self.sell(100)
        refund = self.give_back(order, 40)
        refund.write({"gross": 25, "net": 25})
        self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 75)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -40), ("refund", 15)])

    def test_deleted_refunds(self):
        order = self.sell(100)
        refunds = self.give_back(order, 40) | self.give_back(order, 10)
        refunds.unlink()
        self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 100)

    def test_rounding_looks_at_what_is_left(self):
        self.connection.points_rounding = "unit"
        order = self.sell(100.4)
        self.give_back(order, 40.1)
        self.assertEqual(self.points(self.ada), 60)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -40)])


@tagged("post_install", "-at_install")
class TestPointsEvents(PointsCase):
    """What happens to an order in Odoo or at the system after it has earned."""

    def test_an_edited_total(self):
        order = self.sell(100)
        order.pos_sync_gross = 130
        self.Awards._settle(order)
        order.pos_sync_gross = 90
        self.Awards._settle(order)
        self.assertEqual(self.rows(order), [("earn", 100), ("edit", 30), ("edit", -40)])
        self.assertEqual(self.points(self.ada), 90)

    def test_cancelled_at_the_system_and_completed_again(self):
        order = self.sell(100)
        self.give_back(order, 40)
        order.pos_sync_status = "cancelled"
        self.assertEqual(self.points(self.ada), 0)
        self.assertFalse(order.coupon_point_ids)
        order.pos_sync_status = "completed"
        self.assertEqual(self.points(self.ada), 60)
        self.assertEqual(self.rows(order), [("earn", 100), ("refund", -40), ("cancel", -60), ("edit", 60)])

    def test_cancelled_in_odoo_and_confirmed_again(self):
        order = self.sell(100)
        self.sell(7)
        self.give_back(order, 40)
        order.action_cancel()
        self.assertEqual(self.points(self.ada), 7)
        order.action_draft()
        self.assertEqual(self.points(self.ada), 7)
        order.action_confirm()
        self.assertEqual(self.points(self.ada), 67)

    def test_cancelled_by_the_importer(self):
        order = self.sell(100)
        quiet = order.with_context(pos_sync_settle_later=True)
        quiet._action_cancel()
        quiet.pos_sync_status = "cancelled"
        self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 0)

    def test_deleted_in_odoo(self):
        order = self.sell(100)
        order.action_cancel()
        order.unlink()
        self.assertEqual(self.points(self.ada), 0)
        self.assertFalse(self.cards(self.ada).history_ids)

    def test_deleted_with_its_refunds(self):
        order = self.sell(100)
        refund = self.give_back(order, 40)
        order.action_cancel()
        order.unlink()
        self.assertFalse(refund.exists())
        self.assertEqual(self.points(self.ada), 0)

    def test_deleted_without_being_cancelled_first(self):
        order = self.sell(100)
        order.with_context(pos_sync_settle_later=True).write({"state": "cancel"})
        order.unlink()
        self.assertEqual(self.points(self.ada), 0)
        self.assertFalse(self.cards(self.ada).history_ids)

    def test_deleted_in_odoo_and_imported_again(self):
        order = self.sell(100, pos_sync_external_id="again")
        order.action_cancel()
        order.unlink()
        order = self.sell(80, pos_sync_external_id="again")
        self.assertEqual(self.points(self.ada), 80)
        self.assertEqual(self.rows(order), [("earn", 100), ("cancel", -100), ("edit", 80)])

    def test_another_customer(self):
        order = self.sell(100)
        self.give_back(order, 40)
        order.partner_id = self.bob
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (0, 60))
        self.give_back(order, 10)
        self.assertEqual(self.points(self.bob), 50)
        order.partner_id = self.ada
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (50, 0))
        self.Awards._settle(order)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (50, 0))

    def test_a_salesperson_changes_the_customer(self):
        order = self.sell(100)
        seller = new_test_user(
            self.env,
            "seller",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        order.with_user(seller).partner_id = self.bob
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (0, 100))
        order.with_user(seller)._action_cancel()
        self.assertEqual(self.points(self.bob), 0)

    def test_an_open_order_confirmed_by_hand_earns_when_the_system_completes_it(self):
        self.sell(50)
        order = self.sell(100, pos_sync_status="open", state="draft")
        order.action_confirm()
        self.assertEqual(self.points(self.ada), 50)
        self.assertFalse(order.applied_coupon_ids)
        order.pos_sync_status = "completed"
        self.assertEqual(self.points(self.ada), 150)

    def test_several_orders_confirmed_at_once(self):
        imported = self.sell(100, pos_sync_status="open", state="draft")
        own = self.sell(30, pos_sync_connection_id=False, state="draft")
        (imported | own).action_confirm()
        self.assertEqual(self.cards(self.ada).points, 30)
        self.assertFalse(imported.coupon_point_ids)

    def test_rewards_are_for_orders_made_in_odoo(self):
        self.sell(1000)
        order = self.sell(50)
        order.action_open_reward_wizard()
        self.assertEqual(order._get_claimable_rewards(), {})
        self.assertIn("error", order._try_apply_program(self.program))
        self.assertIn("error", order._try_apply_code("SPRING"))
        self.assertEqual(self.points(self.ada), 1050)
        self.assertEqual(order.coupon_point_ids.points, 50)

    def test_points_of_imported_orders_are_spent_on_an_order_in_odoo(self):
        reward = self.program.reward_ids
        reward.write({"discount": 10, "discount_mode": "percent", "required_points": 200})
        sale = self.sell(250)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.ada.id,
                "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 80})],
            }
        )
        order._update_programs_and_rewards()
        card = self.cards(self.ada)
        self.assertEqual(order._get_claimable_rewards(), {card: reward})
        order._apply_program_reward(reward, card)
        order._update_programs_and_rewards()
        order.action_confirm()
        self.assertEqual(order.amount_total, 72)
        self.assertEqual(card.points, 250 - 200 + 80)
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])
        # What is spent can't be earned back: a later refund leaves the customer in debt.
        self.give_back(sale, 250)
        self.assertEqual(card.points, 80 - 200)
        order._action_cancel()
        self.assertEqual(card.points, 0)
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])


@tagged("post_install", "-at_install")
class TestPointsMerge(PointsCase):
    """Two contacts who are one person."""

    def test_both_have_a_card(self):
        orders = self.sell(100) | self.sell(30, self.bob)
        self.merge(self.bob, self.ada)
        self.assertEqual(self.points(self.ada), 130)
        self.assertEqual(len(self.cards(self.ada)), 1)
        self.Awards._settle(orders)
        self.assertEqual(self.points(self.ada), 130)
        self.give_back(orders[1], 10)
        self.assertEqual(self.points(self.ada), 120)
        orders[1].action_cancel()
        self.assertEqual(self.points(self.ada), 100)

    def test_only_the_one_that_goes_has_a_card(self):
        self.sell(30, self.bob)
        self.merge(self.bob, self.ada)
        self.assertEqual(self.points(self.ada), 30)

    def test_three_of_whom_two_have_a_card(self):
        cleo = self.ada.copy()
        self.sell(30, self.bob)
        self.sell(5, cleo)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.ada | self.bob | cleo).ids, self.ada)
        self.env.invalidate_all()
        self.assertEqual(self.points(self.ada), 35)

    def test_what_odoo_gave_and_what_was_spent_stays(self):
        for partner in (self.ada, self.bob):
            own = self.sell(300, partner, settle=False, pos_sync_connection_id=False, state="draft")
            own.action_confirm()
            self.sell(10, partner)
        spending = self.env["sale.order"].create(
            {
                "partner_id": self.bob.id,
                "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": self.product.id, "price_unit": 100})],
            }
        )
        spending._update_programs_and_rewards()
        spending._apply_program_reward(self.program.reward_ids, self.cards(self.bob))
        spending.action_confirm()
        before = self.cards(self.ada).points + self.cards(self.bob).points
        self.merge(self.bob, self.ada)
        card = self.cards(self.ada)
        self.assertEqual(len(card), 1)
        self.assertAlmostEqual(card.points, before)
        self.assertEqual(spending.order_line.coupon_id, card)
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])
        spending._action_cancel()
        self.assertAlmostEqual(card.points, 620)

    def test_coupon_points_that_would_stand_twice(self):
        self.sell(10)
        self.sell(20, self.bob)
        order = self.sell(40, pos_sync_connection_id=False, state="draft")
        self.env["sale.order.coupon.points"].create(
            [
                {"order_id": order.id, "coupon_id": self.cards(self.ada).id, "points": 3},
                {"order_id": order.id, "coupon_id": self.cards(self.bob).id, "points": 4},
            ]
        )
        self.merge(self.bob, self.ada)
        self.assertEqual(order.coupon_point_ids.points, 7)
        self.assertEqual(self.points(self.ada), 30)

    def test_cards_of_other_programs_are_left_as_odoo_leaves_them(self):
        other = self.program.copy({"name": "Bakery"})
        self.env["loyalty.card"].create(
            [{"program_id": other.id, "partner_id": partner.id} for partner in (self.ada, self.bob)]
        )
        self.sell(100)
        self.merge(self.bob, self.ada)
        self.assertEqual(len(self.cards(self.ada, other)), 2)

    def test_a_customer_merged_into_the_walk_in(self):
        walk_in = self.bob.copy({"name": "Walk-in"})
        self.connection.walk_in_partner_id = walk_in
        self.sell(100)
        self.merge(self.ada, walk_in)
        self.assertEqual(self.points(walk_in), 0)
