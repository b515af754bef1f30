"""How a business day is written whose entries were worked out by hand, for every way of posting.

What is sold is written with the short forms of `sales_common`; teas are 10.00, coffees 4.00. The taxes are "out" (10 %)
and "city" (2.5 %) on top of the price, and "in" (25 %) within it. A tax is rounded once an order.

An entry is written as one line: account, amount (a debit is positive), behind @ the rates of the taxes that it is the
base of, behind = the amount in dollars where it is another one. `summary` and `invoice` hold by date the entries that
each way of posting makes; orders alone make none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..connectors import records as rec
from .sales_common import tax_of

OUT, CITY, IN = tax_of("out", 10), tax_of("city", "2.5"), tax_of("in", 25, True)


@dataclass(frozen=True)
class GoldenDay:
    """`orders` are sold and posted; then what came `later`, and `refunds` given back, with what they change."""

    name: str
    orders: tuple[rec.Order, ...]
    summary: Mapping[str, tuple[str, ...]]
    invoice: Mapping[str, tuple[str, ...]]
    later: tuple[rec.Order, ...] = ()
    refunds: tuple[rec.Refund, ...] = ()
