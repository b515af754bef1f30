"""Imported orders that are cancelled in Odoo, and the system that still has them."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.flows import Flow


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    cancel_policy = fields.Selection(
        [
            ("never", "Never: a note on the order says that it still stands there"),
            ("ask", "Ask: the Responsible gets an activity, the order a button"),
            ("always", "Always"),
        ],
        string="Cancel There What Is Cancelled Here",
        default="ask",
        required=True,
        help="Of orders that come from the system. Money that was paid is refunded by a refund, not by this.",
    )
    takes_cancellations = fields.Boolean(compute="_compute_takes_cancellations")

    @api.depends("system")
    def _compute_takes_cancellations(self):
        for connection in self:
            connection.takes_cancellations = bool(connection.sudo()._stream(Flow.ORDER_STATUS_PUSH))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_stands_there = fields.Boolean(compute="_compute_pos_sync_stands_there")

    @api.depends("state", "pos_sync_status", "pos_sync_connection_id")
    def _compute_pos_sync_stands_there(self):
        """Whether it is cancelled here, still stands at the system that it comes from, and can be cancelled there."""
        for order in self:
            connection = order.sudo().pos_sync_connection_id
            order.pos_sync_stands_there = (
                order.state == "cancel"
                and bool(connection)
                and order.pos_sync_status != "cancelled"
                and connection.takes_cancellations
            )

    def write(self, vals):
        cancelled = self.filtered(lambda order: order.state != "cancel") if vals.get("state") == "cancel" else self[:0]
        result = super().write(vals)
        if not self.env.context.get("pos_sync_merging"):
            cancelled.sudo()._pos_sync_follow_cancellation()
        return result

    def _pos_sync_follow_cancellation(self):
        """By the policy of the connection, never silently. What the system has cancelled itself is no news there."""
        for order in self.filtered("pos_sync_stands_there"):
            connection = order.pos_sync_connection_id
            stream = connection._stream(Flow.ORDER_STATUS_PUSH)
            if order.pos_sync_history or connection.cancel_policy == "never":
                order._message_log(body=self.env._("Cancelled in Odoo. It still stands at %s.", connection.name))
            elif connection.cancel_policy == "always" and stream.enabled:
                order._pos_sync_cancel_there()
            else:
                order.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=order._pos_sync_question(),
                    note=self.env._("It is cancelled in Odoo. “Cancel There” on the order cancels it there too."),
                    user_id=connection.user_id.id or self.env.user.id,
                )

    def _pos_sync_question(self):
        return self.env._("Still stands at %s", self.sudo().pos_sync_connection_id.name)

    def action_pos_sync_cancel_there(self):
        """Has the system that the order comes from cancel it too."""
        self.check_access("write")
        for order in self.sudo():
            connection = order.pos_sync_connection_id
            if not order.pos_sync_stands_there:
                raise UserError(self.env._("“%s” does not stand there while it is cancelled here.", order.name))
            if not connection._stream(Flow.ORDER_STATUS_PUSH).enabled:
                raise UserError(
                    self.env._("Switch the flow “Send order status” of “%s” on first.", connection.name)
                )
            order._pos_sync_cancel_there()
        return self.env["pos.sync.connection"]._notify(self.env._("The cancellation will be sent shortly."))

    def _pos_sync_cancel_there(self):
        for order in self.sudo():
            stream = order.pos_sync_connection_id._stream(Flow.ORDER_STATUS_PUSH)
            self.env["pos.sync.message"]._enqueue(stream, order)
            order.activity_ids.filtered(lambda item, order=order: item.summary == order._pos_sync_question()).unlink()
            order._message_log(
                body=self.env._("The cancellation is sent to %s.", order.pos_sync_connection_id.name)
            )
