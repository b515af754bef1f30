"""The project by itself, as a user has it: no vendor's specification beside it. The stand-ins are whole without, and a
test that needs one skips and says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FOLDER = ROOT / "tests/connectors"


def run_without_specifications(paths: list[str], *options: str) -> str:
    """What pytest says of these; fails where one of them does."""
    # The tests of this run may have to have them all; a skip is right here.
    environment = {**os.environ, "VENDOR_SPECS": str(ROOT / "no_such_folder"), "CI": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:odoo", *options, *paths]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    return ended.stdout


def test_stand_ins_are_whole_and_what_needs_a_specification_says_so() -> None:
    others = [path for path in _FOLDER.glob("test_*.py") if path != Path(__file__)]
    asking = [str(path) for path in others if "vendor_specs import" in path.read_text("utf-8")]
    said = run_without_specifications(asking, "-m", "not thorough and not alone", "-rs")
    skipped = [line for line in said.splitlines() if line.startswith("SKIPPED")]
    assert skipped, "no test looks into a specification: this shows nothing"
    assert all("VENDOR_SPECS" in line for line in skipped), skipped


@pytest.mark.thorough
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("paths", [["tests/connectors"], ["tests/processes/test_web_hubs.py"]], ids=["all", "hubs"])
def test_whole_suites(paths: list[str]) -> None:
    run_without_specifications(paths, "-m", "not thorough", f"--ignore={__file__}")
