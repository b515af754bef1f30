"""How a price point text is read. It is the least known part of the database, so little is taken for a price.

Nothing published says how BioTrack encodes these texts. What is read here:

    12.50            an amount with decimals: the price of one unit at every level
    1,12.00:3.5,38:  pairs "quantity,price", in the way that `inventory.roomdata` is known to be written
    0/1,12.00:2/1,10.80:   the same with a member level's id before the quantity; 0 is no member

UNVERIFIED: that lone amounts are prices of one unit, that tiers are written as pairs, that levels stand before a slash.
A lone whole number ("12") may as well be the id of a price table, so it is no price here. Whatever does not read as
one of these gives no price at all, and the next source is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

NON_MEMBER = 0
_AMOUNT = re.compile(r"\$?(\d{1,15}\.\d{1,4})")
_PAIR = re.compile(r"(?:(\d{1,9})/)?(\d{1,15}(?:\.\d{1,15})?),\$?(\d{1,15}(?:\.\d{1,4})?)")


@dataclass(frozen=True, slots=True)
class PricePoint:
    """Prices by level and quantity."""

    levels: Mapping[int, Mapping[Decimal, Decimal]]

    def states(self, level: int) -> bool:
        """Whether it says what this level pays, rather than what everybody does."""
        return level != NON_MEMBER and level in self.levels

    def unit_price(self, level: int) -> Decimal | None:
        """What one unit costs: at quantity 1, else at the smallest quantity."""
        tiers = self.levels.get(level) or self.levels.get(NON_MEMBER)
        if not tiers:
            return None
        quantity = Decimal(1) if Decimal(1) in tiers else min(tiers)
        return tiers[quantity] / quantity


def read_price_point(text: str | None) -> PricePoint | None:
    """None for an empty text and for one that can't be read for certain."""
    text = (text or "").strip()
    lone = _AMOUNT.fullmatch(text)
    if lone:
        return _priced({NON_MEMBER: {Decimal(1): Decimal(lone.group(1))}})
    pairs = [_PAIR.fullmatch(part.strip()) for part in text.rstrip(":").split(":")]
    levels: dict[int, dict[Decimal, Decimal]] = {}
    for pair in pairs:
        if pair is None or not Decimal(pair.group(2)):
            return None
        tiers = levels.setdefault(int(pair.group(1) or NON_MEMBER), {})
        tiers[Decimal(pair.group(2))] = Decimal(pair.group(3))
    return _priced(levels)


def _priced(levels: dict[int, dict[Decimal, Decimal]]) -> PricePoint | None:
    """None where it says 0 somewhere: no shop gives its goods away by price point."""
    return PricePoint(levels) if all(price > 0 for tiers in levels.values() for price in tiers.values()) else None
