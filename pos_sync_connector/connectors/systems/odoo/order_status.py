"""The status of orders that were sent to another Odoo, read back with their deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ... import records as rec
from ...pages import Malformed
from .sale_orders import SaleOrderReader


class OrderStatusReader:
    """Reads for a pass over `sale.order`, as the readers of orders do."""

    def __init__(self, orders: SaleOrderReader):
        self._orders = orders

    def domain(self, since: datetime | None) -> list[Any]:
        """Those with a customer reference, where the key of a push stands."""
        return [("client_order_ref", "!=", False), *self._orders.domain(since)]

    def read(self, ids: Iterable[int]) -> tuple[tuple[rec.OrderStatusChange, ...], tuple[Malformed, ...]]:
        orders, malformed = self._orders.read(ids)
        return tuple(
            rec.OrderStatusChange(
                external_id=order.external_id,
                status=order.status,
                paid=order.paid,
                fulfilments=order.fulfilments,
                source_reference=order.source_reference,
                updated_at=order.updated_at,
            )
            for order in orders
        ), malformed
