"""A hub and a shop as the tests drive them: real servers, called over JSON-2 as a user's program would."""
from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

from tools.database import Database
from tools.odoo_server import OdooServer

PATIENCE = 120.0
# The first looks follow soon; then each look leaves the watched server in peace for longer.
_FIRST_WAIT, _LONGER, _LONGEST_WAIT = 0.05, 1.2, 0.3
_CALL_TIMEOUT = 600


class Rejected(Exception):
    """The server answered a call with an error; `answer` is its JSON."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__(f"{status}: {answer.get('message') if isinstance(answer, dict) else answer}")
        self.status, self.answer = status, answer


def wait_until(condition: Callable[[], Any], what: str, *, within: float = PATIENCE) -> Any:
    """What `condition` gives once it is true; raises AssertionError when it does not become so."""
    deadline = time.monotonic() + within
    wait = _FIRST_WAIT
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within:.0f} s"
        time.sleep(wait)
        wait = min(wait * _LONGER, _LONGEST_WAIT)
    return result


class Odoo:
    """A database with an API key of its administrator, and the server on it."""

    def __init__(self, database: Database, key: str, **server_options: Any) -> None:
        self.database, self.key = database, key
        self.server = OdooServer(database, **server_options)

    def call(self, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> Any:
        """The result of a public method, as JSON-2 gives it. Raises Rejected."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}/json/2/{model}/{method}",
            data=json.dumps({"ids": list(ids), **arguments} if ids else arguments).encode(),
            headers={"Authorization": f"bearer {self.key}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_CALL_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Rejected(error.code, json.loads(error.read() or b"null")) from None

    def complaints(self) -> list[str]:
        """Errors and tracebacks of the server's log, as `OdooServer.complaints` finds them."""
        return self.server.complaints()

    def value(self, statement: str, *values: object) -> Any:
        """The first value of the first row of an SQL query, None if there is no row."""
        rows = self.database.query(statement, *values)
        return rows[0][0] if rows else None


class Shop(Odoo):
    """The second Odoo. `companies` are ids of companies that see the same products."""

    companies: tuple[int, ...] = ()

    @property
    def settings(self) -> dict[str, str]:
        return {"url": self.server.url, "database": self.database.name, "api_key": self.key}


class Hub(Odoo):
    """An Odoo with the addon."""

    def connect(
        self, settings: dict[str, str], *, name: str = "Shop", company: int | None = None, system: str = "odoo"
    ) -> int:
        """A connection that was tested, with its locations and taxes here and nothing else started; returns its id."""
        connection = self.make_connection(settings, name=name, company=company, system=system)
        answer = self.call("pos.sync.connection", "action_test", [connection])
        assert answer["params"]["type"] == "success", answer["params"]["message"]
        self.wait_for_flow(connection, "setup_pull")
        return connection

    def make_connection(
        self, settings: dict[str, str], *, name: str = "Shop", company: int | None = None, system: str = "odoo"
    ) -> int:
        """A connection as a person enters it, not tested yet, with no flow switched on but that of its setup."""
        values = {"name": name, "system": system, **({"company_id": company} if company else {})}
        (connection,) = self.call("pos.sync.connection", "create", vals_list=[values])
        self.enter(connection, settings)
        others = self.call(
            "pos.sync.stream", "search", domain=[["connection_id", "=", connection], ["flow", "!=", "setup_pull"]])
        self.call("pos.sync.stream", "write", others, vals={"enabled": False})
        return connection

    def enter(self, connection: int, settings: dict[str, str]) -> None:
        """Types settings into the form."""
        rows = self.call(
            "pos.sync.setting", "search_read", domain=[["connection_id", "=", connection]], fields=["key", "kind"])
        for row in rows:
            if row["key"] in settings:
                field = "secret_input" if row["kind"] == "secret" else "value"
                self.call("pos.sync.setting", "write", [row["id"]], vals={field: settings[row["key"]]})

    def map_all(self, connection: int) -> None:
        """Makes a tax and a stock location for everything that has none."""
        self.call("pos.sync.connection", "action_make_taxes", [connection])
        self.call("pos.sync.connection", "action_make_stock_locations", [connection])

    def start(self, connection: int, *flows: str) -> None:
        """Switches flows on and asks for them."""
        streams = [self.stream(connection, flow) for flow in flows]
        self.call("pos.sync.stream", "write", streams, vals={"enabled": True})
        self.call("pos.sync.stream", "action_sync_now", streams)

    def stream(self, connection: int, flow: str) -> int:
        return self.value("SELECT id FROM pos_sync_stream WHERE connection_id = %s AND flow = %s", connection, flow)

    def read_count(self, connection: int, flow: str) -> int:
        """How many records the stream's current or last run has read."""
        return self.value(
            """
            SELECT run.read_count FROM pos_sync_stream stream
              JOIN pos_sync_run run ON run.id = COALESCE(stream.run_id, stream.last_run_id)
             WHERE stream.connection_id = %s AND stream.flow = %s
            """, connection, flow) or 0

    def wait_for_flow(self, connection: int, flow: str, *, within: float = PATIENCE) -> None:
        """Returns when the first pass of a flow has ended; raises AssertionError with the flow's own sentence."""

        def ended() -> bool:
            done, sentence = self.database.query(
                "SELECT first_done, sentence FROM pos_sync_stream WHERE connection_id = %s AND flow = %s",
                connection, flow)[0]
            assert not sentence, f"{flow} stopped: {sentence}"
            return done

        wait_until(ended, f"the first pass of {flow}", within=within)

    def wake_crons(self) -> None:
        """What another Odoo on the same PostgreSQL does when it sets a job: a server that has just started polls after
        a minute only."""
        connection = self.database.workspace.postgres.connect("postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.database.name])
        connection.close()

    def messages(self, connection: int) -> list[tuple[Any, ...]]:
        """What did not arrive: external id, state, code, sentence."""
        return self.database.query(
            "SELECT external_id, state, code, sentence FROM pos_sync_message WHERE connection_id = %s ORDER BY id",
            connection)
