"""What a system asks for the sake of its customers: taken once, answered by a job, told to somebody."""

from __future__ import annotations

import json

from odoo.tests import HttpCase, new_test_user, tagged

from ..connectors.privacy import PrivacyKind, PrivacyRequest
from ..connectors.systems.shopify.webhooks import SIGNATURE
from .customers_common import CustomersCase, tom
from .sales_common import order

SHOP = "a-shop.myshopify.com"
SECRET = "shpss_privacy"
CUSTOMER = {"id": 9001, "email": "zeb.quackenbush@example.com", "phone": "+12125550143"}
BODIES = {
    "customers/redact": {"customer": CUSTOMER, "orders_to_redact": [1, 2]},
    "customers/data_request": {"customer": CUSTOMER, "orders_requested": [1], "data_request": {"id": 9}},
    "shop/redact": {},
}


@tagged("post_install", "-at_install")
class TestPrivacyWebhooks(CustomersCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shopify = cls.env["pos.sync.connection"].create(
            {"name": "Shopify", "system": "shopify", "webhook_base": "https://shop.example.com"}
        )
        for row in cls.shopify.setting_ids.filtered(lambda row: row.kind == "secret"):
            row._store_secret(SECRET)
        cls.shopify.setting_ids.filtered(lambda row: row.key == "url").value = f"https://{SHOP}"
        cls.shopify.write({"state": "connected", "account_external_id": SHOP})

    def hook(self, topic, event="e-1", *, shop=SHOP, secret=SECRET, **changes):
        body = {"shop_id": 1, "shop_domain": shop, **BODIES[topic], **changes}
        raw = json.dumps({key: value for key, value in body.items() if value is not None}).encode()
        headers = {
            "X-Shopify-Hmac-Sha256": SIGNATURE.sign(secret, body=raw), "X-Shopify-Topic": topic,
            "X-Shopify-Webhook-Id": event, "X-Shopify-Shop-Domain": SHOP, "Content-Type": "application/json",
        }  # fmt: skip
        address = f"/pos_sync/webhook/{self.shopify.webhook_token}"
        return self.url_open(address, data=raw, headers=headers, timeout=30).status_code

    def requests(self):
        self.env.invalidate_all()
        return self.env["pos.sync.privacy.request"].search([("connection_id", "=", self.shopify.id)], order="id")

    def test_each_is_taken_once_and_nothing_is_done_at_once(self):
        for topic in BODIES:
            for _twice in range(2):
                self.assertEqual(self.hook(topic, f"e-{topic}"), 200)
        found = self.requests()
        self.assertEqual(set(found.mapped("kind")), {kind.value for kind in PrivacyKind})
        self.assertEqual((len(found), set(found.mapped("state"))), (3, {"waiting"}))
        redact = found.filtered(lambda request: request.kind == "erase_customer")
        self.assertEqual((redact.customer_external_id, redact.order_external_ids), ("9001", ["1", "2"]))
        cron = self.env.ref("pos_sync_connector.ir_cron_privacy")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        stored = str(found.read())
        self.assertNotIn("quackenbush", stored)
        self.assertNotIn("2125550143", stored)

    def test_who_is_off_or_refused_still_hears_them(self):
        for number, state in enumerate(("off", "refused"), 1):
            self.shopify.state = state
            self.assertEqual(self.hook("shop/redact", state, shop_id=number), 200)
            self.assertEqual(len(self.requests()), number)

    def test_what_is_not_genuine_or_of_another_form_is_refused(self):
        self.assertEqual(self.hook("shop/redact", secret="other"), 403)
        self.assertEqual(self.hook("shop/redact", shop="other.myshopify.com"), 403)
        # A body that was signed for another topic.
        self.assertEqual(self.hook("shop/redact", customer=CUSTOMER, orders_to_redact=[]), 400)
        self.assertEqual(self.hook("customers/redact", customer=None), 400)
        self.assertFalse(self.requests())


@tagged("post_install", "-at_install")
class TestPrivacyAnswers(CustomersCase):
    def ask(self, kind, customer="", orders=(), event="e-1"):
        request = PrivacyRequest(event_id=event, kind=kind, customer_id=customer, order_ids=tuple(orders))
        self.env["pos.sync.privacy.request"]._take(self.connection.id, [request])
        return self.answer()

    def answer(self):
        before = self.activities()
        with self.enter_registry_test_mode():
            self.env.ref("pos_sync_connector.ir_cron_privacy").method_direct_trigger()
        self.env.invalidate_all()
        return self.activities() - before

    def activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "pos.sync.connection"), ("res_id", "=", self.connection.id)]
        )

    def last(self):
        return self.env["pos.sync.privacy.request"].search([], limit=1)

    def zeb(self, external_id="9001", **values):
        return tom(external_id, first="Zebulon", last="Quackenbush", email="zeb@example.com", **values)

    def test_a_customer_is_erased_and_somebody_told_once(self):
        self.bring(self.zeb(), tom("1", first="Other", phone="", email="other@example.com"))
        partner, other = self.partner("9001"), self.partner("1")
        self.connection.user_id = self.env.ref("base.user_admin")
        (activity,) = self.ask(PrivacyKind.ERASE_CUSTOMER, "9001")
        self.assertEqual((partner.name, partner.active, partner.email), ("Erased Customer", False, False))
        self.assertTrue(other.email)
        self.assertEqual(activity.user_id, self.connection.user_id)
        self.assertIn(f'data-oe-id="{partner.id}"', activity.note)
        self.assertNotIn("Quackenbush", activity.note + activity.summary)
        self.assertEqual((self.last().state, self.last().customer_external_id), ("done", False))
        self.assertFalse(self.answer())
        self.assertFalse(self.ask(PrivacyKind.ERASE_CUSTOMER, "9001"), "the same event again")
        # The next pull does not bring them back.
        self.bring(self.zeb())
        self.assertFalse(self.env["res.partner"].search([("name", "ilike", "Quackenbush")]))

    def test_who_is_no_contact_yet_never_becomes_one(self):
        (activity,) = self.ask(PrivacyKind.ERASE_CUSTOMER, "9001")
        self.assertIn("no contact", activity.note)
        self.bring(self.zeb())
        self.assertFalse(self.env["res.partner"].search([("name", "ilike", "Quackenbush")]))

    def test_who_has_a_login_is_left_to_somebody(self):
        self.bring(self.zeb())
        user = new_test_user(self.env, "zeb", groups="base.group_portal")
        user.partner_id.active = True
        self.env["pos.sync.mapping"].search([("external_id", "=", "9001")]).partner_id = user.partner_id
        (activity,) = self.ask(PrivacyKind.ERASE_CUSTOMER, "9001")
        self.assertIn("login", activity.note)
        self.assertEqual((self.last().state, self.last().customer_external_id), ("by_hand", "9001"))

    def test_a_question_lists_what_there_is(self):
        self.bring(self.zeb())
        self.world.sell(order("1", customer_id="9001"), order("2", customer_id="9001"))
        self.pull("orders_pull")
        (activity,) = self.ask(PrivacyKind.TELL_CUSTOMER, "9001", ["1"])
        self.assertIn("<li>Orders: 2</li>", activity.note)
        self.assertIn(f'data-oe-id="{self.partner("9001").id}"', activity.note)
        self.assertTrue(self.partner("9001").active)

    def test_everybody_is_erased_but_who_is_used_elsewhere(self):
        self.bring(*(tom(str(number), first=f"Name{number}", phone="", email=f"n{number}@example.com")
                     for number in range(1, 26)))  # fmt: skip
        partners = {key: self.partner(str(key)) for key in range(1, 26)}
        self.env["sale.order"].create({"partner_id": partners[3].id})
        other, _world = self.second_system()
        self.env["pos.sync.mapping"].create(
            {"connection_id": other.id, "entity": "customer", "external_id": "x", "partner_id": partners[5].id}
        )
        (activity,) = self.ask(PrivacyKind.ERASE_EVERYBODY)
        kept = {key for key, partner in partners.items() if partner.name != "Erased Customer"}
        self.assertEqual(kept, {3, 5})
        self.assertEqual((self.last().state, self.last().erased_count), ("by_hand", 23))
        self.assertIn("23", activity.note)
        self.assertIn(f'data-oe-id="{partners[3].id}"', activity.note)
        self.assertEqual(len(activity), 1)

    def test_when_all_are_erased_so_is_who_failed_to_come_in(self):
        stream = self.connection._stream("customers_pull")
        told = {"stream_id": stream.id, "flow": stream.flow, "direction": "in"}
        messages = self.env["pos.sync.message"].create(
            [
                {**told, "external_id": "9001", "state": "failed", "payload": '{"last_name": "Quackenbush"}'},
                {**told, "external_id": "*", "state": "waiting"},
            ]
        )
        (activity,) = self.ask(PrivacyKind.ERASE_EVERYBODY)
        self.assertIn("Erased: 0", activity.note)
        self.assertEqual(messages.exists().mapped("external_id"), ["*"])
        self.bring(self.zeb())
        self.assertFalse(self.env["res.partner"].search([("name", "ilike", "Quackenbush")]))

    def test_without_a_responsible_a_manager_is_told(self):
        self.connection.user_id = False
        (activity,) = self.ask(PrivacyKind.ERASE_CUSTOMER, "nobody")
        self.assertTrue(activity.user_id.has_group("pos_sync_connector.group_manager"))
