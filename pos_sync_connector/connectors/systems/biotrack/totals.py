"""What the database itself counts on business days: sums by location, made by it.

Sold is what is completed. Refunds count when they were given. Days are found by keys first: time has no index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...windows import Days
from .ranges import SLACK, first_key
from .schema import Schema
from .session import Session
from .setup import method_id
from .tickets import SERIAL, TABLE
from .values import ZERO, amount, epoch

# So many days are asked for at a time, each time in a short transaction.
_AT_A_TIME = 31
# The rows that count, of tickets of a range of serials, each with the number of its day: 1 is the first.
_TICKETS = """
    WITH counted AS (
        SELECT DISTINCT ON (t.location, t.id) t.location, t.id, t.datetime, t.totalprice, t.price, t.tax,
               {void} AS void, COALESCE({preorder}, 0) <> 0 OR COALESCE({pif}, 1) = 0 AS open,
               COALESCE({other}, '') <> '' AND {other} <> t.id AND t.totalprice < 0 AS refunds
          FROM tickets t
         WHERE t.ticketserial >= %(low)s AND t.ticketserial < %(high)s
         ORDER BY t.location, t.id, t.datetime DESC NULLS LAST, t.ticketserial DESC
    ), wanted AS (
        SELECT counted.*, day.number AS day FROM counted
          JOIN unnest(%(starts)s::bigint[], %(ends)s::bigint[], %(numbers)s::int[]) AS day(starts, ends, number)
               ON counted.datetime >= day.starts AND counted.datetime < day.ends
         WHERE NOT void AND NOT open
    )
"""
# The number of a day and a location.
_Place = tuple[int, str]


class TotalsReader:
    def __init__(self, session: Session, schema: Schema, currency: str) -> None:
        self._session, self._schema, self._currency = session, schema, currency

    def read(self, days: Days) -> Iterator[rec.ControlTotals]:
        self._schema.require(TABLE, SERIAL, "id", "location", "datetime", "totalprice", "price", "tax")
        for part in days.parts(_AT_A_TIME):
            found = [total for zone in part.all_zones() for total in self._in_zone(part, zone)]
            yield from sorted(found, key=lambda total: (total.day, total.location_id))

    def _in_zone(self, days: Days, zone: str) -> Iterator[rec.ControlTotals]:
        """The days as they are in a time zone, of the locations that are there."""
        starts = days.starts(zone)
        with self._session.snapshot():
            values = {
                "low": first_key(self._session, TABLE, SERIAL, starts[0] - SLACK),
                "high": first_key(self._session, TABLE, SERIAL, starts[-1] + SLACK),
                "starts": [epoch(moment) for moment in starts[:-1]],
                "ends": [epoch(moment) for moment in starts[1:]],
                "numbers": list(range(1, len(starts))),
            }
            sums = self._session.rows(
                sql.SQL("{} {}").format(
                    self._counted(),
                    sql.SQL(
                        """
                        SELECT day, location, count(*) FILTER (WHERE NOT refunds) AS number,
                               sum(totalprice) FILTER (WHERE NOT refunds) AS gross,
                               sum(price) FILTER (WHERE NOT refunds) AS net,
                               sum(tax) FILTER (WHERE NOT refunds) AS tax,
                               -sum(totalprice) FILTER (WHERE refunds) AS refunded
                          FROM wanted GROUP BY day, location
                        """
                    ),
                ),
                values,
            )
            paid = self._payments(starts[0], starts[-1], values)
        for row in sums:
            place = str(row["location"])
            if days.zone_of(place) == zone:
                yield rec.ControlTotals(
                    day=days.first + timedelta(days=row["day"] - 1),
                    currency=self._currency,
                    location_id=place,
                    count=row["number"],
                    gross=amount(row["gross"]),
                    net=amount(row["net"]),
                    tax=amount(row["tax"]),
                    refunds=amount(row["refunded"]),
                    payments=tuple(sorted(paid.get((row["day"], place), {}).items())),
                )

    def _counted(self) -> sql.Composed:
        return sql.SQL(_TICKETS).format(
            void=sql.SQL("NOT ({})").format(self._schema.is_zero(TABLE, "deleted")),
            preorder=self._schema.value(TABLE, "preorder"),
            pif=self._schema.value(TABLE, "pif"),
            other=self._schema.value(TABLE, "refticketid"),
        )

    def _payments(
        self, starts_at: datetime, ends_at: datetime, values: dict[str, Any]
    ) -> dict[_Place, dict[str, Decimal]]:
        """What each method took, less what it gave back, on the day of the ticket."""
        found: dict[_Place, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        if not self._schema.has("payments", "id", "datetime", "ticketid", "location", "paymentmethod", "amount"):
            return {}
        span = {
            "first": first_key(self._session, "payments", "id", starts_at - SLACK),
            "last": first_key(self._session, "payments", "id", ends_at + SLACK),
        }
        rows = self._session.rows(
            sql.SQL(
                """
                {counted}
                SELECT wanted.day, t.location, t.paymentmethod, sum(t.amount) AS taken
                  FROM payments t JOIN wanted ON wanted.location = t.location AND wanted.id = t.ticketid
                 WHERE {live} AND t.id >= %(first)s AND t.id < %(last)s
                 GROUP BY 1, 2, 3
                """
            ).format(counted=self._counted(), live=self._schema.is_zero("payments", "deleted")),
            {**values, **span},
        )
        for row in rows:
            found[row["day"], str(row["location"])][method_id(row["paymentmethod"] or "")] += amount(row["taken"])
        return found
