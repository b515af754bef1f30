"""Sockets with a deadline: no server holds a worker by answering byte by byte, in its headers or in its body.

requests knows a timeout for the time between two bytes only. Here every read from the socket gets what is left until
the moment that the pipeline has set for the whole exchange, and an answer that trickles is given up.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# An answer that has begun brings so many bytes a second, looked at over so many seconds.
_LEAST_RATE, _LOOKED_AT = 1024, 10.0


@dataclass(slots=True)
class Deadline:
    """Until when (`time.monotonic`) the exchange under way may last. `admits` says whether an address of a host may be
    connected to; it raises where it may not."""

    until: float = 0.0
    admits: Callable[[str], None] | None = None

    def left(self) -> float:
        return self.until - time.monotonic()

    @contextmanager
    def of(self, seconds: float, admits: Callable[[str], None] | None = None) -> Iterator[None]:
        """For what is asked inside: its time, within what is left of a request around it, and its addresses."""
        before = self.until, self.admits
        until = time.monotonic() + seconds
        self.until, self.admits = min(until, self.until) if self.until else until, admits
        try:
            yield
        finally:
            self.until, self.admits = before


class _Reader(io.RawIOBase):
    """What an answer is read from."""

    def __init__(self, inner: Any, sock: Any, deadline: Deadline):
        super().__init__()
        self._inner, self._sock, self._deadline = inner, sock, deadline
        self._usual = sock.gettimeout()
        self._began = 0.0
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise TimeoutError("timed out")
        usual = self._sock.gettimeout() or self._usual
        self._sock.settimeout(min(left, usual) if usual else left)
        try:
            count = self._inner.readinto(buffer)
        finally:
            self._sock.settimeout(usual)
        now = time.monotonic()
        self._began = self._began or now
        self._received += count or 0
        passed = now - self._began
        if count and passed > _LOOKED_AT and self._received < _LEAST_RATE * passed:
            raise TimeoutError("timed out")
        return count

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            super().close()


class _Socket:
    """A socket whose answers are read against the deadline; all else is the socket's own."""

    def __init__(self, sock: Any, deadline: Deadline):
        self._sock, self._deadline = sock, deadline

    def makefile(self, mode: str = "r", *_arguments: Any, **_options: Any) -> Any:
        return io.BufferedReader(_Reader(self._sock.makefile("rb", buffering=0), self._sock, self._deadline))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class DeadlineAdapter(HTTPAdapter):
    """For a session of requests. Without a proxy it connects to admitted addresses only."""

    def __init__(self, deadline: Deadline):
        self.deadline = deadline
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self.deadline),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self.deadline),
        }

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager


def deadline_of(session: requests.Session) -> Deadline:
    """The one deadline of a session, whoever shares it: what is asked on the way to an answer counts to its time."""
    adapter = session.get_adapter("https://")
    if not isinstance(adapter, DeadlineAdapter):
        adapter = DeadlineAdapter(Deadline())
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
    return adapter.deadline


def _pool(pool: type, connection: type, deadline: Deadline) -> type:
    class Connection(connection):  # type: ignore[misc, valid-type]
        def _new_conn(self) -> Any:
            admits = None if self.proxy else deadline.admits
            if not admits:
                return super()._new_conn()
            for *_kind, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
                admits(address[0])
            sock = super()._new_conn()
            try:
                # A name may have another address by now.
                admits(sock.getpeername()[0])
            except BaseException:
                sock.close()
                raise
            return sock

        def connect(self) -> None:
            super().connect()
            self.sock = _Socket(self.sock, deadline)

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})
