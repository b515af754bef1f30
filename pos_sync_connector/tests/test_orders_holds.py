from dataclasses import replace

from odoo.tests import tagged

from ..connectors.records import Address, OrderStatus
from .sales_common import SOLD_AT, SalesCase, order


@tagged("post_install", "-at_install")
class TestOrdersHolds(SalesCase):
    """Which orders come in, which wait for a person, and what each gets beside what the system states."""

    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"

    def sell(self, *orders):
        self.world.sell(*orders)
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        return self.order(orders[0].external_id)

    def paid(self, external_id="1", **values):
        values.setdefault("status", OrderStatus.PAID)
        return order(external_id, **values)

    def test_a_flagged_order_waits_until_it_is_released(self):
        sale = self.sell(self.paid(hold_reason="High risk of fraud"))
        self.assertEqual((sale.state, sale.pos_sync_hold), ("draft", "High risk of fraud"))
        self.assertFalse(sale.picking_ids)
        self.assertEqual(len(sale.activity_ids), 1)
        self.sell(self.paid(hold_reason="High risk of fraud", note="again"))
        self.assertEqual((sale.state, len(sale.activity_ids)), ("draft", 1))
        sale.action_pos_sync_release()
        self.assertEqual((sale.state, sale.pos_sync_hold, len(sale.picking_ids)), ("sale", False, 1))
        self.assertFalse(sale.activity_ids)
        self.sell(self.paid(hold_reason="High risk of fraud", note="once more"))
        self.assertFalse(sale.pos_sync_hold or sale.activity_ids)

    def test_the_system_releases_too(self):
        sale = self.sell(self.paid(hold_reason="High risk of fraud"))
        self.sell(self.paid())
        self.assertEqual((sale.state, sale.pos_sync_hold, len(sale.activity_ids)), ("sale", False, 0))

    def test_a_tag_that_a_person_chose_holds(self):
        self.connection.hold_tags = "Check address, wholesale"
        sale = self.sell(self.paid(tags=("CHECK  Address",)), self.paid("2", tags=("gift",)))
        self.assertEqual((sale.state, self.order("2").state), ("draft", "sale"))
        sale.action_confirm()
        self.assertFalse(sale.pos_sync_hold or sale.activity_ids)

    def test_history_and_what_left_already_do_not_wait(self):
        old = SOLD_AT.replace(year=2025)
        self.sell(order("1", hold_reason="risk"), self.paid("2", hold_reason="risk", created_at=old))
        self.assertEqual((self.order("1").state, self.order("2").state), ("sale", "sale"))
        self.assertFalse((self.order("1") | self.order("2")).activity_ids)

    def test_filters(self):
        self.connection.write({
            "filter_status": "paid", "filter_channels": "web, phone", "filter_without_tags": "internal"
        })
        draft = self.paid("draft", status=OrderStatus.OPEN, channel="web")
        self.world.sell(
            draft, self.paid("pos", channel="pos"), self.paid("own", channel="Web", tags=("Internal",)),
            self.paid("in", channel="Web"),
        )
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")
        self.assertEqual([bool(self.order(key)) for key in ("draft", "pos", "own", "in")], [False, False, False, True])
        self.sell(replace(draft, status=OrderStatus.PAID))
        self.assertTrue(self.order("draft"))

    def test_three_spellings_are_one_tag(self):
        self.env["crm.tag"].create({"name": "VIP"})
        sale = self.sell(self.paid(tags=("vip", "Gift  card")), self.paid("2", tags=("GIFT card",)))
        self.assertEqual(set(sale.tag_ids.mapped("name")), {"VIP", "Gift card"})
        self.assertIn(self.order("2").tag_ids, sale.tag_ids)

    def test_defaults_of_location_and_connection(self):
        company = self.company
        team, other = self.env["crm.team"].create([{"name": name, "company_id": company.id} for name in ("A", "B")])
        terms = self.env["account.payment.term"].create([{"name": "Net 30"}, {"name": "At once"}])
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        account = self.env["account.analytic.account"].create({"name": "Shop", "plan_id": plan.id})
        self.connection.write({
            "order_team_id": team.id, "order_prefix": "WEB-", "order_payment_term_id": terms[1].id,
            "order_picking_policy": "one", "order_user_id": self.env.user.id,
            "analytic_distribution": {str(account.id): 100.0},
        })
        self.env["pos.sync.location"].create({
            "connection_id": self.connection.id, "external_id": "shop", "name": "Shop", "order_team_id": other.id,
        })
        sale = self.sell(self.paid(payment_term="net 30", location_id="shop"), self.paid("2"))
        self.assertEqual((sale.name, sale.team_id, sale.payment_term_id), ("WEB-N1", other, terms[0]))
        second = self.order("2")
        self.assertEqual((second.team_id, second.payment_term_id, second.picking_policy), (team, terms[1], "one"))
        self.assertEqual(second.user_id, self.env.user)
        self.assertEqual(second.order_line.analytic_distribution, {str(account.id): 100.0})
        self.sell(self.paid("2", status=OrderStatus.COMPLETED, tags=("x",)))
        self.assertEqual((second.team_id, second.payment_term_id), (team, terms[1]))

    def test_fiscal_position_is_odoos_own_unless_one_is_chosen(self):
        own, chosen = self.env["account.fiscal.position"].create([
            {"name": "Everybody", "auto_apply": True, "company_id": self.company.id},
            {"name": "Chosen", "company_id": self.company.id},
        ])
        home = Address(name="Gus", email="gus@example.com", street="5 Pay Street", country="US")
        self.assertEqual(self.sell(self.paid(billing_address=home)).fiscal_position_id, own)
        self.connection.order_fiscal_position_id = chosen
        self.assertEqual(self.sell(self.paid("2")).fiscal_position_id, chosen)
