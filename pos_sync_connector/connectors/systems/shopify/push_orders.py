"""Orders sent to Shopify, each made in one step with its payments:

    OPEN         to be paid: payment PENDING
    PAID         paid, to be handed over there
    COMPLETED    paid and fulfilled
    CANCELLED    cancelled there, where it was sent before
    DRAFT        a draft order, see `push_drafts`

`orderCreate` has no idempotency key. Ours stands in `sourceIdentifier`, by which an order is looked for before it is
made; Shopify's search learns of new orders a moment late, so the newest ones are looked at too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing, Skip
from .api import Api, quoted
from .order_body import order_body
from .push_drafts import DraftPusher
from .values import Row, key_of, nodes

_FOUND = "id name sourceIdentifier cancelledAt lineItems(first: 50) { nodes { id } }"
FIND = f"""
query PushedOrder($search: String!) {{
  found: orders(first: 2, query: $search) {{ nodes {{ {_FOUND} }} }}
  newest: orders(first: 10, sortKey: CREATED_AT, reverse: true) {{ nodes {{ id sourceIdentifier }} }} }}
"""
ONE = f"query PushedOrderById($id: ID!) {{ order(id: $id) {{ {_FOUND} }} }}"
CREATE = f"""
mutation CreateOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {{
  orderCreate(order: $order, options: $options) {{ userErrors {{ field message code }} order {{ {_FOUND} }} }} }}
"""
CANCEL = """
mutation CancelOrder($id: ID!) {
  orderCancel(orderId: $id, reason: OTHER, refund: false, restock: true, notifyCustomer: false) {
    orderCancelUserErrors { field message code } } }
"""


class OrderPusher:
    """`currency` gives the shop's, `place` the location of an order that names none; `stock`: Shopify's word for what
    an order does to its stock."""

    def __init__(self, api: Api, currency: Callable[[], str], place: Callable[[], str], stock: str):
        self._api = api
        self._currency = currency
        self._place = place
        self._stock = stock
        self._drafts = DraftPusher(api)

    def find(self, key: str) -> Pushed | None:
        row = self._find(key)
        return _pushed(row, []) if row else self._drafts.find(key)

    def push(self, order: rec.Order, key: str) -> Pushed:
        if order.status is rec.OrderStatus.DRAFT:
            self._check_currency(order)
            return self._drafts.push(order, key)
        body, keys = order_body(order, key, order.location_id or self._place())
        row = self._find(key)
        if order.status is rec.OrderStatus.CANCELLED:
            if row is None:
                raise Skip("It was cancelled before it was sent.", code="cancelled")
            cancel(self._api, row)
        elif row is None:
            self._check_currency(order)
            options = {"inventoryBehaviour": self._stock, "sendReceipt": False, "sendFulfillmentReceipt": False}
            row = self._api.change(CREATE, "orderCreate", order=body, options=options)["order"]
        return _pushed(row, keys)

    def _check_currency(self, order: rec.Order) -> None:
        if order.currency != self._currency():
            raise NeedsFixing(
                f"The order is in {order.currency}, the shop keeps its books in {self._currency()}. Send it to a shop "
                "with its currency.",
                code="wrong-currency",
                trace=f"wrong-currency:{order.currency}",
            )

    def _find(self, key: str) -> dict[str, Any] | None:
        data = self._api.ask(FIND, search=f"source_identifier:{quoted(key)}")
        for row in nodes(data, "found"):
            if row["sourceIdentifier"] == key:
                return row
        newest = next((row for row in nodes(data, "newest") if row["sourceIdentifier"] == key), None)
        return self._api.ask(ONE, id=newest["id"])["order"] if newest else None


def cancel(api: Api, row: Row) -> None:
    """Cancels what is not cancelled yet; money is given back by a person."""
    if not row.get("cancelledAt"):
        api.change(CANCEL, "orderCancel", again=True, id=row["id"])


def _pushed(row: Row, keys: list[str]) -> Pushed:
    """Shopify keeps the lines in the order that they were sent in; of a line sent as two the first is it."""
    made = [key_of(line) for line in nodes(row, "lineItems")]
    pairs: dict[str, str] = {}
    for ours, theirs in zip(keys, made, strict=False):
        if ours:
            pairs.setdefault(ours, theirs)
    return Pushed(external_id=key_of(row), number=str(row.get("name") or ""), lines=tuple(pairs.items()))
