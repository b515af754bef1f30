"""Customers of BioTrack as `Customer` records: what a loyalty programme needs, and no more.

Medical cards, identity papers and notes are never read. Address and birthday only where the connection asks for them.
Consent to mailings is set for everybody by default in BioTrack, so only a refusal means something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg2 import sql

from ... import records as rec
from ...pages import Cursor, Malformed, Page, parse_each
from .memory import Memory, short_digest
from .ranges import newest_key
from .schema import Schema
from .session import Session
from .values import ShopClock, amount, birthday, epoch, flag, from_epoch, text

_COLUMNS = """
    customerid firstname lastname email phone cell ismember points emailoptin deleted created createdate
""".split()
_MODIFIED = ("modified", "modified_on")
_DETAILS = "birthyear birthmonth birthday address1 address2 city state zip".split()
_LOG = "customerslog"
# Rows of the log may be committed later than newer ones.
_LATE_ROWS = 100


class CustomerReader:
    """Reads customers for one connection. `details`: with address and birthday; `country` of all addresses."""

    def __init__(
        self, session: Session, schema: Schema, clock: ShopClock, levels: Mapping[str, str], details: bool
    ) -> None:
        self._session, self._schema, self._clock = session, schema, clock
        self._levels, self._details = levels, details

    def pull(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Customer]]:
        """In a full pass all by id, else those that their own moments or the log name."""
        if cursor.since is None:
            yield from self._pull_all(cursor, size, started)
        else:
            yield from self._pull_changed(cursor, size, started)

    def get(self, external_id: str) -> rec.Customer | None:
        """Also one that was deleted at BioTrack, since old orders name them."""
        with self._session.snapshot():
            records, malformed = self._read([external_id])
        if malformed:
            raise malformed[0].failure
        return records[0] if records else None

    def existing(self, ids: set[str]) -> set[str]:
        """Those of these ids that there is a customer of."""
        self._schema.require("customers", "customerid")
        rows = self._session.rows("SELECT customerid FROM customers WHERE customerid = ANY(%s)", [sorted(ids)])
        return {row["customerid"] for row in rows}

    # Passes

    def _pull_all(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Customer]]:
        memory = Memory.loads(cursor.memory)
        memory.last.setdefault(_LOG, self._newest_log())
        total = self._count()
        after = cursor.position
        query = sql.SQL(
            "SELECT DISTINCT t.customerid FROM customers t WHERE t.customerid > %s AND {live}"
            " ORDER BY t.customerid LIMIT %s"
        ).format(live=self._schema.is_zero("customers", "deleted"))
        while True:
            with self._session.snapshot():
                ids = [row["customerid"] for row in self._session.rows(query, [after, size + 1])]
                more, ids = len(ids) > size, ids[:size]
                records, malformed = self._read(ids)
            for record in records:
                if record.updated_at and record.updated_at >= started - timedelta(days=1):
                    memory.seen[record.external_id] = short_digest(record)
            after = ids[-1] if more else ""
            cursor = cursor.at(after, started, memory=memory.dumps())
            yield Page(records, cursor, malformed=malformed, total=total)
            if not more:
                return

    def _pull_changed(self, cursor: Cursor, size: int, started: datetime) -> Iterator[Page[rec.Customer]]:
        """Who is named again and says nothing new, because the search overlaps, is left out."""
        memory = Memory.loads(cursor.memory)
        with self._session.snapshot():
            newest = self._newest_log()
            named = sorted(self._named(cursor.since, memory.last.get(_LOG, newest)))
        left = [number for number in named if number > cursor.position]
        while True:
            page, left = left[:size], left[size:]
            with self._session.snapshot():
                records, malformed = self._read(page)
            gone = [item.external_id for item in records if item.archived]
            gone += sorted(set(page) - {item.external_id for item in (*records, *malformed)})
            fresh = [item for item in records if memory.seen.get(item.external_id) != short_digest(item)]
            deleted = tuple(number for number in gone if memory.seen.get(number) != short_digest(None))
            memory.seen.update({item.external_id: short_digest(item) for item in records})
            memory.seen.update({number: short_digest(None) for number in gone})
            if not left:
                memory.keep(named)
                memory.last[_LOG] = newest
            cursor = cursor.at(page[-1] if left else "", started, memory=memory.dumps())
            live = tuple(item for item in fresh if not item.archived)
            yield Page(live, cursor, malformed=malformed, deleted=deleted, total=len(named))
            if not left:
                return

    def _named(self, since: datetime | None, last: int) -> set[str]:
        """The ids of those that changed since, as far as anything tells."""
        self._schema.require("customers", "customerid")
        assert since is not None
        conditions, values = [], []
        for column in ("created", *_MODIFIED):
            if self._schema.has("customers", column):
                conditions.append(sql.SQL("t.{} >= %s").format(sql.Identifier(column)))
                values.append(self._clock.local(since))
        if self._schema.has("customers", "createdate"):
            conditions.append(sql.SQL("t.createdate >= %s"))
            values.append(epoch(since))
        found: set[str] = set()
        if conditions:
            query = sql.SQL("SELECT t.customerid FROM customers t WHERE {}").format(sql.SQL(" OR ").join(conditions))
            found |= {row["customerid"] for row in self._session.rows(query, values)}
        if self._schema.has(_LOG, "logid", "customerid"):
            query = sql.SQL("SELECT DISTINCT customerid FROM {} WHERE logid > %s AND customerid IS NOT NULL").format(
                sql.Identifier(_LOG)
            )
            found |= {row["customerid"] for row in self._session.rows(query, [last - _LATE_ROWS])}
        return found

    def _newest_log(self) -> int:
        if not self._schema.has(_LOG, "logid"):
            return 0
        return newest_key(self._session, _LOG, "logid")

    def _count(self) -> int:
        query = sql.SQL("SELECT count(DISTINCT t.customerid) AS number FROM customers t WHERE {}").format(
            self._schema.is_zero("customers", "deleted")
        )
        self._schema.require("customers", "customerid")
        row = self._session.row(query)
        return row["number"] if row else 0

    # Records

    def _read(self, ids: list[str]) -> tuple[tuple[rec.Customer, ...], tuple[Malformed, ...]]:
        """One record an id: where replicas hold it twice, the row made last."""
        if not ids:
            return (), ()
        columns = [*_COLUMNS, *_MODIFIED, *(_DETAILS if self._details else ())]
        query = sql.SQL(
            "SELECT DISTINCT ON (t.customerid) {columns} FROM customers t WHERE t.customerid = ANY(%s)"
            " ORDER BY t.customerid, {created} DESC NULLS LAST"
        ).format(columns=self._schema.pick("customers", columns), created=self._schema.ordering("customers", "created"))
        self._schema.require("customers", "customerid")
        rows = {row["customerid"]: row for row in self._session.rows(query, [ids])}
        return parse_each(
            [rows[number] for number in ids if number in rows], self._customer, lambda row: row["customerid"]
        )

    def _customer(self, row: Mapping[str, Any]) -> rec.Customer:
        level = str(row["ismember"] or "")
        moments = [self._clock.utc(row[name]) for name in ("created", *_MODIFIED)]
        return rec.Customer(
            external_id=row["customerid"],
            first_name=text(row["firstname"]),
            last_name=text(row["lastname"]),
            email=text(row["email"]),
            phone=text(row["phone"]) or text(row["cell"]),
            mobile=text(row["cell"]),
            addresses=self._addresses(row),
            birthday=birthday(row["birthyear"], row["birthmonth"], row["birthday"]) if self._details else None,
            group_id=level if level in self._levels else "",
            group_name=self._levels.get(level, ""),
            marketing=rec.Consent.NO if row["emailoptin"] == 0 else rec.Consent.UNKNOWN,
            points=amount(row["points"]) if row["points"] is not None else None,
            archived=flag(row["deleted"]),
            created_at=from_epoch(row["createdate"]) or moments[0],
            updated_at=max(filter(None, moments), default=None),
        )

    def _addresses(self, row: Mapping[str, Any]) -> tuple[rec.Address, ...]:
        if not self._details or not any(text(row[name]) for name in ("address1", "city", "zip")):
            return ()
        return (
            rec.Address(
                street=text(row["address1"]),
                street2=text(row["address2"]),
                city=text(row["city"]),
                zip=text(row["zip"]),
                state=text(row["state"]),
                country="US",
            ),
        )
