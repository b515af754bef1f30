"""A real HTTP server on loopback that does what a test tells it, and a proxy that can misbehave before another server.

Both count and keep what they were sent. Nothing here waits: a slow answer is one that never comes until the test ends.
"""

from __future__ import annotations

import datetime
import http.client
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`length` states another Content-Length than the body's; `chunked` sends the body so and ends without its end.

    `silent`: no answer until the server is closed. `hang_up`: the connection is closed without a word.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    chunked: bool = False
    silent: bool = False
    hang_up: bool = False


TOO_MANY = Reply(429, b"{}", {"Retry-After": "3"})
BROKEN = Reply(500, b"oops")
CUT = Reply(200, b'{"rows": [1, 2', {"Content-Type": "application/json"}, length=4000)
CUT_CHUNKS = Reply(200, b'{"rows": [1, 2', {"Content-Type": "application/json"}, chunked=True)
CUT_UNNOTICED = Reply(200, b'{"rows": [1, 2', {"Content-Type": "application/json"})
WEB_PAGE = Reply(200, b"<!DOCTYPE html><html><body>Please log in</body></html>", {"Content-Type": "text/html"})
SILENT = Reply(silent=True)
HANG_UP = Reply(hang_up=True)

Answering = Callable[[Request], Reply]


class Loopback:
    """A server that answers with `answer(request)`, after the replies put before it with `first`."""

    def __init__(self, answer: Answering, *, certificate: Path | None = None):
        self.requests: list[Request] = []
        self._answer = answer
        self._first: list[Reply] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def first(self, *replies: Reply) -> None:
        """The next requests get these, one each."""
        self._first += replies

    def always(self, reply: Reply | None) -> None:
        """From now on every request gets this; None: what `answer` says again."""
        self._always = reply

    _always: Reply | None = None

    def lose(self, nth: int, *, but: Callable[[Request], bool] = lambda request: False) -> None:
        """The answer to the nth request from now on (the first is 0; those that `but` names are not counted) is lost
        after everything was done that it asked for."""
        self._losing = (nth, but)

    _losing: tuple[int, Callable[[Request], bool]] | None = None

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, request: Request) -> Reply:
        self.requests.append(request)
        if self._first:
            return self._first.pop(0)
        reply = self._always or self._answer(request)
        if self._losing:
            nth, but = self._losing
            if not but(request):
                self._losing = (nth - 1, but) if nth else None
                return reply if nth else HANG_UP
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            wbufsize = 64 * 1024

            def log_message(self, *_arguments: object) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = outer._reply(Request(self.command, self.path, dict(self.headers.items()), body))
                if reply.silent:
                    outer._closing.wait()
                if reply.silent or reply.hang_up:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                else:
                    self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
                self.end_headers()
                framed = b"%x\r\n%s\r\n" % (len(reply.body), reply.body) if reply.chunked else reply.body
                self.wfile.write(framed)
                self.close_connection = reply.chunked or reply.length is not None

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        return Handler


def proxy(upstream: str) -> Loopback:
    """Passes everything on to `upstream`, until it is told to misbehave."""
    target = urlsplit(upstream)
    dropped = {"connection", "keep-alive", "transfer-encoding", "content-length", "server"}

    def forward(request: Request) -> Reply:
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            headers = {**request.headers, "Connection": "close"}
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in dropped}
            return Reply(answer.status, answer.read(), kept)
        finally:
            connection.close()

    return Loopback(forward)


def rows(values: Iterable[bytes]) -> Answering:
    """Answers with one body after the other."""
    pending = list(values)
    return lambda request: Reply(200, pending.pop(0), {"Content-Type": "application/json"})


def self_signed(folder: Path) -> Path:
    """A certificate with its key that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
