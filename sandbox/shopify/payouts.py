"""What Shopify Payments pays out: the cards of a day, with what was given back on them, the noon after it; the bank has
it two days later. Nothing is stored: it follows from the transactions of the orders."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from .money import Purse
from .parts import cents_of
from .shop import Shop
from .values import Row, cents, decimal, gid, moment, stamp

ACCOUNT = "ShopifyPaymentsAccount"
_NOON = timedelta(days=1, hours=12)
_ARRIVES = timedelta(days=2)
# 2.9 % and 30 cents of each card; they stay when it is given back.
_RATE, _EACH = 0.029, 30
# The number of a day's payout: days since.
_FIRST = date(2020, 1, 1)
# Of a payout that has a chargeback's fee in it.
_CHARGEBACK = 1500


def account(shop: Shop) -> Row:
    return {"__typename": ACCOUNT, "id": gid(ACCOUNT, 1), "activated": True, "country": "US", "balance": [],
            "defaultCurrency": shop.row["currencyCode"], "onboardable": False}  # fmt: skip


def payouts(shop: Shop) -> list[Row]:
    return [_payout(shop, day, rows) for day, rows in _days(shop).items()]


def transactions(shop: Shop) -> list[Row]:
    return [row for rows in _days(shop).values() for row in rows]


LISTS = {"payouts": payouts, "balanceTransactions": transactions}


def _days(shop: Shop) -> dict[str, list[Row]]:
    """Balance transactions by day, of the payouts that were made by now."""
    found: dict[str, list[Row]] = defaultdict(list)
    for order in shop.orders.values():
        for row in order["transactions"]:
            kind = {"SALE": "CHARGE", "CAPTURE": "CHARGE", "REFUND": "REFUND"}.get(row["kind"])
            if kind and row["gateway"] == "shopify_payments" and row["status"] == "SUCCESS":
                found[row["processedAt"][:10]].append(_transaction(order, row, kind))
    made = {day: rows for day, rows in found.items() if _issued(day) <= shop.stamp()}
    for day, rows in made.items():
        if day.endswith("5"):
            first = {**rows[0], "id": f"{rows[0]['id']}9", "type": "CHARGEBACK_FEE", "sourceOrderTransactionId": None,
                     "associatedOrder": None}  # fmt: skip
            rows.append(first | _amounts(rows[0]["net"]["currencyCode"], -_CHARGEBACK, 0))
    return made


def _transaction(order: Row, row: Row, kind: str) -> Row:
    amount = cents_of(row["amountSet"]) * (1 if kind == "CHARGE" else -1)
    fee = Purse(order["currencyCode"]).whole(amount * _RATE + _EACH) if kind == "CHARGE" else 0
    key = row["id"].rpartition("/")[2]
    day = row["processedAt"][:10]
    return {
        "__typename": "ShopifyPaymentsBalanceTransaction", "id": gid("ShopifyPaymentsBalanceTransaction", key),
        "type": kind, "sourceType": kind, "test": order["test"], "transactionDate": row["processedAt"],
        "sourceId": key, "sourceOrderTransactionId": key, "adjustmentsOrders": [],
        "associatedOrder": {"id": order["id"], "name": order["name"]},
        "associatedPayout": {"id": _gid(day), "status": "PAID"}, **_amounts(order["currencyCode"], amount, fee),
    }  # fmt: skip


def _amounts(currency: str, amount: int, fee: int) -> Row:
    found = {"amount": amount, "fee": fee, "net": amount - fee}
    return {name: {"amount": decimal(value), "currencyCode": currency} for name, value in found.items()}


def _payout(shop: Shop, day: str, rows: list[Row]) -> Row:
    net = sum(cents(row["net"]["amount"]) for row in rows)
    issued = _issued(day)
    paid = stamp(moment(issued) + _ARRIVES) <= shop.stamp()
    return {
        "__typename": "ShopifyPaymentsPayout", "id": _gid(day), "legacyResourceId": _number(day), "issuedAt": issued,
        "status": "PAID" if paid else "IN_TRANSIT", "transactionType": "DEPOSIT" if net >= 0 else "WITHDRAWAL",
        "externalTraceId": f"TRACE{_number(day)}",
        "net": {"amount": decimal(abs(net)), "currencyCode": shop.row["currencyCode"]},
    }  # fmt: skip


def _number(day: str) -> int:
    return (date.fromisoformat(day) - _FIRST).days


def _gid(day: str) -> str:
    return gid("ShopifyPaymentsPayout", _number(day))


def _issued(day: str) -> str:
    return stamp(moment(f"{day}T00:00:00Z") + _NOON)
