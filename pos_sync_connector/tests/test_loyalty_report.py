from odoo.tests import tagged

from .points_common import PointsCase


@tagged("post_install", "-at_install")
class TestLoyaltyReport(PointsCase):
    def test_issued_taken_back_and_outstanding_with_top_customers_first(self):
        bob = self.env["res.partner"].create({"name": "Bob"})
        self.sell(100)
        given = self.sell(50)
        self.give_back(given, 20)
        self.sell(200, bob)
        card = self.cards(bob)
        card.points -= 30
        self.env.flush_all()
        rows = self.env["pos.sync.loyalty.report"].search([("program_id", "=", self.program.id)])
        self.assertEqual(
            [(row.partner_id, row.issued, row.taken_back, row.spent, row.outstanding) for row in rows],
            [(bob, 200, 0, 30, 170), (self.ada, 150, 20, 0, 130)],
        )
