from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..sync.loyalty.point_terms import PointRule, PointTerms, Spent
from .points_common import PointsCase


def spent(total, subtotal=None, units=1):
    return Spent(*(Decimal(str(value)) for value in (total, total if subtotal is None else subtotal, units)))


class TestPointTerms(BaseCase):
    """The arithmetic of a rule."""

    def earned(self, part, *, refunded=False, basis="total", rounding="none", exchange="1", places=2, **rule):
        values = {"mode": "money", "rate": Decimal(1), **rule}
        for name in ("rate", "minimum_amount", "minimum_units"):
            values[name] = Decimal(str(values.get(name, 0)))
        terms = PointTerms(
            (PointRule(**values),), basis=basis, rounding=rounding, exchange=Decimal(exchange), places=places
        )
        self.assertEqual(PointTerms.load(terms.dump()), terms, "terms are read back as they were written")
        return float(terms.points([part], refunded=refunded))

    def test_the_amount_is_rounded_half_up_before_the_rate(self):
        for amount, rate, points in (
            ("10.49", 1, 10),
            ("10.50", 1, 11),
            ("11.50", 1, 12),
            ("10.50", "0.5", 5.5),
            ("0.49", 10, 0),
            ("0.50", 10, 10),
        ):
            with self.subTest(amount=amount, rate=rate):
                self.assertEqual(self.earned(spent(amount), rate=rate, rounding="unit"), points)

    def test_points_are_cut_to_the_hundredth(self):
        self.assertEqual(self.earned(spent("0.99"), rate="1.5"), 1.48)
        self.assertEqual(self.earned(spent("10.10"), rate="0.1"), 1.01)
        self.assertEqual(self.earned(spent("0.29"), rate=100), 29)

    def test_basis(self):
        self.assertEqual(self.earned(spent(110, 100)), 110)
        self.assertEqual(self.earned(spent(110, 100), basis="subtotal"), 100)

    def test_minimum_amount_with_and_without_tax(self):
        self.assertEqual(self.earned(spent(110, 100), minimum_amount=110), 110)
        self.assertEqual(self.earned(spent(110, 100), minimum_amount="110.01"), 0)
        self.assertEqual(self.earned(spent(110, 100), minimum_amount=105, minimum_with_tax=False), 0)

    def test_units_and_orders(self):
        self.assertEqual(self.earned(spent(10, units="2.5"), mode="unit", rate=2), 5)
        self.assertEqual(self.earned(spent(10, units=2), mode="order", rate=7), 7)
        self.assertEqual(self.earned(spent(10, units=2), mode="order", rate=7, minimum_units=3), 0)

    def test_nothing_left_earns_nothing(self):
        for mode in ("money", "unit", "order"):
            with self.subTest(mode=mode):
                self.assertEqual(self.earned(spent(0, units=1), mode=mode, refunded=True), 0)
                self.assertEqual(self.earned(spent(-5, units=1), mode=mode), 0)
        self.assertEqual(self.earned(spent(0, units=1), mode="order"), 1)

    def test_another_currency_is_exchanged(self):
        self.assertEqual(self.earned(spent(100), exchange="1.0851"), 108.51)
        self.assertEqual(self.earned(spent(1000), exchange="0.0067", places=2), 6.7)
        self.assertEqual(self.earned(spent(100), exchange="1.0851", rounding="unit"), 109)


