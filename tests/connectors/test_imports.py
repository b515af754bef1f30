"""Arrows point one way: the connectors import only themselves, relatively, and well-kept libraries; never Odoo."""

import ast
import sys
from pathlib import Path

import pytest

import connectors

ROOT = Path(connectors.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
LIBRARIES = {"requests", "urllib3", "cryptography", "phonenumbers", "rapidfuzz", "psycopg2", "PIL"}


def imports(path: Path):
    """Pairs of the top-level package that is imported and how many levels up a relative import goes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0], node.level


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_imports_only_libraries_and_itself(path):
    depth = len(path.relative_to(ROOT).parts)
    for package, level in imports(path):
        if level:
            assert level <= depth, f"{path} reaches outside connectors/"
        else:
            allowed = package in sys.stdlib_module_names or package in LIBRARIES
            assert allowed, f"{path} imports {package}"


def test_systems_are_imported_by_nobody():
    for path in MODULES:
        if path != ROOT / "__init__.py":
            names = {
                alias.name
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            } | {package for package, _level in imports(path)}
            assert "systems" not in names, f"{path} imports a system"


def test_odoo_stays_out_of_the_process():
    assert "odoo" not in sys.modules
