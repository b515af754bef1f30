"""What an account has sold and taken, by its own rows."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from .shop import Row, Shop


def sold(shop: Shop) -> dict[str, tuple[str, Decimal]]:
    """Currency and amount of each order, by its id; what comes back later is an order of its own and counts not."""
    return {key: _of(row["net_amounts"]["total_money"]) for key, row in shop.orders.items() if row["line_items"]}


def taken(shop: Shop) -> dict[str, Decimal]:
    """Money that was taken, with tips, less what was given back, by currency."""
    found: Counter[str] = Counter()
    for sign, rows, name in ((1, shop.payments, "total_money"), (-1, shop.refunds, "amount_money")):
        for row in rows.values():
            if row["status"] == "COMPLETED":
                found[row[name]["currency"]] += sign * row[name]["amount"]
    return {currency: _of({"amount": cents, "currency": currency})[1] for currency, cents in found.items()}


def _of(money: Row) -> tuple[str, Decimal]:
    return money["currency"], Decimal(money["amount"]).scaleb(0 if money["currency"] == "JPY" else -2)
