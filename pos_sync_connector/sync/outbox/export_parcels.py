from decimal import ROUND_FLOOR, Decimal

from odoo import fields, models

from ...connectors.codec import as_decimal
from ...connectors.errors import Skip
from ...connectors.parcels import Parcel
from .export_customers import _moment


class PosSyncExportParcels(models.AbstractModel):
    """Makes `Parcel` records of deliveries, by the lines that the system knows."""

    _name = "pos.sync.export_parcels"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Parcels"

    def _record_to_send(self, stream, message):
        """The parcel of a message with the tracking that it has by now."""
        parcel = message.parcel_id
        if not parcel.picking_id:
            raise Skip(self.env._("The delivery was deleted."), code="deleted-in-odoo")
        link = self.env["pos.sync.export_orders"]._link(stream.connection_id, parcel.order_id)
        if not link:
            raise Skip(self.env._("The order is not at the system."), code="not-there")
        deliveries = parcel.order_id._pos_sync_deliveries()
        place = deliveries.ids.index(parcel.picking_id.id)
        shipped = self._shipped(stream.connection_id, parcel.order_id, deliveries[: place + 1], link)
        before = self._shipped(stream.connection_id, parcel.order_id, deliveries[:place], link)
        lines = {line: many - before.get(line, Decimal(0)) for line, many in shipped.items()}
        lines = {line: many for line, many in lines.items() if many > 0}
        if not lines:
            raise Skip(self.env._("Nothing in the delivery is on the order at the system."), code="nothing")
        return Parcel(**self._prepare_parcel(stream, parcel, link, lines, shipped))

    def _prepare_parcel(self, stream, parcel, link, lines, shipped):
        carrier, number, url = parcel.picking_id._pos_sync_tracking_of()
        others = parcel.order_id.pos_sync_parcel_ids.filtered(lambda row: row.connection_id == stream.connection_id)
        others -= parcel
        return {
            "external_id": f"stock.picking,{parcel.picking_id.id}",
            "order_id": link.external_id,
            "parcel_id": parcel.external_id or "",
            "others": tuple(filter(None, others.mapped("external_id"))),
            "lines": tuple(lines.items()),
            "shipped": tuple(shipped.items()),
            "is_last": not parcel.order_id._pos_sync_open_deliveries() and all(others.mapped("external_id")),
            "carrier": carrier,
            "tracking_number": number,
            "tracking_url": url,
            "notify": stream.connection_id.notify_buyers,
            "shipped_at": _moment(parcel.picking_id.date_done or fields.Datetime.now()),
        }

    # What left

    def _shipped(self, connection, order, pickings, link=None):
        """{the system's id of a line: how much of it these deliveries hold}; `link`: of an order that was sent."""
        found = {}
        moves = pickings.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        for line, own in moves.grouped("sale_line_id").items():
            theirs = line.order_id == order and self._their_line(connection, line, link)
            if theirs:
                found[theirs] = found.get(theirs, Decimal(0)) + self._quantity(line, own)
        return found

    def _their_line(self, connection, line, link):
        if line.order_id.pos_sync_connection_id == connection:
            # A line that was corrected after it was invoiced has its version behind its id.
            return (line.pos_sync_line_id or "").partition("#")[0]
        return ((link and link.remote_lines) or {}).get(f"sale.order.line,{line.id}", "")

    def _quantity(self, line, moves):
        """In the line's own unit. A kit has left as far as all of its parts have."""
        if moves.product_id == line.product_id:
            done = sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False) for move in moves
            )
            whole = line.product_uom_id.compare(done, line.product_uom_qty) == 0
            return as_decimal((whole and line.pos_sync_quantity) or line.product_uom_id.round(done))
        parts = []
        wanted = line.move_ids.filtered(
            lambda move: move.state != "cancel" and move.location_dest_id.usage == "customer"
        ).grouped("product_id")
        for product, own in wanted.items():
            demand = sum(as_decimal(move.product_qty) for move in own)
            done = sum(as_decimal(self._in_products_unit(move)) for move in moves if move.product_id == product)
            parts.append(done * as_decimal(line.product_uom_qty) / demand if demand else Decimal(0))
        return min(parts, default=Decimal(0)).quantize(Decimal(1), ROUND_FLOOR)

    def _in_products_unit(self, move):
        return move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id, round=False)

    # The call

    def _send(self, connector, parcel):
        return connector.push_parcel(parcel.record, key=parcel.key)

    def _written(self, connection, message, answer, record):
        message.parcel_id.write(
            {
                "external_id": answer.external_id,
                "carrier": record.carrier,
                "tracking_number": record.tracking_number,
                "tracking_url": record.tracking_url,
                "reported_at": fields.Datetime.now(),
            }
        )
