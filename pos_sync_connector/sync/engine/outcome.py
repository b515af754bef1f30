"""What became of the records of a page, and the failures that only the engine knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg2.errors

from odoo.exceptions import ConcurrencyError, LockError, UserError

from ...connectors.errors import Failure, NeedsFixing, RetryLater, Skip, without_values

_REPLAYED = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    ConcurrencyError,
    LockError,
)
# Classes of PostgreSQL's error codes: no connection, no resources, stopped by its administrator, no disk.
_NO_CONNECTION, _OUTAGES = "08000", ("08", "53", "57", "58")


class Waits(NeedsFixing):
    """The record names another one that has not arrived yet. It waits under that one's trace key, `trace`."""

    kind = "waits"
    code = "waits"


class Review(Waits):
    """A person says whether the record is made or linked. `candidates` proposes to what, by field of the message."""

    kind = "review"

    def __init__(self, sentence: str, *, code: str, **candidates: int):
        super().__init__(sentence, code=code, trace=code)
        self.candidates = candidates


MISSING = "missing-"


def missing(kind: str, external_id: str) -> str:
    """The trace key of all that waits for a "variant", a "customer" or an "order" of the system."""
    return f"{MISSING}{kind}:{external_id}"


@dataclass(slots=True)
class Outcome:
    """Counts, the `failures` as pairs of record and failure, the external ids that `arrived` (unchanged ones too), and
    the trace keys that others may have waited under."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: int = 0
    held: int = 0
    failed: int = 0
    failures: list[tuple[Any, Failure]] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)

    def fail(self, record: Any, failure: Failure) -> None:
        """Sets a record aside. A skipped one is only counted."""
        if isinstance(failure, Skip):
            self.skipped += 1
            self.arrived.add(record.external_id)
            return
        if isinstance(failure, Waits):
            self.held += 1
        else:
            self.failed += 1
        self.failures.append((record, failure.alone()))

    def add(self, other: Outcome) -> Outcome:
        for name in ("created", "updated", "unchanged", "deleted", "skipped", "held", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failures += other.failures
        self.arrived |= other.arrived
        self.released |= other.released
        return self


def is_concurrency(error: BaseException) -> bool:
    """Whether the whole transaction must be replayed: the snapshot it stands on is outdated.

    A violation of a unique constraint of our own means that another transaction made the same thing first.
    """
    if isinstance(error, _REPLAYED):
        return True
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None) or ""
    return isinstance(error, psycopg2.errors.UniqueViolation) and constraint.startswith("pos_sync_")


def is_outage(error: BaseException) -> bool:
    """Whether Odoo itself has trouble, so that no record would fare better: the connection to its database is lost,
    its disk is full or can't be read."""
    if isinstance(error, psycopg2.InterfaceError):
        return True
    if isinstance(error, psycopg2.OperationalError):
        # Of the others some are about the record: a value that is too long for an index, say.
        return (error.pgcode or _NO_CONNECTION)[:2] in _OUTAGES
    # Libraries for pictures raise OSErrors too, without a number.
    return isinstance(error, (OSError, MemoryError)) and bool(getattr(error, "errno", True))


def outage(env, error: BaseException) -> RetryLater:
    return RetryLater(
        env._(
            "Odoo can't store anything just now (%s): its database or its data directory does not answer, or a disk is "
            "full. It goes on by itself once that is fixed.",
            type(error).__name__,
        ),
        code="outage",
    )


def as_failure(env, error: BaseException) -> Failure:
    """The failure that a person sees for an error that Odoo raised on one record."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, UserError):
        sentence = str(error.args[0]) if error.args else str(error)
        return NeedsFixing(
            env._("Odoo does not accept it: %s Correct it at the system or in Odoo, then retry.", sentence),
            code="rejected",
            trace=f"rejected:{without_values(sentence)}",
        )
    return NeedsFixing(
        env._(
            "Odoo could not store it (%s). The server's log says why; retry once that is fixed.", type(error).__name__
        ),
        code="unexpected",
        details=type(error).__name__,
        trace=f"unexpected:{type(error).__name__}",
    )
