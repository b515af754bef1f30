"""An order of ours in the words of Shopify's `orderCreate`, which takes prices and taxes as they are given.

Shopify sells whole pieces at whole cents. A line whose amount is no multiple of its pieces becomes two; a broken
quantity becomes one piece that says how much it is. Discounts are shared out to what they make cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...moments import write_moment
from ...money import from_minor, shares, to_minor
from .values import as_address, as_bag, gid

SOURCE = "pos_sync_connector"
_ZERO = Decimal(0)
_CHEAPER = (rec.ChargeKind.DISCOUNT, rec.ChargeKind.ROUNDING)
_NAMES = {kind: kind.value.replace("_", " ").capitalize() for kind in rec.ChargeKind}


@dataclass(slots=True)
class _Item:
    """A line or a charge on its way: what is left of it after the discounts, without and with tax."""

    key: str
    name: str
    net: Decimal
    tax: Decimal
    taxes: tuple[rec.LineTax, ...]
    quantity: Decimal = Decimal(1)
    variant_id: str = ""
    sku: str = ""
    shipping: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)


def order_body(order: rec.Order, key: str, location: str) -> tuple[dict[str, Any], list[str]]:
    """The order, and for each of its line items the id of our line, `""` for what is none."""
    items = list(_items(order))
    _share_discounts(order, items)
    rows, keys = [], []
    for item in items:
        if not item.shipping:
            made = list(_line_items(item, order))
            rows += made
            keys += [item.key] * len(made)
    shipping = [_shipping(item, order) for item in items if item.shipping]
    values = {
        "lineItems": rows,
        "shippingLines": shipping,
        "currency": order.currency,
        "taxesIncluded": order.price_includes_tax,
        "sourceName": SOURCE,
        "sourceIdentifier": key,
        "processedAt": write_moment(order.created_at),
        "note": order.note,
        "customer": {"toAssociate": {"id": gid("Customer", order.customer_id)}} if order.customer_id else None,
        "shippingAddress": as_address(order.shipping_address),
        "customAttributes": [{"key": "Odoo", "value": order.number}] if order.number else None,
        "transactions": list(_transactions(order)) if order.paid else None,
        "financialStatus": "PAID" if order.paid else "PENDING",
    }
    if order.status is rec.OrderStatus.COMPLETED and location:
        values["fulfillmentStatus"] = "FULFILLED"
        values["fulfillment"] = {"locationId": gid("Location", location), "notifyCustomer": False}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}, keys


def _items(order: rec.Order) -> Iterator[_Item]:
    for line in order.lines:
        if line.quantity < 0 or (line.net or _ZERO) < 0:
            raise NeedsFixing(
                f"Shopify takes no returns within an order (“{line.name}”). Enter it as a refund there.",
                code="negative-quantity",
            )
        net = line.net if line.net is not None else line.unit_price * line.quantity - line.discount
        yield _Item(
            line.external_id, line.name, net, line.tax or _ZERO, line.taxes, line.quantity, line.variant_id, line.sku
        )
    for charge in order.charges:
        if charge.amount > 0:
            net = charge.amount if charge.net is None else charge.net
            shipping = charge.kind is rec.ChargeKind.SHIPPING
            name = charge.name or _NAMES[charge.kind]
            yield _Item("", name, net, charge.tax or _ZERO, charge.taxes, shipping=shipping)


def _share_discounts(order: rec.Order, items: list[_Item]) -> None:
    """Takes off what charges make cheaper, net from net and tax from tax."""
    off = [charge for charge in order.charges if charge.amount < 0 and charge.kind in _CHEAPER]
    net = -sum(((charge.amount if charge.net is None else charge.net) for charge in off), _ZERO)
    tax = -sum(((charge.tax or _ZERO) for charge in off), _ZERO)
    nets = shares(net, [item.net for item in items], order.currency) if net else [_ZERO] * len(items)
    taxes = shares(tax, [item.tax for item in items], order.currency) if tax else [_ZERO] * len(items)
    for item, less, less_tax in zip(items, nets, taxes, strict=True):
        item.net -= less
        item.tax -= less_tax
        if item.net < 0 or item.tax < 0:
            raise NeedsFixing(
                f"The discount is more than “{item.name}” costs, which Shopify does not take.", code="negative-price"
            )


def _line_items(item: _Item, order: rec.Order) -> Iterator[dict[str, Any]]:
    """One row, or two whose prices are a cent apart."""
    whole = item.quantity == item.quantity.to_integral_value()
    count = int(item.quantity) if whole else 1
    if not count:
        return
    amount = item.net + item.tax if order.price_includes_tax else item.net
    price, dearer = divmod(to_minor(amount, order.currency), count)
    parts = [
        (count - dearer, from_minor(price, order.currency)),
        (dearer, from_minor(price + 1, order.currency)),
    ]
    parts = [(many, each) for many, each in parts if many]
    taxes = shares(item.tax, [each * many for many, each in parts], order.currency)
    for (many, each), tax in zip(parts, taxes, strict=True):
        row: dict[str, Any] = {
            "title": item.name[:255],
            "quantity": many,
            "priceSet": as_bag(each, order.currency),
            "taxable": bool(item.taxes),
        }
        if item.variant_id:
            row["variantId"] = gid("ProductVariant", item.variant_id)
        else:
            row["requiresShipping"] = False
        if item.sku:
            row["sku"] = item.sku
        if not whole:
            row["properties"] = [{"name": "Quantity", "value": format(item.quantity.normalize(), "f")}]
        tax_lines = _tax_lines(item.taxes, tax, order.currency)
        if tax_lines:
            row["taxLines"] = tax_lines
        yield row


def _shipping(item: _Item, order: rec.Order) -> dict[str, Any]:
    amount = item.net + item.tax if order.price_includes_tax else item.net
    row = {"title": item.name[:255], "priceSet": as_bag(amount, order.currency)}
    tax_lines = _tax_lines(item.taxes, item.tax, order.currency)
    return {**row, "taxLines": tax_lines} if tax_lines else row


def _tax_lines(taxes: tuple[rec.LineTax, ...], tax: Decimal, currency: str) -> list[dict[str, Any]]:
    """The tax as it is here, shared out to the taxes that make it."""
    if not tax:
        return []
    found = taxes or (rec.LineTax(name="Tax"),)
    weights = [item.amount if item.amount is not None else item.rate or _ZERO for item in found]
    return [
        {
            "title": item.name or "Tax",
            "rate": format((item.rate or _ZERO) / 100, "f"),
            "priceSet": as_bag(part, currency),
        }
        for item, part in zip(found, shares(tax, weights, currency), strict=True)
    ]


def _transactions(order: rec.Order) -> Iterator[dict[str, Any]]:
    """What was paid; as one sum where the payments are not what is owed."""
    total = sum((item.amount + item.tip for item in order.payments), _ZERO)
    # A gift card taken off the total was a payment all the same.
    cards = -sum((charge.amount for charge in order.charges if charge.kind is rec.ChargeKind.GIFT_CARD), _ZERO)
    if total == order.totals.gross:
        paid = [(item.method_name or item.kind.value, item.amount + item.tip) for item in order.payments]
    else:
        paid = [("Odoo", order.totals.gross)]
    for name, amount in [*paid, *([("gift_card", cards)] if cards > 0 else [])]:
        if amount > 0:
            yield {
                "kind": "SALE",
                "status": "SUCCESS",
                "gateway": name,
                "amountSet": as_bag(amount, order.currency),
                "processedAt": write_moment(order.created_at),
            }