@tagged("post_install", "-at_install")
class TestPointsRules(PointsCase):
    """A program's own rules on imported orders."""

    def test_rate_basis_and_rounding_of_the_connection(self):
        self.rule.reward_point_amount = 2
        self.connection.write({"points_basis": "subtotal", "points_rounding": "unit"})
        self.sell(120, pos_sync_net=99.5, pos_sync_tax=20.5)
        self.assertEqual(self.points(self.ada), 200)

    def test_a_system_that_states_no_subtotal(self):
        self.connection.points_basis = "subtotal"
        order = self.sell(120, pos_sync_net=0, pos_sync_tax=20)
        self.assertEqual(self.points(self.ada), 100)
        self.give_back(order, 60, net=0, tax=10)
        self.assertEqual(self.points(self.ada), 50)

    def test_buying_a_gift_card_earns_nothing_and_spending_it_earns_once(self):
        self.env["pos.sync.import_orders"]._ensure_charge_products(self.connection)
        card = self.connection.charge_product_ids.filtered(lambda row: row.kind == "gift_card").product_id
        bought = self.sell(50, lines=[(card, 1, 50)])
        self.assertEqual(self.points(self.ada), 0)
        self.give_back(bought, 50)
        self.assertEqual(self.points(self.ada), 0)
        # Goods of 80.00, of which the card takes 50.00 off the bill.
        self.sell(30, lines=[(self.product, 1, 80), (card, 1, -50)])
        self.assertEqual(self.points(self.ada), 80)

    def test_a_tip_earns_nothing(self):
        """With either basis, by a rule for some products too, and what comes back takes nothing that was not earned."""
        self.env["pos.sync.import_orders"]._ensure_charge_products(self.connection)
        tip = self.connection.charge_product_ids.filtered(lambda row: row.kind == "tip").product_id
        lines = [(self.product, 1, 100), (tip, 1, 15)]
        for basis, net in (("total", 115), ("subtotal", 105)):
            with self.subTest(basis=basis):
                self.connection.points_basis = basis
                order = self.sell(115, lines=lines, pos_sync_net=net, pos_sync_tax=115 - net)
                earned = net - 15
                self.assertEqual(self.rows(order), [("earn", earned)])
                self.give_back(order, 50, net=50 if basis == "total" else 45)
                self.give_back(order, 65, net=65 if basis == "total" else 60)
                self.assertEqual(sum(points for _kind, points in self.rows(order)), 0)
        self.rule.product_ids = self.product | tip
        self.connection.points_basis = "total"
        self.assertEqual(self.rows(self.sell(115, lines=lines)), [("earn", 100)])

    def test_dates_of_the_program(self):
        self.program.write({"date_from": date(2026, 3, 3)})
        self.sell(10)
        self.program.write({"date_from": date(2026, 3, 2), "date_to": date(2026, 3, 2)})
        self.sell(20)
        self.program.write({"date_from": False, "date_to": date(2026, 3, 1)})
        self.sell(40)
        self.assertEqual(self.points(self.ada), 20)

    def test_archived_program_rule_and_code(self):
        self.program.active = False
        self.sell(10)
        self.program.active = True
        self.rule.active = False
        self.sell(20)
        self.rule.write({"active": True, "mode": "with_code", "code": "SPRING"})
        self.sell(40)
        self.assertEqual(self.points(self.ada), 0)

    def test_minimum_amount_and_quantity(self):
        self.rule.write({"minimum_amount": 50, "minimum_qty": 3})
        self.sell(49.99, lines=[(self.product, 3, 16.66)])
        self.sell(50, lines=[(self.product, 2, 25)])
        self.assertEqual(self.points(self.ada), 0)
        self.sell(51, lines=[(self.product, 3, 17)])
        self.assertEqual(self.points(self.ada), 51)

    def test_rules_for_products_categories_and_tags(self):
        category = self.env["product.category"].create({"name": "Drinks"})
        tag = self.env["product.tag"].create({"name": "Local"})
        tea, coffee, cake = self.env["product.product"].create(
            [
                {"name": "Green tea", "taxes_id": False, "categ_id": category.id},
                {"name": "Coffee", "taxes_id": False, "product_tag_ids": [(4, tag.id)]},
                {"name": "Cake", "taxes_id": False},
            ]
        )
        for product in (tea, coffee):
            product.product_tmpl_id.invalidate_recordset()
        for values, points in (
            ({"product_ids": [(6, 0, cake.ids)]}, 40),
            ({"product_ids": False, "product_category_id": category.id}, 10),
            ({"product_category_id": False, "product_tag_id": tag.id}, 20),
            ({"product_tag_id": False, "product_domain": "[('name', 'like', 'tea')]"}, 10),
        ):
            with self.subTest(**values):
                self.rule.write(values)
                partner = self.ada.copy()
                self.sell(70, partner, lines=[(tea, 1, 10), (coffee, 1, 20), (cake, 2, 20)])
                self.assertEqual(self.points(partner), points)

    def test_a_refund_counts_only_the_rules_products(self):
        cake = self.make_product("Cake")
        self.rule.product_ids = self.product
        order = self.sell(100, lines=[(self.product, 2, 30), (cake, 1, 40)])
        self.assertEqual(self.points(self.ada), 60)
        self.give_back(order, 40, lines=[(cake, 1, 40)])
        self.assertEqual(self.points(self.ada), 60)
        self.give_back(order, 30, lines=[(self.product, 1, 30)])
        self.assertEqual(self.points(self.ada), 30)

    def test_a_refund_without_lines_takes_its_share(self):
        cake = self.make_product("Cake")
        self.rule.product_ids = self.product
        order = self.sell(100, lines=[(self.product, 1, 60), (cake, 1, 40)])
        self.give_back(order, 50)
        self.assertEqual(self.points(self.ada), 30)

    def test_units_count_goods_and_what_came_back(self):
        self.rule.write({"reward_point_mode": "unit", "reward_point_amount": 5})
        tip = self.env["product.product"].create({"name": "Tip", "type": "service", "taxes_id": False})
        self.env["pos.sync.charge.product"].create(
            {"connection_id": self.connection.id, "kind": "tip", "product_id": tip.id}
        )
        order = self.sell(32, lines=[(self.product, 3, 10), (tip, 1, 2)])
        self.assertEqual(self.points(self.ada), 15)
        self.give_back(order, 10, lines=[(self.product, 1, 10)])
        self.assertEqual(self.points(self.ada), 10)
        self.give_back(order, 22)
        self.assertEqual(self.points(self.ada), 0)

    def test_a_combo_earns_by_its_own_product(self):
        item = self.make_product("Burger")
        choice = self.env["product.combo"].create(
            {"name": "Main", "combo_item_ids": [(0, 0, {"product_id": item.id})]}
        )
        menu = self.env["product.product"].create(
            {"name": "Menu", "type": "combo", "combo_ids": [(6, 0, choice.ids)], "taxes_id": False}
        )
        self.rule.product_ids = menu
        order = self.sell(12, settle=False, lines=[(menu, 1, 0), (item, 1, 12)])
        parent, child = order.order_line
        child.write({"linked_line_id": parent.id, "combo_item_id": choice.combo_item_ids.id, "price_unit": 12})
        self.Awards._settle(order)
        self.assertEqual(self.points(self.ada), 12)

    def test_several_rules_add_up(self):
        self.rule.copy({"reward_point_mode": "order", "reward_point_amount": 5, "program_id": self.program.id})
        order = self.sell(100)
        self.assertEqual(self.points(self.ada), 105)
        self.give_back(order, 100)
        self.assertEqual(self.points(self.ada), 0)

    def test_amounts_in_another_currency_earn_what_they_are_worth(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.5, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id, "company_id": self.company.id}
        )
        order = self.sell(100, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, euro)
        self.assertEqual(self.points(self.ada), 200)
        self.give_back(order, 40)
        self.give_back(order, 20, currency_id=self.company.currency_id.id)
        self.assertEqual(self.points(self.ada), 100)
