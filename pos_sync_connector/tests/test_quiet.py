from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..connectors import records as rec
from .sales_common import SalesCase, customer, line, money, order, refund


@tagged("post_install", "-at_install")
class TestQuiet(SalesCase):
    """What is imported reaches nobody, though the company texts and mails whoever gets a delivery."""

    def setUp(self):
        super().setUp()
        self.connection.stock_policy = "odoo"
        self.variant("v-tea").is_storable = True
        self.company.stock_move_email_validation = True
        self.texts = "stock_sms_confirmation_template_id" in self.company._fields
        if self.texts:
            template = self.env.ref("stock_sms.sms_template_data_stock_delivery")
            self.company.write(
                {
                    "stock_text_confirmation": True,
                    "stock_confirmation_type": "sms",
                    "has_received_warning_stock_sms": True,
                    "stock_sms_confirmation_template_id": template.id,
                }
            )
        self.world.know(customer("ada", email="ada@example.com", phone="+1 212 555 0123"))
        self.pull("customers_pull")
        self.stream = self.connection._stream("orders_pull")
        self.stream.first_done = True

    @contextmanager
    def outside(self):
        """What leaves the house meanwhile, as in a real server: Odoo holds back texts in its own tests."""
        sent = []
        with ExitStack() as stack:
            create = self.registry["mail.mail"].create
            stack.enter_context(
                patch.object(
                    self.registry["mail.mail"],
                    "create",
                    lambda mails, vals_list: sent.extend(["mail"] * len(vals_list)) or create(mails, vals_list),
                )
            )
            if self.texts:
                no_test = SimpleNamespace(module=SimpleNamespace(current_test=False))
                stack.enter_context(patch("odoo.addons.stock_sms.models.stock_picking.modules", no_test))
                stack.enter_context(
                    patch.object(
                        self.registry["sms.sms"],
                        "send",
                        lambda texts, *args, **kwargs: sent.extend(["text"] * len(texts)),
                    )
                )
            yield sent

    def sell(self, status=rec.OrderStatus.COMPLETED, **values):
        self.world.sell(order("1", line("a", quantity=3), status=status, customer_id="ada", **values))
        self.pull("orders_pull")
        self.assertNothingFailed("orders_pull")

    def follow(self):
        """The customer follows the order and its delivery."""
        sale = self.order("1")
        sale.message_subscribe(sale.partner_id.ids)
        sale.picking_ids.message_subscribe(sale.partner_id.ids)

    def test_a_delivery_that_was_made_is_told_to_nobody(self):
        with self.outside() as sent:
            self.sell()
        self.assertEqual(self.order("1").picking_ids.state, "done")
        self.assertFalse(sent)

    def test_a_sale_that_goes_on_and_comes_back(self):
        with self.outside() as sent:
            self.sell(rec.OrderStatus.PAID)
            self.follow()
            self.sell()
            back = rec.RefundLine(order_line_id="a", quantity=money(2), gross=money(20), restock=True)
            self.sell(refunds=(refund("r1", "1", 20, lines=(back,)),))
        self.assertEqual(len(self.order("1").picking_ids), 2)
        self.assertFalse(sent)

    def test_what_a_person_delivers_is_told_as_before(self):
        with self.outside() as sent:
            self.sell(rec.OrderStatus.PAID)
            picking = self.order("1").picking_ids
            self.assertEqual(len(picking), 1)
            picking.move_ids.write({"quantity": 3, "picked": True})
            self.assertFalse(sent)
            picking._action_done()
            self.assertEqual(set(sent), {"mail", "text"} if self.texts else {"mail"})

    def test_whatever_module_is_loaded_later(self):
        """Doors are shut on the finished classes, so that no module's own step comes before them."""
        self.sell()
        picking = self.order("1").picking_ids
        with self.outside() as sent:
            picking.with_context(pos_sync_quiet=True)._send_confirmation_email()
            self.assertFalse(sent)
            picking._send_confirmation_email()
            self.assertTrue(sent)

    def test_what_automation_rules_would_send(self):
        self.sell()
        sale = self.order("1")
        template = self.env.ref("sale.email_template_edi_sale")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Mail",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "mail_post",
                "mail_post_method": "email",
                "template_id": template.id,
            }
        )
        action = action.with_context(active_model="sale.order", active_ids=sale.ids, active_id=sale.id)
        with self.outside() as sent:
            action.with_context(pos_sync_quiet=True).run()
            self.assertFalse(sent)
            action.run()
            self.assertTrue(sent)
