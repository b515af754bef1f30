"""A real Odoo server process on one database."""
from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from . import venv
from .bootstrap import ROOT
from .console import Problem, tail
from .database import Database
from .postgres import free_port

_READY_WITHIN = 180
_STOPS_WITHIN = 30
_PORT_ATTEMPTS = 3
_LONGEST_REQUEST = 1200
# The second is a link that another job has just made: the page is replayed.
_CONFLICTS = (
    "ERROR: could not serialize access",
    'ERROR: duplicate key value violates unique constraint "pos_sync_mapping_external_uniq"',
)
_LEFT_PAGE = "odoo/addons/bus/websocket.py"


def is_trouble(line: str) -> bool:
    """Whether a log line is of level ERROR or CRITICAL, or begins a traceback."""
    return any(mark in line for mark in (" ERROR ", " CRITICAL ", "Traceback (most recent call last)"))


class OdooServer:
    """Odoo on a free loopback port; started, stopped, killed and started again as a test needs it.

    `workers=0` is one process with threads, `workers=N` is Odoo's prefork server. `cron_workers` are its threads or
    processes for scheduled jobs. `options` are further options of odoo.conf. `host_name` stands in the URL only:
    browsers share cookies between ports of one host name, so two servers need two names. Everything the server writes
    is in `log_path`, across restarts. As a context manager it starts, and stops at the end.
    """

    def __init__(
        self,
        database: Database,
        *,
        port: int | None = None,
        workers: int = 0,
        cron_workers: int = 2,
        host_name: str = "127.0.0.1",
        options: Mapping[str, object] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.database, self.host_name = database, host_name
        self.workers, self.cron_workers = workers, cron_workers
        self.log_path: Path = database.workspace.logs / f"{database.label}-server.log"
        self._fixed_port = port
        self.port = port or free_port()
        self._options = dict(options or {})
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host_name}:{self.port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the server (the master process, if it is a prefork server)."""
        if self._process is None:
            raise Problem("The server was not started.")
        return self._process.pid

    def __enter__(self) -> OdooServer:
        return self if self.running else self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, *, wait: bool = True) -> OdooServer:
        """Starts the server; waits until it answers unless told not to. Raises Problem with the end of its log."""
        if self.running:
            raise Problem(f"The server on {self.database.label} runs already.")
        for attempt in range(_PORT_ATTEMPTS):
            self._spawn()
            if not wait or self._answers_in_time():
                return self
            port_taken = "Address already in use" in tail(self.log_path)
            if self._fixed_port or not port_taken or attempt == _PORT_ATTEMPTS - 1:
                break
            self.port = free_port()
        raise self._did_not_start()

    def wait_until_ready(self) -> OdooServer:
        """For start(wait=False): returns when the server answers with its database loaded."""
        if not self._answers_in_time():
            raise self._did_not_start()
        return self

    def stop(self) -> None:
        """Ends the server as an administrator would (SIGTERM), and by force if it does not end."""
        if self.running:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self._process.wait(_STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self) -> None:
        """Ends the server and all its workers at once (SIGKILL): nothing in them runs to its end."""
        if self._process is None:
            return
        try:
            # The server leads a process group of its own, so its workers are in it.
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def restart(self) -> OdooServer:
        self.stop()
        return self.start()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def complaints(self) -> list[str]:
        """The log lines of level ERROR or CRITICAL and those that begin a traceback. A conflict with another
        transaction counts as none where Odoo itself logs it and does the work again, nor does a page that is left while
        Odoo tells it something."""
        entries = re.split(r"\n(?=\d{4}-\d\d-\d\d )", self.log())
        lines = [line for entry in entries if _LEFT_PAGE not in entry for line in entry.splitlines()]
        conflicts = {line for line, after in pairwise(lines)
                     if "odoo.sql_db: bad query" in line and after.startswith(_CONFLICTS)}
        return [line for line in lines if line not in conflicts and is_trouble(line)]

    def _did_not_start(self) -> Problem:
        self.kill()
        log_end = tail(self.log_path)
        return Problem(f"Odoo did not start on {self.database.label}; {self.log_path} ends with\n{log_end}")

    def _spawn(self) -> None:
        options = {
            "http_port": self.port,
            "gevent_port": free_port(),
            "workers": self.workers,
            "max_cron_threads": self.cron_workers,
            # Odoo ends requests that take longer than this; installing takes its time on a small machine.
            "limit_time_real": _LONGEST_REQUEST,
            **self._options,
        }
        config_path = self.database.config(options, name="server")
        command = [sys.executable, str(venv.odoo_bin()), "server", "-c", str(config_path)]
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**self.database.workspace.environment(), **self._environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=_die_with_parent)  # noqa: PLW1509 - one system call, no lock taken

    def _answers_in_time(self) -> bool:
        deadline = time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline and self.running:
            try:
                # With a single database this loads it before it answers.
                health = f"http://127.0.0.1:{self.port}/web/health"
                with urllib.request.urlopen(health, timeout=_READY_WITHIN) as answer:
                    # Someone else's server may have taken the port: then ours has ended.
                    return answer.status == 200 and self.running
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False


def _die_with_parent() -> None:
    """Has Linux kill this process when the thread that started it ends, so that kill -9 of ./dev leaves no server."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
