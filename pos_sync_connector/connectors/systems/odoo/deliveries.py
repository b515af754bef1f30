"""Deliveries of another Odoo's orders.

States of a delivery (`stock.picking`):

    draft, waiting, confirmed     ACCEPTED
    assigned                      READY
    done                          SHIPPED; of goods that come back RETURNED
    cancel                        CANCELLED
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from . import fields
from .rpc import Rpc
from .values import decimal, key, moment, text, wire

_STATUSES = {
    "done": rec.FulfilmentStatus.SHIPPED,
    "assigned": rec.FulfilmentStatus.READY,
    "cancel": rec.FulfilmentStatus.CANCELLED,
}
_PICKING = (
    "name state sale_id picking_type_code carrier_id carrier_tracking_ref carrier_tracking_url date_done write_date"
).split()
_MOVE = ["picking_id", "sale_line_id", "product_id", "product_uom_qty"]


class DeliveryReader:
    def __init__(self, rpc: Rpc):
        self._rows = fields.Rows(rpc)

    def moved(self, since: datetime) -> list[int]:
        """The orders with deliveries that changed since then."""
        recent = [("write_date", ">=", wire(since)), ("sale_id", "!=", False)]
        return sorted({row["sale_id"] for row in self._rows.allowed("stock.picking", recent, ["sale_id"])})

    def of(self, orders: Iterable[int]) -> dict[int, list[rec.Fulfilment]]:
        """The deliveries and returns of orders, by order."""
        domain = [("sale_id", "in", sorted(orders))]
        pickings = [
            row
            for row in (self._rows.allowed("stock.picking", domain, _PICKING) if domain[0][2] else ())
            if row["picking_type_code"] in ("outgoing", "incoming")
        ]
        carriers = self._rows.by_id(
            "delivery.carrier", {row.get("carrier_id") or 0 for row in pickings} - {0}, ["name"]
        )
        lines = self._lines([row["id"] for row in pickings])
        found: dict[int, list[rec.Fulfilment]] = defaultdict(list)
        for row in sorted(pickings, key=lambda item: item["id"]):
            found[row["sale_id"]].append(
                rec.Fulfilment(
                    external_id=key("picking", row["id"]),
                    order_id=key("sale", row["sale_id"]),
                    status=_status(row),
                    carrier=text(carriers.get(row.get("carrier_id") or 0, {}).get("name")),
                    tracking_number=text(row.get("carrier_tracking_ref")),
                    tracking_url=text(row.get("carrier_tracking_url")),
                    lines=tuple((key("line", line), many) for line, many in lines[row["id"]].items()),
                    updated_at=moment(row["write_date"]),
                )
            )
        return found

    def _lines(self, pickings: list[int]) -> dict[int, dict[int, Decimal]]:
        """The lines of the order with their quantities, by picking. A kit is in it with the last of its parts."""
        found: dict[int, dict[int, Decimal]] = defaultdict(dict)
        domain = [("picking_id", "in", pickings), ("state", "!=", "cancel"), ("sale_line_id", "!=", False)]
        moves = list(self._rows.allowed("stock.move", domain, _MOVE)) if pickings else []
        sold = self._rows.by_id(
            "sale.order.line", {row["sale_line_id"] for row in moves}, ["product_id", "product_uom_qty"]
        )
        last: dict[int, int] = {}
        for row in moves:
            last[row["sale_line_id"]] = max(last.get(row["sale_line_id"], 0), row["picking_id"])
        for row in moves:
            line, inside = row["sale_line_id"], found[row["picking_id"]]
            own = sold.get(line) or {}
            if row["product_id"] == own.get("product_id"):
                inside[line] = inside.get(line, Decimal(0)) + decimal(row["product_uom_qty"])
            else:
                whole = row["picking_id"] == last[line]
                inside[line] = decimal(own.get("product_uom_qty")) if whole else Decimal(0)
        return found


def _status(row: dict[str, Any]) -> rec.FulfilmentStatus:
    if row["state"] == "done" and row["picking_type_code"] == "incoming":
        return rec.FulfilmentStatus.RETURNED
    return _STATUSES.get(row["state"], rec.FulfilmentStatus.ACCEPTED)
