"""The commands of ./dev, inside the venv."""
from __future__ import annotations

import importlib
import os
import signal
import sys

from .console import Problem, say


def main(arguments: list[str]) -> int:
    """Runs the command that ./dev was given; bootstrap.py knows that there is one of this name."""
    name, *rest = arguments
    # Ending the command by a signal also ends its servers and drops its databases.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    try:
        return importlib.import_module(f"tools.commands.{name}").run(rest)
    except Problem as problem:
        say(f"✗ {problem}")
        return 1
    except KeyboardInterrupt:
        say("")
        return 130
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
