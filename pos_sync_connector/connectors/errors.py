"""The four kinds of failure. Whatever goes wrong in a connector or a sync is one of them.

Each has a `code` (stable, for tables and tests), a `sentence` that tells a person what is wrong and what to do, and
`details` for those who look closer. None of the three may hold a secret or a whole payload.
"""

from __future__ import annotations

import re
from pathlib import Path

from .door import bounded_key, clean_text, shorten

# What code meets that reads a payload of another form than it expects.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|\d+(?:[.,]\d+)*")
_LONGEST_CAUSE = 120
_LONGEST_SENTENCE, _LONGEST_DETAILS = 1000, 4000


def without_values(sentence: str) -> str:
    """What sentences of one kind have in common, whatever records and amounts they name."""
    return _VALUES.sub("…", sentence[: 4 * _LONGEST_CAUSE])[:_LONGEST_CAUSE]


def place_of(error: BaseException) -> str:
    """File and function that an error was raised in, such as "square/orders.py order"; checks of values say nothing."""
    frames, found = [], error.__traceback__
    while found is not None:
        frames.append(found.tb_frame.f_code)
        found = found.tb_next
    own = [code for code in frames if "connectors" in Path(code.co_filename).parts]
    own = [code for code in own if Path(code.co_filename).name not in ("door.py", "records.py")] or own or frames
    return f"{'/'.join(Path(own[-1].co_filename).parts[-2:])} {own[-1].co_name}" if own else ""


class Failure(Exception):
    """Base of the four kinds. `trace` groups failures that one fix mends, say `missing-tax:8.25`."""

    kind = ""
    code = "failure"

    def __init__(self, sentence: str, *, code: str = "", details: str = "", trace: str = ""):
        sentence = shorten(clean_text(sentence), _LONGEST_SENTENCE)
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.details = shorten(clean_text(details), _LONGEST_DETAILS)
        self.trace = bounded_key(clean_text(trace or self.code))

    def alone(self) -> Failure:
        """This one, without where it was raised: kept so, it does not keep whole pages alive with their frames."""
        self.__context__ = self.__cause__ = None
        return self.with_traceback(None)

    def __reduce__(self):
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(cls, args, state):
    failure = cls.__new__(cls, *args)
    failure.args = args
    failure.__dict__.update(state)
    return failure


class RetryLater(Failure):
    """The system is busy, down or unreachable; trying again will do. `after`: seconds to wait; None: as you like."""

    kind = "retry_later"
    code = "unavailable"

    def __init__(
        self, sentence: str, *, after: float | None = None, code: str = "", details: str = "", trace: str = ""
    ):
        super().__init__(sentence, code=code, details=details, trace=trace)
        self.after = after


class NeedsFixing(Failure):
    """A person must do something first: map a tax, link a product, correct a value. `fix` says that in one sentence."""

    kind = "needs_fixing"
    code = "needs_fixing"

    def __init__(self, sentence: str, *, fix: str = "", code: str = "", details: str = "", trace: str = ""):
        super().__init__(sentence, code=code, details=details, trace=trace)
        self.fix = fix


class Skip(Failure):
    """This record is not for us (a test order, a closed draft). It is counted, and nobody has to do anything."""

    kind = "skip"
    code = "skipped"


class Refused(Failure):
    """Credentials or permission: the connection stops until a person has looked at it."""

    kind = "refused"
    code = "refused"
