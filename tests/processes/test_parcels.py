"""Parcels between a running hub and the systems that its orders came from: order in, two deliveries, two parcels there
with lines and tracking, each once whatever is killed, lost or pressed twice; and parcels of the shop that are
deliveries in the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from sandbox.shopify.values import number_of
from tests.processes.hub import Hub, Rejected, Shop, wait_until
from tests.processes.pushing import AFTER, Wire
from tests.processes.web_shops import ShopifyShop, SquareShop

pytestmark = pytest.mark.timeout(900)

# Odoo asks about a backorder, and before the first text message to a customer.
_NO_QUESTIONS = {"skip_backorder": True, "skip_sms": True}


@dataclass
class Seller:
    """A system that sells 3 pieces of one thing. `sell` makes the order there and gives its id; `parcels` what is
    reported on it: pieces with their tracking; `ship` fulfils so many pieces there; `call`: the path of the request
    that reports a parcel; `path` is the part of it by which a wire knows it."""

    system: str
    settings: dict[str, str]
    url_key: str
    upstream: str
    variant: str
    sell: Callable[[], str]
    parcels: Callable[[str], list[tuple[int, str]]]
    ship: Callable[[str, int], None] | None
    call: Callable[[str], str]


@contextmanager
def shopify_seller() -> Iterator[Seller]:
    shop = ShopifyShop(orders=0, currency="USD")
    rows = shop.account.shop
    variant = next(row for row in rows.variants.values() if not row["requiresComponents"])

    def sell() -> str:
        line = {"variantId": variant["id"], "quantity": 3, "priceSet": shop.bag("7.00")}
        return shop.order(f"k{uuid4().hex[:8]}", line, "21.00")

    def order(key: str) -> dict[str, Any]:
        return next(row for row in rows.orders.values() if row["legacyResourceId"] == key)

    def parcels(key: str) -> list[tuple[int, str]]:
        return [(item["totalQuantity"], "".join(box["number"] or "" for box in item["trackingInfo"]))
                for item in order(key)["fulfillments"]]  # fmt: skip

    def ship(key: str, many: int) -> None:
        part = {"id": f"gid://shopify/FulfillmentOrderLineItem/{number_of(order(key)['lineItems'][0]['id'])}",
                "quantity": many}  # fmt: skip
        query = """mutation Ship($parcel: FulfillmentInput!) {
            fulfillmentCreate(fulfillment: $parcel) { fulfillment { id } userErrors { message } } }"""
        shop.ask(query, parcel={
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{key}",
                                             "fulfillmentOrderLineItems": [part]}],
            "trackingInfo": {"company": "DHL", "number": "THERE"}})  # fmt: skip

    yield Seller("shopify", shop.account.settings(), "url", shop.account.url, variant["legacyResourceId"], sell,
                 parcels, ship, lambda key: "graphql.json")  # fmt: skip
    shop.close()


@contextmanager
def square_seller() -> Iterator[Seller]:
    shop = SquareShop(orders=0)
    rows = shop.account.shop
    items = [row["item_data"] for row in rows.objects.values() if row["type"] == "ITEM" and not row["is_deleted"]]
    variant = items[0]["variations"][0]["id"]

    def sell() -> str:
        key = uuid4().hex[:8]
        recipient = {"display_name": "Ida Tarbell", "address": {"address_line_1": "1 Orchard Ln", "country": "US"}}
        body = {
            "location_id": "LOC000", "customer_id": next(iter(rows.customers)),
            "line_items": [{"uid": "l", "catalog_object_id": variant, "quantity": "3",
                            "base_price_money": {"amount": 700, "currency": "USD"}}],
            "fulfillments": [{"type": "SHIPMENT", "state": "PROPOSED", "shipment_details": {"recipient": recipient}}],
        }  # fmt: skip
        made = shop.ask("/v2/orders", {"idempotency_key": key, "order": body})["order"]
        due = made["net_amount_due_money"]
        shop.ask("/v2/payments", {
            "idempotency_key": key, "source_id": "EXTERNAL", "amount_money": due, "order_id": made["id"],
            "external_details": {"type": "CARD", "source": "Card"}})  # fmt: skip
        return made["id"]

    def parcels(key: str) -> list[tuple[int, str]]:
        (there,) = rows.orders[key]["fulfillments"]
        entries = [entry.split("; ") for entry in (there.get("metadata") or {}).values()]
        return [(int(goods.partition(" ")[0]), number) for number, _carrier, goods in entries]

    yield Seller("square", shop.account.settings(), "url", shop.account.url, variant, sell, parcels, None,
                 lambda key: f"orders/{key}")  # fmt: skip
    shop.close()


def sellers(taking_shop: Shop) -> dict[str, Callable[[], Any]]:
    return {"shopify": shopify_seller, "square": square_seller, "odoo": lambda: odoo_seller(taking_shop)}


@contextmanager
def odoo_seller(shop: Shop) -> Iterator[Seller]:
    (product,) = shop.call("product.product", "create", vals_list=[
        {"name": "Parcelled", "is_storable": True, "list_price": 7, "taxes_id": [[5]], "invoice_policy": "order"}])
    (partner,) = shop.call("res.partner", "create", vals_list=[{"name": "Ida Tarbell"}])

    def sell() -> str:
        line = [0, 0, {"product_id": product, "product_uom_qty": 3, "price_unit": 7, "tax_ids": [[5]]}]
        (made,) = shop.call("sale.order", "create", vals_list=[{"partner_id": partner, "order_line": [line]}])
        shop.call("sale.order", "action_confirm", [made])
        return f"sale-{made}"

    def pickings(key: str, *states: str) -> list[int]:
        rows = shop.database.query("SELECT id FROM stock_picking WHERE sale_id = %s AND state = ANY(%s) ORDER BY id",
                                   int(key.removeprefix("sale-")), list(states))  # fmt: skip
        return [number for (number,) in rows]

    def parcels(key: str) -> list[tuple[int, str]]:
        found = []
        for picking in pickings(key, "done"):
            many = shop.value("SELECT sum(quantity)::int FROM stock_move WHERE picking_id = %s", picking)
            notes = shop.database.query(
                "SELECT body FROM mail_message WHERE model = 'stock.picking' AND res_id = %s", picking)
            found.append((many, next((word for (body,) in notes for word in ("HERE1", "HERE2", "LATER")
                                      if body and word in body), "")))  # fmt: skip
        return found

    def ship(key: str, many: int) -> None:
        (picking,) = pickings(key, "assigned", "confirmed", "waiting")
        validate(shop, picking, many)

    yield Seller("odoo", shop.settings, "url", shop.server.url, f"variant-{product}", sell, parcels, ship,
                 lambda key: "button_validate")  # fmt: skip


@dataclass
class Linked:
    """A hub that is connected to a seller over a wire that can be cut."""

    hub: Hub
    seller: Seller
    wire: Wire
    connection: int

    def bring(self) -> tuple[str, int]:
        """A new order of 3 pieces: its id there, and here."""
        key = self.seller.sell()
        self.pull()
        wait_until(lambda: self.here(key), f"order {key}: {self.hub.messages(self.connection)}", within=60)
        return key, self.here(key)

    def here(self, key: str) -> int:
        return self.hub.value("SELECT id FROM sale_order WHERE pos_sync_external_id = %s", key)

    def pull(self) -> None:
        self.hub.call("pos.sync.stream", "action_sync_now", [self.hub.stream(self.connection, "orders_pull")])

    def open(self, order: int) -> int:
        return self.hub.value("SELECT id FROM stock_picking WHERE sale_id = %s AND state NOT IN ('done', 'cancel')",
                              order)  # fmt: skip

    def deliver(self, order: int, many: int, number: str) -> int:
        picking = self.open(order)
        self.hub.call("stock.picking", "write", [picking], vals={"pos_sync_carrier": "UPS",
                                                                 "pos_sync_tracking_number": number})  # fmt: skip
        validate(self.hub, picking, many)
        return picking

    def reported(self, order: int) -> list[tuple[str, str]]:
        return self.hub.database.query(
            "SELECT state, sentence FROM pos_sync_message WHERE order_id = %s AND flow = 'parcels_push' ORDER BY id",
            order)  # fmt: skip

    def wait_for(self, order: int, count: int) -> None:
        wait_until(lambda: [state for state, _why in self.reported(order)] == ["done"] * count,
                   f"{count} parcels there: {self.reported(order)}", within=60)  # fmt: skip

    def go_on(self) -> None:
        self.hub.call("pos.sync.stream", "action_sync_now", [self.hub.stream(self.connection, "parcels_push")])

    def delivered(self, order: int) -> list[tuple[int, str]]:
        """Pieces of each delivery that is done, with its tracking number."""
        return self.hub.database.query(
            "SELECT sum(m.quantity)::int, p.pos_sync_tracking_number FROM stock_picking p JOIN stock_move m"
            " ON m.picking_id = p.id WHERE p.sale_id = %s AND p.state = 'done' GROUP BY p.id ORDER BY p.id",
            order)  # fmt: skip


def pick(odoo: Shop | Hub, picking: int, many: int) -> None:
    moves = odoo.call("stock.move", "search", domain=[["picking_id", "=", picking]])
    odoo.call("stock.move", "write", moves, vals={"quantity": many, "picked": True})


def validate(odoo: Shop | Hub, picking: int, many: int) -> None:
    pick(odoo, picking, many)
    answer = odoo.call("stock.picking", "button_validate", [picking], context=_NO_QUESTIONS)
    assert answer is True, answer


@pytest.fixture(params=["shopify", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("square", "odoo"))])
def linked(request: pytest.FixtureRequest, new_hub: Callable[..., Hub], taking_shop: Shop) -> Iterator[Linked]:
    hub = new_hub()
    with sellers(taking_shop)[request.param]() as seller:
        wire = Wire(seller.upstream)
        settings = {**seller.settings, seller.url_key: wire.url}
        connection = hub.connect(settings, name="Seller", system=seller.system)
        hub.map_all(connection)
        hub.call("pos.sync.connection", "write", [connection], vals={"stock_policy": "odoo", "entries_from": False})
        assert hub.value("SELECT enabled FROM pos_sync_stream WHERE id = %s", hub.stream(connection, "parcels_push"))
        hub.start(connection, "products_pull", "customers_pull")
        for flow in ("products_pull", "customers_pull"):
            hub.wait_for_flow(connection, flow)
        hub.start(connection, "orders_pull")
        hub.wait_for_flow(connection, "orders_pull")
        yield Linked(hub, seller, wire, connection)
        wire.close()


def test_each_delivery_is_one_parcel_there(linked: Linked) -> None:
    hub, seller = linked.hub, linked.seller
    key, order = linked.bring()

    first = linked.deliver(order, 1, "HERE1")
    linked.wait_for(order, 1)
    assert seller.parcels(key) == [(1, "HERE1")]
    second = linked.deliver(order, 2, "HERE2")
    linked.wait_for(order, 2)
    assert seller.parcels(key) == [(1, "HERE1"), (2, "HERE2")]
    linked.pull()
    comes_back_quietly(linked, order)
    assert linked.delivered(order) == [(1, "HERE1"), (2, "HERE2")]
    assert first != second

    # Pressed twice, at the same moment.
    key, order = linked.bring()
    picking = linked.open(order)
    pick(hub, picking, 3)
    with ThreadPoolExecutor() as people:
        for done in [people.submit(pressed, hub, picking) for _person in range(3)]:
            done.result()
    wait_until(lambda: linked.reported(order), "the parcel")
    linked.wait_for(order, 1)
    assert [many for many, _number in seller.parcels(key)] == [3]

    # The answer is lost, and the server killed while it waits.
    for ends in (lambda: None, hub.server.kill):
        key, order = linked.bring()
        cuts = linked.wire.cuts
        cut_report(linked, key, ends)
        linked.deliver(order, 1, "HERE1")
        wait_until(lambda cuts=cuts: linked.wire.cuts > cuts, "the cut", within=60)
        if ends == hub.server.kill:
            wait_until(lambda: not hub.server.running, "the kill")
            hub.server.start()
        linked.go_on()
        linked.wait_for(order, 1)
        assert seller.parcels(key) == [(1, "HERE1")]
        linked.deliver(order, 2, "HERE2")
        linked.wait_for(order, 2)
        assert seller.parcels(key) == [(1, "HERE1"), (2, "HERE2")]


def test_parcels_of_the_shop_are_deliveries_here(linked: Linked) -> None:
    ship = linked.seller.ship
    if ship is None:
        # An application can't fulfil parts of an order at Square.
        return
    key, order = linked.bring()
    ship(key, 1)
    linked.pull()
    wait_until(lambda: [many for many, _number in linked.delivered(order)] == [1], "the first delivery", within=60)
    linked.deliver(order, 1, "HERE1")
    linked.wait_for(order, 1)
    ship(key, 1)
    linked.pull()
    wait_until(lambda: [many for many, _number in linked.delivered(order)] == [1, 1, 1], "the last one", within=60)
    assert [many for many, _number in linked.seller.parcels(key)] == [1, 1, 1]
    assert linked.open(order) is None
    comes_back_quietly(linked, order)


def pressed(hub: Hub, picking: int) -> None:
    with suppress(Rejected):
        hub.call("stock.picking", "button_validate", [picking], context=_NO_QUESTIONS)


def cut_report(linked: Linked, key: str, then: Callable[[], Any]) -> None:
    """Cuts the request that makes the parcel there: at Shopify all have one path, the first reads."""
    path = linked.seller.call(key)
    if linked.seller.system != "shopify":
        return linked.wire.cut(path, AFTER, then, method="PUT" if linked.seller.system == "square" else "")
    return linked.wire.cut(path, AFTER, then, body=b"fulfillmentCreate")


def comes_back_quietly(linked: Linked, order: int) -> None:
    """A full pull once more changes nothing here and reports nothing there."""
    before = (linked.delivered(order), linked.reported(order))
    stream = linked.hub.stream(linked.connection, "orders_pull")
    swept = linked.hub.value("SELECT COALESCE(swept_at, '2000-01-01') FROM pos_sync_stream WHERE id = %s", stream)
    linked.hub.call("pos.sync.stream", "action_pull_everything", [stream])
    wait_until(lambda: linked.hub.database.query(
        "SELECT 1 FROM pos_sync_stream WHERE id = %s AND run_id IS NULL AND swept_at > %s", stream, swept),
        "orders once more", within=60)  # fmt: skip
    assert (linked.delivered(order), linked.reported(order)) == before


