from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .customers_common import CustomersCase, tom
from .sales_common import customer, line, order, refund


@tagged("post_install", "-at_install")
class TestCustomersReview(CustomersCase):
    """Who is linked, who is asked about, and what a decision does."""

    def test_the_same_name_and_phone_link(self):
        partner = self.make_partner("CONDOR, Tomás", phone="(212) 555-0143")
        self.bring(tom())
        self.assertEqual(self.partner("1"), partner)
        self.assertFalse(self.matches())

    def test_the_setting_chooses_phone_or_email(self):
        partner = self.make_partner(email="tom@example.com")
        self.connection.match_by = "phone"
        self.bring(tom())
        self.assertNotEqual(self.partner("1"), partner)
        self.assertEqual(self.matches("open").candidate_id, partner)

    def test_another_phone_and_email_are_another_person(self):
        self.make_partner(phone="+12125550100", email="other@example.com")
        self.bring(tom())
        self.assertTrue(self.customer_link("1").made_here)
        self.assertFalse(self.matches())

    def test_an_address_is_no_candidate(self):
        parent = self.make_partner("Somebody Else")
        child = self.make_partner(parent_id=parent.id, type="delivery", phone="+12125550143")
        self.bring(tom())
        self.assertNotEqual(self.partner("1"), child)

    def test_another_companys_partner_is_no_candidate(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.make_partner(phone="+12125550143", company_id=other.id)
        self.bring(tom())
        self.assertTrue(self.customer_link("1").made_here)

    def test_a_phone_of_everybody_says_nothing(self):
        self.env["res.partner"].create(
            [{"name": f"Daniela Condor {number}", "phone": "+12125550143"} for number in range(25)]
        )
        self.bring(tom(first="Daniel", email=""))
        self.assertFalse(self.matches())

    def test_who_is_in_doubt_is_imported_and_asked_about(self):
        daniela = self.make_partner("Daniela Condor", phone="+12125550143", email="tom@example.com")
        self.bring(tom(first="Daniel"))
        self.assertTrue(self.customer_link("1").made_here)
        match = self.matches("open")
        self.assertEqual(
            (match.candidate_id, match.imported_partner_id, match.reason_codes.split()),
            (daniela, self.partner("1"), ["gendered", "same_phone", "same_email"]),
        )
        self.assertEqual(len(match.reasons.splitlines()), 3)
        self.assertGreater(match.score, 80)
        self.assertEqual((match.imported_name, match.candidate_name), ("Daniel Condor", "Daniela Condor"))

    def test_different_is_remembered(self):
        self.make_partner("Daniela Condor", phone="+12125550143", email="tom@example.com")
        self.bring(tom(first="Daniel"))
        match = self.matches("open")
        match.action_different()
        self.assertEqual((match.state, match.decided_by_id), ("different", self.env.user))
        self.assertTrue(match.decided_at)
        self.bring_again()
        self.bring(tom(first="Daniel", note="changed"))
        self.assertFalse(self.matches("open"))
        # Even when the link is gone and the customer comes anew.
        self.partner("1").unlink()
        self.customer_link("1").action_make_again()
        self.bring_again()
        self.assertTrue(self.partner("1"))
        self.assertFalse(self.matches("open"))

    def test_same_moves_links_and_orders_and_archives_the_duplicate(self):
        daniela = self.make_partner("Daniela Condor", phone="+12125550143", email="tom@example.com")
        self.bring(tom(first="Daniel"))
        imported = self.partner("1")
        self.world.sell(order("o1", customer_id="1"), order("o2", customer_id="1"))
        self.pull("orders_pull")
        sales = self.order("o1") | self.order("o2")
        totals = sales.mapped("amount_total")
        currencies = sales.currency_id
        self.assertEqual(sales.partner_id, imported)
        self.matches("open").action_same()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.partner("1"), daniela)
        self.assertEqual((sales.partner_id, sales.partner_invoice_id, sales.partner_shipping_id), (daniela,) * 3)
        self.assertEqual((sales.mapped("amount_total"), sales.currency_id), (totals, currencies))
        self.assertEqual((imported.active, imported.pos_sync_replaced_by_id), (False, daniela))
        self.assertEqual(self.matches("same").decided_by_id, self.env.user)
        self.assertCounts(self.bring_again(), read=1, unchanged=1)
        self.bring(tom(first="Daniel", note="changed"))
        self.assertEqual((self.partner("1"), daniela.name, daniela.active), (daniela, "Daniela Condor", True))
        # The duplicate is no candidate for the next one.
        self.bring(tom("2", first="Daniela"))
        self.assertEqual(self.partner("2"), daniela)

    def test_same_moves_points(self):
        self.connection.action_make_program()
        daniela = self.make_partner("Daniela Condor", phone="+12125550143")
        self.bring(tom(first="Daniel", points=Decimal(7)))
        self.world.sell(order("o1", line("a", quantity=3), customer_id="1"))
        self.pull("orders_pull")
        match = self.matches("open")
        self.assertEqual((match.imported_points, match.candidate_points), (37.0, 0.0))
        imported = self.partner("1")
        match.action_same()
        cards = self.env["loyalty.card"].search([("program_id", "=", self.connection.program_id.id)])
        self.assertEqual([(card.partner_id, card.points) for card in cards], [(daniela, 37.0)])
        self.assertEqual(self.env["pos.sync.points"].search([("partner_id", "=", imported.id)]).ids, [])
        self.assertFalse(self.env["pos.sync.points"]._check_ledger())
        self.world.give_back(refund("r1", "o1", 10))
        self.pull("refunds_pull")
        self.assertEqual(cards.points, 27.0)

    def test_same_is_remembered_when_the_link_is_lost(self):
        daniela = self.make_partner("Daniela Condor", phone="+12125550143")
        self.bring(tom(first="Daniel"))
        self.matches("open").action_same()
        self.customer_link("1").unlink()
        self.bring_again()
        self.assertEqual(self.partner("1"), daniela)

    def test_same_completes_the_partner(self):
        lacking = self.make_partner("Daniela Condor", phone="+12125550143")
        self.bring(tom(first="Daniel", group_name="Gold"))
        self.matches("open").action_same()
        self.assertEqual((lacking.email, lacking.category_id.mapped("name")), ("tom@example.com", ["Gold"]))

    def test_one_of_several_settles_the_others(self):
        partners = self.env["res.partner"].create([{"name": "Tom Condor", "phone": "+12125550143"}] * 2)
        self.bring(tom(email=""))
        self.assertEqual(self.matches("open").candidate_id, partners)
        self.assertTrue(all("several" in match.reason_codes for match in self.matches("open")))
        self.matches("open").filtered(lambda match: match.candidate_id == partners[0]).action_same()
        self.assertEqual(self.partner("1"), partners[0])
        self.assertEqual(self.matches("different").candidate_id, partners[1])

    def test_two_questions_answered_at_once(self):
        self.env["res.partner"].create([{"name": "Tom Condor", "phone": "+12125550143"}] * 2)
        self.bring(tom(email=""))
        self.matches("open").action_same()
        self.assertFalse(self.matches("open"))
        self.assertEqual(len(self.matches("same")), 1)

    def test_an_archived_partner_is_never_linked_silently(self):
        partner = self.make_partner(phone="+12125550143", active=False)
        self.bring(tom())
        self.assertNotEqual(self.partner("1"), partner)
        self.assertIn("archived", self.matches("open").reason_codes)

    def test_nothing_to_bring_together(self):
        self.make_partner("Daniela Condor", phone="+12125550143")
        self.bring(tom(first="Daniel"))
        self.partner("1").unlink()
        with self.assertRaises(UserError):
            self.matches("open").action_same()

    def test_two_of_one_page_ask_about_each_other(self):
        self.bring(tom("1", first="Daniel"), tom("2", first="Daniela"), tom("3", first="Daniel"))
        self.assertEqual(self.partner("1"), self.partner("3"))
        self.assertEqual(
            (self.matches("open").external_id, self.matches("open").candidate_id), ("2", self.partner("1"))
        )

    def test_reviewers_need_no_other_rights(self):
        self.make_partner("Daniela Condor", phone="+12125550143")
        self.bring(tom(first="Daniel"))
        user = new_test_user(
            self.env,
            login="reviewer",
            groups="pos_sync_connector.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.matches("open").with_user(user).action_same()
        self.assertEqual(self.matches("same").decided_by_id, user)

    def test_the_screen_shows_both_sides(self):
        daniela = self.make_partner("Daniela Condor", phone="+12125550143", street="Old St", city="Duluth")
        self.env["sale.order"].create({"partner_id": daniela.id})
        self.bring(tom(first="Daniel"))
        self.world.sell(order("o1", customer_id="1"), order("o2", customer_id="1"))
        self.pull("orders_pull")
        match = self.matches("open")
        self.assertEqual((match.candidate_address, match.imported_address), ("Old St, Duluth", False))
        self.assertEqual((match.candidate_order_count, match.imported_order_count), (1, 2))

    # Odoo's own merge

    def merge(self, partners, into):
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, into)
        self.env.invalidate_all()

    def test_a_merge_of_two_linked_partners(self):
        self.bring(tom("1"), tom("2", first="Ada", phone="", email="ada@example.com"))
        one, two = self.partner("1"), self.partner("2")
        self.world.sell(order("o1", customer_id="2"))
        self.pull("orders_pull")
        self.merge(one | two, one)
        self.assertEqual((self.partner("1"), self.partner("2")), (one, one))
        self.assertEqual(self.order("o1").partner_id, one)
        owners = self.customer_link("1") | self.customer_link("2")
        self.assertEqual(owners.filtered("owns_contact"), self.customer_link("1"))
        before = self.everything_about_customers()
        self.assertCounts(self.bring_again(), read=2, unchanged=2)
        self.assertEqual(self.everything_about_customers(), before)
        self.world.sell(order("o2", customer_id="2"))
        self.bring(tom("1", note="x"), tom("2", first="Ada", phone="", email="ada@example.com", note="y"))
        self.pull("orders_pull")
        self.assertEqual(self.order("o2").partner_id, one)
        self.assertEqual(one.name, "Tom Condor", "the second link does not own the details")

    def test_a_merge_decides_the_question(self):
        daniela = self.make_partner("Daniela Condor", phone="+12125550143")
        third = self.make_partner("Danielle Condor", phone="+12125550143")
        self.bring(tom(first="Daniel"))
        self.assertEqual(self.matches("open").candidate_id, daniela | third)
        self.merge(self.partner("1") | daniela, daniela)
        self.assertEqual(self.partner("1"), daniela)
        self.assertEqual(self.matches("same").candidate_id, daniela)
        self.merge(daniela | third, third)
        self.assertEqual((self.partner("1"), self.matches().candidate_id), (third, third))
        self.assertFalse(self.matches("open"))

    def test_keys_survive_a_merge_and_mass_writes(self):
        one, two = self.env["res.partner"].create(
            [{"name": "Tom Condor", "phone": "212 555 0143"}, {"name": "Tom Condor", "email": "T@Example.com"}]
        )
        two.pos_sync_replaced_by_id = self.make_partner("Third")
        self.assertFalse(two.pos_sync_email_key)
        self.merge(one | two, one)
        self.assertEqual(
            (one.pos_sync_phone_key, one.pos_sync_email_key, one.pos_sync_name_key),
            ("+12125550143", "t@example.com", "condor tom"),
        )
        everybody = self.env["res.partner"].create([{"name": f"P {number}"} for number in range(300)])
        everybody.write({"phone": "no number at all", "email": "@@", "country_id": self.env.ref("base.de").id})
        self.env.flush_all()
        self.assertFalse(any(everybody.mapped("pos_sync_phone_key")) or any(everybody.mapped("pos_sync_email_key")))
        everybody.write({"phone": "030 901820"})
        self.assertEqual(set(everybody.mapped("pos_sync_phone_key")), {"+4930901820"})

    def test_customers_of_one_name_at_one_system(self):
        self.bring(
            customer("1", "Ann", "Lee", email="a@example.com"), customer("2", "Ann", "Lee", email="b@example.com")
        )
        self.assertNotEqual(self.partner("1"), self.partner("2"))
        self.assertFalse(self.matches())
