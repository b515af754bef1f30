from odoo import models

from ...connectors import records as rec
from ...connectors.errors import Skip
from ...connectors.flows import Flow

_LEFT = (rec.FulfilmentStatus.SHIPPED, rec.FulfilmentStatus.DELIVERED, rec.FulfilmentStatus.PICKED_UP)


class PosSyncRelayOrders(models.AbstractModel):
    """What becomes of an order at the system that a route sent it on to. Its parcels are deliveries here, with carrier
    and tracking, and go on from here as any delivery does; that it is paid is sent to the system that it came from."""

    _name = "pos.sync.relay_orders"
    _description = "POS Sync Relay of Orders Sent On"

    def _relay(self, mapping, status, paid, fulfilments):
        order = mapping.sale_order_id
        if order.state == "sale" and not order.pos_sync_no_delivery:
            parcels = [item for item in fulfilments if item.status in _LEFT]
            if not parcels and status is rec.OrderStatus.COMPLETED:
                # It says that all of it left, and not how.
                parcels = [rec.Fulfilment(external_id="completed", order_id=mapping.external_id, status=_LEFT[0])]
            self.env["pos.sync.import_orders"]._follow_parcels(mapping.connection_id, order, parcels)
        if paid and not order.pos_sync_paid:
            stream = order.pos_sync_connection_id._stream(Flow.ORDER_STATUS_PUSH)
            if stream.enabled:
                self.env["pos.sync.message"]._enqueue(stream, order)

    def _paid_elsewhere(self, order):
        """What the system that an order came from is sent of it, beside its parcels: that it is paid."""
        if order.pos_sync_paid or not any(order.pos_sync_sent_ids.mapped("remote_paid")):
            raise Skip(self.env._("The system knows this already."), code="known-there")
        return rec.OrderStatusChange(
            external_id=order.pos_sync_external_id, status=rec.OrderStatus(order.pos_sync_status), paid=True
        )

    # Cancelled there

    def _relay_cancelled(self, mapping):
        order = mapping.sale_order_id
        if order.state == "cancel":
            return
        route = self.env["pos.sync.route"].search(
            [
                ("source_connection_id", "=", order.pos_sync_connection_id.id),
                ("target_connection_id", "=", mapping.connection_id.id),
            ],
            limit=1,
        )
        if route.on_cancel == "cancel" and self._is_untouched(order):
            order._action_cancel()
            order._message_log(body=self.env._("Cancelled at %s, so also here.", mapping.connection_id.name))
            return
        user = order.user_id or order.pos_sync_connection_id.user_id
        if user.active:
            order.with_context(mail_activity_quick_update=True, lang=user.lang).activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Cancelled at %s", mapping.connection_id.name),
                note=self.env._(
                    "It still stands here and at %s. Cancel it, and refund what was paid, unless it is to be delivered "
                    "all the same.",
                    order.pos_sync_connection_id.name,
                ),
                user_id=user.id,
            )

    def _is_untouched(self, order):
        delivered = any(picking.state == "done" for picking in order.picking_ids)
        invoiced = any(invoice.state == "posted" for invoice in order.invoice_ids)
        return not (order.pos_sync_paid or delivered or invoiced or order.locked)
