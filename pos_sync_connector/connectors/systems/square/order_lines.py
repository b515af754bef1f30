"""Lines and charges of Square's orders.

Square states discounts, taxes, apportioned service charges and surcharges on a line with all its modifiers. Here the
item, each modifier and each such charge stand by themselves, with their shares: together they are the line to the cent.
What an order takes back comes as lines of negative quantities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from ... import records as rec
from ...money import minor_unit, shares
from .units import unit_name
from .values import Row, money, number, stated, text

_ZERO = Decimal(0)
_SURCHARGE = "card-surcharge"
_SURCHARGE_NAME = "Card surcharge"
_KINDS = {_SURCHARGE: rec.ChargeKind.FEE}
_Part = TypeVar("_Part", rec.OrderLine, rec.Charge)


class Shape:
    """The lines and charges of one order, all in `currency`."""

    def __init__(self, order: Row, currency: str):
        self._order = order
        self._currency = currency
        self.lines: list[rec.OrderLine] = []
        self.charges: list[rec.Charge] = []

    def sold(self) -> Shape:
        taxes = _by_uid(self._order, "taxes")
        names = _by_uid(self._order, "service_charges")
        for row in self._order.get("line_items") or ():
            self._add(row, taxes, names, "modifiers", 1)
        self._add_service_charges(self._order.get("service_charges") or (), taxes, 1)
        tip = money(self._order.get("total_tip_money"))
        if tip:
            self.charges.append(_plain("tip", rec.ChargeKind.TIP, "Tip", tip))
        self._add_surcharge(money(self._order.get("total_card_surcharge_money")), _SURCHARGE, 1, 0)
        self._add_rounding(self._order.get("rounding_adjustment"), "rounding", 1)
        return self

    def returned(self) -> Shape:
        for place, back in enumerate(self._order.get("returns") or ()):
            first, taxes = len(self.charges), _by_uid(back, "return_taxes")
            names = _by_uid(back, "return_service_charges")
            for row in back.get("return_line_items") or ():
                self._add(row, taxes, names, "return_modifiers", -1)
            self._add_service_charges(back.get("return_service_charges") or (), taxes, -1)
            amounts = back.get("return_amounts") or {}
            for number_, tip in enumerate(back.get("return_tips") or [{"applied_money": amounts.get("tip_money")}]):
                key, amount = text(tip.get("uid")) or f"return:{place}:tip:{number_}", money(tip.get("applied_money"))
                if amount:
                    self.charges.append(_plain(key, rec.ChargeKind.TIP, "Tip", -amount))
            self._add_surcharge(money(amounts.get("card_surcharge_money")), f"return:{place}:{_SURCHARGE}", -1, first)
            self._add_rounding(back.get("rounding_adjustment"), f"return:{place}:rounding", -1)
        return self

    def total(self) -> Decimal:
        """What all of it comes to."""
        lines = sum((line.gross or _ZERO for line in self.lines), _ZERO)
        return lines + sum(((charge.net or _ZERO) + (charge.tax or _ZERO) for charge in self.charges), _ZERO)

    # A line

    def _add(self, row: Row, taxes: dict[str, Row], names: dict[str, Row], modifiers: str, sign: int) -> None:
        quantity = number(row["quantity"])
        base = money(row.get("base_price_money"))
        amount = stated(row.get("variation_total_price_money"))
        item = round_to(base * quantity, self._currency) if amount is None else amount
        extras = [extra for extra in row.get(modifiers) or () if number(extra.get("quantity") or "1")]
        additions = [self._addition(extra, quantity) for extra in extras]
        parts = _Parts(self._currency, row, taxes, [item, *additions])
        uid = text(row["uid"])
        self.lines.append(
            rec.OrderLine(
                external_id=uid,
                variant_id=text(row.get("catalog_object_id")),
                name=_name(row),
                quantity=sign * quantity,
                unit=unit_name(row.get("quantity_unit")),
                unit_price=base,
                is_gift_card=row.get("item_type") == "GIFT_CARD",
                refunded_line_id=text(row.get("source_line_item_uid")),
                note=text(row.get("note")),
                **parts.line(0, sign),
            )
        )
        for place, extra in enumerate(extras, start=1):
            many = quantity * number(extra.get("quantity") or "1")
            self.lines.append(
                rec.OrderLine(
                    external_id=f"{uid}:{text(extra.get('uid')) or place}",
                    name=text(extra.get("name")) or "Modifier",
                    quantity=sign * many,
                    unit_price=money(extra.get("base_price_money")),
                    parent_id=uid,
                    is_modifier=True,
                    refunded_line_id=_source_of_addition(row, extra),
                    **parts.line(place, sign),
                )
            )
        for place, (key, _amount) in enumerate(parts.apportioned):
            self.charges.append(
                rec.Charge(
                    external_id=f"{key}:{uid}",
                    kind=_KINDS.get(key, rec.ChargeKind.SERVICE_CHARGE),
                    name=_SURCHARGE_NAME if key == _SURCHARGE else text(names.get(key, {}).get("name")),
                    **parts.charge(place, sign),
                )
            )

    def _addition(self, extra: Row, quantity: Decimal) -> Decimal:
        amount = stated(extra.get("total_price_money"))
        if amount is not None:
            return amount
        each = money(extra.get("base_price_money")) * number(extra.get("quantity") or "1")
        return round_to(each * quantity, self._currency)

    # Charges

    def _add_service_charges(self, rows: Any, taxes: dict[str, Row], sign: int) -> None:
        """Those that stand by themselves; apportioned ones came with the lines."""
        for place, row in enumerate(rows):
            if row.get("treatment_type") == "APPORTIONED_TREATMENT":
                continue
            amount = money(row.get("applied_money") or row.get("amount_money"))
            tax = money(row.get("total_tax_money"))
            own = _line_taxes(row, taxes)
            total = stated(row.get("total_money"))
            if total is None:
                total = amount + sum((item.amount or _ZERO for item in own if not item.inclusive), _ZERO)
            self.charges.append(
                rec.Charge(
                    external_id=text(row.get("uid")) or f"service-charge:{place}",
                    kind=rec.ChargeKind.SERVICE_CHARGE,
                    name=text(row.get("name")),
                    amount=sign * amount,
                    taxes=_signed(own, sign),
                    net=sign * (total - tax),
                    tax=sign * tax,
                )
            )

    def _add_surcharge(self, whole: Decimal, key: str, sign: int, first: int) -> None:
        """What of the card surcharge is not among the charges of its lines, which begin with the `first`."""
        lines = (item for item in self.charges[first:] if item.external_id.startswith(f"{_SURCHARGE}:"))
        within = sum((item.amount for item in lines), _ZERO)
        rest = sign * whole - within
        if rest:
            self.charges.append(_plain(key, rec.ChargeKind.FEE, _SURCHARGE_NAME, rest))

    def _add_rounding(self, row: Row | None, key: str, sign: int) -> None:
        amount = money((row or {}).get("amount_money"))
        if amount:
            name = text((row or {}).get("name"))
            self.charges.append(_plain(key, rec.ChargeKind.ROUNDING, name, sign * amount))


@dataclass(slots=True)
class _Share:
    base: Decimal
    discount: Decimal
    taxes: tuple[rec.LineTax, ...]
    tax: Decimal
    gross: Decimal


class _Parts:
    """What a line's discount and taxes come to for its item, each modifier and each apportioned charge."""

    def __init__(self, currency: str, row: Row, taxes: dict[str, Row], prices: list[Decimal]):
        self.apportioned = [*_apportioned(row), *_surcharge(row, taxes, prices)]
        discount = money(row.get("total_discount_money"))
        discounts = shares(discount, prices, currency)
        bases = [price - off for price, off in zip(prices, discounts, strict=True)]
        bases += [amount for _key, amount in self.apportioned]
        discounts += [_ZERO] * len(self.apportioned)
        own = _line_taxes(row, taxes)
        stated_tax = stated(row.get("total_tax_money"))
        taxed = bases[: len(prices)] + [_ZERO if key == _SURCHARGE else part for key, part in self.apportioned]
        split = [shares(tax.amount or _ZERO, taxed, currency) for tax in own]
        self._shares = []
        for place, base in enumerate(bases):
            amounts = [column[place] for column in split]
            added = sum((part for tax, part in zip(own, amounts, strict=True) if not tax.inclusive), _ZERO)
            mine = tuple(
                rec.LineTax(
                    tax_id=tax.tax_id, name=tax.name, rate=tax.rate, inclusive=tax.inclusive,
                    amount=None if tax.amount is None else part,
                )
                for tax, part in zip(own, amounts, strict=True)
            )  # fmt: skip
            self._shares.append(_Share(base, discounts[place], mine, sum(amounts, _ZERO), base + added))
        # What Square states is what counts: where its parts say otherwise the item takes the difference.
        total = stated(row.get("total_money"))
        if stated_tax is not None:
            self._shares[0].tax += stated_tax - sum((share.tax for share in self._shares), _ZERO)
        if total is not None:
            self._shares[0].gross += total - sum((share.gross for share in self._shares), _ZERO)
        self._items = len(prices)

    def line(self, place: int, sign: int) -> dict[str, Any]:
        share = self._shares[place]
        return {
            "discount": sign * share.discount,
            "taxes": _signed(share.taxes, sign),
            "net": sign * (share.gross - share.tax),
            "tax": sign * share.tax,
            "gross": sign * share.gross,
        }

    def charge(self, place: int, sign: int) -> dict[str, Any]:
        share = self._shares[self._items + place]
        return {
            "amount": sign * share.base,
            "taxes": _signed(share.taxes, sign),
            "net": sign * (share.gross - share.tax),
            "tax": sign * share.tax,
        }


