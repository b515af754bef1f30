"""Orders on their way to Square: one of Odoo's own comes back with what happened there, one of Shopify's goes over
once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.deliveries import Mischief
from tests.processes import giving_back
from tests.processes.hub import Hub, wait_until
from tests.processes.web_shops import ShopifyShop, SquareShop


@pytest.fixture
def square() -> Iterator[SquareShop]:
    shop = SquareShop(orders=0)
    yield shop
    shop.close()


@pytest.fixture
def shopify() -> Iterator[ShopifyShop]:
    shop = ShopifyShop(orders=0, currency="USD")
    yield shop
    shop.close()


def test_orders_go_to_square(hub: Hub, square: SquareShop, shopify: ShopifyShop) -> None:
    target = connect(hub, square, "orders_push", "customers_push", "orders_pull", "refunds_pull", "refunds_push")
    product = make_product(hub, square, target)
    order = send_an_order(hub, target, product)
    remote = at_square(square, reference(hub, order))
    assert (remote["state"], remote["total_money"]["amount"]) == ("OPEN", 1500)
    pay_and_hand_over(square, remote)
    wait_until(lambda: came_back(hub, target, order) == ("completed", True, Decimal("15.00"), Decimal("2.00")),
               "what happened at Square", within=20)  # fmt: skip
    assert hub.value("SELECT amount_total::numeric(16, 2) FROM sale_order WHERE id = %s", order) == Decimal("15.00")
    assert orders_of(hub, remote["id"]) == 0
    comes_back_to_square(hub, square, target, order, remote)

    source = connect(hub, shopify, "products_pull", "customers_pull", "orders_pull", "refunds_pull", "refunds_push")
    for flow in ("products_pull", "customers_pull"):
        hub.wait_for_flow(source, flow)
    hub.call("pos.sync.route", "create", vals_list=[
        {"source_connection_id": source, "target_connection_id": target, "status_from": "paid"}])  # fmt: skip
    variant = next(row for row in shopify.account.shop.variants.values() if not row["requiresComponents"])
    link(hub, square, target, hub.value(
        "SELECT product_id FROM pos_sync_mapping WHERE connection_id = %s AND entity = 'variant' AND external_id = %s",
        source, variant["legacyResourceId"]))  # fmt: skip
    before = len(square.account.shop.orders)
    for shop in (shopify, square):
        shop.webhooks.mischief = Mischief(twice=1.0)
    line = {"variantId": variant["id"], "quantity": 1, "priceSet": shopify.bag("7.00")}
    sold = shopify.order("k1", line, "7.00")
    wait_until(lambda: sent_state(hub, sold) == "done", "the order of Shopify at Square", within=30)
    shopify.hand_over(sold)
    wait_until(lambda: imported(hub, sold) == [(Decimal("7.00"), "completed")], "the end of the order", within=30)
    assert shopify.webhooks.wait()
    assert square.webhooks.wait()
    pull_again(hub, source)
    pull_again(hub, target)
    assert len(square.account.shop.orders) == before + 1
    assert imported(hub, sold) == [(Decimal("7.00"), "completed")]
    (routed,) = hub.database.query(
        "SELECT external_id FROM pos_sync_mapping m JOIN sale_order s ON s.id = m.sale_order_id"
        " WHERE m.connection_id = %s AND s.pos_sync_external_id = %s", target, sold)  # fmt: skip
    assert square.account.shop.orders[routed[0]]["total_money"]["amount"] == 700
    assert orders_of(hub, routed[0]) == 0
    assert paid_at(hub, sold) == [(source, Decimal("7.00"))]
    is_credited_at_both(hub, (source, shopify), (target, square), sold, routed[0])
    stock_is_told(hub, shopify, source)


def comes_back_to_square(hub: Hub, square: SquareShop, target: int, order: int, remote: dict[str, Any]) -> None:
    """One of two pieces is returned in Odoo, which has no invoice: its money and the piece are back at Square, once."""
    shop, place = square.account.shop, (remote["line_items"][0]["catalog_object_id"], remote["location_id"])
    counted = {"catalog_object_id": place[0], "location_id": place[1], "state": "IN_STOCK", "quantity": "8",
               "occurred_at": shop.stamp()}  # fmt: skip
    square.ask("/v2/inventory/changes/batch-create", {
        "idempotency_key": "counted", "changes": [{"type": "PHYSICAL_COUNT", "physical_count": counted}]})  # fmt: skip
    returned = giving_back.take_back(hub, giving_back.deliver(hub, order), 1)
    wait_until(lambda: giving_back.sent(hub, target, order) == [("done", None)],
               f"the return at Square: {giving_back.sent(hub, target, order)}", within=30)  # fmt: skip
    (refund,) = shop.refunds.values()
    assert (refunded_by(shop, refund), refund["amount_money"]["amount"]) == (remote["id"], 750)
    assert shop.counts[place]["quantity"] == "9"
    pull_again(hub, target, "refunds_pull")
    assert giving_back.refunds(hub, target, order) == [(Decimal("7.50"), None, 1)]
    assert giving_back.documents(hub, order) == (1, 0)
    assert hub.value("SELECT external_id FROM pos_sync_refund r JOIN stock_picking p ON p.pos_sync_refund_id = r.id"
                     " WHERE p.id = %s", returned) == refund["order_id"]  # fmt: skip


def is_credited_at_both(hub: Hub, source: tuple[int, ShopifyShop], target: tuple[int, SquareShop], sold: str,
                        routed: str) -> None:  # fmt: skip
    """A credit note in Odoo gives the money back once where it was paid, and once where the sale was sent on."""
    shopify, square = source[1].account.shop, target[1].account.shop
    (line,) = sale_of(shopify, sold)["lineItems"]
    levels = [row for row in shopify.levels.values() if row["item"] is line["variant"]["inventoryItem"]]
    before = sum(row["on_hand"] for row in levels)
    hub.call("pos.sync.connection", "write", [source[0]], vals={"return_policy": "all"})
    order = hub.value("SELECT id FROM sale_order WHERE pos_sync_external_id = %s", sold)
    note = giving_back.credit(hub, giving_back.invoice(hub, order))
    for connection, _shop in (source, target):
        wait_until(lambda connection=connection: giving_back.sent(hub, connection, order) == [("done", None)],
                   f"the credit note there: {giving_back.sent(hub, connection, order)}", within=30)  # fmt: skip
    (back,) = sale_of(shopify, sold)["refunds"]
    assert (Decimal(back["totalRefundedSet"]["shopMoney"]["amount"]), back["orderAdjustments"]) == (7, [])
    assert sum(row["on_hand"] for row in levels) == before + 1
    assert [row["amount_money"]["amount"] for row in square.refunds.values() if refunded_by(square, row) == routed] == [
        700
    ]
    for connection, _shop in (source, target):
        pull_again(hub, connection, "refunds_pull")
        assert giving_back.refunds(hub, connection, order) == [(Decimal("7.00"), note, 0)]
    assert giving_back.documents(hub, order) == (0, 1)


def refunded_by(shop: Any, refund: dict[str, Any]) -> str:
    """The sale at Square that a refund is of: the order that it names is one of its own."""
    (back,) = shop.orders[refund["order_id"]]["returns"]
    return back["source_order_id"]


def sale_of(shop: Any, key: str) -> dict[str, Any]:
    return next(row for row in shop.orders.values() if row["legacyResourceId"] == key)


# Steps


def connect(hub: Hub, shop: Any, *flows: str) -> int:
    connection = hub.connect(shop.account.settings(), name=shop.system.title(), system=shop.system)
    hub.map_all(connection)
    hub.call("pos.sync.connection", "write", [connection], vals={"webhook_base": hub.server.url, "entries_from": False})
    hub.start(connection, *flows)
    answer = hub.call("pos.sync.connection", "action_register_webhooks", [connection])["params"]
    assert answer["type"] == "success", answer["message"]
    return connection


def make_product(hub: Hub, square: SquareShop, target: int) -> int:
    values = {"name": "Tea", "type": "consu", "list_price": 7.5, "taxes_id": [[5]]}
    (product,) = hub.call("product.product", "create", vals_list=[values])
    link(hub, square, target, product)
    return product


def link(hub: Hub, square: SquareShop, target: int, product: int) -> None:
    """To a variation at Square that nothing else is linked to."""
    linked = {key for (key,) in hub.database.query(
        "SELECT external_id FROM pos_sync_mapping WHERE connection_id = %s", target)}  # fmt: skip
    items = [row["item_data"] for row in square.account.shop.objects.values()
             if row["type"] == "ITEM" and not row["is_deleted"]]  # fmt: skip
    free = next(row["id"] for item in items for row in item["variations"] if row["id"] not in linked)
    hub.call("pos.sync.mapping", "create", vals_list=[
        {"connection_id": target, "entity": "variant", "external_id": free, "product_id": product}])  # fmt: skip


def send_an_order(hub: Hub, target: int, product: int) -> int:
    (partner,) = hub.call("res.partner", "create", vals_list=[{"name": "Ida Tarbell", "email": "ida@example.com"}])
    line = [0, 0, {"product_id": product, "product_uom_qty": 2, "price_unit": 7.5, "tax_ids": [[5]]}]
    (order,) = hub.call("sale.order", "create", vals_list=[{"partner_id": partner, "order_line": [line]}])
    hub.call("sale.order", "action_confirm", [order])
    hub.call("sale.order", "action_pos_sync_send", [order])
    wait_until(lambda: message(hub, order)[0] == "done", f"order {order} at Square: {message(hub, order)}", within=30)
    return order


def at_square(square: SquareShop, key: str) -> dict[str, Any]:
    (found,) = (row for row in square.account.shop.orders.values() if row.get("reference_id") == key)
    return found


def pay_and_hand_over(square: SquareShop, order: dict[str, Any]) -> None:
    """In cash with a tip of 2.00; picked up."""
    due, tip = order["net_amount_due_money"], {"amount": 200, "currency": "USD"}
    square.ask("/v2/payments", {
        "idempotency_key": "paid", "source_id": "CASH", "amount_money": due, "order_id": order["id"],
        "tip_money": tip, "cash_details": {"buyer_supplied_money": {**due, "amount": due["amount"] + 200}},
    })  # fmt: skip
    now = square.account.shop.orders[order["id"]]
    change = {"location_id": now["location_id"], "version": now["version"],
              "fulfillments": [{"uid": now["fulfillments"][0]["uid"], "state": "COMPLETED"}]}  # fmt: skip
    square.ask(f"/v2/orders/{order['id']}", {"idempotency_key": "given", "order": change}, "PUT")


def pull_again(hub: Hub, connection: int, flow: str = "orders_pull") -> None:
    """What is the same as before leaves no run, only the time of the pass."""
    stream = hub.stream(connection, flow)
    before = hub.value("SELECT COALESCE(swept_at, '2000-01-01') FROM pos_sync_stream WHERE id = %s", stream)
    hub.call("pos.sync.stream", "action_pull_everything", [stream])
    wait_until(lambda: hub.database.query(
        "SELECT 1 FROM pos_sync_stream WHERE id = %s AND run_id IS NULL AND swept_at > %s", stream, before),
        f"{flow} once more", within=60)  # fmt: skip


def stock_is_told(hub: Hub, shopify: ShopifyShop, connection: int) -> None:
    """Where Odoo owns the stock: all of it when the flow is switched on, once a person has said that nothing is here;
    and a count as soon as it is made."""
    shop = shopify.account.shop
    level = next(row for row in shop.levels.values() if row["item"]["tracked"]
                 and not row["item"]["variant"]["requiresComponents"] and row["on_hand"])  # fmt: skip
    hub.start(connection, "stock_push")
    stream = hub.stream(connection, "stock_push")
    wait_until(lambda: hub.value("SELECT asks_zeros FROM pos_sync_stream WHERE id = %s", stream),
               "asked whether all is sold out", within=60)  # fmt: skip
    assert level["on_hand"]
    hub.call("pos.sync.stream", "action_send_zeros", [stream])
    wait_until(lambda: level["on_hand"] == level["committed"], "Shopify told that nothing is here", within=60)
    product = hub.value(
        "SELECT product_id FROM pos_sync_mapping WHERE connection_id = %s AND entity = 'variant' AND external_id = %s",
        connection, level["item"]["variant"]["legacyResourceId"])  # fmt: skip
    place = hub.value("SELECT stock_location_id FROM pos_sync_location WHERE connection_id = %s AND external_id = %s",
                      connection, level["location"]["legacyResourceId"])  # fmt: skip
    (count,) = hub.call("stock.quant", "create", context={"inventory_mode": True}, vals_list=[
        {"product_id": product, "location_id": place, "inventory_quantity": 37}])  # fmt: skip
    hub.call("stock.quant", "action_apply_inventory", [count])
    wait_until(lambda: level["on_hand"] - level["committed"] == 37, "Shopify told of the count", within=30)


# What is here


def message(hub: Hub, order: int) -> tuple[Any, ...]:
    return (hub.database.query(
        "SELECT state, idempotency_key, sentence FROM pos_sync_message WHERE order_id = %s AND flow = 'orders_push'"
        " ORDER BY id DESC LIMIT 1", order) or [("none", "", "")])[0]  # fmt: skip


def reference(hub: Hub, order: int) -> str:
    return message(hub, order)[1]


def came_back(hub: Hub, target: int, order: int) -> tuple[Any, ...] | None:
    """Status, whether paid, amount and tip, as Square told of an order that was sent there."""
    rows = hub.database.query(
        "SELECT remote_status, remote_paid, p.amount::numeric(16, 2), p.tip::numeric(16, 2) FROM pos_sync_mapping m"
        " JOIN pos_sync_payment p ON p.order_id = m.sale_order_id AND p.connection_id = m.connection_id"
        " WHERE m.connection_id = %s AND m.sale_order_id = %s", target, order)  # fmt: skip
    return rows[0] if len(rows) == 1 else None


def orders_of(hub: Hub, external_id: str) -> int:
    """How many orders were imported under an id of Square's."""
    return hub.value("SELECT count(*) FROM sale_order WHERE pos_sync_external_id = %s", external_id)


def imported(hub: Hub, external_id: str) -> list[tuple[Any, ...]]:
    return hub.database.query(
        "SELECT amount_total::numeric(16, 2), pos_sync_status FROM sale_order WHERE pos_sync_external_id = %s",
        external_id)  # fmt: skip


def sent_state(hub: Hub, external_id: str) -> str:
    return hub.value(
        "SELECT m.state FROM pos_sync_message m JOIN sale_order s ON s.id = m.order_id"
        " WHERE s.pos_sync_external_id = %s AND m.flow = 'orders_push'", external_id)  # fmt: skip


def paid_at(hub: Hub, external_id: str) -> list[tuple[Any, ...]]:
    return hub.database.query(
        "SELECT p.connection_id, amount::numeric(16, 2) FROM pos_sync_payment p JOIN sale_order s ON s.id = p.order_id"
        " WHERE s.pos_sync_external_id = %s", external_id)  # fmt: skip
