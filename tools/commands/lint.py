"""./dev lint: ruff over everything, pylint-odoo over the addon, README.md against the code; arguments go to ruff."""
from __future__ import annotations

import subprocess
import sys

from ..bootstrap import ROOT
from ..console import say
from ..templates import ADDON


def run(arguments: list[str]) -> int:
    commands = {
        "ruff": [sys.executable, "-m", "ruff", "check", *(arguments or ["."])],
        "pylint-odoo": [sys.executable, "-m", "pylint", f"--rcfile={ROOT / 'pyproject.toml'}", str(ADDON)],
        "./dev readme": [sys.executable, "-m", "tools", "readme", "--check"],
    }
    failed = [name for name, command in commands.items() if subprocess.run(command, cwd=ROOT, check=False).returncode]
    say(f"✗ {' and '.join(failed)} found something to mend." if failed else "✓ ruff and pylint-odoo found nothing, and README.md is up to date.")
    return 1 if failed else 0
