"""What a shop has sold and taken, by its own rows."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from .parts import cents_of
from .selling import tenders
from .shop import Shop
from .values import Row


def sold(shop: Shop) -> dict[str, tuple[str, Decimal]]:
    """Currency and amount of each order, by its id; what comes back later counts as sold. A till takes the tip beside
    the total; an edit takes goods out of it, whose price stands on a refund without money."""
    found = {}
    for row in shop.orders.values():
        cents = cents_of(row["totalPriceSet"])
        cents += cents_of(row["totalTipReceivedSet"]) if row["retailLocation"] else 0
        edits = (back for back in row["refunds"] if not row["cancelledAt"] and _is_edit(row, back))
        cents -= sum(_worth(row, back) for back in edits)
        found[row["legacyResourceId"]] = row["currencyCode"], Decimal(cents) / 100
    return found


def taken(shop: Shop) -> dict[str, Decimal]:
    """Money that was taken, with tips, less what was given back, by currency."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in tenders(shop):
        found[row["amount"]["currencyCode"]] += Decimal(row["amount"]["amount"])
    return dict(found)


def _is_edit(order: Row, back: Row) -> bool:
    exchanged = order["returnStatus"] != "NO_RETURN" and not any(
        item["restockType"] == "CANCEL" for item in back["refundLineItems"]
    )
    return not (back["return"] or back["transactions"] or exchanged)


def _worth(order: Row, back: Row) -> int:
    rows = back["refundLineItems"]
    taxes = 0 if order["taxesIncluded"] else sum(cents_of(item["totalTaxSet"]) for item in rows)
    return sum(cents_of(item["subtotalSet"]) for item in rows) + taxes
