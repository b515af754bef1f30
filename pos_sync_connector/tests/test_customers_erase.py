from dataclasses import replace

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..connectors import records as rec
from .customers_common import CustomersCase, tom
from .sales_common import line, order, refund, tax_of

PERSON = {
    "first": "Zebulon",
    "last": "Quackenbush",
    "email": "zeb.quackenbush@example.com",
    "phone": "+1 212 555 0143",
    "mobile": "(212) 555-0188",
}
TRACES = ("zebulon", "quackenbush", "5550143", "5550188")


def zeb(external_id="9001", **values):
    return tom(external_id, **{**PERSON, **values})


@tagged("post_install", "-at_install")
class TestErase(CustomersCase):
    """After an erasure nothing of the addon tells who it was, and no pull brings them back."""

    def found(self):
        """(table, column, text) of every place in the addon's tables and columns that tells of the person."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying', 'jsonb', 'json')
              AND (table_name LIKE 'pos\\_sync\\_%' OR column_name LIKE 'pos\\_sync\\_%' OR table_name = 'res_partner')
            """
        )
        places = []
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (text,) in self.env.cr.fetchall():
                plain = text.lower()
                digits = "".join(letter for letter in plain if letter.isdigit())
                if any(trace in plain or trace in digits for trace in TRACES):
                    places.append((table, column, text))
        return places

    def erase(self, partner, user=None):
        wizard = self.env["pos.sync.erase"].with_user(user or self.env.user)
        wizard.with_context(active_ids=partner.ids).create({}).action_erase()
        self.env.invalidate_all()

    def test_nothing_tells_of_the_person(self):
        delivery = rec.Address(kind=rec.AddressKind.DELIVERY, name="Zebulon Q.", street="1 Pond Rd", phone="2125550143")
        self.make_partner("Zebulona Quackenbush", phone="+12125550143", email=PERSON["email"])
        self.bring(
            zeb(addresses=(delivery,), group_name="Gold"),
            zeb("9002", mobile=""),
            tom("1", first="Other", phone="", email="other@example.com"),
        )
        partner = self.partner("9001")
        self.assertEqual(self.partner("9002"), partner)
        self.assertTrue(self.matches("open"))
        # An order that came in, one that failed and tells of the customer, and a refund's reason.
        self.world.sell(
            order("1", customer_id="9001"),
            order(
                "2",
                line("a", taxes=(tax_of("unknown", 10),)),
                customer_id="9001",
                customer=zeb(),
                shipping_address=delivery,
                note="Zebulon's door",
                raw={"customer": {"name": "Quackenbush, Zebulon", "tel": "212.555.0143"}},
            ),
        )
        self.pull("orders_pull")
        self.assertTrue(self.message("2", flow="orders_pull"))
        stream = self.connection._stream("customers_pull")
        self.env["pos.sync.message"].create(
            [
                {
                    "stream_id": stream.id,
                    "flow": stream.flow,
                    "state": "failed",
                    "external_id": "9001",
                    "name": "Zebulon Quackenbush",
                    "payload": '{"email": "zeb.quackenbush@example.com"}',
                },
                {
                    "stream_id": self.connection._stream("orders_pull").id,
                    "flow": "orders_pull",
                    "state": "failed",
                    "external_id": "3",
                    "is_raw": True,
                    "sentence": "No tax for Zebulon Quackenbush.",
                    "payload": '{"buyer": "Zebulon", "who": "QUACKENBUSH", "mail": "zeb.quackenbush@example.com"}',
                },
            ]
        )
        self.env["pos.sync.refund"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "r1",
                "order_external_id": "1",
                "order_id": self.order("1").id,
                "currency_id": self.company.currency_id.id,
                "refunded_at": "2026-03-03",
                "reason": "Mr Quackenbush, Zebulon called (212 555 0143)",
            }
        )
        self.env["res.partner"].search([("name", "=", "Zebulona Quackenbush")]).unlink()
        self.assertGreater(len(self.found()), 10)

        self.erase(partner)
        self.assertEqual(self.found(), [])
        self.assertEqual((partner.name, partner.active, partner.email), ("Erased Customer", False, False))
        self.assertEqual(self.order("1").partner_id, partner, "the order stays")
        self.assertTrue(self.message("2", flow="orders_pull"), "the failed order is still to be mended")
        self.assertEqual(self.partner("1").email, "other@example.com", "nobody else is touched")

        self.assertCounts(self.bring_again(), read=3, unchanged=1, skipped=2)
        self.world.sell(replace(self.world.orders["1"], note="again"))
        self.pull("orders_pull", full=True)
        self.assertEqual(self.found(), [])
        self.assertEqual(self.order("1").partner_id, partner)

    def test_a_new_order_of_an_erased_customer_is_nameless(self):
        self.bring(zeb())
        partner = self.partner("9001")
        self.erase(partner)
        self.world.sell(
            order("5", customer_id="9001", note="For Zebulon Quackenbush"),
            order("6", customer_id="9001", customer=zeb()),
            order("7", line("a", taxes=(tax_of("unknown", 10),)), customer_id="9001", customer=zeb()),
        )
        self.pull("orders_pull")
        self.assertEqual((self.order("5").partner_id, self.order("6").partner_id), (partner, partner))
        self.assertFalse(self.order("5").note)
        self.world.give_back(refund("r5", "5", 4, reason="Zebulon Quackenbush was unhappy"))
        self.pull("refunds_pull")
        self.assertEqual(self.order("5").pos_sync_refund_ids.gross, 4)
        for flow in ("customers_pull", "orders_pull", "refunds_pull"):
            self.pull(flow, full=True)
        self.assertEqual(self.found(), [])

    def test_others_of_the_same_first_name_are_left_alone(self):
        self.bring(zeb(), tom("2", first="Zebulon", last="Miller", phone="+12125550777", email="zm@example.com"))
        self.world.sell(order("1", line("a", taxes=(tax_of("unknown", 10),)), customer_id="2", staff="Zebulon"))
        self.pull("orders_pull")
        payload = self.message("1", flow="orders_pull").payload
        self.erase(self.partner("9001"))
        self.assertEqual(self.message("1", flow="orders_pull").payload, payload)
        self.assertEqual(self.partner("2").name, "Zebulon Miller")

    def test_the_tombstone_tells_nothing(self):
        self.bring(zeb())
        self.erase(self.partner("9001"))
        row = self.env["pos.sync.tombstone"].search([("connection_id", "=", self.connection.id)])
        self.assertNotIn("9001", str(row.read()))
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "another")
        self.assertFalse(row._find(self.connection, "customer", ["9001"]), "only with the database's secret")

    def test_duplicates_brought_together_go_too(self):
        known = self.make_partner("Zebulona Quackenbush", phone="+12125550143")
        self.bring(zeb())
        self.matches("open").action_same()
        self.erase(known)
        self.assertEqual(self.found(), [])

    def test_who_has_a_login_is_not_erased(self):
        user = new_test_user(self.env, login="zeb", groups="base.group_portal", name="Zebulon Quackenbush")
        with self.assertRaises(UserError):
            self.erase(user.partner_id)
        self.assertEqual(user.partner_id.name, "Zebulon Quackenbush")

    def test_only_managers_erase(self):
        self.bring(zeb())
        company = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        groups = "base.group_partner_manager"
        user = new_test_user(self.env, login="user", groups=f"{groups},pos_sync_connector.group_user", **company)
        manager = new_test_user(self.env, login="boss", groups=f"{groups},pos_sync_connector.group_manager", **company)
        with self.assertRaises(AccessError):
            self.erase(self.partner("9001"), user)
        self.erase(self.partner("9001"), manager)
        self.assertEqual(self.found(), [])
