"""A pytest plugin: counts the outcomes for ./dev test, and fails the run for a skipped test in CI."""
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

_KINDS = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--report-to", help="file for the numbers of outcomes, as JSON")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        # One of several processes that share the tests: the first of them counts for all.
        return
    counts = {kind: len(reporter.stats.get(kind, ())) for kind in _KINDS}
    counts = {kind: number for kind, number in counts.items() if number}
    if in_ci() and counts.get("skipped") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    target = session.config.getoption("--report-to")
    if target:
        Path(target).write_text(json.dumps(counts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", ())
    if in_ci() and skipped:
        terminalreporter.section("Skipped tests fail the run in CI", red=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {reason}")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")
