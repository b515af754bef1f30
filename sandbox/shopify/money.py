"""What an order comes to: Shopify's arithmetic, in cents of the shop's currency.

A discount is rounded for the whole and shared out to the lines, the rest of the rounding to the first ones; each tax is
rounded by itself, line by line.
"""

from __future__ import annotations

from .values import RATE, Row, decimal

# Currencies without cents: amounts are hundreds of ours.
_WHOLE = ("JPY",)


class Purse:
    """Amounts as `MoneyBag`s of one order: the shop's currency and what the customer saw."""

    def __init__(self, currency: str, shown: str = ""):
        self._currency = currency
        self._shown = shown or currency
        self._unit = 100 if currency in _WHOLE else 1

    def bag(self, cents: int) -> Row:
        seen = cents if self._shown == self._currency else round(cents * RATE)
        return {
            "shopMoney": {"amount": decimal(cents), "currencyCode": self._currency},
            "presentmentMoney": {"amount": decimal(seen), "currencyCode": self._shown},
        }

    def tax_line(self, title: str, rate: float, cents: int) -> Row:
        return {"title": title, "rate": rate, "ratePercentage": round(rate * 100, 4), "priceSet": self.bag(cents),
                "channelLiable": False, "source": "Shopify"}  # fmt: skip

    def whole(self, cents: float) -> int:
        """In whole units of the currency, half a unit away from zero."""
        units = abs(cents) / self._unit
        return int(units + 0.5) * self._unit * (1 if cents >= 0 else -1)

    def taxes_of(self, base: int, rates: list[tuple[str, float]], included: bool) -> list[int]:
        """Each tax of an amount: added to it, or part of it."""
        total = sum(rate for _title, rate in rates)
        return [self.whole(base * rate / (1 + total) if included else base * rate) for _title, rate in rates]

    def share(self, amount: int, weights: list[int]) -> list[int]:
        """`amount` by weights, in whole units that add up to it."""
        total = sum(weights)
        if not total:
            return [0] * len(weights)
        parts = [amount * weight // total // self._unit * self._unit for weight in weights]
        for place in range((amount - sum(parts)) // self._unit):
            parts[place % len(parts)] += self._unit
        return parts
