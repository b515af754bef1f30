"""Shifts of the tills' cash drawers: one a location and day on which cash moved, counted in the evening. Nothing is
stored: they follow from what was taken, with a float of 100.00, some change that is fetched and some that is spent."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from .answers import Rejected, limit_of, listed, not_found, page, required
from .catalogue import stamp
from .shop import Row, Shop

_OPENS, _ENDS, _COUNTED = timedelta(hours=0), timedelta(hours=23), timedelta(hours=23, minutes=30)
_FLOAT, _FETCHED, _SPENT, _SHORT = 10_000, 2_000, 1_500, 35
_OF_SUMMARY = (
    "id state opened_at ended_at closed_at description opened_cash_money expected_cash_money closed_cash_money "
    "created_at updated_at location_id"
).split()


def shifts(shop: Shop, params: Row) -> Row:
    """By when they were opened, the end of the span left out."""
    required(params, "location_id")
    begin, end = params.get("begin_time", ""), params.get("end_time") or "9"
    found = [row for row in _all(shop, params["location_id"]).values() if begin <= row["opened_at"] < end]
    rows, cursor = page(
        found, params, limit_of(params, 200, 1000), lambda row: (row["opened_at"], row["id"]),
        descending=params.get("sort_order", "ASC") == "DESC",
    )  # fmt: skip
    return listed(
        "cash_drawer_shifts", [{key: row[key] for key in _OF_SUMMARY if key in row} for row in rows], cursor
    )


def shift(shop: Shop, params: Row, key: str) -> Row:
    required(params, "location_id")
    found = _all(shop, params["location_id"]).get(key)
    if found is None:
        raise not_found(f"shift {key}")
    return {"cash_drawer_shift": found}


def _all(shop: Shop, place: str) -> dict[str, Row]:
    if place not in shop.locations:
        raise Rejected(400, "INVALID_VALUE", "There is no such location.", field="location_id")
    taken: dict[str, int] = defaultdict(int)
    given: dict[str, int] = defaultdict(int)
    cash = {key for key, row in shop.payments.items() if row["source_type"] == "CASH" and row["status"] == "COMPLETED"}
    for row in shop.payments.values():
        if row["id"] in cash and row["location_id"] == place:
            taken[row["created_at"][:10]] += row["total_money"]["amount"]
    for row in shop.refunds.values():
        if row["payment_id"] in cash and row["status"] == "COMPLETED" and row["location_id"] == place:
            given[row["created_at"][:10]] += row["amount_money"]["amount"]
    rows = (_row(shop, place, day, taken[day], given[day]) for day in sorted({*taken, *given}))
    return {row["id"]: row for row in rows}


def _row(shop: Shop, place: str, day: str, taken: int, given: int) -> Row:
    midnight, now = datetime.fromisoformat(f"{day}T00:00:00+00:00"), shop.now()
    currency = shop.locations[place]["currency"]
    fetched, spent = _FETCHED * (day[-1] in "147"), _SPENT * (day[-1] in "258")
    expected = _FLOAT + taken - given + fetched - spent

    def money(amount: int) -> Row:
        return {"amount": amount, "currency": currency}

    row = {
        "id": f"shift-{place}-{day}", "state": "OPEN", "location_id": place, "description": "Till 1",
        "opened_at": stamp(midnight + _OPENS), "created_at": stamp(midnight + _OPENS),
        "updated_at": stamp(midnight + _OPENS), "opening_team_member_id": "TEAM1", "team_member_ids": ["TEAM1"],
        "opened_cash_money": money(_FLOAT), "cash_payment_money": money(taken), "cash_refunds_money": money(given),
        "cash_paid_in_money": money(fetched), "cash_paid_out_money": money(spent),
        "expected_cash_money": money(expected), "device": {"id": "DEVICE1", "name": "Counter"},
    }  # fmt: skip
    if now >= midnight + _ENDS:
        ended = stamp(midnight + _ENDS)
        row |= {"state": "ENDED", "ended_at": ended, "updated_at": ended, "ending_team_member_id": "TEAM1"}
    if now >= midnight + _COUNTED:
        closed, short = stamp(midnight + _COUNTED), _SHORT * (day[-1] in "369")
        row |= {"state": "CLOSED", "closed_at": closed, "updated_at": closed, "closing_team_member_id": "TEAM2",
                "closed_cash_money": money(expected - short)}  # fmt: skip
    return row
