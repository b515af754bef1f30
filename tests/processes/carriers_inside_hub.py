"""Inside a hub with Odoo's app of delivery methods: an order that is to be shipped, and one that was."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.answers import Account
from odoo.addons.pos_sync_connector.connectors.connector import Connector
from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor, Page
from odoo.addons.pos_sync_connector.connectors.registry import register

from .charts_inside_hub import run_flow

_SOLD = datetime(2026, 3, 2, 11, 0, tzinfo=timezone.utc)
_METHOD = "Express"


@register
class MailOrderShop(Connector):
    """A shop that ships: its orders have goods of 20.00 and shipping of 5.00."""

    code = "mail_order_shop"
    name = "Mail-Order Shop"
    statuses: dict[str, rec.OrderStatus] = {}

    def check(self) -> Account:
        return Account(external_id="mail-order", name="Mail-Order Shop")

    def locations(self) -> list[rec.Location]:
        return [rec.Location(external_id="shop", name="Shop")]

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        yield Page(records=tuple(map(self._order, self.statuses)), cursor=cursor.at("", _SOLD))

    def _order(self, key: str) -> rec.Order:
        goods, shipping = Decimal(20), Decimal(5)
        return rec.Order(
            external_id=key, number=key, status=self.statuses[key], paid=True, currency="USD", location_id="shop",
            lines=(rec.OrderLine(external_id="1", name="Tea", quantity=Decimal(1), unit_price=goods, gross=goods),),
            charges=(rec.Charge(external_id="s", kind=rec.ChargeKind.SHIPPING, name=_METHOD, amount=shipping),),
            totals=rec.OrderTotals(gross=goods + shipping), created_at=_SOLD, updated_at=_SOLD)


def ship(env: Any) -> dict[str, Any]:
    """What orders get before their shipping method has a delivery method, and after, by order."""
    connection = env["pos.sync.connection"].create(
        {"name": "Mail Order", "system": MailOrderShop.code, "entries_from": "2026-01-01", "orders_from": "2026-01-01"})
    connection.action_test()
    run_flow(env, connection, Flow.SETUP_PULL)
    first = _pull(env, connection, {"first": rec.OrderStatus.PAID})
    product = env["product.product"].create({"name": "Courier", "type": "service"})
    courier = env["delivery.carrier"].create({"name": "Courier", "product_id": product.id})
    connection.shipping_method_ids.carrier = f"delivery.carrier,{courier.id}"
    later = {"to ship": rec.OrderStatus.PAID, "shipped": rec.OrderStatus.COMPLETED}
    return {"listed": connection.shipping_method_ids.mapped("name"), **first, **_pull(env, connection, later)}


def _pull(env: Any, connection: Any, statuses: dict[str, rec.OrderStatus]) -> dict[str, Any]:
    MailOrderShop.statuses = statuses
    run_flow(env, connection, Flow.ORDERS_PULL)
    orders = env["sale.order"].search([("pos_sync_external_id", "in", list(statuses))])
    return {
        order.pos_sync_external_id: [order.carrier_id.name, order.order_line.mapped("is_delivery")] for order in orders
    }
