"""What an order earns by the rules of a loyalty program, in exact decimals. Holds plain values only.

The terms are kept with what an order earned: a refund takes back what was earned at the rate of the day, whatever the
program's rules have become since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Spent:
    """What was bought of the products that a rule counts: amounts with and without tax, and units."""

    total: Decimal = Decimal(0)
    subtotal: Decimal = Decimal(0)
    units: Decimal = Decimal(0)

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.total + other.total, self.subtotal + other.subtotal, self.units + other.units)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.total - other.total, self.subtotal - other.subtotal, self.units - other.units)

    def share(self, part: Decimal) -> Spent:
        return Spent(self.total * part, self.subtotal * part, self.units * part)


@dataclass(frozen=True, slots=True)
class PointRule:
    """One rule of a program. `mode`: "money", "unit" or "order". `products`: an Odoo domain, None for all products."""

    mode: str
    rate: Decimal
    minimum_amount: Decimal = Decimal(0)
    minimum_with_tax: bool = True
    minimum_units: Decimal = Decimal(0)
    products: Sequence[Any] | None = None

    @property
    def counts_units(self) -> bool:
        return self.mode == "unit" or self.minimum_units > 0


@dataclass(frozen=True, slots=True)
class PointTerms:
    """A program's rules as one order met them.

    `basis`: "total" or "subtotal"; `rounding`: "none" or "unit", half up, on the amount before the rate. `exchange`
    times an amount of the order gives an amount in the program's currency, which has `places` decimal places.
    """

    rules: tuple[PointRule, ...]
    basis: str = "total"
    rounding: str = "none"
    exchange: Decimal = Decimal(1)
    places: int = 2

    def amount(self, spent: Spent) -> Decimal:
        """The amount that the rate is applied to, never negative."""
        amount = self._exchanged(spent.total if self.basis == "total" else spent.subtotal)
        if self.rounding == "unit":
            amount = amount.quantize(Decimal(1), ROUND_HALF_UP)
        return max(amount, Decimal(0))

    def points(self, spent: Sequence[Spent], *, refunded: bool = False) -> Decimal:
        """The points for what was spent by each rule, to the hundredth as Odoo cuts them.

        What is left after a refund earns only if something is left.
        """
        return sum(
            (self._points(rule, part, refunded) for rule, part in zip(self.rules, spent, strict=True)), Decimal(0)
        )

    def _points(self, rule: PointRule, spent: Spent, refunded: bool) -> Decimal:
        if spent.total < 0 or (refunded and spent.total <= 0):
            return Decimal(0)
        if self._exchanged(spent.total if rule.minimum_with_tax else spent.subtotal) < rule.minimum_amount:
            return Decimal(0)
        if spent.units < rule.minimum_units:
            return Decimal(0)
        counted = {"money": self.amount(spent), "unit": max(spent.units, Decimal(0)), "order": Decimal(1)}[rule.mode]
        return (rule.rate * counted).quantize(_HUNDREDTH, ROUND_DOWN)

    def _exchanged(self, amount: Decimal) -> Decimal:
        return (amount * self.exchange).quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)

    def dump(self) -> dict[str, Any]:
        """As JSON values; decimals as text."""
        values = asdict(self)
        values["rules"] = [_as_text(rule) for rule in values["rules"]]
        return _as_text(values)

    @classmethod
    def load(cls, values: Mapping[str, Any]) -> PointTerms:
        rules = tuple(
            PointRule(
                **{
                    **rule,
                    "rate": Decimal(rule["rate"]),
                    "minimum_amount": Decimal(rule["minimum_amount"]),
                    "minimum_units": Decimal(rule["minimum_units"]),
                }
            )
            for rule in values["rules"]
        )
        return cls(**{**values, "rules": rules, "exchange": Decimal(values["exchange"])})


def _as_text(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
