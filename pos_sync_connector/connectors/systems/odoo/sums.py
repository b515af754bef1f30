"""Sums that an Odoo makes itself, by business day: `formatted_read_group` from 19 on, `read_group` before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...windows import Days
from .rpc import Rpc
from .values import decimal, moment

_Group = dict[str, Any]


class Sums:
    """Groups what lies within `days` of one time zone, which only `formatted_read_group` tells apart: before 19 no path
    to the day of a line's order can be grouped by, so there `days` is a single one."""

    def __init__(self, rpc: Rpc, formatted: bool, days: Days):
        self._rpc = rpc
        self._formatted = formatted
        self.days = days
        self.window = days.window()

    def by(
        self, model: str, domain: list[Any], groupby: list[str], amounts: Iterable[str] = (), *, day: str = ""
    ) -> list[_Group]:
        """A row a group: ids of what it is grouped by, sums as Decimal, `count`; with `day`, the path to a date or
        moment, the `day` that it is on."""
        names = list(amounts)
        if self._formatted:
            by_day = [f"{day}:day"] if day else []
            found = self._rpc.call(
                model,
                "formatted_read_group",
                context={"tz": self.days.zone},
                domain=domain,
                groupby=[*by_day, *groupby],
                aggregates=["__count", *(f"{name}:sum" for name in names)],
                gives=list,
            )
        else:
            by_day = []
            wanted = [*groupby, *(f"{name}:sum" for name in names)]
            found = self._rpc.call(
                model, "read_group", domain=domain, fields=wanted, groupby=groupby, lazy=False, gives=list
            )
        return [
            {
                "count": int(row["__count"]),
                "day": self._day(row[by_day[0]][0]) if by_day else self.days.first,
                **{name: row[name][0] if row[name] else 0 for name in groupby},
                **{name: decimal(row[f"{name}:sum" if self._formatted else name]) for name in names},
            }
            for row in found
            if row["__count"]
        ]

    def _day(self, starts: str) -> Any:
        """The day that begins at a moment, or that a date belongs to, which is taken as midnight UTC."""
        return self.days.day_of(moment(starts), "")  # type: ignore[arg-type]
