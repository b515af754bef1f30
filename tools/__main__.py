"""The commands of ./dev, inside the venv."""
from __future__ import annotations

import importlib
import os
import signal
import sys

from .console import Problem, say

COMMANDS = {
    "demo": "a hub with this addon and a second Odoo as its shop, synced: --once, --json FILE, --seed N",
    "test": "the whole suite; arguments go to pytest",
    "lint": "ruff and pylint-odoo",
    "bench": "speed against plain Odoo: ./dev bench SUBJECT [--json FILE]",
    "serve": "a server with this addon on an empty database",
    "shell": "Odoo's shell on an empty database with this addon",
    "clean": "removes databases and logs; --all also what was downloaded",
}


def main(arguments: list[str]) -> int:
    name, *rest = arguments or ["help"]
    if name not in COMMANDS:
        say("Usage: ./dev COMMAND\n" + "\n".join(f"  {command:7} {text}" for command, text in COMMANDS.items()))
        return 0 if name in ("help", "--help", "-h") else 2
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
