"""What was sold, as order lines and charges: alike for sale orders and for orders of tills.

A line of Odoo is a charge where its product only stands for an amount (delivery, tip, discount, a reward, a redeemed
gift card); all else, free products too, is an order line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from . import fields
from .former import choices_of_parts
from .rpc import Rpc
from .sales_fields import REWARD
from .values import decimal, key, moment, text

_MONEY_ON_A_CARD = ("gift_card", "ewallet")


@dataclass(frozen=True, slots=True)
class Sold:
    """One line of Odoo in words that both models share. Amounts are signed as Odoo's: a return is negative."""

    number: int
    product: int
    name: str
    quantity: Decimal
    unit: int
    unit_price: Decimal
    percent: Decimal
    net: Decimal
    gross: Decimal
    taxes: tuple[int, ...]
    note: str = ""
    parent: int = 0
    combo_item: int = 0
    refunded: int = 0
    charge: rec.ChargeKind | None = None
    reward: int = 0
    coupon: int = 0
    gift_cards: tuple[int, ...] = ()


@dataclass(slots=True)
class Facts:
    """What the lines of a page refer to, by id; the choice of a combo by its line."""

    units: dict[int, int] = field(default_factory=dict)
    choices: dict[int, int] = field(default_factory=dict)
    rewards: dict[int, dict[str, Any]] = field(default_factory=dict)
    coupons: dict[int, dict[str, Any]] = field(default_factory=dict)
    gift_cards: dict[int, dict[str, Any]] = field(default_factory=dict)


