"""Parcels of another Odoo's orders: what they hold is validated in the deliveries there.

How much of each line is to be delivered there is known, all parcels so far together, so that one whose answer was lost
is not delivered again; its delivery is the newest one that belongs to no other parcel.
"""

from __future__ import annotations

from decimal import Decimal

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from ...parcels import Parcel
from . import fields
from .push_steps import OrderSteps
from .rpc import Rpc
from .values import decimal, key, number, text

_PICKING = "stock.picking"


class ParcelPusher:
    def __init__(self, rpc: Rpc, steps: OrderSteps):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._steps = steps

    def push(self, parcel: Parcel) -> Pushed:
        order = number("sale", parcel.order_id)
        if order is None:
            raise NeedsFixing(
                "Only deliveries of sales orders can be reported, not those of tills. Drop this message.",
                code="not-a-sale",
            )
        told = rec.Fulfilment(
            external_id=parcel.external_id,
            order_id=parcel.order_id,
            status=rec.FulfilmentStatus.SHIPPED,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            tracking_url=parcel.tracking_url,
            lines=() if parcel.parcel_id else self._wanted(order, parcel),
        )
        if not parcel.parcel_id:
            self._steps.confirm(order)
            self._steps.deliver(order, [told], track=False)
        picking = number("picking", parcel.parcel_id) or self._newest(order, parcel)
        self._track(picking, told)
        return Pushed(external_id=key("picking", picking))

    def _wanted(self, order: int, parcel: Parcel) -> tuple[tuple[str, Decimal], ...]:
        """How much of the parcel's lines is to be delivered there after it, never more of them than it holds."""
        rows = self._rpc.search_read("sale.order.line", [("order_id", "=", order)], ["qty_delivered"])
        there = {key("line", row["id"]): decimal(row["qty_delivered"]) for row in rows}
        shipped = dict(parcel.shipped)
        return tuple(
            (line, there.get(line, Decimal(0)) + min(many, shipped.get(line, many) - there.get(line, Decimal(0))))
            for line, many in parcel.lines
        )

    def _newest(self, order: int, parcel: Parcel) -> int:
        others = {number("picking", other) for other in parcel.others}
        domain = [("sale_id", "=", order), ("state", "=", "done")]
        rows = self._rows.read(_PICKING, domain, ["picking_type_code", "date_done"])
        found = [row["id"] for row in rows if row["picking_type_code"] == "outgoing" and row["id"] not in others]
        if not found:
            raise NeedsFixing(
                "That Odoo has no delivery of this order that is still to be made. Compare the order in both: what was "
                "delivered there already needs no report, and this message can be dropped.",
                code="less-left",
            )
        return int(max(found))

    def _track(self, picking: int, told: rec.Fulfilment) -> None:
        """Where that Odoo has a field for tracking it is written there, else in a note, once."""
        names = ["carrier_tracking_ref", "picking_type_code"]
        (row,) = self._rows.read(_PICKING, [("id", "=", picking)], names)
        if not told.tracking_number or text(row.get("carrier_tracking_ref") or False) == told.tracking_number:
            return
        if "carrier_tracking_ref" not in row:
            noted = [("model", "=", _PICKING), ("res_id", "=", picking), ("body", "ilike", told.tracking_number)]
            if self._rows.allowed("mail.message", noted, ["res_id"]):
                return
        self._steps.write_tracking(row, told)
