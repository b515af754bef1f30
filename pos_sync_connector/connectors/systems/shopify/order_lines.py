"""Lines and charges of Shopify's orders, in the shop's currency.

A line's price is what it costs without the discounts that were allocated to it, its own and its share of the order's.
Taxes are part of the prices or added to them, as the order says. What an edit took out of an order is no part of its
lines any more; what came back later stays sold, and is a refund.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...money import shares
from .returned import Removed, is_tip
from .values import Row, key_of, money, nodes, noted, number, text

_ZERO = Decimal(0)


class Shape:
    """The lines and charges of one order. `removed`: what edits took out, by the id of the line."""

    def __init__(self, order: Row, removed: dict[str, Removed]):
        self._order = order
        self._removed = removed
        self._inclusive = bool(order.get("taxesIncluded"))
        self._currency = text(order["currencyCode"])
        self.lines: list[rec.OrderLine] = []
        self.charges: list[rec.Charge] = []

    def read(self) -> Shape:
        rows = nodes(self._order, "lineItems")
        tip = money(self._order.get("totalTipReceivedSet"))
        own = self._order_taxes(rows)
        for row, tax_rows in zip(rows, own, strict=True):
            # It would count twice.
            if is_tip(row) and money(row["originalUnitPriceSet"]) * row["quantity"] == tip:
                continue
            if not self._is_gone(row):
                self._add_bundle(row)
                self._add_line(row, tax_rows)
            self._add_duties(row)
        for row in nodes(self._order, "shippingLines"):
            if not row.get("isRemoved"):
                amount = money(row["originalPriceSet"]) - _allocated(row)
                self._add_charge(rec.ChargeKind.SHIPPING, key_of(row), text(row.get("title")), amount, row)
        for row in self._order.get("additionalFees") or ():
            name, amount = text(row.get("name")), money(row["price"])
            self._add_charge(rec.ChargeKind.FEE, key_of(row), name, amount, row)
        return self

    @property
    def gross(self) -> Decimal:
        """What lines and charges come to."""
        lines = sum((line.gross or _ZERO for line in self.lines), _ZERO)
        return lines + sum(((charge.net or _ZERO) + (charge.tax or _ZERO) for charge in self.charges), _ZERO)

    def add_plain(self, key: str, kind: rec.ChargeKind, name: str, amount: Decimal) -> None:
        if amount:
            self.charges.append(
                rec.Charge(external_id=key, kind=kind, name=name, amount=amount, net=amount, tax=_ZERO)
            )

    # Lines

    def _is_gone(self, row: Row) -> bool:
        gone = self._removed.get(key_of(row))
        return bool(gone and gone.quantity == row["quantity"])

    def _add_bundle(self, row: Row) -> None:
        """The bundle that a line is a component of, once: its money stands on the components."""
        group = row.get("lineItemGroup")
        key = key_of(group)
        if not group or any(line.external_id == key for line in self.lines):
            return
        self.lines.append(
            rec.OrderLine(
                external_id=key, variant_id=key_of(group.get("variantId")), name=text(group.get("title")) or "Bundle",
                quantity=number(group.get("quantity") or 1), unit_price=_ZERO, net=_ZERO, tax=_ZERO, gross=_ZERO,
            )
        )  # fmt: skip

    def _add_line(self, row: Row, tax_rows: Sequence[Row]) -> None:
        gone = self._removed.get(key_of(row), Removed())
        price, quantity = money(row["originalUnitPriceSet"]), number(row["quantity"])
        base = price * quantity - _allocated(row) - gone.subtotal
        taxes = _without(self._taxes(tax_rows), gone.tax, self._currency)
        tax = sum((item.amount or _ZERO for item in taxes), _ZERO)
        gross = base if self._inclusive else base + tax
        left = quantity - gone.quantity
        self.lines.append(
            rec.OrderLine(
                external_id=key_of(row),
                variant_id=key_of(row.get("variant")),
                sku=text(row.get("sku")),
                name=_name(row),
                quantity=left,
                unit_price=price,
                discount=price * left - base,
                taxes=taxes,
                net=gross - tax,
                tax=tax,
                gross=gross,
                parent_id=key_of(row.get("lineItemGroup")),
                is_gift_card=bool(row.get("isGiftCard")),
                note=noted(row.get("customAttributes")),
            )
        )

    def _order_taxes(self, rows: Sequence[Row]) -> list[Sequence[Row]]:
        """Each line's taxes; where an order has them as a whole only, they are shared out to its taxable lines."""
        own = [list(row.get("taxLines") or ()) for row in rows]
        whole = [tax for tax in self._order.get("taxLines") or () if money(tax["priceSet"])]
        if not whole or any(own) or any(row.get("taxLines") for row in nodes(self._order, "shippingLines")):
            return list(own)
        weights = [
            money(row["originalUnitPriceSet"]) * row["quantity"] - _allocated(row) if row.get("taxable") else _ZERO
            for row in rows
        ]
        for tax in whole:
            for found, part in zip(own, shares(money(tax["priceSet"]), weights, self._currency), strict=True):
                if part:
                    found.append({**tax, "priceSet": {"shopMoney": {"amount": str(part)}}})
        return list(own)

    # Charges

    def _add_duties(self, row: Row) -> None:
        if self._order.get("dutiesIncluded"):
            return
        for duty in row.get("duties") or ():
            self._add_charge(rec.ChargeKind.DUTY, key_of(duty), "Duties", money(duty["price"]), duty)

    def _add_charge(self, kind: rec.ChargeKind, key: str, name: str, amount: Decimal, row: Row) -> None:
        taxes = self._taxes(row.get("taxLines") or ())
        tax = sum((item.amount or _ZERO for item in taxes), _ZERO)
        net = amount - tax if self._inclusive else amount
        self.charges.append(
            rec.Charge(
                external_id=key or f"{kind.value}:{len(self.charges)}", kind=kind, name=name, amount=amount,
                taxes=taxes, net=net, tax=tax,
            )
        )  # fmt: skip

    def _taxes(self, rows: Iterable[Row]) -> tuple[rec.LineTax, ...]:
        return tuple(
            rec.LineTax(
                tax_id=tax_id(row, self._inclusive),
                name=text(row["title"]),
                rate=rate_of(row),
                inclusive=self._inclusive,
                amount=money(row["priceSet"]),
                remitted_by_channel=row.get("channelLiable") is True,
            )
            for row in rows
        )


def tax_id(row: Row, inclusive: bool) -> str:
    """What a tax is known by: Shopify gives it no id."""
    return f"{text(row['title'])} {rate_of(row).normalize():f}%:{'INCLUSIVE' if inclusive else 'ADDITIVE'}"


def rate_of(row: Row) -> Decimal:
    """In percent."""
    if row.get("ratePercentage") is not None:
        return number(row["ratePercentage"])
    return number(row.get("rate") or 0) * 100


def _without(taxes: tuple[rec.LineTax, ...], gone: Decimal, currency: str) -> tuple[rec.LineTax, ...]:
    if not gone or not taxes:
        return taxes
    parts = shares(gone, [item.amount or _ZERO for item in taxes], currency)
    return tuple(
        replace(item, amount=(item.amount or _ZERO) - part) for item, part in zip(taxes, parts, strict=True)
    )


def _allocated(row: Row) -> Decimal:
    rows: Any = row.get("discountAllocations") or ()
    return sum((money(item["allocatedAmountSet"]) for item in rows), _ZERO)


def _name(row: Row) -> str:
    return text(row.get("name")) or text(row.get("title")) or "Custom item"