class SoldReader:
    """Shared by the readers of both models. `units` are by id, as records."""

    def __init__(self, rpc: Rpc, units: Callable[[], dict[int, rec.Unit]]):
        self._rows = fields.Rows(rpc)
        self._read_units = units
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    def facts(self, sold: Iterable[Sold]) -> Facts:
        sold = list(sold)
        products = self._rows.by_id("product.product", {line.product for line in sold if line.product}, ["uom_id"])
        items = {line.combo_item for line in sold if line.combo_item}
        combos = self._rows.by_id("product.combo.item", items, ["combo_id"])
        chosen = {line.number: combos[line.combo_item]["combo_id"] for line in sold if line.combo_item in combos}
        rewards = {line.reward for line in sold if line.reward}
        coupons = {line.coupon for line in sold if line.coupon}
        card = "loyalty.card" if self._rows.has("loyalty.card", "code") else "coupon.coupon"
        gift_cards = {number for line in sold for number in line.gift_cards}
        return Facts(
            units={number: row["uom_id"] for number, row in products.items()},
            choices={**choices_of_parts(self._rows, sold), **chosen},
            rewards=self._rows.by_id("loyalty.reward", rewards, REWARD),
            coupons=self._rows.by_id(card, coupons, ["code", "program_type"]),
            gift_cards=self._rows.by_id("gift.card", gift_cards, ["code"]),
        )

    def lines(self, sold: Iterable[Sold], facts: Facts) -> tuple[tuple[rec.OrderLine, ...], tuple[rec.Charge, ...]]:
        """Order lines and charges of one order; both keep the id of Odoo's line."""
        sold = list(sold)
        with_tax = self.includes_tax(sold)
        kinds = {line.number: self._charge_kind(line, facts) for line in sold}
        return (
            tuple(self._line(line, facts) for line in sold if kinds[line.number] is None),
            tuple(
                self._charge(line, kind, facts, with_tax) for line in sold if (kind := kinds[line.number]) is not None
            ),
        )

    def includes_tax(self, sold: Iterable[Sold]) -> bool:
        return any(self._taxes[tax]["price_include"] for line in sold for tax in line.taxes if tax in self._taxes)

    def variant(self, line: Sold, facts: Facts) -> str:
        return key("variant", line.product) if line.product and not self._charge_kind(line, facts) else ""

    def in_own_unit(self, line: Sold, facts: Facts) -> tuple[Decimal, Decimal, str]:
        """Quantity, price and name of the unit that the product is kept in: a line may be in a multiple of it."""
        own = facts.units.get(line.product) or line.unit
        stated, kept = self._units.get(line.unit), self._units.get(own)
        if own == line.unit or not stated or not kept or not line.unit:
            return line.quantity, line.unit_price, kept.name if kept else ""
        ratio = stated.factor / kept.factor
        return line.quantity * ratio, line.unit_price / ratio, kept.name

    # Records

    def _line(self, line: Sold, facts: Facts) -> rec.OrderLine:
        quantity, unit_price, unit = self.in_own_unit(line, facts)
        return rec.OrderLine(
            external_id=key("line", line.number),
            variant_id=key("variant", line.product) if line.product else "",
            name=line.name,
            quantity=quantity,
            unit=unit,
            unit_price=unit_price,
            discount=line.quantity * line.unit_price * line.percent / 100,
            taxes=self._line_taxes(line),
            net=line.net,
            tax=line.gross - line.net,
            gross=line.gross,
            parent_id=key("line", line.parent) if line.parent else "",
            combo_choice_id=key("combo", facts.choices[line.number]) if line.number in facts.choices else "",
            gift_card_code=self._gift_card(line, facts),
            is_gift_card=bool(line.gift_cards) or line.product in self._cards_for_sale,
            refunded_line_id=key("line", line.refunded) if line.refunded else "",
            note=line.note,
        )

    def _charge(self, line: Sold, kind: rec.ChargeKind, facts: Facts, with_tax: bool) -> rec.Charge:
        return rec.Charge(
            external_id=key("line", line.number),
            kind=kind,
            name=line.name,
            amount=line.gross if with_tax else line.net,
            code=text(facts.coupons.get(line.coupon, {}).get("code")) or self._gift_card(line, facts),
            taxes=self._line_taxes(line),
            net=line.net,
            tax=line.gross - line.net,
        )

    def _gift_card(self, line: Sold, facts: Facts) -> str:
        """The code of the card that a line sells or is paid with."""
        coupon = facts.coupons.get(line.coupon, {})
        if coupon.get("program_type") == "gift_card":
            return text(coupon.get("code"))
        return next((text(facts.gift_cards[card]["code"]) for card in line.gift_cards if card in facts.gift_cards), "")

    def _line_taxes(self, line: Sold) -> tuple[rec.LineTax, ...]:
        """What was charged stands on the line as a whole, so for a single tax it is known."""
        amount = line.gross - line.net if len(line.taxes) == 1 else None
        return tuple(
            rec.LineTax(
                tax_id=key("tax", tax),
                name=text(row.get("name")),
                rate=decimal(row["amount"]) if row.get("amount_type") == "percent" else None,
                inclusive=bool(row.get("price_include")),
                amount=amount,
            )
            for tax in line.taxes
            for row in [self._taxes.get(tax, {})]
        )

    def _charge_kind(self, line: Sold, facts: Facts) -> rec.ChargeKind | None:
        if line.charge:
            return line.charge
        reward = facts.rewards.get(line.reward)
        if reward and line.product == reward["discount_line_product_id"]:
            on_card = reward.get("program_type") in _MONEY_ON_A_CARD
            return rec.ChargeKind.GIFT_CARD if on_card else rec.ChargeKind.DISCOUNT
        return None

    @cached_property
    def _taxes(self) -> dict[int, dict[str, Any]]:
        rows = self._rows.read("account.tax", [("company_id", "parent_of", self._companies)], fields.TAX)
        return {row["id"]: row for row in rows}

    @cached_property
    def _cards_for_sale(self) -> set[int]:
        """The products whose sale puts money on a card. A key that may not read the programs sells none."""
        programs = self._rows.allowed(
            "loyalty.program", [("program_type", "in", list(_MONEY_ON_A_CARD))], ["trigger_product_ids"]
        )
        return {product for row in programs for product in row["trigger_product_ids"]}

    @cached_property
    def _units(self) -> dict[int, rec.Unit]:
        return self._read_units()


def latest(*rows: dict[str, Any]) -> datetime | None:
    """The newest modification of rows."""
    return max(filter(None, (moment(row["write_date"]) for row in rows)), default=None)
