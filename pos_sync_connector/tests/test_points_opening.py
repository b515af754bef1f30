import base64
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .points_common import PointsCase


@tagged("post_install", "-at_install")
class TestPointsOpening(PointsCase):
    """Balances that the system states, taken over once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stream = cls.connection._stream("customers_pull")
        cls.link_customer("c-ada", cls.ada)
        cls.link_customer("c-bob", cls.bob)

    @classmethod
    def link_customer(cls, external_id, partner):
        return cls.env["pos.sync.mapping"].create(
            {
                "connection_id": cls.connection.id,
                "entity": "customer",
                "external_id": external_id,
                "partner_id": partner.id,
            }
        )

    def open(self, **balances):
        self.Awards._open_balances(
            self.stream,
            {f"c-{name}": None if points is None else Decimal(str(points)) for name, points in balances.items()},
        )

    def test_a_stated_balance_is_taken_over_once(self):
        self.open(ada=120.5, bob=None)
        self.open(ada=300, bob=None)
        self.sell(10)
        self.assertEqual(self.points(self.ada), 130.5)
        self.assertEqual(sorted(self.cards(self.ada).history_ids.mapped("issued")), [10, 120.5])
        self.assertFalse(self.cards(self.bob))

    def test_a_balance_of_nothing_was_taken_over_too(self):
        self.open(ada=0)
        self.assertFalse(self.cards(self.ada), "a card for nothing")
        self.open(ada=50)
        self.assertEqual(self.points(self.ada), 0)

    def test_two_customers_of_the_system_who_are_one_bring_both_balances(self):
        self.link_customer("c-ada2", self.ada)
        self.open(ada=10, ada2=5)
        self.assertEqual(self.points(self.ada), 15)

    def test_unknown_customers_walk_ins_and_points_kept_elsewhere(self):
        self.open(cleo=10)
        self.connection.walk_in_partner_id = self.bob
        self.open(bob=10)
        self.connection.points_by = "system"
        self.open(ada=10)
        self.connection.write({"points_by": "odoo", "program_id": False})
        self.open(ada=10)
        self.assertEqual(self.points(self.ada), 0)
        self.assertEqual(self.points(self.bob), 0)

    def test_balances_of_merged_customers_add_up_and_stay_taken_over(self):
        self.open(ada=10, bob=5)
        self.merge(self.bob, self.ada)
        self.assertEqual(self.points(self.ada), 15)
        self.open(ada=10, bob=5)
        self.assertEqual(self.points(self.ada), 15)

    def test_a_page_of_balances_takes_few_queries(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(100)])
        for number, partner in enumerate(partners):
            self.link_customer(f"c-p{number}", partner)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(45):
            self.open(**{f"p{number}": number + 1 for number in range(100)})
            self.env.flush_all()
        self.assertEqual(self.points(partners[99]), 100)

    # Customers who turn out to be one

    def test_the_partner_who_stands_for_both_gets_everything(self):
        self.open(ada=10, bob=5)
        self.sell(100)
        own = self.sell(30, pos_sync_connection_id=False, state="draft")
        own.action_confirm()
        card = self.cards(self.bob)
        orders = self.env["sale.order"].search([("partner_id", "=", self.ada.id)])
        orders.with_context(pos_sync_settle_later=True).write({"partner_id": self.bob.id})
        self.Awards._move(self.ada, self.bob)
        self.assertEqual(self.cards(self.bob), card)
        self.assertEqual(card.points, 10 + 5 + 100 + 30)
        self.assertFalse(self.cards(self.ada))
        self.assertEqual(self.env["pos.sync.points"]._check_ledger(), [])
        own._action_cancel()
        self.assertEqual(self.points(self.bob), 115)

    def test_orders_that_keep_their_customer_keep_their_points(self):
        self.open(ada=10)
        self.sell(100)
        self.Awards._move(self.ada, self.bob)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (100, 10))

    def test_a_customers_balance_alone_is_moved(self):
        self.link_customer("c-ada2", self.ada)
        self.open(ada=10, ada2=5)
        for _again in range(2):
            self.Awards._move_balance(self.connection, "c-ada2", self.bob)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (10, 5))
        self.open(ada2=5)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (10, 5))


@tagged("post_install", "-at_install")
class TestPointsFile(PointsCase):
    """Balances from a CSV file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada.email = "Ada@Example.com"
        cls.env["pos.sync.mapping"].create(
            {
                "connection_id": cls.connection.id,
                "entity": "customer",
                "external_id": "17",
                "partner_id": cls.bob.id,
            }
        )

    def take_over(self, text, user=None, encoding="utf-8"):
        wizard = self.env["pos.sync.open_balances"].with_user(user or self.env.user)
        wizard = wizard.create(
            {"connection_id": self.connection.id, "file": base64.b64encode(text.encode(encoding))}
        )
        return wizard.action_open()["params"]["message"]

    def test_ids_and_addresses_a_heading_and_other_separators(self):
        said = self.take_over("\ufeffCustomer;Points\r\n17;12,5\r\n\r\nada@example.com;1000\r\n")
        self.assertIn("2 balances", said)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (1000, 12.5))

    def test_a_file_that_comes_again(self):
        self.take_over("17,12.5\n")
        said = self.take_over("17,20\nada@example.com,3\n")
        self.assertIn("1 balances were taken over, 1 had been before", said)
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (3, 12.5))

    def test_what_came_from_a_file_is_not_taken_over_again_from_the_system(self):
        self.take_over("ada@example.com,3\n")
        mapping = {"connection_id": self.connection.id, "entity": "customer", "external_id": "18"}
        self.env["pos.sync.mapping"].create({**mapping, "partner_id": self.ada.id})
        self.Awards._open_balances(self.connection._stream("customers_pull"), {"18": Decimal(3)})
        self.assertEqual(self.points(self.ada), 3)

    def test_wrong_lines_are_named_and_nothing_is_taken_over(self):
        self.ada.copy({"email": "twice@example.com"})
        self.bob.copy({"email": "twice@example.com"})
        walk_in = self.bob.copy({"email": "walk-in@example.com"})
        self.connection.walk_in_partner_id = walk_in
        with self.assertRaises(UserError) as caught:
            self.take_over(
                "17,5\n17,6\n99,1\ntwice@example.com,1\nada@example.com,-1\nada@example.com,many\nonly\n"
                "walk-in@example.com,1\n"
            )
        said = str(caught.exception)
        for line in (3, 4, 5, 6, 7, 8):
            self.assertIn(f"Line {line}:", said)
        self.assertNotIn("Line 1:", said)
        with self.assertRaisesRegex(UserError, "Line 2: 17 stands in an earlier line"):
            self.take_over("17,5\n17,6\n")
        self.assertEqual((self.points(self.ada), self.points(self.bob)), (0, 0))

    def test_files_that_are_none(self):
        with self.assertRaisesRegex(UserError, "UTF-8"):
            self.take_over("café;1\n", encoding="latin-1")
        with self.assertRaisesRegex(UserError, "a customer and a number"):
            self.take_over("\n")
        self.connection.points_by = "system"
        with self.assertRaisesRegex(UserError, "Choose its loyalty program"):
            self.take_over("17,5\n")

    def test_only_managers_take_over_balances(self):
        values = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        manager = new_test_user(self.env, "points_manager", "pos_sync_connector.group_manager", **values)
        self.assertIn("1 balances", self.take_over("17,5\n", manager))
        user = new_test_user(self.env, "points_user", "pos_sync_connector.group_user", **values)
        with self.assertRaises(AccessError):
            self.take_over("17,5\n", user)
