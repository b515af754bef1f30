"""./dev shell: Odoo's shell on a database with the addon that goes when it ends; reads a script from stdin too."""
from __future__ import annotations

import subprocess
import sys

from .. import venv
from ..bootstrap import ROOT
from ..templates import hub_with_addon
from ..workspace import Workspace


def run(arguments: list[str]) -> int:
    with Workspace() as workspace:
        database = hub_with_addon().copy(workspace, "hub")
        command = [sys.executable, str(venv.odoo_bin()), "shell", "-c", str(database.config(name="shell")), "--no-http"]
        return subprocess.run([*command, *arguments], cwd=ROOT, env=workspace.environment(), check=False).returncode
