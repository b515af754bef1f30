"""What one order of a till does for several others, told apart: its lines, and which of its money is for which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ... import records as rec
from .values import decimal


def split(payload: dict[str, Any], origin_of: Callable[[dict[str, Any]], str], sign: int = 1) -> list[dict[str, Any]]:
    """The payload once for each order that its lines are for; `origin_of` gives that order's id, "" for none.

    `sign` -1 where lines take back. `whole`: all lines are for one order; `before`, `amount`: which money is for it.
    """
    by_order = defaultdict(list)
    for line in payload["lines"]:
        by_order[origin_of(line)].append(line)
    parts, before = [], Decimal(0)
    for origin, lines in by_order.items():
        amount = sign * sum((decimal(line["price_subtotal_incl"]) for line in lines), Decimal(0))
        own = {"lines": lines, "origin": origin, "whole": len(by_order) == 1, "before": before, "amount": amount}
        parts.append({**payload, **own})
        before += amount
    return [part for part in parts if part["origin"]]


def share(payments: tuple[rec.Payment, ...], part: dict[str, Any]) -> tuple[rec.Payment, ...]:
    """Of money that was for several orders, what falls to one: the first order has the first of it."""
    if part["whole"]:
        return payments
    start, end = part["before"], part["before"] + part["amount"]
    shares, passed = [], Decimal(0)
    for payment in payments:
        amount = min(end, passed + payment.amount) - max(start, passed)
        passed += payment.amount
        if amount > 0:
            shares.append(replace(payment, external_id=f"{payment.external_id}/{part['origin']}", amount=amount))
    return tuple(shares)
