"""What ./dev tells a person: steps with progress on stderr, and problems as one sentence."""
from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Problem(Exception):
    """Something that a person has to mend; the text says what to do. Ends ./dev with exit code 1, no traceback."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Step:
    """A piece of work that takes seconds: its title, notes on how far it is, and its time at the end."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._started = time.monotonic()
        self._live = sys.stderr.isatty()
        self._said = self._started

    def note(self, text: str) -> None:
        """Says how far the step is; on a terminal in place, in a log every 10 seconds."""
        now = time.monotonic()
        if self._live:
            self._print(f"\r\033[K  {self.title} · {text}"[:150], end="")
        elif now - self._said >= 10:
            self._said = now
            self._print(f"  {self.title} · {text}")

    def _start(self) -> None:
        self._print(f"  {self.title} ...", end="" if self._live else "\n")

    def _finish(self, mark: str) -> None:
        seconds = time.monotonic() - self._started
        self._print(f"{chr(13) + chr(27) + '[K' if self._live else ''}{mark} {self.title} ({seconds:.1f} s)")

    @staticmethod
    def _print(text: str, end: str = "\n") -> None:
        print(text, file=sys.stderr, end=end, flush=True)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Announces a step, and says how long it took or that it failed."""
    current = Step(title)
    current._start()
    try:
        yield current
    except BaseException:
        current._finish("✗")
        raise
    current._finish("✓")


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log file."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