def round_to(amount: Decimal, currency: str) -> Decimal:
    """To the currency's smallest amount, half of it away from zero."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def _apportioned(row: Row) -> Iterator[tuple[str, Decimal]]:
    """Pairs of a service charge's uid and what of it is in the line."""
    total = money(row.get("total_service_charge_money"))
    applied = [
        (text(item.get("service_charge_uid")), money(item.get("applied_money")))
        for item in row.get("applied_service_charges") or ()
    ]
    if total and sum((amount for _uid, amount in applied), _ZERO) != total:
        applied = [("service-charge", total)]
    yield from ((uid, amount) for uid, amount in applied if amount and total)


def _surcharge(row: Row, taxes: dict[str, Row], prices: list[Decimal]) -> Iterator[tuple[str, Decimal]]:
    """The line's card surcharge where its total holds it: elsewhere it stands on the order."""
    amount, total = money(row.get("total_card_surcharge_money")), stated(row.get("total_money"))
    if amount and total is not None:
        own = sum(prices, _ZERO) - money(row.get("total_discount_money"))
        own += sum((charge for _uid, charge in _apportioned(row)), _ZERO)
        own += sum((tax.amount or _ZERO for tax in _line_taxes(row, taxes) if not tax.inclusive), _ZERO)
        if total == own + amount:
            yield _SURCHARGE, amount


