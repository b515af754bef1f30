"""A PostgreSQL that listens on TCP and asks for passwords, as one in a shop does; the tests' own trusts everybody."""
from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import postgres
from tools.postgres import EmbeddedPostgres, Postgres, free_port

PASSWORD = "keeper of the till"
_SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "20",
    "shared_buffers": "16MB",
}


class GuardedPostgres(EmbeddedPostgres):
    """`admit` rewrites who may come in, and how."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._data = self._home / label
        Postgres.__init__(self, "127.0.0.1", postgres.ROLE, str(free_port()), PASSWORD)

    def start(self) -> None:
        if postgres._is_root():
            for part in (postgres._PROGRAMS, postgres._LIBRARIES):
                # Where the tests' own server runs, the programs are there, and in use.
                if not (self._home / part).exists():
                    shutil.copytree(postgres._packages() / part, self._home / part)
        self._data.mkdir(parents=True)
        self._data.chmod(0o700)
        self._own(self._data)
        with self._password_file() as path:
            options = ["-U", self.user, "-A", "scram-sha-256", "--pwfile", str(path), "-E", "UTF8", "--locale=C",
                       "--no-sync"]
            self._succeed(self._run("initdb", self._data, *options))
        settings = {**_SETTINGS, "port": self.port}
        (self._data / "postgresql.auto.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self._succeed(self._ctl("start", "-w", "-t", "60", "-l", str(self._data / "log")))

    def admit(self, *lines: str) -> None:
        (self._data / "pg_hba.conf").write_text("\n".join([*lines, ""]))
        self._succeed(self._ctl("reload"))

    def stop(self) -> None:
        """At once, as when somebody pulls the plug."""
        self._ctl("stop", "-m", "immediate", "-w")

    def start_again(self) -> None:
        self._succeed(self._ctl("start", "-w", "-t", "60", "-l", str(self._data / "log")))

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        path = self._data.with_suffix(".password")
        path.write_text(PASSWORD)
        self._own(path)
        try:
            yield path
        finally:
            path.unlink()

    @staticmethod
    def _succeed(result: subprocess.CompletedProcess[str]) -> None:
        assert result.returncode == 0, result.stdout
