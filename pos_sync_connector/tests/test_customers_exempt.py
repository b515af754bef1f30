from odoo.tests import tagged

from .customers_common import CustomersCase, at, tom


@tagged("post_install", "-at_install")
class TestCustomersExempt(CustomersCase):
    """Customers whom the system charges no tax."""

    def setUp(self):
        super().setUp()
        self.exempt, self.chosen = self.env["account.fiscal.position"].create(
            [{"name": name, "company_id": self.company.id} for name in ("Exempt", "Chosen")]
        )

    def position(self):
        return self.partner("1").with_company(self.company).property_account_position_id

    def test_an_exemption_comes_and_goes(self):
        self.connection.exempt_position_id = self.exempt
        self.bring(tom(tax_exempt=True, updated_at=at(1)))
        self.assertEqual(self.position(), self.exempt)
        self.bring(tom(updated_at=at(2)))
        self.assertFalse(self.position())
        self.bring(tom(tax_exempt=True, updated_at=at(3)))
        self.assertEqual(self.position(), self.exempt)

    def test_what_a_person_chose_stays(self):
        self.connection.exempt_position_id = self.exempt
        self.bring(tom(tax_exempt=True, updated_at=at(1)))
        self.partner("1").with_company(self.company).property_account_position_id = self.chosen
        self.bring(tom(first="Thomas", tax_exempt=True, updated_at=at(2)))
        self.assertEqual(self.position(), self.chosen)
        self.bring(tom(first="Thomas", updated_at=at(3)))
        self.assertEqual(self.position(), self.chosen)

    def test_nothing_is_set_until_it_is_chosen_and_then_for_all(self):
        self.bring(tom(tax_exempt=True, updated_at=at(1)))
        self.assertFalse(self.position())
        self.connection.exempt_position_id = self.exempt
        self.bring(full=True)
        self.assertEqual(self.position(), self.exempt)
