"""What the database itself counts in a window of time: sums by location, made by it.

Sold is what is completed. Refunds count when they were given. A window is found by keys first: time has no index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from psycopg2 import sql

from .. import records as rec
from ..connector import Window
from .ranges import SLACK, first_key
from .schema import Schema
from .session import Session
from .setup import method_id
from .tickets import SERIAL, TABLE
from .values import ZERO, amount, epoch

# The rows that count, of tickets of a range of serials.
_TICKETS = """
    WITH counted AS (
        SELECT DISTINCT ON (t.location, t.id) t.location, t.id, t.datetime, t.totalprice, t.price, t.tax,
               {void} AS void, COALESCE({preorder}, 0) <> 0 OR COALESCE({pif}, 1) = 0 AS open,
               COALESCE({other}, '') <> '' AND {other} <> t.id AND t.totalprice < 0 AS refunds
          FROM tickets t
         WHERE t.ticketserial >= %(low)s AND t.ticketserial < %(high)s
         ORDER BY t.location, t.id, t.datetime DESC NULLS LAST, t.ticketserial DESC
    ), wanted AS (
        SELECT * FROM counted WHERE NOT void AND datetime >= %(from)s AND datetime < %(to)s
    )
"""


class TotalsReader:
    def __init__(self, session: Session, schema: Schema, currency: str) -> None:
        self._session, self._schema, self._currency = session, schema, currency

    def read(self, window: Window) -> Iterator[rec.ControlTotals]:
        self._schema.require(TABLE, SERIAL, "id", "location", "datetime", "totalprice", "price", "tax")
        with self._session.snapshot():
            values = {
                "low": first_key(self._session, TABLE, SERIAL, window.starts_at - SLACK),
                "high": first_key(self._session, TABLE, SERIAL, window.ends_at + SLACK),
                "from": epoch(window.starts_at),
                "to": epoch(window.ends_at),
            }
            sums = self._session.rows(
                sql.SQL("{} {}").format(
                    self._counted(),
                    sql.SQL(
                        """
                        SELECT location, count(*) FILTER (WHERE NOT refunds) AS number,
                               sum(totalprice) FILTER (WHERE NOT refunds) AS gross,
                               sum(price) FILTER (WHERE NOT refunds) AS net,
                               sum(tax) FILTER (WHERE NOT refunds) AS tax,
                               -sum(totalprice) FILTER (WHERE refunds) AS refunded
                          FROM wanted WHERE NOT open GROUP BY location ORDER BY location
                        """
                    ),
                ),
                values,
            )
            paid = self._payments(window, values)
        for row in sums:
            place = str(row["location"])
            if window.location_id in ("", place):
                yield rec.ControlTotals(
                    currency=self._currency,
                    location_id=place,
                    starts_at=window.starts_at,
                    ends_at=window.ends_at,
                    count=row["number"],
                    gross=amount(row["gross"]),
                    net=amount(row["net"]),
                    tax=amount(row["tax"]),
                    refunds=amount(row["refunded"]),
                    payments=tuple(sorted(paid.get(place, {}).items())),
                )

    def _counted(self) -> sql.Composed:
        return sql.SQL(_TICKETS).format(
            void=sql.SQL("NOT ({})").format(self._schema.is_zero(TABLE, "deleted")),
            preorder=self._schema.value(TABLE, "preorder"),
            pif=self._schema.value(TABLE, "pif"),
            other=self._schema.value(TABLE, "refticketid"),
        )

    def _payments(self, window: Window, values: dict[str, int]) -> dict[str, dict[str, Decimal]]:
        """What each method took, less what it gave back, by location."""
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        if not self._schema.has("payments", "id", "datetime", "ticketid", "location", "paymentmethod", "amount"):
            return {}
        span = {
            "first": first_key(self._session, "payments", "id", window.starts_at - SLACK),
            "last": first_key(self._session, "payments", "id", window.ends_at + SLACK),
        }
        rows = self._session.rows(
            sql.SQL(
                """
                {counted}
                SELECT t.location, t.paymentmethod, sum(t.amount) AS taken
                  FROM payments t
                 WHERE {live} AND t.id >= %(first)s AND t.id < %(last)s
                   AND (t.location, t.ticketid) IN (SELECT location, id FROM wanted WHERE NOT open)
                 GROUP BY 1, 2
                """
            ).format(counted=self._counted(), live=self._schema.is_zero("payments", "deleted")),
            {**values, **span},
        )
        for row in rows:
            found[str(row["location"])][method_id(row["paymentmethod"] or "")] += amount(row["taken"])
        return found
