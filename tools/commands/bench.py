"""./dev bench SUBJECT: how fast the addon is beside plain Odoo doing the same, measured in the same run."""
from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox import biotrack

from .. import bench_webhooks
from ..console import say, step
from ..templates import hub_with_addon
from ..workspace import Workspace
from .sandbox import biotrack_settings, make_biotrack

SIZES, FULL_SIZES = (200, 2000), (2000, 20000)
# Where it is another number than the larger of these.
_USUAL = {"accounting": 200, "webhooks": 1000}
# Where the memory of a page is not told.
_NO_PAGES = ("accounting", "matching")


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("subject", choices=sorted(_LEAST))
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    usual = ", ".join(f"{subject} {size}" for subject, size in _USUAL.items())
    parser.add_argument("--size", type=int, help=f"how many records (default: {SIZES[-1]}; {usual})")
    parser.add_argument("--full", action="store_true", help="ten times as many, and that many in memory")
    options = parser.parse_args(arguments)
    size = options.size or _USUAL.get(options.subject, SIZES[-1])
    size, sizes = (10 * size, FULL_SIZES) if options.full else (size, SIZES)
    with Workspace() as workspace:
        figures = _measure(workspace, options.subject, size, sizes)
    text = json.dumps(figures, indent=2)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)
    most = {**_MOST[options.subject], **(_MOST_FULL.get(options.subject, {}) if options.full else {})}
    return 0 if _reached(figures, _LEAST[options.subject], most) else 1


def _measure(workspace: Workspace, subject: str, size: int, sizes: tuple[int, int]) -> dict[str, Any]:
    """The figures of tools/bench_SUBJECT.py, with the peak memory for each of `sizes` where a page's is told."""
    template, module = hub_with_addon(), f"tools.bench_{subject}"
    if subject == "webhooks":
        with template.copy(workspace, "bench") as database, step(_STEPS[subject].format(size)):
            return {key: _rounded(value) for key, value in bench_webhooks.speed(database, size).items()}
    with _source(workspace, subject, size) as source, template.copy(workspace, "bench") as database, \
            step(_STEPS[subject].format(size)):
        figures = database.call(f"{module}:speed", size=size, **source)
    for count in sizes if subject not in _NO_PAGES else ():
        # A process of its own each, so that one's memory is not counted for the other.
        with _source(workspace, subject, count) as source, template.copy(workspace, "bench") as database, \
                step(f"Measuring the memory for {count}"):
            memory = database.call(f"{module}:peak_memory", size=count, **source)
        figures[f"peak_mb_{count}"] = memory["peak_mb"]
        figures[f"grown_mb_{count}"] = memory["peak_mb"] - memory["before_mb"]
    if subject not in _NO_PAGES:
        small, large = (figures[f"peak_mb_{count}"] for count in sizes)
        figures |= {"more_mb": large - small, "more_share": large / small - 1}
    return {key: _rounded(value) for key, value in figures.items()}


@contextmanager
def _source(workspace: Workspace, subject: str, size: int) -> Iterator[dict[str, Any]]:
    """What a bench reads from, where that is more than a list in memory: further arguments of its functions."""
    if subject != "biotrack":
        yield {}
        return
    name = workspace.database_name("biotrack")
    catalogue = 1.0 if size >= FULL_SIZES[-1] else 0.1
    with step(f"Making a BioTrack shop with {size} tickets"):
        make_biotrack(workspace.postgres, name, biotrack.make_shop(catalogue, tickets=size), biotrack.NEWER)
    try:
        yield {"settings": biotrack_settings(workspace.postgres, name)}
    finally:
        workspace.drop(name)


_STEPS = {
    "accounting": "Posting {} orders beside plain Odoo",
    "biotrack": "Pulling {} tickets of a BioTrack shop beside plain Odoo",
    "products": "Pulling {} products beside plain Odoo",
    "orders": "Pulling {} orders beside plain Odoo",
    "matching": "Looking for {} customers among 100,000 partners",
    "webhooks": "Sending {} webhooks beside requests that do nothing",
}
# By subject, the least that is good enough and the most.
_LEAST = {
    "accounting": {"ratio": 0.9},
    "biotrack": {"ratio": 1.2},
    "matching": {},
    "orders": {"ratio": 1.3},
    "products": {"ratio": 0.8, "unchanged_speedup": 20},
    "webhooks": {"ratio": 0.5},
}
_MOST = {
    "accounting": {"summary_more_queries": 0, "month_more_queries": 0},
    "biotrack": {},
    "matching": {"ms_per_customer": 1.0},
    "orders": {"queries_per_order": 2.5, "more_mb": 20.0},
    "products": {},
    "webhooks": {"slowest_ms": 1000.0},
}
# And where the memory is measured for thousands of records.
_MOST_FULL = {"biotrack": {"more_share": 0.2}}


def _reached(figures: dict[str, Any], at_least: dict[str, float], at_most: dict[str, float]) -> bool:
    """Whether the figures are good enough; says which are not."""
    missed = [f"{name} is {figures[name]}, at least {least} is asked" for name, least in at_least.items()
              if figures[name] < least]
    missed += [f"{name} is {figures[name]}, at most {most} is asked" for name, most in at_most.items()
               if figures[name] > most]
    say(f"✗ {'; '.join(missed)}." if missed else "✓ Fast enough.")
    return not missed


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 3) if isinstance(value, float) else value
