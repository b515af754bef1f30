"""The status of orders that were sent to another Odoo, read back with their deliveries.

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
from ...pages import Malformed
from . import fields
from .rpc import Rpc
from .sale_orders import SaleOrderReader
from .values import decimal, key, moment, number, text, wire

_STATUSES = {
    "done": rec.FulfilmentStatus.SHIPPED,
    "assigned": rec.FulfilmentStatus.READY,
    "cancel": rec.FulfilmentStatus.CANCELLED,
}
_PICKING = (
    "name state sale_id picking_type_code carrier_id carrier_tracking_ref carrier_tracking_url date_done write_date"
).split()


class OrderStatusReader:
    """Reads for a pass over `sale.order`, as the readers of orders do."""

    def __init__(self, rpc: Rpc, orders: SaleOrderReader):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._orders = orders

    def domain(self, since: datetime | None) -> list[Any]:
        """Those with a customer reference, where the key of a push stands; since a moment, with deliveries too."""
        sent = [("client_order_ref", "!=", False), *self._orders.domain(None)]
        if since is None:
            return sent
        recent = [("write_date", ">=", wire(since)), ("sale_id", "!=", False)]
        moved = {row["sale_id"] for row in self._rows.allowed("stock.picking", recent, ["sale_id"])}
        changed = self._orders.domain(since)[len(self._orders.domain(None)) :]
        return [*sent, "|", ("id", "in", sorted(moved)), *changed]

    def read(self, ids: Iterable[int]) -> tuple[tuple[rec.OrderStatusChange, ...], tuple[Malformed, ...]]:
        orders, malformed = self._orders.read(ids)
        fulfilments = self._fulfilments([number("sale", order.external_id) or 0 for order in orders])
        return tuple(
            rec.OrderStatusChange(
                external_id=order.external_id,
                status=order.status,
                paid=order.paid,
                fulfilments=tuple(fulfilments[order.external_id]),
                source_reference=order.source_reference,
                updated_at=order.updated_at,
            )
            for order in orders
        ), malformed

    def _fulfilments(self, orders: list[int]) -> dict[str, list[rec.Fulfilment]]:
        domain = [("sale_id", "in", orders)]
        pickings = [
            row
            for row in (self._rows.allowed("stock.picking", domain, _PICKING) if orders else ())
            if row["picking_type_code"] in ("outgoing", "incoming")
        ]
        carriers = self._rows.by_id(
            "delivery.carrier", {row.get("carrier_id") or 0 for row in pickings} - {0}, ["name"]
        )
        lines = self._lines([row["id"] for row in pickings])
        found: dict[str, list[rec.Fulfilment]] = defaultdict(list)
        for row in pickings:
            order = key("sale", row["sale_id"])
            found[order].append(
                rec.Fulfilment(
                    external_id=key("picking", row["id"]),
                    order_id=order,
                    status=_status(row),
                    carrier=text(carriers.get(row.get("carrier_id") or 0, {}).get("name")),
                    tracking_number=text(row.get("carrier_tracking_ref")),
                    tracking_url=text(row.get("carrier_tracking_url")),
                    lines=tuple(lines[row["id"]]),
                    updated_at=moment(row["write_date"]),
                )
            )
        return found

    def _lines(self, pickings: list[int]) -> dict[int, list[tuple[str, Decimal]]]:
        """The lines of the order with their quantities, by picking."""
        found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
        domain = [("picking_id", "in", pickings), ("state", "!=", "cancel"), ("sale_line_id", "!=", False)]
        names = ["picking_id", "sale_line_id", "product_uom_qty"]
        for row in self._rows.allowed("stock.move", domain, names) if pickings else ():
            found[row["picking_id"]].append((key("line", row["sale_line_id"]), decimal(row["product_uom_qty"])))
        return found


def _status(row: dict[str, Any]) -> rec.FulfilmentStatus:
    if row["state"] == "done" and row["picking_type_code"] == "incoming":
        return rec.FulfilmentStatus.RETURNED
    return _STATUSES.get(row["state"], rec.FulfilmentStatus.ACCEPTED)
