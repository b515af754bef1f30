"""./dev serve: a server with the addon, on a database of its own that goes when it stops."""
from __future__ import annotations

import argparse
import signal

from ..console import say, step
from ..odoo_server import OdooServer
from ..templates import hub_with_addon
from ..workspace import Workspace


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev serve", description=__doc__)
    parser.add_argument("--port", type=int, help="a free one by default")
    parser.add_argument("--workers", type=int, default=0, help="0: threads; more: Odoo's prefork server")
    parser.add_argument(
        "--with", dest="extra", action="append", default=[], metavar="MODULE", help="a further Odoo module")
    options = parser.parse_args(arguments)
    with Workspace() as workspace:
        database = hub_with_addon(options.extra).copy(workspace, "hub")
        server = OdooServer(database, port=options.port, workers=options.workers, host_name="localhost")
        with step("Starting Odoo"):
            server.start()
        with server:
            print(f"{server.url}  login admin, password admin; log {server.log_path}; Ctrl-C ends it", flush=True)
            wait_for_interrupt()
    return 0


def wait_for_interrupt() -> None:
    """Returns on Ctrl-C."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nStopping ...")
