"""./dev clean: removes what ./dev keeps between runs."""
from __future__ import annotations

import argparse
import shutil

from .. import cache, postgres, templates
from ..console import step
from ..workspace import Workspace


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev clean", description=__doc__)
    parser.add_argument("--all", action="store_true", help="also Odoo and the Python packages")
    options = parser.parse_args(arguments)
    with step("Removing databases and logs"):
        with Workspace() as workspace:
            templates.remove_all(workspace)
        postgres.remove()
        for name in ("runs", "logs"):
            shutil.rmtree(cache.folder() / name, ignore_errors=True)
    if options.all:
        with step(f"Removing {cache.folder()}"):
            shutil.rmtree(cache.folder())
    return 0
