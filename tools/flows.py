"""Watches the flows of a hub through SQL: what is under way, and what came of it."""
from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from .console import Problem, Step
from .database import Database

# A flow that gets nowhere for so long will not end.
_STUCK_AFTER = 180

_STREAMS = """
    SELECT stream.id, connection.name, stream.flow, stream.requested OR stream.run_id IS NOT NULL,
           stream.sentence, COALESCE(stream.last_run_id, 0), COALESCE(run.read_count, 0), COALESCE(run.total, 0)
      FROM pos_sync_stream stream
      JOIN pos_sync_connection connection ON connection.id = stream.connection_id
      LEFT JOIN pos_sync_run run ON run.id = stream.run_id
     WHERE stream.enabled AND %s IN (0, connection.id)
     ORDER BY stream.sequence, stream.id
"""
_RUN = """
    SELECT COALESCE(read_count, 0), COALESCE(created_count, 0), COALESCE(updated_count, 0),
           COALESCE(unchanged_count, 0), COALESCE(failed_count, 0) + COALESCE(held_count, 0),
           COALESCE(skipped_count, 0), COALESCE(seconds, 0)::float
      FROM pos_sync_run
     WHERE id = %s
"""
_OPEN_MESSAGES = """
    SELECT flow, sentence, count(*), min(name)
      FROM pos_sync_message
     WHERE state IN ('waiting', 'held', 'failed')
     GROUP BY flow, sentence
     ORDER BY count(*) DESC
     LIMIT 10
"""


@dataclass(frozen=True)
class FlowResult:
    """What one pass of one flow did. `failed` counts what did not arrive, waiting for another record or not."""

    connection: str
    flow: str
    read: int
    created: int
    updated: int
    unchanged: int
    failed: int
    skipped: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "seconds": round(self.seconds, 2)}


@dataclass(frozen=True)
class _Stream:
    id: int
    connection: str
    flow: str
    busy: bool
    sentence: str | None
    last_run: int
    read: int
    total: int


class FlowWatch:
    """Knows which runs there were when it was made, and waits until every enabled stream has ended a newer one.

    Of one connection where it is given its id; `anew`: those that were there count as newer.
    """

    def __init__(self, hub: Database, connection: int = 0, *, anew: bool = False) -> None:
        self._hub, self._connection = hub, connection
        self._before = {stream.id: 0 if anew else stream.last_run for stream in self._streams()}

    def wait(self, progress: Step) -> list[FlowResult]:
        """The results by stream. Raises Problem with the system's own sentence if a flow stops or gets nowhere."""
        state: object = None
        deadline = 0.0
        while True:
            streams = self._streams()
            if all(not stream.busy and stream.last_run > self._before.get(stream.id, 0) for stream in streams):
                return [self._result(stream) for stream in streams]
            stopped = [stream for stream in streams if stream.sentence]
            if stopped:
                raise Problem("; ".join(f"{stream.connection}, {stream.flow}: {stream.sentence}" for stream in stopped))
            if streams != state:
                state, deadline = streams, time.monotonic() + _STUCK_AFTER
            elif time.monotonic() > deadline:
                raise Problem(f"No flow has moved for {_STUCK_AFTER} seconds: {self._describe(streams)}")
            progress.note(self._describe(streams))
            time.sleep(0.3)

    def _streams(self) -> list[_Stream]:
        return [_Stream(*row) for row in self._hub.query(_STREAMS, self._connection)]

    def _describe(self, streams: Iterable[_Stream]) -> str:
        return ", ".join(
            f"{stream.flow} {stream.read}{f' of {stream.total}' if stream.total else ''}" if stream.busy
            else f"{stream.flow} {'done' if stream.last_run > self._before.get(stream.id, 0) else 'to come'}"
            for stream in streams
        )

    def _result(self, stream: _Stream) -> FlowResult:
        return FlowResult(stream.connection, stream.flow, *self._hub.query(_RUN, stream.last_run)[0])


def open_messages(hub: Database) -> list[str]:
    """What waits for a person, in the product's own sentences, at most ten kinds."""
    return [
        f"{flow}: {sentence} ({count} times, first at {name})" if count > 1 else f"{flow}, {name}: {sentence}"
        for flow, sentence, count, name in hub.query(_OPEN_MESSAGES)
    ]


def table(results: Iterable[FlowResult]) -> str:
    """The results as a text table."""
    header = ("connection", "flow", "read", "created", "updated", "unchanged", "failed", "skipped", "seconds")
    rows = [header, *(tuple(f"{value:.1f}" if isinstance(value, float) else str(value)
                            for value in asdict(result).values()) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column < 2 else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )
