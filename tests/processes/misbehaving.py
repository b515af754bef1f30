"""An HTTP server that is no Odoo, or one that has trouble: what it answers is chosen by name."""
from __future__ import annotations

import json
import ssl
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PAGE = b"<!DOCTYPE html><html><body><h1>Welcome</h1><form action=/login></form></body></html>"


class Misbehaving:
    """As a context manager it listens on a free loopback port; with `certificate` over TLS, self-signed."""

    def __init__(self, behaviour: str, certificate: Path | None = None) -> None:
        handler = type("Handler", (_Handler,), {"behaviour": behaviour})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_self_signed(certificate))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Misbehaving:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    behaviour = ""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        getattr(self, f"_{self.behaviour}")()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _web_page(self) -> None:
        self._answer(200, _PAGE, "text/html")

    def _web_page_for_everything_but_its_version(self) -> None:
        if self.path == "/web/version":
            self._version("19.0")
        else:
            self._web_page()

    def _old_version(self) -> None:
        if self.path == "/web/version":
            self._version("11.0")
        else:
            self._answer(404, b"{}")

    def _server_error(self) -> None:
        self._answer(500, _PAGE, "text/html")

    def _server_error_after_its_version(self) -> None:
        if self.path == "/web/version":
            self._version("19.0")
        else:
            self._answer(502, b"bad gateway", "text/plain")

    def _cut_off(self) -> None:
        if self.path == "/web/version":
            self._version("19.0")
        else:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"lang": "en_')
        self.close_connection = True

    def _another_shape(self) -> None:
        if self.path == "/web/version":
            self._version("19.0")
        else:
            self._answer(200, b'["not", {"what": "was asked"}]')

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", "https://login.example.invalid/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _empty(self) -> None:
        self._answer(200, b"")

    def _version(self, version: str) -> None:
        self._answer(200, json.dumps({"version": version, "version_info": [version]}).encode())

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _self_signed(folder: Path) -> Path:
    """A file with a key and a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM))
    return path
