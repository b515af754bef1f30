from odoo import models

from ...connectors import records as rec
from ...connectors.codec import as_decimal
from ...connectors.errors import Skip
from ...connectors.flows import Flow
from .export_customers import _moment


class PosSyncExportOrderStatus(models.AbstractModel):
    """Makes `OrderStatusChange` records from orders that were sent: how they stand now, with all deliveries so far."""

    _name = "pos.sync.export_order_status"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Order Status"

    def _record_to_send(self, stream, message):
        """How the order of a message stands now; raises `Skip` where the target does not have it."""
        mapping = self.env["pos.sync.export_orders"]._link(stream.connection_id, message.order_id)
        if not mapping:
            raise Skip(self.env._("The order is not at the system."), code="not-there")
        if mapping.pushed:
            return rec.OrderStatusChange(**self._prepare_change(stream, message.order_id, mapping))
        # It came from there: its parcels and refunds go their own ways.
        if message.order_id.state == "cancel":
            return self._prepare_cancellation(message.order_id, mapping)
        return self.env["pos.sync.relay_orders"]._paid_elsewhere(message.order_id)

    def _prepare_cancellation(self, order, mapping):
        return rec.OrderStatusChange(
            external_id=mapping.external_id, status=rec.OrderStatus.CANCELLED, updated_at=_moment(order.write_date)
        )

    def _prepare_change(self, stream, order, mapping):
        orders = stream.connection_id._stream(Flow.ORDERS_PUSH)
        status, paid = self.env["pos.sync.export_orders"]._status(orders, order)
        return {
            "external_id": mapping.external_id,
            "status": status,
            "paid": paid or None,
            "fulfilments": tuple(self._prepare_fulfilments(order, mapping)),
            "updated_at": _moment(order.write_date),
        }

    def _prepare_fulfilments(self, order, mapping):
        """Deliveries to the customer that are done, the last one at the end."""
        done = order.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done" and picking.picking_type_code == "outgoing"
        )
        for picking in done.sorted(lambda item: (item.date_done, item.id)):
            yield rec.Fulfilment(
                external_id=f"stock.picking,{picking.id}",
                order_id=mapping.external_id,
                status=rec.FulfilmentStatus.SHIPPED,
                carrier=self._carrier(picking),
                tracking_number=("carrier_tracking_ref" in picking._fields and picking.carrier_tracking_ref) or "",
                tracking_url=("carrier_tracking_url" in picking._fields and picking.carrier_tracking_url) or "",
                lines=self._prepare_fulfilment_lines(picking, mapping),
                updated_at=_moment(picking.date_done),
            )

    def _carrier(self, picking):
        return ("carrier_id" in picking._fields and picking.carrier_id.name) or ""

    def _prepare_fulfilment_lines(self, picking, mapping):
        """By the lines of the target; none, which stands for all, where one of them is not known there."""
        theirs = mapping.remote_lines or {}
        lines = {}
        for move in picking.move_ids.filtered(lambda item: item.state == "done" and item.sale_line_id):
            line_id = theirs.get(f"sale.order.line,{move.sale_line_id.id}")
            if not line_id:
                return ()
            # A kit's parts make several moves of one line: what is delivered of the line says how much of it is done.
            quantity = move.product_qty if move.product_id == move.sale_line_id.product_id else 0
            lines[line_id] = lines.get(line_id, as_decimal(0)) + as_decimal(quantity)
        return tuple(lines.items())

    def _send(self, connector, parcel):
        return connector.push_order_status(parcel.record, key=parcel.key)
