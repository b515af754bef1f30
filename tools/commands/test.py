"""./dev test: the whole suite; arguments go to pytest.

Paths among the arguments choose the suites that they belong to; `--all` runs what is marked `thorough` too. In CI
(environment variable CI) a skipped test fails the run.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from ..ahead import making_the_shop
from ..bootstrap import ROOT
from ..chromium import require_chromium
from ..console import Problem, say
from ..database import Database
from ..pytest_workers import of_worker
from ..templates import hub_with_addon
from ..workspace import Workspace

_NO_TESTS_COLLECTED = 5
_BROWSER = ("browser_js", "start_tour")
# pytest's options whose value is an argument of its own, which then is no path.
_VALUED = {"-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r", "--maxfail", "--deselect", "--ignore", "--durations"}


@dataclass(frozen=True)
class Suite:
    """Tests that run in one pytest process: a folder, and whether Odoo is loaded into that process."""

    name: str
    folder: str
    in_odoo: bool = False
    import_path: str = ""
    # Files run side by side, and then what is marked `alone`, where a suite is run whole.
    side_by_side: int = 1

    def has_tests(self) -> bool:
        return any((ROOT / self.folder).rglob("test_*.py"))


PROCESSES = Suite("processes", "tests/processes", import_path="pos_sync_connector", side_by_side=2)
SUITES = (
    Suite("tools", "tests/tools"),
    # The connectors are plain Python; outside Odoo they are the top-level package `connectors`.
    Suite("connectors", "tests/connectors", import_path="pos_sync_connector", side_by_side=2),
    Suite("addon", "pos_sync_connector/tests", in_odoo=True, side_by_side=2),
    PROCESSES,
)


@dataclass(frozen=True)
class Outcome:
    suite: Suite
    exit_code: int
    counts: dict[str, int]
    seconds: float

    @property
    def failed(self) -> bool:
        return self.exit_code not in (0, _NO_TESTS_COLLECTED)

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {kind}" for kind, number in self.counts.items())
        return f"{'✗' if self.failed else '✓'} {self.suite.name}: {counts or 'no tests ran'} ({self.seconds:.0f} s)"


def run(arguments: list[str]) -> int:
    thorough = "--all" in arguments
    options, paths = split_arguments([argument for argument in arguments if argument != "--all"])
    chosen = choose(paths)
    if any(suite.in_odoo and wants_browser(paths) for suite, paths in chosen):
        require_chromium()
    shop_comes_last = len(chosen) > 1 and chosen[-1][0] is PROCESSES
    with Workspace() as workspace, making_the_shop(workspace) if shop_comes_last else nullcontext():
        outcomes = [_run_suite(workspace, suite, paths, options, thorough) for suite, paths in chosen]
    if all(outcome.exit_code == _NO_TESTS_COLLECTED for outcome in outcomes):
        raise Problem("No test was run: no file or name matches the arguments.")
    failed = any(outcome.failed for outcome in outcomes)
    say(" · ".join(map(str, outcomes)) + (" — FAILED" if failed else " — passed"))
    return 1 if failed else 0


def split_arguments(arguments: list[str]) -> tuple[list[str], list[str]]:
    """pytest's options, and the paths (with ::node) among its arguments."""
    options: list[str] = []
    paths: list[str] = []
    for previous, argument in zip(["", *arguments], arguments, strict=False):
        is_path = not argument.startswith("-") and previous not in _VALUED and _absolute(argument).exists()
        (paths if is_path else options).append(argument)
    return options, paths


def choose(paths: list[str]) -> list[tuple[Suite, list[str]]]:
    """The suites to run, each with the paths to give to pytest; all that have tests, if no path is given."""
    if not paths:
        return [(suite, [suite.folder]) for suite in SUITES if suite.has_tests()]
    chosen: dict[Suite, list[str]] = {}
    for path in paths:
        found = False
        for suite in SUITES:
            folder, target = ROOT / suite.folder, _absolute(path)
            if target.is_relative_to(folder):
                chosen.setdefault(suite, []).append(path)
                found = True
            elif folder.is_relative_to(target) and suite.has_tests():
                chosen.setdefault(suite, []).append(str(folder))
                found = True
        if not found:
            raise Problem(f"{path} belongs to no suite; the suites are {', '.join(suite.folder for suite in SUITES)}.")
    return [(suite, chosen[suite]) for suite in SUITES if suite in chosen]


def wants_browser(paths: list[str]) -> bool:
    """Whether tests of Odoo's among `paths` drive a browser: they name one of Odoo's two ways to do so."""
    places = map(_absolute, paths)
    files = [file for place in places for file in (place.rglob("test_*.py") if place.is_dir() else [place])]
    return any(way in file.read_text(encoding="utf-8") for file in files for way in _BROWSER)


def _absolute(argument: str) -> Path:
    return Path(argument.partition("::")[0]).absolute()


def _run_suite(
    workspace: Workspace, suite: Suite, paths: list[str], options: list[str], thorough: bool
) -> Outcome:
    say(f"── {suite.name} ──")
    started = time.monotonic()
    report = workspace.folder / f"{suite.name}.json"
    command = [sys.executable, "-m", "pytest", "-p", "tools.pytest_report", f"--report-to={report}"]
    environment = workspace.environment()
    together = suite.side_by_side > 1 and paths == [suite.folder]
    if suite.in_odoo:
        database = Database(workspace, suite.name)
        workers = [f"gw{number}" for number in range(suite.side_by_side)] if together else []
        for label in [of_worker(suite.name, worker) for worker in workers] or [suite.name]:
            hub_with_addon(web_client=wants_browser(paths)).copy(workspace, label).config()
        command += [
            "-p", "tools.pytest_workers", f"--odoo-database={database.name}", f"--odoo-config={database.config()}",
            "--odoo-http"]
    else:
        command += ["-p", "no:odoo"]
        environment["PYTHONPATH"] = os.pathsep.join(str(ROOT / path) for path in ("", suite.import_path))
    # A mark that the arguments ask for themselves comes after this one, and counts.
    usual = "" if thorough else "not thorough"
    parts: list[list[str]] = [["-m", usual] if usual else []]
    if together:
        side_by_side = ["-n", str(suite.side_by_side), "--dist", "loadfile"]
        parts = [[*side_by_side, "-m", " and ".join(filter(None, ("not alone", usual)))],
                 ["-m", " and ".join(filter(None, ("alone", usual)))]]
    codes, counts = [], Counter[str]()
    for part in parts:
        report.unlink(missing_ok=True)
        codes.append(subprocess.run(
            [*command, *part, *options, *paths], cwd=ROOT, env=environment, check=False).returncode)
        counts += Counter(json.loads(report.read_text()) if report.exists() else {})
    exit_code = next((code for code in codes if code not in (0, _NO_TESTS_COLLECTED)), min(codes))
    return Outcome(suite, exit_code, counts, time.monotonic() - started)
