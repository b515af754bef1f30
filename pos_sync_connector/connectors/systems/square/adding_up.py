"""An order or a refund is read only if its parts come to its total: money that stands in a field that is not known here
is neither lost nor booked as something else."""

from __future__ import annotations

from decimal import Decimal

from ...errors import NeedsFixing


def check_sum(what: str, total: Decimal, parts: Decimal, currency: str) -> None:
    """Raises NeedsFixing where the `parts` do not come to the stated `total`."""
    if parts != total:
        raise NeedsFixing(
            f"Square states a total of {total} {currency} for {what}, and its lines and charges come to {parts}. "
            "Compare it with the receipt in Square: a part of it is not known to this connector. Correct it there and "
            "retry, or enter it here by hand and drop this message.",
            code="parts-differ",
            details=f"{total} stated, {parts} in parts",
            trace=f"parts-differ:{what}",
        )
