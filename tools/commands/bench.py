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
    parser.add_argument("subject", choices=sorted(SUBJECTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    parser.add_argument("--size", type=int, default=SIZES[-1], help="how many products (default: %(default)s)")
    options = parser.parse_args(arguments)
    with Workspace() as workspace:
        figures = SUBJECTS[options.subject](workspace, options.size)
    text = json.dumps(figures, indent=2)
    if options.json:
        options.json.write_text(text + "\n")
    print(text)
    return 0 if _reached(figures) else 1


def products(workspace: Workspace, size: int) -> dict[str, Any]:
    """2,000 products with prices, barcodes and stock."""
    template = hub_with_addon()
    with template.copy(workspace, "bench") as database, step(f"Pulling {size} products beside plain Odoo"):
        figures = database.call("tools.bench_products:speed", size=size)
    for count in SIZES:
        # A process of its own each, so that one's memory is not counted for the other.
        with template.copy(workspace, "bench") as database, step(f"Measuring the memory for {count}"):
            memory = database.call("tools.bench_products:peak_memory", size=count)
        figures[f"peak_mb_{count}"] = memory["peak_mb"]
        figures[f"grown_mb_{count}"] = memory["peak_mb"] - memory["before_mb"]
    return {key: _rounded(value) for key, value in figures.items()}


SUBJECTS = {"products": products}
# The least that is good enough.
_LIMITS = {"ratio": 0.8, "unchanged_speedup": 20}


def _reached(figures: dict[str, Any]) -> bool:
    """Whether the figures are good enough; says which are not."""
    missed = [f"{name} is {figures[name]}, at least {least} is asked" for name, least in _LIMITS.items()
              if figures[name] < least]
    say(f"✗ {'; '.join(missed)}." if missed else "✓ Fast enough.")
    return not missed


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 3) if isinstance(value, float) else value
