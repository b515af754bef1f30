"""Deliveries on their way to the systems that their orders came from."""

import re

from odoo import api, fields, models

from ...connectors.flows import Flow

_TRACKING = frozenset(
    {"carrier_id", "carrier_tracking_ref", "pos_sync_carrier", "pos_sync_tracking_number", "pos_sync_tracking_url"}
)


class PosSyncMessage(models.Model):
    """A parcel to be reported. What it holds and its tracking are looked up when it is sent."""

    _inherit = "pos.sync.message"

    parcel_id = fields.Many2one("pos.sync.parcel", readonly=True, ondelete="cascade", index="btree_not_null")

    _parcel_once = models.UniqueIndex(
        "(parcel_id) WHERE flow = 'parcels_push' AND direction = 'out' AND state = 'waiting' AND attempts = 0"
    )

    @api.model
    def _enqueue_parcels(self, stream, parcels):
        """Puts `parcels` into the outbox of `stream`. One that failed is tried again, one that waits is enough."""
        Message = self.sudo()
        there = Message.search(
            [("parcel_id", "in", parcels.ids), ("direction", "=", "out"),
             ("state", "in", ("waiting", "held", "failed"))]
        )  # fmt: skip
        there.filtered(lambda message: message.state != "waiting")._queue()
        made = Message._create_once(
            [Message._prepare_parcel_push(stream, parcel) for parcel in parcels - there.parcel_id]
        )
        if parcels:
            stream._wake()
        return made

    def _prepare_parcel_push(self, stream, parcel):
        name, _dash, token = self._key(stream, parcel.order_id).rpartition("-")
        plain = re.sub(r"[^\w#./-]+", "-", name)
        return {
            "stream_id": stream.id,
            "flow": stream.flow,
            "direction": "out",
            "state": "waiting",
            "external_id": f"stock.picking,{parcel.picking_id.id}",
            "name": parcel.picking_id.display_name,
            "order_id": parcel.order_id.id,
            "parcel_id": parcel.id,
            "idempotency_key": f"{plain}-P{parcel.picking_id.id}-{token}",
        }

    def action_open_record(self):
        return self.parcel_id.picking_id.get_formview_action() if self.parcel_id else super().action_open_record()


class PosSyncParcel(models.Model):
    _inherit = "pos.sync.parcel"

    @api.model
    def _report(self, pickings):
        """Deliveries are done: the systems that have their orders, and whose stock Odoo keeps, are told of each."""
        done = pickings.sudo().filtered(lambda picking: picking.state == "done")
        # Two who validate the same at once meet at Odoo's own rows, and Odoo does the second once more.
        done.move_ids.flush_recordset()
        for order in done.move_ids.sale_line_id.order_id:
            stream = order.pos_sync_connection_id._parcel_stream()
            if not stream or order.pos_sync_history:
                continue
            left = order._pos_sync_deliveries() & done
            left -= self.sudo().search([("picking_id", "in", left.ids), ("order_id", "=", order.id)]).picking_id
            parcels = self.sudo().create(
                [
                    {"connection_id": stream.connection_id.id, "order_id": order.id, "picking_id": picking.id}
                    for picking in left
                ]
            )
            if parcels:
                self.env["pos.sync.message"]._enqueue_parcels(stream, parcels)

    @api.model
    def _report_tracking(self, pickings):
        """What changed of parcels that are reported already."""
        for parcel in self.sudo().search([("picking_id", "in", pickings.ids), ("left_there", "=", False)]):
            known = (parcel.carrier or "", parcel.tracking_number or "", parcel.tracking_url or "")
            stream = parcel.connection_id._parcel_stream()
            if stream and parcel.picking_id._pos_sync_tracking_of() != known:
                self.env["pos.sync.message"]._enqueue_parcels(stream, parcel)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        if not self.env.context.get("pos_sync_left_there"):
            self.env["pos.sync.parcel"]._report(self)
        return result

    def write(self, vals):
        result = super().write(vals)
        if _TRACKING & set(vals) and not self.env.context.get("pos_sync_left_there"):
            self.env["pos.sync.parcel"]._report_tracking(self)
        return result


class PosSyncConnection(models.Model):
    """Parcels are reported where Odoo owns the stock, unless a person switches the flow off, or on."""

    _inherit = "pos.sync.connection"

    def write(self, vals):
        before = {connection: connection.stock_policy for connection in self} if "stock_policy" in vals else {}
        result = super().write(vals)
        for connection, policy in before.items():
            if connection.stock_policy != policy:
                connection.sudo()._stream(Flow.PARCELS_PUSH).enabled = connection.stock_policy == "odoo"
        return result

    def _prepare_stream_vals(self, flow, position):
        vals = super()._prepare_stream_vals(flow, position)
        if Flow(flow) is Flow.PARCELS_PUSH:
            vals["enabled"] = self.stock_policy == "odoo" and not self.account_external_id
        return vals

    def _parcel_stream(self):
        """The flow that reports parcels, empty where none are."""
        stream = self.sudo()._stream(Flow.PARCELS_PUSH) if self else self.env["pos.sync.stream"]
        on = stream.enabled and stream.connection_id.state in ("connected", "refused")
        return stream if on else stream.browse()
