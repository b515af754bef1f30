"""./dev lint: ruff over everything, pylint-odoo over the addon, README.md against the code; arguments go to ruff."""
from __future__ import annotations

import subprocess
import sys

from ..bootstrap import ROOT
from ..console import say
from ..templates import ADDON

# What pylint-odoo forbids everywhere and these folders of the addon are there for.
ALLOWED = {
    "connectors": "missing-return",  # plain Python: what is overridden there is not the ORM's
    "sync": "invalid-commit",  # the engine: it alone commits
    "tests": "translation-required",  # errors raised by what stands in for others
}


def run(arguments: list[str]) -> int:
    commands = {
        "ruff": ["ruff", "check", *(arguments or ["."])],
        "pylint-odoo": _pylint(ADDON, f"--ignore={','.join(ALLOWED)}"),
        **{
            f"pylint-odoo in {folder}/": _pylint(ADDON / folder, f"--disable={allowed}")
            for folder, allowed in ALLOWED.items()
        },
        "./dev readme": ["tools", "readme", "--check"],
    }
    failed = [
        name for name, command in commands.items()
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode
    ]
    say(f"✗ {' and '.join(failed)} found something to mend." if failed else "✓ Nothing to mend.")
    return 1 if failed else 0


def _pylint(path: object, option: str) -> list[str]:
    return ["pylint", f"--rcfile={ROOT / 'pyproject.toml'}", option, str(path)]
