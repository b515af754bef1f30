"""The first half of ./dev, under the machine's own Python: makes the environment and hands over to it."""
from __future__ import annotations

import os
import sys
from pathlib import Path

from . import odoo_source, venv
from .commands import COMMANDS, usage
from .console import Problem, say

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Replaces this process by `python -m tools` of the venv."""
    if not arguments or arguments[0] not in COMMANDS:
        print(usage())
        return 0 if arguments[:1] in (["help"], ["--help"], ["-h"]) else 2
    try:
        python = venv.ensure(odoo_source.ensure())
    except Problem as problem:
        say(f"✗ {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    environment["PYTHONPATH"] = str(ROOT)
    sys.stdout.flush()
    return os.execve(python, [str(python), "-m", "tools", *arguments], environment)
