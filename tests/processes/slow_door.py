"""A door in front of a server that lets requests through, each after a while: a pass is as long as a test needs it."""
from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

_CHUNK = 65536


class SlowDoor:
    """As a context manager it listens on a free loopback port. `delay`: seconds that each request waits."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._behind = (address.hostname or "127.0.0.1", address.port or 80)
        self.delay = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> SlowDoor:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self._listener.accept()
                server = socket.create_connection(self._behind)
                for source, target, wait in ((caller, server, True), (server, caller, False)):
                    threading.Thread(target=self._pass_on, args=(source, target, wait), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, wait: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if wait:
                    time.sleep(self.delay)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
