"""Amounts in minor units (cents, yen, fils) as Decimal and back, and an amount shared out to the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from .door import number, shorten

# ISO 4217: currencies with another number of decimals than two.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def decimals(currency: str) -> int:
    return _DECIMALS.get(currency, 2)


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 USD, 1 JPY."""
    return Decimal(1).scaleb(-decimals(currency))


def from_minor(amount: int, currency: str) -> Decimal:
    """`(1999, "USD")` is 19.99, `(1999, "JPY")` is 1999. Raises ValueError for what is no whole number."""
    if isinstance(amount, (str, bool)):
        raise ValueError(f"{shorten(repr(amount), 40)} is no amount in minor units")
    exact = number(amount)
    if exact != exact.to_integral_value():
        raise ValueError(f"{exact} is no amount in minor units")
    return Decimal(int(exact)).scaleb(-decimals(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units, half of one rounded away from zero."""
    return int(amount.scaleb(decimals(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def shares(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`amount` shared out by `weights` in whole minor units; the shares add up to it. Without weights the first takes
    all."""
    unit = minor_unit(currency)
    total = sum(weights, Decimal(0))
    if not total:
        return [amount, *[Decimal(0)] * (len(weights) - 1)]
    found, given, passed = [], Decimal(0), Decimal(0)
    for weight in weights:
        passed += weight
        upto = amount if passed == total else (amount * passed / total).quantize(unit, rounding=ROUND_HALF_UP)
        found.append(upto - given)
        given = upto
    return found
