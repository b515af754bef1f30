"""An `Order` record as Square's JSON for a new order. Prices are the ones it was sold at here, not the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...moments import write_moment
from ...money import minor_unit
from ...people.reachable import email_to_send, phone_to_send
from .keys import reference
from .values import as_address, as_money

_CHARGES = (rec.ChargeKind.SERVICE_CHARGE, rec.ChargeKind.SHIPPING)
_MOST_DIGITS = 5


def order_body(order: rec.Order, location: str, key: str, source: str) -> dict[str, Any]:
    """Raises NeedsFixing for what Square has no place for."""
    taxes: dict[str, dict[str, Any]] = {}
    discounts: list[dict[str, Any]] = []
    body: dict[str, Any] = {
        "location_id": location,
        "reference_id": reference(key),
        "source": {"name": source},
        "state": "DRAFT" if order.status is rec.OrderStatus.DRAFT else "OPEN",
        "line_items": [
            _line(line, f"line-{place}", order, taxes, discounts) for place, line in enumerate(order.lines)
        ],
        "service_charges": list(_charges(order, taxes)),
    }
    discounts += _discounts(order)
    body |= {"taxes": list(taxes.values()), "discounts": discounts}
    if order.customer_id:
        body["customer_id"] = order.customer_id
    if order.number:
        body["ticket_name"] = order.number[:30]
    if order.status in (rec.OrderStatus.OPEN, rec.OrderStatus.PAID):
        body["fulfillments"] = [_fulfilment(order)]
    return {name: value for name, value in body.items() if value not in ([], "")}


def _line(
    line: rec.OrderLine, uid: str, order: rec.Order, taxes: dict[str, dict], discounts: list[dict]
) -> dict[str, Any]:
    """A unit price in whole minor units, and what it is too much as a discount on the line: the amount is ours."""
    if line.quantity <= 0:
        raise NeedsFixing(
            f"“{line.name}” is taken back by the order. Square takes returns at its own tills only: refund it there.",
            code="negative-quantity",
        )
    inclusive = any(tax.inclusive for tax in line.taxes)
    amount = line.gross if inclusive else line.net
    if amount is None:
        amount = line.unit_price * line.quantity - line.discount
    if amount < 0:
        raise NeedsFixing(
            f"“{line.name}” has a negative price, which Square does not take. Make it a discount.",
            code="negative-price",
        )
    quantity = line.quantity.normalize()
    if -int(quantity.as_tuple().exponent) > _MOST_DIGITS:
        quantity = quantity.quantize(Decimal(1).scaleb(-_MOST_DIGITS))
    unit = minor_unit(order.currency)
    price = max(
        (amount / quantity / unit).to_integral_value(ROUND_CEILING) * unit,
        (line.unit_price / unit).to_integral_value(ROUND_CEILING) * unit,
    )
    body: dict[str, Any] = {
        "uid": uid,
        "quantity": format(quantity, "f"),
        "base_price_money": as_money(price, order.currency),
        "name": line.name[:512],
    }
    if line.variant_id:
        body["catalog_object_id"] = line.variant_id
    if line.note:
        body["note"] = line.note[:2000]
    applied = list(_applied(line.taxes, taxes))
    if applied:
        body["applied_taxes"] = applied
    off = as_money(price * quantity, order.currency)["amount"] - as_money(amount, order.currency)["amount"]
    if off > 0:
        discounts.append(
            {
                "uid": f"off-{uid}",
                "name": "Discount",
                "scope": "LINE_ITEM",
                "type": "FIXED_AMOUNT",
                "amount_money": {"amount": off, "currency": order.currency},
            }
        )
        body["applied_discounts"] = [{"discount_uid": f"off-{uid}"}]
    return body


def _applied(own: Iterable[rec.LineTax], taxes: dict[str, dict]) -> Iterable[dict[str, str]]:
    """References to taxes, which are put among those of the order."""
    for tax in own:
        kind = "INCLUSIVE" if tax.inclusive else "ADDITIVE"
        made_up = tax.tax_id.endswith((":ADDITIVE", ":INCLUSIVE"))
        uid = f"tax-{len(taxes)}"
        known = taxes.setdefault(
            tax.tax_id or f"{tax.rate}:{kind}",
            {"uid": uid, "scope": "LINE_ITEM", "catalog_object_id": tax.tax_id}
            if tax.tax_id and not made_up
            else {
                "uid": uid, "scope": "LINE_ITEM", "name": tax.name, "type": kind,
                "percentage": format((tax.rate or Decimal(0)).normalize(), "f"),
            },
        )  # fmt: skip
        yield {"tax_uid": known["uid"]}


def _charges(order: rec.Order, taxes: dict[str, dict]) -> Iterable[dict[str, Any]]:
    for place, charge in enumerate(order.charges):
        unpaid_tip = charge.kind is rec.ChargeKind.TIP and not order.paid
        rounding = charge.kind is rec.ChargeKind.ROUNDING and charge.amount > 0
        if charge.kind not in _CHARGES and not unpaid_tip and not rounding:
            continue
        if charge.amount < 0:
            raise NeedsFixing(
                f"“{charge.name}” is a negative charge, which Square does not take.", code="negative-price"
            )
        applied = list(_applied(charge.taxes, taxes))
        yield {
            "uid": f"charge-{place}",
            "name": (charge.name or charge.kind.value.replace("_", " ").capitalize())[:512],
            "amount_money": as_money(charge.amount, order.currency),
            "calculation_phase": "SUBTOTAL_PHASE" if applied else "TOTAL_PHASE",
            "taxable": bool(applied),
            **({"applied_taxes": applied} if applied else {}),
        }


def _discounts(order: rec.Order) -> Iterable[dict[str, Any]]:
    """Amounts off the whole order, which Square takes off its lines in proportion."""
    for place, charge in enumerate(order.charges):
        rounding = charge.kind is rec.ChargeKind.ROUNDING and charge.amount < 0
        if charge.kind is rec.ChargeKind.DISCOUNT or rounding:
            yield {
                "uid": f"discount-{place}",
                "name": (charge.name or "Discount")[:255],
                "scope": "ORDER",
                "type": "FIXED_AMOUNT",
                "amount_money": as_money(-charge.amount, order.currency),
            }


def _fulfilment(order: rec.Order) -> dict[str, Any]:
    """To the delivery address where there is one, else to be picked up."""
    customer, place = order.customer, order.shipping_address
    name = " ".join(filter(None, (customer.first_name, customer.last_name))) if customer else ""
    recipient: dict[str, Any] = {"display_name": ((place and place.name) or name or order.number or "Odoo")[:255]}
    if order.customer_id:
        recipient["customer_id"] = order.customer_id
    if place:
        reached = {
            "phone_number": phone_to_send(place.country, place.phone), "email_address": email_to_send(place.email),
        }  # fmt: skip
        recipient |= {name: value for name, value in reached.items() if value}
        details: dict[str, Any] = {"recipient": {**recipient, "address": as_address(place)}}
        if order.due_at:
            details["expected_shipped_at"] = write_moment(order.due_at)
        if order.note:
            details["shipping_note"] = order.note[:500]
        return {"uid": "fulfilment", "type": "SHIPMENT", "state": "PROPOSED", "shipment_details": details}
    details = {"recipient": recipient, "schedule_type": "SCHEDULED" if order.due_at else "ASAP"}
    if order.due_at:
        details["pickup_at"] = write_moment(order.due_at)
    if order.note:
        details["note"] = order.note[:500]
    return {"uid": "fulfilment", "type": "PICKUP", "state": "PROPOSED", "pickup_details": details}
