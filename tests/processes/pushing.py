"""A hub that sends to a shop over a wire which a test can cut: before a request arrives, in its answer, or after it."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.connectors.loopback import HANG_UP, Loopback, Reply, Request, proxy

from .hub import Hub, Shop, wait_until

BEFORE, DURING, AFTER = "before it arrives", "during the answer", "after it arrived"


class Wire:
    """A proxy before a shop. `cut(path, when)` spoils the next request whose path ends with `path`, and which has that
    method and that part of a body where they are given."""

    def __init__(self, upstream: str) -> None:
        self._forward = proxy(upstream)
        self._server = Loopback(self._answer)
        self._plan: tuple[str, str, Callable[[], Any], str, bytes] | None = None
        self.cuts = 0

    @property
    def url(self) -> str:
        return self._server.url

    def cut(
        self, path: str, when: str, then: Callable[[], Any] = lambda: None, *, method: str = "", body: bytes = b""
    ) -> None:
        """`then` is done at that moment, such as killing who waits for the answer."""
        self._plan = (path, when, then, method, body)

    def close(self) -> None:
        self._server.__exit__()
        self._forward.__exit__()

    def calls(self, path: str) -> int:
        return sum(request.path.endswith(path) for request in self._server.requests)

    def _answer(self, request: Request) -> Reply:
        plan = self._plan
        if not plan or not _is_planned(plan, request):
            return self._forward._answer(request)
        self._plan = None
        self.cuts += 1
        _path, when, then, _method, _body = plan
        reply = self._forward._answer(request) if when != BEFORE else HANG_UP
        then()
        if when == DURING:
            return replace(reply, body=reply.body[: len(reply.body) // 2], length=len(reply.body) + 10)
        return HANG_UP


def _is_planned(plan: tuple[Any, ...], request: Request) -> bool:
    path, _when, _then, method, body = plan
    return request.path.endswith(path) and method in ("", request.method) and body in request.body


class Pair:
    """`hub` with one product, sent to `shop` over `wire` by `connection`."""

    def __init__(self, hub: Hub, shop: Shop, wire: Wire) -> None:
        self.hub, self.shop, self.wire = hub, shop, wire
        self.connection = hub.connect({**shop.settings, "url": wire.url}, name="Shop")
        hub.call("pos.sync.connection", "write", [self.connection], vals={"entries_from": False})
        self.product = self.make_product("Tea")
        self.link(self.product, self.remote_product())
        for flow in ("customers_push", "orders_push", "order_status_push"):
            self.switch(flow, on=True)

    def switch(self, flow: str, *, on: bool) -> None:
        self.hub.call("pos.sync.stream", "write", [self.stream(flow)], vals={"enabled": on})

    def stream(self, flow: str) -> int:
        return self.hub.stream(self.connection, flow)

    def make_product(self, name: str) -> int:
        values = {"name": name, "type": "consu", "list_price": 10, "taxes_id": [[5]], "invoice_policy": "order"}
        return self.hub.call("product.product", "create", vals_list=[values])[0]

    def remote_product(self) -> int:
        values = {"name": "Tea", "type": "consu", "list_price": 10, "taxes_id": [[5]], "invoice_policy": "order"}
        return self.shop.call("product.product", "create", vals_list=[values])[0]

    def link(self, product: int, remote: int) -> None:
        self.hub.call("pos.sync.mapping", "create", vals_list=[{
            "connection_id": self.connection, "entity": "variant", "external_id": f"variant-{remote}",
            "product_id": product,
        }])

    def make_partner(self, name: str, **values: Any) -> int:
        return self.hub.call("res.partner", "create", vals_list=[{"name": name, **values}])[0]

    def make_orders(self, partner: int, count: int = 1, product: int = 0) -> list[int]:
        product = product or self.product
        line = [0, 0, {"product_id": product, "product_uom_qty": 2, "price_unit": 7.5, "tax_ids": [[5]]}]
        return self.hub.call(
            "sale.order", "create", vals_list=[{"partner_id": partner, "order_line": [line]}] * count)

    def send(self, orders: list[int]) -> None:
        self.hub.call("sale.order", "action_pos_sync_send", orders)

    def message(self, order: int) -> tuple[str, int, str, str]:
        """State, attempts, key and sentence of the push of an order."""
        return self.hub.database.query(
            "SELECT state, attempts, idempotency_key, sentence FROM pos_sync_message WHERE order_id = %s "
            "AND flow = 'orders_push' ORDER BY id DESC LIMIT 1", order)[0]

    def wait_for(self, order: int, state: str = "done", *, attempts: int = 0, within: float = 60) -> None:
        wait_until(
            lambda: self.message(order)[0] == state and self.message(order)[1] >= attempts,
            f"order {order} {state}, it is {self.message(order)}", within=within)

    def go_on(self) -> None:
        """What a person does who does not want to wait for the next try."""
        self.hub.call("pos.sync.stream", "action_sync_now", [self.stream("orders_push")])

    def at_shop(self, order: int) -> list[tuple[int, str, str]]:
        """Id, state and name of the customer of what the shop has of an order."""
        return self.shop.database.query(
            "SELECT sale.id, sale.state, partner.name FROM sale_order sale JOIN res_partner partner "
            "ON partner.id = sale.partner_id WHERE sale.client_order_ref = %s", self.message(order)[2])


@contextmanager
def cable(shop: Shop) -> Iterator[Wire]:
    wire = Wire(shop.server.url)
    try:
        yield wire
    finally:
        wire.close()
