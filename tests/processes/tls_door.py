"""Encryption before a PostgreSQL that was built without it, as a shop's server asks for it: libpq's own handshake, then
TLS with certificates made here, then the server behind."""
from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools.postgres import Postgres

_SSL_REQUEST, _GSS_REQUEST = 80877103, 80877104
_AT_ONCE = 65536


class Authority:
    """Signs certificates. `certificate` is its own, as text."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self.certificate = _pem(self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None)))

    def issue(self, name: str, hosts: Sequence[str] = ()) -> tuple[str, str]:
        """A certificate and its key, as texts."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [
            x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        extensions = [x509.SubjectAlternativeName(names)] if names else []
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return _pem(self._sign(_named(name), key, *extensions)), secret.decode()

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())


class TlsDoor:
    """Lets clients in at `port` of 127.0.0.1 by TLS only; with `asks`, only with a certificate of that authority.

    `guests` are the names on the certificates of those who came in, "" without one.
    """

    def __init__(self, server: Postgres, own: tuple[str, str], folder: Path, *, asks: Authority | None = None) -> None:
        self._server, self.guests = server, list[str]()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        paths = []
        for name, text in zip(("server.crt", "server.key"), own, strict=True):
            paths.append(folder / name)
            paths[-1].write_text(text)
        self._context.load_cert_chain(*paths)
        if asks:
            self._context.load_verify_locations(cadata=asks.certificate)
            self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._listener.getsockname()[1])

    def __enter__(self) -> TlsDoor:
        threading.Thread(target=self._welcome, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _welcome(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            _length, request = struct.unpack("!II", client.recv(8))
            if request == _GSS_REQUEST:
                client.sendall(b"N")
                _length, request = struct.unpack("!II", client.recv(8))
            if request != _SSL_REQUEST:
                return
            client.sendall(b"S")
            try:
                tls = self._context.wrap_socket(client, server_side=True)
            except (ssl.SSLError, OSError):
                return
            with tls, self._behind() as server:
                subject = dict(part[0] for part in (tls.getpeercert() or {}).get("subject", ()))
                self.guests.append(subject.get("commonName", ""))
                _pass_on(tls, server)

    def _behind(self) -> socket.socket:
        port = self._server.port or "5432"
        if not self._server.host.startswith("/"):
            return socket.create_connection((self._server.host, int(port)))
        behind = socket.socket(socket.AF_UNIX)
        behind.connect(f"{self._server.host}/.s.PGSQL.{port}")
        return behind


def _pass_on(tls: ssl.SSLSocket, server: socket.socket) -> None:
    """Both ways, until one side ends."""
    while True:
        for source in [tls] if tls.pending() else select.select([tls, server], [], [])[0]:
            try:
                data = source.recv(_AT_ONCE)
                (server if source is tls else tls).sendall(data)
            except OSError:
                return
            if not data:
                return


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
