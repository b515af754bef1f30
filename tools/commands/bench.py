"""./dev bench SUBJECT: how fast the addon is beside plain Odoo doing the same, measured in the same run."""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..console import say, step
from ..templates import hub_with_addon
from ..workspace import Workspace

SIZES = (200, 2000)


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("subject", choices=sorted(_LEAST))
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    parser.add_argument("--size", type=int, default=SIZES[-1], help="how many records (default: %(default)s)")
    options = parser.parse_args(arguments)
    with Workspace() as workspace:
        figures = _measure(workspace, options.subject, options.size)
    text = json.dumps(figures, indent=2)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)
    return 0 if _reached(options.subject, figures) else 1


def _measure(workspace: Workspace, subject: str, size: int) -> dict[str, Any]:
    """The figures of tools/bench_SUBJECT.py, with the peak memory for each of `SIZES` where a page's is told."""
    template, module = hub_with_addon(), f"tools.bench_{subject}"
    with template.copy(workspace, "bench") as database, step(_STEPS[subject].format(size)):
        figures = database.call(f"{module}:speed", size=size)
    for count in SIZES if subject != "matching" else ():
        # A process of its own each, so that one's memory is not counted for the other.
        with template.copy(workspace, "bench") as database, step(f"Measuring the memory for {count}"):
            memory = database.call(f"{module}:peak_memory", size=count)
        figures[f"peak_mb_{count}"] = memory["peak_mb"]
        figures[f"grown_mb_{count}"] = memory["peak_mb"] - memory["before_mb"]
    if subject != "matching":
        figures["more_mb"] = figures[f"peak_mb_{SIZES[-1]}"] - figures[f"peak_mb_{SIZES[0]}"]
    return {key: _rounded(value) for key, value in figures.items()}


_STEPS = {
    "products": "Pulling {} products beside plain Odoo",
    "orders": "Pulling {} orders beside plain Odoo",
    "matching": "Looking for {} customers among 100,000 partners",
}
# By subject, the least that is good enough and the most.
_LEAST = {"products": {"ratio": 0.8, "unchanged_speedup": 20}, "orders": {"ratio": 1.3}, "matching": {}}
_MOST = {"products": {}, "orders": {"queries_per_order": 2.5, "more_mb": 20.0}, "matching": {"ms_per_customer": 1.0}}


def _reached(subject: str, figures: dict[str, Any]) -> bool:
    """Whether the figures are good enough; says which are not."""
    missed = [f"{name} is {figures[name]}, at least {least} is asked" for name, least in _LEAST[subject].items()
              if figures[name] < least]
    missed += [f"{name} is {figures[name]}, at most {most} is asked" for name, most in _MOST[subject].items()
               if figures[name] > most]
    say(f"✗ {'; '.join(missed)}." if missed else "✓ Fast enough.")
    return not missed


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 3) if isinstance(value, float) else value
