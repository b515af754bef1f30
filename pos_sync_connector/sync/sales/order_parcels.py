from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ...connectors.codec import as_decimal
from ...connectors.records import FulfilmentStatus, OrderStatus

_LEFT = (FulfilmentStatus.SHIPPED, FulfilmentStatus.DELIVERED, FulfilmentStatus.PICKED_UP)


class PosSyncImportOrders(models.AbstractModel):
    """Parcels that left there are deliveries here, with what is in them, carrier and tracking; the rest is a backorder.

    What all parcels there hold together is compared with what was delivered here: one that was reported from here is
    not delivered again, whether its answer has come or not.
    """

    _inherit = "pos.sync.import_orders"

    def _parcels_that_left(self, record, steps):
        """The parcels of a record that are followed; none where a person chose that completed orders stay."""
        if steps.state != "sale" or (record.status is OrderStatus.COMPLETED and not steps.deliver):
            return ()
        return tuple(item for item in record.fulfilments if item.status in _LEFT)

    def _follow_parcels(self, connection, order, parcels):
        """`connection`: who sent them: the system that the order came from, or one that it was sent on to."""
        if order.pos_sync_connection_id == connection:
            order = order.with_context(pos_sync_left_there=True)
        rows = order.pos_sync_parcel_ids.filtered(lambda row: row.connection_id == connection)
        known = {key: row for row in rows for key in (row.external_id or "").split(",") if key}
        lines = self._lines_there(connection, order)
        total = defaultdict(Decimal)
        for parcel in parcels:
            inside = dict(parcel.lines) or {key: as_decimal(line.product_uom_qty) for key, line in lines.items()}
            for key, many in inside.items():
                total[key] += many
            row = known.get(parcel.external_id)
            if row:
                self._update_parcel(row, parcel)
                continue
            try:
                with self.env.cr.savepoint():
                    self._take_out(connection, order, parcel, lines, total)
            except UserError as error:
                self._note_parcel(connection, order, parcel, str(error))

    def _lines_there(self, connection, order):
        """{the system's id of a line: the order's}."""
        if order.pos_sync_connection_id == connection:
            return {line.pos_sync_line_id: line for line in order.order_line if line.pos_sync_line_id}
        export = self.env["pos.sync.export_parcels"]
        link = self.env["pos.sync.export_orders"]._link(connection, order)
        lines = {export._their_line(connection, line, link): line for line in order.order_line}
        return {key: line for key, line in lines.items() if key}

    def _update_parcel(self, row, parcel):
        """Carrier and tracking of one that left there; those of one that left here are ours."""
        if row.left_there and row.picking_id:
            row.picking_id._pos_sync_write_tracking(parcel.carrier, parcel.tracking_number, parcel.tracking_url)
            row.write(_tracking(parcel))

    def _take_out(self, connection, order, parcel, lines, total):
        """Validates so much of the open deliveries that all is delivered that left there so far."""
        pickings = self.env["stock.picking"]
        # Where goods are picked before they are shipped, each step makes the next one possible.
        for _step in range(4):
            here = {lines[key]: many for key, many in self._delivered(connection, order).items() if key in lines}
            wanted = {lines[key]: many for key, many in total.items() if key in lines}
            missing = {line: many - here.get(line, Decimal(0)) for line, many in wanted.items()}
            missing = {line: many for line, many in missing.items() if many > 0}
            step = self._next_deliveries(order, pickings)
            if not missing or not step:
                break
            taken = self._fill(step, missing, here)
            if not taken:
                break
            taken._action_done()
            pickings |= taken
        shipped = pickings.filtered(lambda picking: picking in order._pos_sync_deliveries())
        if not shipped:
            return
        shipped._pos_sync_write_tracking(parcel.carrier, parcel.tracking_number, parcel.tracking_url)
        self.env["pos.sync.parcel"].create(
            [
                {
                    **_tracking(parcel),
                    "connection_id": connection.id,
                    "order_id": order.id,
                    "picking_id": picking.id,
                    "left_there": True,
                    # Its only id there belongs to the first where it is several deliveries here.
                    "external_id": parcel.external_id if picking == shipped[0] else False,
                }
                for picking in shipped
            ]
        )

    def _delivered(self, connection, order):
        deliveries = order._pos_sync_deliveries()
        link = self.env["pos.sync.export_orders"]._link(connection, order)
        return self.env["pos.sync.export_parcels"]._shipped(connection, order, deliveries, link)

    def _next_deliveries(self, order, done):
        """The open ones of the first step that is not done yet."""
        left = order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        left = left.filtered(lambda picking: picking.picking_type_id not in done.picking_type_id)
        inside = left.filtered(lambda picking: picking.location_dest_id.usage != "customer")
        return (inside or left).sorted("id")

    def _fill(self, pickings, missing, here):
        """Writes on moves how much of them goes, and returns the deliveries that have such."""
        left = {line: float(many) for line, many in missing.items()}
        taken = pickings.browse()
        for move in pickings.move_ids.filtered(lambda item: item.state not in ("done", "cancel")):
            line = move.sale_line_id
            many = left.get(line, 0.0)
            if move.product_id == line.product_id:
                wanted = line.product_uom_id._compute_quantity(many, move.product_uom, round=False)
                quantity = min(wanted, move.product_uom_qty)
                left[line] = many - move.product_uom._compute_quantity(quantity, line.product_uom_id, round=False)
            else:
                # A part of a kit: as large a share of it as of the kits that are still to be delivered.
                rest = line.product_uom_qty - float(here.get(line, 0))
                quantity = move.product_uom_qty * min(many / rest, 1.0) if rest > 0 else 0.0
            goes = move.product_uom.compare(quantity, 0) > 0
            move.write({"quantity": quantity if goes else 0.0, "picked": goes})
            if goes:
                taken |= move.picking_id
        return taken

    def _note_parcel(self, connection, order, parcel, why):
        """Its goods could not be taken out of stock: a person does it."""
        summary = self.env._("Validate the delivery: it has left at %s", connection.name)
        if summary in order.activity_ids.mapped("summary"):
            return
        order.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=self.env._("Parcel %(number)s: %(why)s", number=parcel.tracking_number or parcel.external_id, why=why),
            user_id=connection.user_id.id or self.env.user.id,
        )


def _tracking(parcel):
    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
    }
