"""A vendor's stand-in over HTTP on loopback: what each of them has before the first word of its own API."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol

from .permissions import App, Page

_logger = logging.getLogger(__name__)
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass(frozen=True)
class Fault:
    """What the next request meets. `after_work`: the request is done, and its answer lost."""

    status: int = 0
    after_work: bool = False


class _OAuth(Protocol):
    app: App

    def answer(self, method: str, path: str, body: bytes) -> Page | None: ...


class _Webhooks(Protocol):
    def close(self) -> None: ...


class Sandbox:
    """Answers on `url` from `open` until it is closed. A vendor's own says what (`answer`), what a fault of its servers
    looks like (`oops`) and which headers every answer carries."""

    oops: bytes
    headers: Mapping[str, str] = {}
    oauth: _OAuth
    webhooks: _Webhooks
    # Sees the sandbox, method, path, body and answer of every request of every sandbox in this process.
    watch: ClassVar[Callable[..., None] | None] = None

    def __init__(self, port: int = 0):
        self.faults: deque[Fault] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    def open(self) -> None:
        self._thread.start()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.webhooks.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def app(self, *redirects: str) -> dict[str, str]:
        """What a person would enter to connect by OAuth, with an app for which these addresses are registered."""
        self.oauth.app.redirects.update(redirects)
        return {"client_id": self.oauth.app.client_id, "client_secret": self.oauth.app.client_secret, "url": self.url}

    def _page(self, method: str, path: str, headers: Any, body: bytes) -> Page | None:
        """None: hang up without a word."""
        fault = self.faults.popleft() if self.faults else None
        if path.startswith("/images/"):
            return Page(200, _PNG, "image/png")
        if fault and fault.status:
            return Page(fault.status, self.oops)
        if fault and not fault.after_work:
            return None
        page = self._answered(method, path, headers, body)
        if page and Sandbox.watch:
            Sandbox.watch(self, method, path, body, page)
        return None if fault else page

    def _answered(self, method: str, path: str, headers: Any, body: bytes) -> Page | None:
        """None: the connection broke in the middle of it."""
        try:
            return self.oauth.answer(method, path, body) or Page.of(*self.answer(method, path, headers, body))
        except ConnectionError:
            return None
        except Exception:
            _logger.exception("%s broke on %s %s", type(self).__name__, method, path)
            return Page(500, self.oops)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sandbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            wbufsize = 64 * 1024

            def log_message(self, *_arguments: object) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                page = sandbox._page(self.command, self.path, self.headers, body)
                if page is None:
                    self.close_connection = True
                    return
                self.send_response(page.status)
                if page.location:
                    self.send_header("Location", page.location)
                self.send_header("Content-Type", page.kind)
                self.send_header("Content-Length", str(len(page.body)))
                for name, value in sandbox.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        return Handler
