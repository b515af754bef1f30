from dataclasses import replace
from datetime import date
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ..connectors.records import Address, AddressKind, Consent
from .customers_common import CustomersCase, at, tom
from .sales_common import customer, order

SHOP = Address(street="1 Main St", city="Springfield", zip="62701", state="IL", country="US")
CABIN = Address(kind=AddressKind.DELIVERY, name="Cabin", street="9 Lake Rd", city="Duluth", state="MN", country="US")


@tagged("post_install", "-at_install")
class TestCustomersImport(CustomersCase):
    """What a customer is in Odoo, and what a change at the system or in Odoo does to it."""

    def test_new_customer_with_all_details(self):
        run = self.bring(
            tom(
                addresses=(SHOP, CABIN, replace(CABIN, kind=AddressKind.INVOICE, name="", street="2 Bill St")),
                language="en",
                birthday=date(1980, 2, 29),
                group_name="Gold",
                mobile="+1 212 555 0199",
                vat="US123",
                note="<b>Likes tea</b>",
            )
        )
        self.assertCounts(run, read=1, created=1)
        partner = self.partner("1")
        self.assertEqual(
            (partner.name, partner.email, partner.phone, partner.lang, partner.vat, partner.is_company),
            ("Tom Condor", "tom@example.com", "+1 212 555 0143", "en_US", "US123", False),
        )
        self.assertEqual(
            (partner.street, partner.city, partner.zip, partner.state_id.code, partner.country_id.code),
            ("1 Main St", "Springfield", "62701", "IL", "US"),
        )
        self.assertEqual(partner.category_id.mapped("name"), ["Gold"])
        self.assertIn("&lt;b&gt;", str(partner.comment))
        children = {child.type: (child.name, child.street, child.state_id.code) for child in partner.child_ids}
        self.assertEqual(children, {"delivery": ("Cabin", "9 Lake Rd", "MN"), "invoice": (False, "2 Bill St", "MN")})
        link = self.customer_link("1")
        self.assertEqual(
            (link.first_name, link.last_name, link.birthday, link.other_phone, link.made_here, link.owns_contact),
            ("Tom", "Condor", date(1980, 2, 29), "+1 212 555 0199", True, True),
        )
        self.assertFalse(any(partner.child_ids.mapped("pos_sync_name_key")), "an address is no candidate")

    def test_a_company(self):
        self.bring(customer("1", "", "", company_name="Condor Ltd", email="info@condor.example.com"))
        self.assertEqual((self.partner("1").name, self.partner("1").is_company), ("Condor Ltd", True))

    def test_somebody_without_a_name(self):
        self.bring(customer("1", "", "", email="who@example.com"), customer("2", "", ""))
        self.assertEqual((self.partner("1").name, self.partner("2").name), ("who@example.com", "Customer 2"))

    def test_pulled_again_nothing_is_written(self):
        everybody = [
            tom(addresses=(SHOP, CABIN), group_name="Gold", marketing=Consent.NO, marketing_at=at(1)),
            tom("2", first="Tomás", phone="", email="two@example.com"),
            tom("3", first="Daniela"),
            tom("4", first="Daniel"),
            customer("5", "", "", company_name="Condor Ltd"),
            tom("6", email="", phone="0000000000"),
        ]
        self.bring(*everybody)
        before = self.everything_about_customers()
        self.assertCounts(self.bring_again(), read=6, unchanged=6)
        self.assertEqual(self.everything_about_customers(), before)

    def test_the_owner_writes_changes(self):
        self.bring(tom(addresses=(SHOP,)))
        partner = self.partner("1")
        self.bring(tom(last="Eagle", phone="+1 212 555 0100", addresses=(replace(SHOP, street="5 Elm St"),)))
        self.assertEqual((partner.name, partner.phone, partner.street), ("Tom Eagle", "+1 212 555 0100", "5 Elm St"))

    def test_what_is_emptied_goes_unless_odoo_has_changed_it(self):
        self.bring(tom(), tom("2", email="x@example.com", phone="+1 212 555 0777"))
        self.partner("2").write({"phone": "+1 212 555 0888", "email": "y@example.com"})
        self.bring(tom(phone="", email=""), tom("2", phone="", email=""))
        self.assertEqual((self.partner("1").phone, self.partner("1").email), (False, False))
        self.assertEqual((self.partner("2").phone, self.partner("2").email), ("+1 212 555 0888", "y@example.com"))

    def test_a_partner_who_was_there_is_only_completed(self):
        partner = self.make_partner(phone="(212) 555-0143", street="Old St")
        self.bring(tom(addresses=(SHOP,), vat="US123"))
        self.assertEqual(self.partner("1"), partner)
        self.assertFalse(self.customer_link("1").owns_contact)
        self.assertEqual(
            (partner.phone, partner.email, partner.street, partner.city, partner.vat),
            ("(212) 555-0143", "tom@example.com", "Old St", False, "US123"),
        )
        self.bring(tom(first="Thomas", phone="+1 212 555 0100", addresses=(SHOP,)))
        self.assertEqual((partner.name, partner.phone, partner.street), ("Tom Condor", "(212) 555-0143", "Old St"))

    def test_an_email_follows_its_newest_change(self):
        partner = self.make_partner(phone="+12125550143", email="tom@example.com")
        self.bring(tom())
        self.bring(tom(email="new@example.com"))
        self.assertEqual(partner.email, "new@example.com")
        partner.email = "odoo@example.com"
        self.bring(tom(email="new@example.com", note="something else has changed"))
        self.assertEqual(partner.email, "odoo@example.com", "the system has not changed the e-mail")
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2026-01-01' WHERE id = %s", [partner.id])
        partner.invalidate_recordset()
        self.bring(tom(email="newest@example.com"))
        self.assertEqual(partner.email, "newest@example.com", "both have changed it, the system later")
        partner.email = "odoo2@example.com"
        self.bring(tom(email="older@example.com"))
        self.assertEqual(partner.email, "odoo2@example.com", "both have changed it, Odoo later")

    def test_addresses_that_change_are_new_ones(self):
        self.bring(tom(addresses=(SHOP, CABIN)))
        first = self.partner("1").child_ids
        self.bring(tom(addresses=(SHOP, replace(CABIN, street="10 Lake Rd"))))
        self.assertEqual((first.street, first.active), ("9 Lake Rd", False))
        self.assertEqual(self.partner("1").child_ids.filtered("active").street, "10 Lake Rd")
        self.bring(tom(addresses=(SHOP, CABIN)))
        self.assertEqual(self.partner("1").child_ids.filtered("active"), first)

    def test_an_unknown_state_is_not_lost(self):
        self.bring(tom(addresses=(replace(SHOP, state="Nowhere"),)))
        self.assertEqual(self.partner("1").city, "Springfield, Nowhere")

    # Protected

    def test_a_person_with_a_login_is_never_changed(self):
        for login, group in (("inside", "base.group_user"), ("portal", "base.group_portal")):
            with self.subTest(login):
                user = new_test_user(
                    self.env, login=login, groups=group, name="Tom Condor", email=f"{login}@example.com"
                )
                partner = user.partner_id
                partner.phone = "+12125550143" if login == "inside" else "+12125550144"
                key = f"user-{login}"
                self.bring(tom(key, phone=partner.phone, email="evil@example.com"))
                self.assertEqual(self.partner(key), partner)
                self.bring(tom(key, first="Mallory", phone="+1 212 555 0666", email="evil@example.com"))
                self.assertEqual(
                    (partner.name, partner.email, partner.phone[-3:]),
                    ("Tom Condor", f"{login}@example.com", partner.phone[-3:]),
                )
                change = self.matches("open", kind="change").filtered(
                    lambda match, found=partner: match.candidate_id == found
                )
                self.assertEqual(
                    change.proposed,
                    {"name": "Mallory Condor", "email": "evil@example.com", "phone": "+1 212 555 0666"},
                )
                self.assertIn("login", change.reason_codes)
                self.assertTrue(change.reasons)
                user.active = False
                self.bring(tom(key, first="Mallory", phone="+1 212 555 0667", email="evil@example.com"))
                self.assertEqual(partner.name, "Tom Condor", "the login may come back")

    def test_a_company_of_ours_is_never_changed(self):
        ours = self.company.partner_id
        ours.write({"email": "us@example.com", "phone": "+12125550143"})
        self.bring(customer("1", "", "", company_name="Engine Test Company", email="us@example.com"))
        self.bring(
            customer("1", "", "", company_name="Other", email="them@example.com"),
        )
        self.assertEqual((ours.name, ours.email), ("Engine Test Company", "us@example.com"))
        self.assertEqual(self.matches("open", kind="change").proposed, {"name": "Other", "email": "them@example.com"})

    def test_a_change_is_asked_once_and_applied_by_a_person(self):
        user = new_test_user(
            self.env, login="tom", groups="base.group_portal", name="Tom Condor", email="tom@example.com"
        )
        self.bring(tom(phone=""))
        self.bring(tom(phone="", email="new@example.com"))
        change = self.matches("open", kind="change")
        change.action_different()
        self.bring(tom(phone="", email="new@example.com", note="more"))
        self.assertEqual(self.matches("open", kind="change"), self.env["pos.sync.match"], "it was decided")
        self.bring(tom(phone="", email="newer@example.com"))
        self.assertEqual(self.matches("open", kind="change"), change)
        change.action_same()
        self.assertEqual((user.partner_id.email, change.state), ("newer@example.com", "same"))

    def test_an_invalid_tax_id_goes_to_review(self):
        def check(_self, country, vat, partner_name="", validation="error"):
            if "BAD" in (vat or "") and validation == "error":
                raise ValidationError("no tax ID")
            return vat, country.code

        with patch.object(type(self.env["res.partner"]), "_run_vat_checks", check):
            self.bring(tom(vat="BAD1"), tom("2", first="Ada", phone="", email="ada@example.com", vat="GOOD"))
            change = self.matches("open", kind="change")
            self.assertEqual((self.partner("1").vat, self.partner("2").vat), (False, "GOOD"))
            self.assertEqual((change.candidate_id, change.proposed), (self.partner("1"), {"vat": "BAD1"}))
            self.bring(tom(vat="GOOD1"))
        self.assertEqual((self.partner("1").vat, change.state), ("GOOD1", "same"))

    # Groups

    def test_a_customer_has_one_group(self):
        gold = self.env["res.partner.category"].create({"name": "Gold"})
        self.bring(tom(group_name="Gold"))
        partner = self.partner("1")
        self.assertEqual(partner.category_id, gold)
        own = self.env["res.partner.category"].create({"name": "Own tag"})
        partner.category_id |= own
        self.bring(tom(group_name="gold"))
        self.assertEqual(
            set(partner.category_id.mapped("name")), {"gold", "Own tag"}, "only the very title is the group"
        )
        self.bring(tom(group_name=""))
        self.assertEqual(partner.category_id, own)

    def test_a_group_changed_in_odoo_later_stays(self):
        self.bring(tom(group_name="Gold"))
        partner = self.partner("1")
        silver = self.env["res.partner.category"].create({"name": "Silver"})
        partner.category_id = silver
        self.bring(tom(group_name="Bronze"))
        self.assertEqual(partner.category_id, silver)

    def test_a_second_system_with_another_group_asks(self):
        self.bring(tom(group_name="Gold"))
        other, world = self.second_system()
        world.know(tom("a", group_name="Silver"))
        self.pull("customers_pull", other)
        partner = self.partner("1")
        self.assertEqual(self.partner("a", other), partner)
        self.assertEqual(partner.category_id.mapped("name"), ["Gold"])
        change = self.matches("open", kind="change")
        self.assertEqual(change.proposed, {"group": "Silver"})
        change.action_same()
        self.assertEqual(partner.category_id.mapped("name"), ["Silver"])

    # Consent

    def listed(self, email="tom@example.com"):
        return bool(self.env["mail.blacklist"].search([("email", "=", email)]))

    def test_withdrawn_consent_is_on_the_blacklist_with_its_reason(self):
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        row = self.env["mail.blacklist"].search([("email", "=", "tom@example.com")])
        self.assertTrue(row.active)
        self.assertIn("2026-03-01 12:00:00", str(row.message_ids.mapped("body")))
        self.assertEqual(
            (self.customer_link("1").consent, self.customer_link("1").consent_at), ("no", at(1).replace(tzinfo=None))
        )

    def test_consent_given_later_takes_it_off(self):
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        self.bring(tom(marketing=Consent.YES, marketing_at=at(2)))
        self.assertFalse(self.listed())
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        self.assertFalse(self.listed(), "an older word than the last one")
        self.bring(tom(marketing=Consent.NO, marketing_at=at(3)))
        self.assertTrue(self.listed())

    def test_consent_without_a_date_lifts_nothing(self):
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        self.bring(tom(marketing=Consent.YES))
        self.assertTrue(self.listed())
        self.assertEqual(self.customer_link("1").consent, "no")

    def test_what_a_person_decided_in_odoo_later_stays(self):
        self.env["mail.blacklist"].create({"email": "tom@example.com"})
        self.bring(tom(marketing=Consent.YES, marketing_at=at(1)))
        self.assertTrue(self.listed(), "put there after consent was given")

    def test_two_systems_the_newest_word_counts(self):
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        other, world = self.second_system()
        world.know(tom("a", marketing=Consent.YES, marketing_at=at(2)))
        self.pull("customers_pull", other)
        self.assertFalse(self.listed())

    def test_a_new_email_of_who_refused_is_listed_too(self):
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1)))
        self.bring(tom(marketing=Consent.NO, marketing_at=at(1), email="new@example.com"))
        self.assertTrue(self.listed("new@example.com"))

    # Gone

    def test_who_is_gone_is_archived_if_unused(self):
        self.bring(tom(), tom("2", first="Ada", phone="", email="ada@example.com"))
        self.env["sale.order"].create({"partner_id": self.partner("2").id})
        stays = self.make_partner("Grace Hopper", email="grace@example.com")
        self.bring(customer("3", "Grace", "Hopper", email="grace@example.com"))
        partners = [self.partner(key) for key in "123"]
        for key in "123":
            del self.world.customers[key]
        self.bring_again()
        self.assertEqual([partner.active for partner in partners], [False, True, True])
        self.assertTrue(all(self.customer_link(key).gone for key in "123"))
        self.assertTrue(stays.active)
        self.bring(tom())
        self.assertTrue(self.partner("1").active)
        self.assertFalse(self.customer_link("1").gone)

    def test_archived_at_the_system(self):
        self.bring(tom(), tom("2", first="Ada", phone="", email="ada@example.com"))
        self.env["sale.order"].create({"partner_id": self.partner("2").id})
        self.bring(tom(archived=True), tom("2", first="Ada", phone="", email="ada@example.com", archived=True))
        self.assertEqual((self.partner("1").active, self.partner("2").active), (False, True))
        self.bring(tom())
        self.assertTrue(self.partner("1").active)
        self.partner("1").active = False
        self.bring(tom(note="changed"))
        self.assertFalse(self.partner("1").active, "a person has archived it")

    def test_deleted_in_odoo_is_not_made_again_without_a_person(self):
        self.bring(tom())
        self.partner("1").unlink()
        self.assertCounts(self.bring_again(), read=1, unchanged=1)
        self.assertCounts(self.bring(tom(note="changed")), read=1, skipped=1)
        self.assertFalse(self.partner("1"))
        self.customer_link("1").action_make_again()
        self.pull("customers_pull", full=True)
        self.assertEqual(self.partner("1").name, "Tom Condor")

    # Beside the pull

    def test_customers_come_with_their_orders(self):
        self.world.sell(order("1", customer_id="7", customer=tom("7")))
        self.pull("orders_pull")
        self.assertEqual(self.order("1").partner_id, self.partner("7"))
        self.assertEqual(self.partner("7").email, "tom@example.com")
        self.bring_again()
        self.assertFalse(self.customer_link("7").gone, "guests are in no list")

    def test_orders_wait_for_their_customer(self):
        self.world.sell(order("1", customer_id="7"))
        self.world.know(tom("7"))
        self.pull("orders_pull")
        self.drain("orders_pull")
        self.assertEqual(self.order("1").partner_id, self.partner("7"))

    def test_any_page_size_ends_the_same(self):
        everybody = [
            tom("1"),
            tom("2"),
            tom("3", first="Tomás"),
            tom("4", first="Tim"),
            tom("5", first="Daniela", email="d@example.com"),
            tom("6", first="Daniel", email="d@example.com"),
            tom("7", phone="", email=""),
            tom("8", phone="", email=""),
        ]
        ends = []
        for size in (1, 3, 200):
            account = f"pages-{size}"
            company = self.env["res.company"].create({"name": account, "currency_id": self.company.currency_id.id})
            self.env.user.company_ids |= company
            connection, world = self.second_system(account, company_id=company.id, share_customers=False)
            world.page_size = size
            world.know(*everybody)
            self.pull("customers_pull", connection)
            links = self.env["pos.sync.mapping"].search([("connection_id", "=", connection.id)])
            groups = links.grouped("partner_id").values()
            asked = self.env["pos.sync.match"].search([("connection_id", "=", connection.id)])
            by_partner = {link.partner_id: link.external_id for link in links.sorted("external_id", reverse=True)}
            ends.append(
                (
                    sorted(sorted(group.mapped("external_id")) for group in groups),
                    sorted((match.external_id, by_partner[match.candidate_id]) for match in asked),
                )
            )
        self.assertEqual(ends[0], ends[1])
        self.assertEqual(ends[0], ends[2])
        self.assertEqual(ends[0], ([["1", "2", "3"], ["4"], ["5"], ["6"], ["7"], ["8"]], [("6", "5"), ("8", "7")]))
