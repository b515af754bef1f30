"""The addon comes from the Apps menu of a plain Odoo, names the Python package it misses, and goes without a trace."""
from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bootstrap import ROOT
from tools.database import Database
from tools.templates import hub
from tools.workspace import Workspace

from .hub import Hub, Odoo, Rejected, Shop, wait_until
from .keys import make_key

MODULE = "pos_sync_connector"
_HIDDEN = "rapidfuzz"
# What Odoo logs of its own when a job runs while it uninstalls: that it can't lock the jobs and refuses; that a
# concurrent change kept it from loading what is left, before it does the request again.
_NOISE = "FROM ir_cron FOR UPDATE NOWAIT", "odoo.registry: Failed to load registry"
# Python imports this module when it starts.
_HIDE_PACKAGE = f"""
import importlib.abc, importlib.metadata, sys

class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {_HIDDEN!r}:
            raise ImportError(name)

found = importlib.metadata.Distribution.from_name.__func__

def from_name(cls, name):
    if name.lower() == {_HIDDEN!r}:
        raise importlib.metadata.PackageNotFoundError(name)
    return found(cls, name)

importlib.metadata.Distribution.from_name = classmethod(from_name)
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(scope="module")
def plain(workspace: Workspace) -> Iterator[Hub]:
    """An Odoo with nothing but the apps that the addon builds on."""
    with hub().copy(workspace, "plain") as database:
        # Where a job is hours late Odoo takes an installation under way for one that was given up.
        database.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'")
        yield Hub(database, make_key(database))


def module_state(odoo: Odoo) -> tuple[int, str]:
    return odoo.database.query("SELECT id, state FROM ir_module_module WHERE name = %s", MODULE)[0]


def test_a_missing_package_is_named(plain: Hub, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HIDE_PACKAGE)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    without = Hub(plain.database, plain.key, environment={"PYTHONPATH": path}, cron_workers=0)
    with without.server:
        module, before = module_state(without)
        with pytest.raises(Rejected) as rejected:
            without.call("ir.module.module", "button_immediate_install", [module])
    assert _HIDDEN in rejected.value.answer["message"]
    assert (before, module_state(without)[1]) == ("uninstalled", "uninstalled")
    assert without.complaints() == []


def test_installed_used_and_uninstalled(plain: Hub, shop: Shop, workspace: Workspace) -> None:
    with plain.server:
        module, _state = module_state(plain)
        wait_until(lambda: has_become(plain, module, "installed"), "the addon")
        connection = plain.connect(shop.settings)
        plain.map_all(connection)
        plain.start(connection, "products_pull")
        wait_until(lambda: plain.read_count(connection, "products_pull"), "the first page")
        plain.call("pos.sync.connection", "action_off", [connection])
        assert leftovers(plain.database) != []
        wait_until(lambda: has_become(plain, module, "uninstalled"), "the end of the addon")
        products = plain.value("SELECT count(*) FROM product_template")
        assert plain.call("product.template", "search_count", domain=[["active", "in", [True, False]]]) == products
    assert leftovers(plain.database) == []
    assert [line for line in plain.complaints() if not any(noise in line for noise in _NOISE)] == []
    with hub().copy(workspace, "never_had_it") as never_had_it:
        assert schema(plain.database) == schema(never_had_it)


def has_become(plain: Hub, module: int, state: str) -> bool:
    """Presses the button. Odoo refuses to install and uninstall while a job runs, and says so."""
    try:
        plain.call("ir.module.module", f"button_immediate_{state.removesuffix('ed')}", [module])
    except Rejected as rejected:
        if "scheduled action" not in str(rejected):
            raise
        return False
    return module_state(plain)[1] == state


def schema(database: Database) -> set[tuple[object, ...]]:
    """Tables, columns, indexes and constraints."""
    return {
        *database.query(
            "SELECT 'column', table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'"),
        *database.query("SELECT 'index', tablename, indexname FROM pg_indexes WHERE schemaname = 'public'"),
        *database.query(
            "SELECT 'constraint', conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace"),
    }


def leftovers(database: Database) -> list[tuple[object, ...]]:
    """Rows of Odoo's own tables that belong to the addon, and its files."""
    found: list[tuple[object, ...]] = []
    for table, column in (
        ("ir_cron", "cron_name"), ("ir_act_server", "name->>'en_US'"), ("ir_act_window", "res_model"),
        ("ir_model", "model"), ("ir_model_fields", "name"), ("ir_model_fields", "model"), ("ir_model_data", "module"),
        ("ir_model_constraint", "name"), ("ir_ui_view", "name"), ("ir_ui_menu", "name->>'en_US'"),
        ("ir_rule", "name"), ("ir_model_access", "name"), ("res_groups_privilege", "name->>'en_US'"),
        ("ir_asset", "path"), ("ir_config_parameter", "key"), ("ir_attachment", "res_model"),
        ("mail_message", "model"), ("mail_activity", "res_model"), ("ir_default", "json_value"),
    ):
        rows = database.query(
            f"SELECT '{table}', id, {column} FROM {table} WHERE replace(replace({column}, '.', '_'), ' ', '_')"
            " ILIKE '%%pos\\_sync%%'")
        found += rows
    jobs = database.query("SELECT 'ir_cron without action', id FROM ir_cron WHERE ir_actions_server_id IS NULL")
    files = [("file", str(file)) for file in database.data_dir.rglob("*") if MODULE in str(file.relative_to(
        database.data_dir))]
    return [*found, *jobs, *files]


def test_the_manifest_names_every_package_that_is_imported() -> None:
    """What is not named there is not named by Odoo either when it is missing."""
    manifest = ast.literal_eval((ROOT / MODULE / "__manifest__.py").read_text())
    named = {name.lower().replace("-", "_") for name in manifest["external_dependencies"]["python"]}
    imported = set()
    for file in (ROOT / MODULE).rglob("*.py"):
        if "tests" in file.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").partition(".")[0])
    # What Odoo itself cannot run without.
    of_odoo = {"odoo", "dateutil", "psycopg2", "pytz", "lxml", "PIL", "werkzeug", "babel", "markupsafe", "urllib3"}
    assert {name.lower() for name in imported - of_odoo - set(sys.stdlib_module_names)} <= named
