"""What every system asks of a refund before it gives anything back: that all of it can be."""

from __future__ import annotations

from decimal import Decimal

from . import records as rec
from .errors import NeedsFixing
from .money import minor_unit


def check_left(system: str, refund: rec.Refund, *, due: Decimal, left: Decimal | None, currency: str) -> None:
    """Raises NeedsFixing where `due`, what is still to be given back of the refund, is more than what is `left` of the
    order's payments in `currency`; None: it has none."""
    if currency != refund.currency:
        raise NeedsFixing(
            f"The refund is in {refund.currency}, the order was paid in {currency} in {system}. Refund it there.",
            code="wrong-currency",
        )
    if left is None:
        raise NeedsFixing(
            f"The order is not paid in {system}: there is nothing to give back. Once it is paid there, retry.",
            code="not-paid",
        )
    if due > left:
        unit = minor_unit(currency)
        due, left = due.quantize(unit), left.quantize(unit)
        raise NeedsFixing(
            f"The refund comes to {due} {currency}, and {left} are left of what was paid for the order in {system}. "
            "Compare its refunds there with the credit notes here, then retry, or drop this message.",
            code="over-refund",
            details=f"{due} to give back, {left} left",
        )


def goods_text(refund: rec.Refund) -> str:
    """Why, and which goods, for people to read."""
    goods = ", ".join(f"{line.quantity.normalize():f} x {line.name}" for line in refund.lines if line.quantity)
    return ": ".join(filter(None, (refund.reason, goods)))
