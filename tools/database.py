"""One Odoo database of a run: made, copied, asked, installed into and dropped."""
from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from psycopg2 import sql

from . import odoo_source, venv
from .bootstrap import ROOT
from .calls import Caller
from .console import Problem, Step, tail
from .workspace import Workspace, link_tree

_LOADING = re.compile(r"Loading module (\w+) \((\d+)/(\d+)\)")


class Database:
    """A database with its own data directory (filestore, sessions, keys) and log folder.

    `label` names it within the workspace, `name` in PostgreSQL. As a context manager it is dropped at the end.
    """

    def __init__(self, workspace: Workspace, label: str) -> None:
        self.workspace, self.label = workspace, label
        self.name = workspace.database_name(label)
        self.folder = workspace.folder / label
        self.data_dir = self.folder / "data"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._caller: Caller | None = None

    @property
    def filestore(self) -> Path:
        return self.data_dir / "filestore" / self.name

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.drop()

    def create(self) -> Database:
        """Makes it as an empty database without Odoo in it."""
        return self._create_from("template0", None)

    def copy_from(self, name: str, filestore: Path | None, *, new_uuid: bool = True) -> Database:
        """Makes it as a copy of a database that nobody is connected to; with an identity of its own by default."""
        self._create_from(name, filestore)
        if new_uuid:
            self.execute("UPDATE ir_config_parameter SET value = %s WHERE key = 'database.uuid'", str(uuid.uuid4()))
        return self

    def copy(self, label: str, *, new_uuid: bool = True) -> Database:
        """A copy of this database as it stands; no server may run on it.

        With `new_uuid=False` Odoo does not know that it is a copy, as after a restored backup.
        """
        return Database(self.workspace, label).copy_from(self.name, self.filestore, new_uuid=new_uuid)

    def drop(self) -> None:
        self.workspace.drop(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one SQL statement in its own transaction."""
        connection = self.workspace.postgres.connect(self.name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def execute(self, statement: str, *values: object) -> None:
        self.query(statement, *values)

    def config(self, options: Mapping[str, object] | None = None, *, name: str = "odoo") -> Path:
        """Writes an odoo.conf for this database, with further options, and returns its path."""
        addons_paths = [ROOT, *odoo_source.of_this_python().addons_paths]
        settings: dict[str, object] = {
            "addons_path": ",".join(map(str, addons_paths)),
            "data_dir": self.data_dir,
            "db_name": self.name,
            "dbfilter": f"^{self.name}$",
            "list_db": False,
            "http_interface": "127.0.0.1",
            "max_cron_threads": 0,
            **(options or {}),
        }
        parser = configparser.RawConfigParser()
        parser["options"] = {option: str(value) for option, value in settings.items()}
        path = self.folder / f"{name}.conf"
        with open(path, "w") as file:
            parser.write(file)
        return path

    def install(
        self, modules: Sequence[str], *, demo: bool = False, update: bool = False, progress: Step | None = None,
    ) -> None:
        """Installs (or updates) modules; raises Problem with the end of Odoo's log."""
        options = ["--stop-after-init", "--no-http", "-u" if update else "-i", ",".join(modules)]
        if demo:
            options.append("--with-demo")
        log_path = self.workspace.logs / f"{self.label}-install.log"
        command = [sys.executable, str(venv.odoo_bin()), "server", "-c", str(self.config(name="install")), *options]
        with open(log_path, "a") as log, subprocess.Popen(
            command, cwd=ROOT, env=self.workspace.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        ) as process:
            for line in process.stdout or ():
                log.write(line)
                loading = _LOADING.search(line)
                if progress and loading:
                    progress.note(f"{loading[2]} of {loading[3]} modules: {loading[1]}")
        if process.returncode:
            raise Problem(f"Odoo could not install {', '.join(modules)}; {log_path} ends with\n{tail(log_path)}")

    def call(self, function: str, **arguments: object) -> Any:
        """Runs `module:function(env, **arguments)` inside Odoo as OdooBot in a process of its own, and commits.

        Arguments and result travel as JSON. Raises Problem with the end of the log if the function raised.
        """
        if self._caller:
            return self._caller.call(function, arguments)
        with closing(self._new_caller()) as caller:
            return caller.call(function, arguments)

    @contextmanager
    def one_process_for_calls(self) -> Iterator[None]:
        """Inside, all calls share a process, which takes seconds to start."""
        with closing(self._new_caller()) as caller:
            self._caller = caller
            try:
                yield
            finally:
                self._caller = None

    def _new_caller(self) -> Caller:
        log = self.workspace.logs / f"{self.label}-calls.log"
        return Caller(self.config(name="call"), self.name, self.workspace.environment(), log)

    def _create_from(self, template: str, filestore: Path | None) -> Database:
        connection = self.workspace.postgres.connect()
        with connection.cursor() as cursor:
            # Copying files beats writing everything to the log first, which newer servers do by default.
            strategy = "STRATEGY file_copy" if connection.server_version >= 150000 else ""
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'unicode' {}").format(
                sql.Identifier(self.name), sql.Identifier(template), sql.SQL(strategy)))
        connection.close()
        if filestore and filestore.exists():
            link_tree(filestore, self.filestore)
        return self
