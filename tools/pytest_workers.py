"""A pytest plugin: each of the processes that share the addon's tests has a database of its own, with files of its own.

pytest-odoo would copy the database with programs of PostgreSQL that need not be there, and let the copies share their
files, which Odoo's tests sweep when they end.
"""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def of_worker(label: str, worker: str) -> str:
    """The label or name of a worker's own database."""
    return f"{label}_{worker}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[Any]:
    worker = os.environ.pop("PYTEST_XDIST_WORKER", "")
    if worker:
        whole = Path(config.option.odoo_config)
        config.option.odoo_config = str(whole.parent.with_name(of_worker(whole.parent.name, worker)) / whole.name)
        config.option.odoo_database = of_worker(config.option.odoo_database, worker)
    # Before pytest-odoo's own wrapper, which hands the options to Odoo.
    return (yield)
