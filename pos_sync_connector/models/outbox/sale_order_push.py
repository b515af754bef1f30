from odoo import api, fields, models

_PAID = ("paid", "in_payment", "reversed")


class SaleOrder(models.Model):
    """Where an order was sent, and sending it."""

    _inherit = "sale.order"

    pos_sync_sent_ids = fields.One2many(
        "pos.sync.mapping",
        "sale_order_id",
        string="Sent To",
        domain=[("pushed", "=", True)],
        groups="pos_sync_connector.group_user",
    )
    pos_sync_message_ids = fields.One2many(
        "pos.sync.message",
        "order_id",
        string="Messages to Systems",
        domain=[("direction", "=", "out")],
        groups="pos_sync_connector.group_user",
    )
    pos_sync_sent_state = fields.Selection(
        [("no", "Not Sent"), ("waiting", "On Its Way"), ("failed", "Could Not Be Sent"), ("sent", "Sent")],
        string="Sent",
        compute="_compute_pos_sync_sent_state",
        groups="pos_sync_connector.group_user",
    )
    pos_sync_sent_to = fields.Char(compute="_compute_pos_sync_sent_state", groups="pos_sync_connector.group_user")

    @api.depends("pos_sync_sent_ids.gone", "pos_sync_message_ids.state")
    def _compute_pos_sync_sent_state(self):
        for order in self:
            states = set(order.pos_sync_message_ids.mapped("state"))
            order.pos_sync_sent_to = ", ".join(order.pos_sync_sent_ids.connection_id.mapped("name")) or False
            if states & {"failed", "held"}:
                order.pos_sync_sent_state = "failed"
            elif states & {"waiting", "sending"}:
                order.pos_sync_sent_state = "waiting"
            else:
                order.pos_sync_sent_state = "sent" if order.pos_sync_sent_ids else "no"

    def _pos_sync_is_paid(self):
        """Whether the money for all of it is there: by the system that it comes from, online, or by its invoices."""
        self.ensure_one()
        if self.pos_sync_connection_id:
            return self.pos_sync_paid
        if self.currency_id.compare_amounts(self.amount_paid, self.amount_total) >= 0 and self.amount_total:
            return True
        bills = self.sudo().invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        return (
            bool(bills) and self.invoice_status != "to invoice" and all(bill.payment_state in _PAID for bill in bills)
        )

    def action_pos_sync_send(self):
        """Sends the orders to a connection, which is asked for where there are several."""
        return self.env["pos.sync.send"]._start(self)

    def pos_sync_send(self, connection_name=None):
        """For automation rules: sends the orders to the connection of that name, or to the only one that takes them.

        What was sent already is left alone.
        """
        return self.env["pos.sync.send"]._send_from_rule(self, connection_name)

    def action_pos_sync_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_message_action")
        return {**action, "domain": [("order_id", "=", self.id), ("direction", "=", "out")], "context": {}}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_pos_sync_send(self):
        """Sends the customers to a connection, which is asked for where there are several."""
        return self.env["pos.sync.send"]._start(self)

    def pos_sync_send(self, connection_name=None):
        """For automation rules: as on orders."""
        return self.env["pos.sync.send"]._send_from_rule(self, connection_name)