def _line_taxes(row: Row, taxes: dict[str, Row]) -> tuple[rec.LineTax, ...]:
    return tuple(
        rec.LineTax(
            tax_id=tax_id(tax),
            name=text(tax.get("name")),
            rate=number(tax["percentage"]) if tax.get("percentage") else None,
            inclusive=tax.get("type") == "INCLUSIVE",
            amount=stated(applied.get("applied_money")),
        )
        for applied in row.get("applied_taxes") or ()
        for tax in [taxes.get(applied["tax_uid"], {})]
    )


def _source_of_addition(row: Row, extra: Row) -> str:
    """The line of the modifier that a return takes back."""
    parts = text(row.get("source_line_item_uid")), text(extra.get("source_modifier_uid"))
    return ":".join(parts) if all(parts) else ""


def tax_id(tax: Row) -> str:
    """The catalogue's id; of a tax that an application made up for an order, what tells it from others."""
    own = text(tax.get("catalog_object_id"))
    return own or f"{text(tax.get('percentage'))}%:{text(tax.get('type')) or 'ADDITIVE'}"


def returned(part: _Part) -> _Part:
    """A line or charge that takes back, as what was refunded: with positive amounts."""
    amount = {"amount": -part.amount} if isinstance(part, rec.Charge) else {}
    return replace(
        part,
        **amount,
        net=None if part.net is None else -part.net,
        tax=None if part.tax is None else -part.tax,
        taxes=_signed(part.taxes, -1),
    )


def _signed(taxes: tuple[rec.LineTax, ...], sign: int) -> tuple[rec.LineTax, ...]:
    if sign == 1:
        return taxes
    return tuple(replace(tax, amount=None if tax.amount is None else -tax.amount) for tax in taxes)


def _name(row: Row) -> str:
    """Square's own words for a line; an amount that was typed in may have none."""
    name, variation = text(row.get("name")), text(row.get("variation_name"))
    if name and variation and variation not in (name, "Regular"):
        return f"{name} ({variation})"
    return name or variation or ("Gift card" if row.get("item_type") == "GIFT_CARD" else "Custom amount")


def _plain(key: str, kind: rec.ChargeKind, name: str, amount: Decimal) -> rec.Charge:
    return rec.Charge(external_id=key, kind=kind, name=name, amount=amount, net=amount, tax=_ZERO)


def _by_uid(row: Row, name: str) -> dict[str, Row]:
    return {text(item.get("uid")): item for item in row.get(name) or ()}
