"""What Square pays out: of each location the cards of a day, with what was given back on them, at 3 in the morning
after it; the bank has it a day later. Nothing is stored: it follows from what was taken."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from .answers import limit_of, listed, not_found, page
from .catalogue import stamp
from .reading import first_of
from .shop import Row, Shop

_NIGHT = timedelta(days=1, hours=3)
_ARRIVES = timedelta(days=1)
# 2.6 % and 10 cents of each card; Square keeps them when it is given back. An instant payout costs extra.
_RATE, _EACH, _INSTANT = 0.026, 10, 150


def payouts(shop: Shop, params: Row) -> Row:
    place = params.get("location_id") or shop.merchant["main_location_id"]
    begin, end = first_of(shop, params, "begin_time"), params.get("end_time") or "9"
    found = [
        row
        for row in (_row(shop, key, entries) for key, entries in _all(shop).items())
        if row["location_id"] == place
        and begin <= row["created_at"] <= end
        and params.get("status") in (None, row["status"])
    ]
    rows, cursor = page(
        found, params, limit_of(params, 100, 100), lambda row: (row["created_at"], row["id"]),
        descending=params.get("sort_order", "DESC") == "DESC",
    )  # fmt: skip
    return listed("payouts", rows, cursor)


def entries(shop: Shop, params: Row, key: str) -> Row:
    found = next((rows for own, rows in _all(shop).items() if _id(own) == key), None)
    if found is None:
        raise not_found(f"payout {key}")
    rows, cursor = page(
        found, params, limit_of(params, 100, 100), lambda row: (row["effective_at"], row["id"]),
        descending=params.get("sort_order", "DESC") == "DESC",
    )  # fmt: skip
    return listed("payout_entries", rows, cursor)


_Key = tuple[str, str]


def _all(shop: Shop) -> dict[_Key, list[Row]]:
    """Entries by location and day, of the payouts that were made by now."""
    found: dict[_Key, list[Row]] = defaultdict(list)
    cards = {key for key, row in shop.payments.items() if row["source_type"] == "CARD"}
    for row in shop.payments.values():
        if row["id"] in cards and row["status"] == "COMPLETED" and row["total_money"]["amount"]:
            amount = row["total_money"]["amount"]
            fee = round(amount * _RATE) + _EACH
            found[_key(row)].append(_entry(row, "CHARGE", amount, fee, payment_id=row["id"]))
    for row in shop.refunds.values():
        if row["payment_id"] in cards and row["status"] == "COMPLETED":
            amount = -row["amount_money"]["amount"]
            found[_key(row)].append(
                _entry(row, "REFUND", amount, 0, payment_id=row["payment_id"], refund_id=row["id"])
            )  # fmt: skip
    now = shop.stamp()
    made = {key: rows for key, rows in found.items() if _made(key) <= now and _net(rows)}
    for key, rows in made.items():
        if key[1].endswith("5"):
            rows.append(_entry(rows[0], "DEPOSIT_FEE", -_INSTANT, 0, payout_id=_id(key)))
    for key, rows in made.items():
        for row in rows:
            row["payout_id"] = _id(key)
    return made


def _entry(row: Row, kind: str, amount: int, fee: int, **details: str) -> Row:
    money = row.get("amount_money") or row["gross_amount_money"]
    currency = money["currency"]
    return {
        "id": f"poe_{kind}_{row['id']}",
        "effective_at": row.get("created_at") or row["effective_at"],
        "type": kind,
        "gross_amount_money": {"amount": amount, "currency": currency},
        "fee_amount_money": {"amount": fee, "currency": currency},
        "net_amount_money": {"amount": amount - fee, "currency": currency},
        f"type_{kind.lower()}_details": details,
    }


def _row(shop: Shop, key: _Key, rows: list[Row]) -> Row:
    made = _made(key)
    arrives = stamp(_moment(made) + _ARRIVES)
    paid = arrives <= shop.stamp()
    return {
        "id": _id(key),
        "status": "PAID" if paid else "SENT",
        "location_id": key[0],
        "created_at": made,
        "updated_at": arrives if paid else made,
        "amount_money": {"amount": _net(rows), "currency": rows[0]["gross_amount_money"]["currency"]},
        "destination": {"type": "BANK_ACCOUNT", "id": "bact:sandbox"},
        "version": 2 if paid else 1,
        "type": "BATCH",
        "arrival_date": arrives[:10],
        "end_to_end_id": f"L{key[0][-1]}{key[1].replace('-', '')}",
    }


def _key(row: Row) -> _Key:
    return row["location_id"], row["created_at"][:10]


def _id(key: _Key) -> str:
    return f"po_{key[0]}_{key[1]}"


def _made(key: _Key) -> str:
    return stamp(_moment(f"{key[1]}T00:00:00Z") + _NIGHT)


def _net(rows: list[Row]) -> int:
    return sum(row["net_amount_money"]["amount"] for row in rows)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
