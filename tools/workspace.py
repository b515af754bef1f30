"""What one run of ./dev (or one test process) makes and removes again: databases, servers' folders, logs."""
from __future__ import annotations

import os
import secrets
import shutil
import time
from pathlib import Path

from psycopg2 import sql

from . import cache, postgres

_KEPT_LOGS = 10


class Workspace:
    """A PostgreSQL server that stays up, a folder and a namespace of database names.

    Use it as a context manager. Whatever a killed run left behind is removed by the next one: its lock is free.
    """

    def __init__(self) -> None:
        self.id = secrets.token_hex(3)
        self.folder = cache.folder() / "runs" / self.id
        self.logs = cache.folder() / "logs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{self.id}"
        self._lock = cache.lock_of(f"run-{self.id}")
        self._lock.acquire()
        self.folder.mkdir(parents=True)
        self.logs.mkdir(parents=True)
        self.postgres = postgres.open_server()
        self._sweep()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Drops the run's databases and files; its logs stay until ten later runs have ended."""
        self._remove(self.id)
        alive = {folder.name for folder in (cache.folder() / "runs").iterdir()}
        logs = sorted((cache.folder() / "logs").iterdir())
        for old in [folder for folder in logs if folder.name.rpartition("-")[2] not in alive][:-_KEPT_LOGS]:
            shutil.rmtree(old, ignore_errors=True)
        self._lock.release()
        self.postgres.close()

    def database_name(self, label: str) -> str:
        return f"{self._prefix(self.id)}{label}"

    def environment(self) -> dict[str, str]:
        """The process environment for Odoo and PostgreSQL's clients, without a person's own settings for Odoo.

        Bytecode is kept, whatever the machine says: to compile Odoo takes half the time of starting it.
        """
        own = ("ODOO_", "OPENERP_", "POS_SYNC_", "PYTHONDONTWRITEBYTECODE")
        environment = {n: value for n, value in self.postgres.environment().items() if not n.startswith(own)}
        return {**environment, "PYTHONUNBUFFERED": "1", "PYTHONPYCACHEPREFIX": str(cache.folder() / "bytecode")}

    def drop(self, *databases: str) -> None:
        """Drops databases, ending whoever is connected to them."""
        connection = self.postgres.connect()
        with connection.cursor() as cursor:
            for database in databases:
                name = sql.Identifier(database)
                cursor.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [database])
                if cursor.fetchone() == (True,):
                    cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(name))
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.close()

    def databases(self, prefix: str) -> list[str]:
        connection = self.postgres.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            names = [name for (name,) in cursor.fetchall()]
        connection.close()
        return names

    def _sweep(self) -> None:
        for folder in (cache.folder() / "runs").iterdir():
            lock = cache.lock_of(f"run-{folder.name}")
            if folder.name != self.id and lock.try_acquire():
                self._remove(folder.name)
            lock.release()

    def _remove(self, run: str) -> None:
        self.drop(*self.databases(self._prefix(run)))
        shutil.rmtree(cache.folder() / "runs" / run, ignore_errors=True)
        Path(cache.folder() / "locks" / f"run-{run}.lock").unlink(missing_ok=True)

    @staticmethod
    def _prefix(run: str) -> str:
        return f"pos_sync_{cache.identity()}_{run}_"


def link_tree(source: Path, target: Path) -> None:
    """Copies a folder by hard links: for files that are never changed in place, as those of Odoo's filestore."""
    shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
