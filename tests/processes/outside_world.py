"""What lies outside of a house: a mail server and a service that texts, prints and is called. Both only note what
reaches them."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class OutsideWorld:
    """`heard`: ("mail", recipient) and ("call", path), in their order."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._mail_handler())
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), self._web_handler())
        self._mail.daemon_threads = self._web.daemon_threads = True

    @property
    def mail_port(self) -> int:
        return self._mail.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._web.server_address[1]}"

    @contextmanager
    def open(self) -> Iterator[OutsideWorld]:
        servers = self._mail, self._web
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()

    def _mail_handler(self) -> type[socketserver.StreamRequestHandler]:
        heard = self.heard

        class Mail(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 outside")
                while line := self.rfile.readline().decode(errors="replace").strip():
                    verb = line.upper()
                    if verb.startswith("RCPT"):
                        heard.append(("mail", line.partition("<")[2].rstrip(">")))
                    if verb == "DATA":
                        self._say("354 go on")
                        while self.rfile.readline().strip() != b".":
                            continue
                    self._say("221 bye" if verb == "QUIT" else "250 ok")

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        return Mail

    def _web_handler(self) -> type[BaseHTTPRequestHandler]:
        heard = self.heard

        class Web(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                heard.append(("call", self.path))
                body = json.dumps({"jsonrpc": "2.0", "id": 0, "result": []}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Nothing is printed."""

        return Web
