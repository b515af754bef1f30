"""Square's cash drawer shifts as `CashCount` records, location by location, in the order in which they were opened. One
that is still open is none yet. A list of shifts holds no movements: each shift is asked for by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ...cash_counts import CashCount
from ...errors import NeedsFixing
from ...moments import read_moment, write_moment
from ...pagers import body_cursor
from ...pages import parse_each
from ...passes import Part
from .adding_up import check_sum
from .api import Api, at, rows
from .values import Row, money, pass_end, stated, text

_OPEN = "OPEN"
_PATH = "v2/cash-drawers/shifts"
_FORBIDDEN = (
    "Square does not show cash drawers to this connection. Press Connect on it again, and allow them; or switch cash "
    "counts off."
)


class CashDrawerReader:
    """Reads for one connection."""

    def __init__(self, api: Api):
        self._api = api

    def parts(self, places: Iterable[str], since: datetime | None, limit: int) -> list[Part]:
        return [self._part(place, since, limit) for place in places]

    def _part(self, place: str, since: datetime | None, limit: int) -> Part:
        def fetch(position: str, started: datetime) -> Row:
            asked = {"location_id": place, "end_time": pass_end(started), "sort_order": "ASC", "limit": limit}
            if since:
                asked["begin_time"] = write_moment(since)
            return self._ask(_PATH, "cash_drawer_shifts", at(position, asked))

        def read(answer: Row) -> dict[str, Any]:
            return self.page(answer, place)

        return Part(name=place, fetch=fetch, following=body_cursor("cursor"), read=read)

    def page(self, answer: Row, place: str) -> dict[str, Any]:
        over = [row for row in rows(answer, "cash_drawer_shifts") if row.get("state") != _OPEN]
        records, malformed = parse_each(over, lambda row: cash_count(self._whole(row, place)), lambda row: row["id"])
        return {"records": records, "malformed": malformed}

    def _whole(self, row: Row, place: str) -> Row:
        return self._ask(f"{_PATH}/{row['id']}", "cash_drawer_shift", {"location_id": place})["cash_drawer_shift"]

    def _ask(self, path: str, key: str, params: dict[str, Any]) -> dict[str, Any]:
        return self._api.get_if_allowed(path, key, params, NeedsFixing(_FORBIDDEN, code="cash-drawers-forbidden"))


def cash_count(row: Row) -> CashCount:
    """Raises what a malformed payload makes it, and NeedsFixing where its movements do not come to what is expected."""
    opening, expected = money(row["opened_cash_money"]), money(row["expected_cash_money"])
    moved = {
        "cash_sales": money(row.get("cash_payment_money")),
        "cash_refunds": abs(money(row.get("cash_refunds_money"))),
        "paid_in": money(row.get("cash_paid_in_money")),
        "paid_out": abs(money(row.get("cash_paid_out_money"))),
    }
    currency = text(row["opened_cash_money"]["currency"])
    found = opening + moved["cash_sales"] - moved["cash_refunds"] + moved["paid_in"] - moved["paid_out"]
    check_sum(f"cash drawer shift {row['id']}", expected, found, currency)
    return CashCount(
        external_id=row["id"],
        name=text(row.get("description") or (row.get("device") or {}).get("name")),
        location_id=text(row.get("location_id")),
        staff=text(row.get("closing_team_member_id") or row.get("ending_team_member_id")),
        currency=currency,
        opened_at=read_moment(row["opened_at"]),  # type: ignore[arg-type]
        ended_at=read_moment(row.get("ended_at")),
        closed_at=read_moment(row.get("closed_at")),
        opening=opening,
        expected=expected,
        counted=stated(row.get("closed_cash_money")) if row.get("closed_at") else None,
        updated_at=read_moment(row.get("updated_at")),
        raw=row,
        **moved,
    )
