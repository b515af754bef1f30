"""Orders sent to Shopify as draft orders, which a person there completes. Shopify computes the taxes of a draft itself.

A draft carries a tag by which it is looked for before it is made, and our key as an attribute: the order that is made
of it keeps that, and is known by it when it is read. A draft's external id is its number after `draft-`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import Refused
from ...money import minor_unit
from .api import Api
from .orders import REFERENCE
from .values import Row, as_address, gid, key_of, nodes, tag_of

_PREFIX = "draft-"
_FOUND = "id name tags order { id } lineItems(first: 50) { nodes { id } }"
FIND = f"""
query PushedDraft($search: String!) {{
  found: draftOrders(first: 2, query: $search) {{ nodes {{ {_FOUND} }} }}
  newest: draftOrders(first: 5, sortKey: ID, reverse: true) {{ nodes {{ {_FOUND} }} }} }}
"""
CREATE = f"""
mutation CreateDraft($input: DraftOrderInput!) {{
  draftOrderCreate(input: $input) {{ userErrors {{ field message }} draftOrder {{ {_FOUND} }} }} }}
"""
ORDER_OF = "query OrderOfDraft($id: ID!) { draftOrder(id: $id) { id order { id } } }"
DROP = """
mutation DropDraft($input: DraftOrderDeleteInput!) {
  draftOrderDelete(input: $input) { userErrors { field message } } }
"""


class DraftPusher:
    def __init__(self, api: Api):
        self._api = api

    def find(self, key: str) -> Pushed | None:
        """An app without access to drafts has made none."""
        try:
            row = self._find(key)
        except Refused as failure:
            if failure.code != "forbidden":
                raise
            return None
        return _pushed(row, []) if row else None

    def push(self, order: rec.Order, key: str) -> Pushed:
        row = self._find(key)
        keys = [line.external_id for line in order.lines]
        if row is None:
            row = self._api.change(CREATE, "draftOrderCreate", input=_body(order, key))["draftOrder"]
        return _pushed(row, keys)

    def order_of(self, external_id: str) -> str:
        """The id of the order that was made of a draft; `""` for none yet."""
        row = self._api.ask(ORDER_OF, id=_gid(external_id)).get("draftOrder") or {}
        return key_of(row.get("order"))

    def drop(self, external_id: str) -> None:
        if self._api.ask(ORDER_OF, id=_gid(external_id)).get("draftOrder"):
            self._api.change(DROP, "draftOrderDelete", again=True, input={"id": _gid(external_id)})

    def _find(self, key: str) -> dict[str, Any] | None:
        """Shopify's search learns of new drafts a moment late: the newest are looked at too."""
        tag = tag_of(key)
        data = self._api.ask(FIND, search=f"tag:{tag}")
        rows = [*nodes(data, "found"), *nodes(data, "newest")]
        return next((row for row in rows if tag in row["tags"]), None)


def is_draft(external_id: str) -> bool:
    return external_id.startswith(_PREFIX)


def _gid(external_id: str) -> str:
    return gid("DraftOrder", external_id.removeprefix(_PREFIX))


def _body(order: rec.Order, key: str) -> dict[str, Any]:
    values = {
        "lineItems": [_line(line, order.currency) for line in order.lines],
        "tags": [tag_of(key)],
        "customAttributes": [{"key": REFERENCE, "value": key}],
        "note": order.note,
        "purchasingEntity": {"customerId": gid("Customer", order.customer_id)} if order.customer_id else None,
        "shippingAddress": as_address(order.shipping_address),
        "shippingLine": _shipping(order),
    }
    return {name: value for name, value in values.items() if value}


def _line(line: rec.OrderLine, currency: str) -> dict[str, Any]:
    """Whole pieces at whole cents: a person looks at a draft before it counts."""
    whole = line.quantity == line.quantity.to_integral_value() and line.quantity > 0
    many = int(line.quantity) if whole else 1
    amount = line.net if line.net is not None else line.unit_price * line.quantity - line.discount
    price = (amount / many).quantize(minor_unit(currency), rounding=ROUND_HALF_UP)
    money = {"amount": format(price, "f"), "currencyCode": currency}
    row: dict[str, Any] = {"quantity": many}
    if line.variant_id:
        row |= {"variantId": gid("ProductVariant", line.variant_id), "priceOverride": money}
    else:
        row |= {"title": line.name[:255], "originalUnitPriceWithCurrency": money, "taxable": bool(line.taxes)}
    if not whole:
        row["customAttributes"] = [{"key": "Quantity", "value": format(line.quantity.normalize(), "f")}]
    return row


def _shipping(order: rec.Order) -> dict[str, Any] | None:
    charges = [charge for charge in order.charges if charge.kind is rec.ChargeKind.SHIPPING]
    if not charges:
        return None
    amount = sum((charge.amount for charge in charges), Decimal(0))
    money = {"amount": format(amount, "f"), "currencyCode": order.currency}
    return {"title": charges[0].name or "Shipping", "priceWithCurrency": money}


def _pushed(row: Row, keys: list[str]) -> Pushed:
    made = [key_of(line) for line in nodes(row, "lineItems")]
    return Pushed(
        external_id=f"{_PREFIX}{key_of(row)}",
        number=str(row.get("name") or ""),
        lines=tuple(zip(keys, made, strict=False)),
    )
