"""Databases of a run end with it; what a killed run leaves behind ends with the next; the last one stops PostgreSQL."""
import subprocess
import sys

import pytest

from tools import cache, postgres
from tools.bootstrap import ROOT
from tools.database import Database
from tools.workspace import Workspace


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(postgres, "_machine_server", lambda: None)
    yield
    postgres.remove()


def test_a_run_drops_its_databases_and_the_last_one_stops_the_server():
    with Workspace() as second:
        with Workspace() as first:
            Database(first, "mine").create()
            Database(second, "mine").create()
        assert second.databases("pos_sync_") == [second.database_name("mine")]
    with pytest.raises(postgres.psycopg2.OperationalError):
        second.postgres.connect()


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    script = (
        "import os; from tools import postgres; postgres._machine_server = lambda: None\n"
        "from tools.workspace import Workspace; from tools.database import Database\n"
        "workspace = Workspace(); print(Database(workspace, 'left').create().name, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    name = killed.stdout.strip()
    assert name.endswith("_left"), killed.stderr
    with Workspace() as workspace:
        assert name not in workspace.databases("pos_sync_")
        assert [folder.name for folder in (cache.folder() / "runs").iterdir()] == [workspace.id]


def test_logs_of_a_run_stay_while_it_runs():
    with Workspace() as long_run:
        for _run in range(12):
            Workspace().close()
        assert long_run.logs.exists()
        assert len(list((cache.folder() / "logs").iterdir())) == 11


def test_what_python_compiles_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "compiled_once.py").write_text("")
    with Workspace() as workspace:
        subprocess.run(
            [sys.executable, "-c", "import compiled_once"], cwd=tmp_path, env=workspace.environment(), check=True)
    assert list((cache.folder() / "bytecode").rglob("compiled_once.*.pyc"))
