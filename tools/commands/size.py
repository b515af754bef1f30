"""./dev size: the lines that each system costs: its package, its stand-in and its tests, and the files that are long.

Tests of a system are the files of `tests/` and of the addon's tests whose name says the system. Lines are those of
Python that hold something; blank lines are not counted.
"""
from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from ..bootstrap import ROOT
from ..console import say

_ADDON = "pos_sync_connector"
_SYSTEMS = f"{_ADDON}/connectors/systems"
_TESTS = ("tests", f"{_ADDON}/tests")
_LONG = 400


@dataclass(frozen=True)
class Size:
    package: int
    stand_in: int
    tests: int

    @property
    def total(self) -> int:
        return sum(astuple(self))


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev size", description=__doc__.partition("\n")[0])
    parser.parse_args(arguments)
    say(f"{'system':<24}{'package':>9}{'stand-in':>10}{'tests':>8}{'together':>10}")
    for system, size in sizes(ROOT).items():
        say(f"{system:<24}{size.package:>9}{size.stand_in:>10}{size.tests:>8}{size.total:>10}")
    for file, lines in long_files(ROOT):
        say(f"{file.relative_to(ROOT)} has {lines} lines.")
    return 0


def sizes(root: Path) -> dict[str, Size]:
    """{system: Size}, by name."""
    tests = [file for folder in _TESTS for file in (root / folder).rglob("*.py")]
    return {
        folder.name: Size(
            package=_lines(folder.rglob("*.py")),
            stand_in=_lines((root / "sandbox" / folder.name).rglob("*.py")),
            tests=_lines(file for file in tests if folder.name in file.stem.split("_")),
        )
        for folder in sorted((root / _SYSTEMS).iterdir())
        if (folder / "__init__.py").exists()
    }


def long_files(root: Path) -> list[tuple[Path, int]]:
    """The files of the addon, its tests left out, that are longer than a reader keeps in mind."""
    files = [file for file in (root / _ADDON).rglob("*.py") if "tests" not in file.relative_to(root).parts]
    counted = [(file, len(file.read_text(encoding="utf-8").splitlines())) for file in sorted(files)]
    return [(file, lines) for file, lines in counted if lines > _LONG]


def _lines(files: Iterable[Path]) -> int:
    return sum(bool(line.strip()) for file in files for line in file.read_text(encoding="utf-8").splitlines())
