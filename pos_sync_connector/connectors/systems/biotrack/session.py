"""The connection to a BioTrack database: read-only, with a statement timeout, gone when nobody needs it.

Each snapshot is a transaction of its own (repeatable read, read only) and short: the shop sells meanwhile. Text of
databases without an encoding (SQL_ASCII) is taken for UTF-8 where it is valid UTF-8, else for Latin-1.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extensions, sql
from psycopg2.extras import RealDictCursor

from ...door import read_number, readable
from ...errors import NeedsFixing
from . import failures

NAME = "pos_sync_connector"
Query = str | sql.Composable
_TEXT_TYPES = (18, 19, 25, 1042, 1043)
_NUMERIC, _TIMESTAMP, _TIMESTAMP_WITH_ZONE = 1700, 1114, 1184
_ENCODED_ONLY_BY_CLIENTS = "SQL_ASCII"
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


class Session:
    """Asks one database. `timeout` of a statement and `patience` while connecting are in seconds.

    Raises the failures of `failures.py`, and nothing else, for whatever PostgreSQL reports.
    """

    fetched_at_once = 1000

    def __init__(self, values: Mapping[str, Any], *, timeout: float = 2.0, patience: int = 10) -> None:
        self._values = values
        self._timeout = timeout
        self._patience = patience
        self._connection: extensions.connection | None = None
        self._depth = 0

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """All that is asked inside sees the database at one moment."""
        connection = self._open()
        self._depth += 1
        try:
            yield self
        except psycopg2.Error as error:
            self.close()
            raise failures.asking(error) from error
        except UnicodeDecodeError as error:
            self.close()
            raise NeedsFixing(
                "The database holds text in another encoding than it says.", code="encoding", details=str(error)
            ) from error
        finally:
            self._depth -= 1
            if not self._depth and self._connection is connection and not connection.closed:
                try:
                    connection.rollback()
                except psycopg2.Error:
                    self.close()

    def rows(self, query: Query, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """Every row of a query, by column name."""
        with self.snapshot(), self._cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()

    def row(self, query: Query, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> dict[str, Any] | None:
        found = self.rows(query, parameters)
        return found[0] if found else None

    def scan(self, query: Query, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[dict[str, Any]]:
        """The rows of a query through a cursor of the server: memory holds some of them at a time."""
        with self.snapshot(), self._cursor(f"{NAME}_scan") as cursor:
            cursor.itersize = self.fetched_at_once
            cursor.execute(query, parameters or None)
            yield from cursor

    def _cursor(self, name: str | None = None) -> Any:
        return self._connection.cursor(name, cursor_factory=RealDictCursor)  # type: ignore[union-attr]

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg2.Error):
                connection.close()

    # Connecting

    def _open(self) -> extensions.connection:
        if self._connection is not None and self._connection.closed:
            self._connection = None
        if self._connection is None:
            with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder:
                try:
                    connection = psycopg2.connect(**self._parameters(Path(folder)))
                except psycopg2.Error as error:
                    raise failures.connecting(error) from None
                except (UnicodeError, ValueError) as error:
                    raise NeedsFixing(
                        "Host, user, password or database hold a character that no database takes.",
                        code="bad-setting",
                        details=type(error).__name__,
                    ) from None
            try:
                self._prepare(connection)
            except psycopg2.Error as error:
                connection.close()
                raise failures.asking(error) from error
            self._connection = connection
        return self._connection

    def _parameters(self, folder: Path) -> dict[str, Any]:
        """Certificates are files for the client, which reads them while connecting only."""
        values = self._values
        parameters: dict[str, Any] = {
            "host": values["host"],
            "port": values["port"],
            "dbname": values["database"],
            "user": values["user"],
            "password": values["password"],
            "sslmode": values["sslmode"],
            "application_name": NAME,
            "connect_timeout": self._patience,
            "options": f"-c default_transaction_read_only=on -c statement_timeout={int(self._timeout * 1000)}",
            # A dead line is noticed, though nobody says that it is dead.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        }
        files = {"sslcert": "ssl_certificate", "sslkey": "ssl_key", "sslrootcert": "ssl_root"}
        for name, setting in files.items():
            # Without a file of ours the client would look for one in the home directory of Odoo's user.
            path = folder / name
            if values[setting]:
                path.write_text(read_pem(values[setting]))
                path.chmod(0o600)
            parameters[name] = str(path)
        if psycopg2.extensions.libpq_version() >= 120000:
            parameters["gssencmode"] = "disable"
        if values["old_tls"] and psycopg2.extensions.libpq_version() >= 130000:
            parameters["ssl_min_protocol_version"] = "TLSv1"
        return parameters

    def _prepare(self, connection: extensions.connection) -> None:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True, autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
        connection.rollback()
        for bounded in _BOUNDED:
            extensions.register_type(bounded, connection)
        if encoding == _ENCODED_ONLY_BY_CLIENTS:
            # Bytes come and go as they are; what they mean is found out text by text.
            connection.set_client_encoding("LATIN1")
            extensions.register_type(extensions.new_type(_TEXT_TYPES, "TEXT_OF_BYTES", _text_of_bytes), connection)
        else:
            connection.set_client_encoding("UTF8")


def _moment(base: Any) -> Any:
    """With years that no calendar of Python's has, which would cost all rows around them."""

    def cast(value: str | None, cursor: Any) -> Any:
        def read(text: str | None) -> Any:
            try:
                return base(text, cursor)
            except psycopg2.DataError as error:
                raise ValueError(str(error)) from None

        return readable(read, value, "no moment of our calendar")

    return cast


_BOUNDED = (
    extensions.new_type(
        (_NUMERIC,), "NUMBER", lambda value, _cursor: None if value is None else read_number(value)
    ),
    extensions.new_type((_TIMESTAMP,), "MOMENT", _moment(extensions.PYDATETIME)),
    extensions.new_type((_TIMESTAMP_WITH_ZONE,), "MOMENT_OF_ZONE", _moment(extensions.PYDATETIMETZ)),
)


def _text_of_bytes(value: str | None, _cursor: Any) -> str | None:
    if value is None or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def read_pem(text: str) -> str:
    """Certificates or a key as pasted, into one line perhaps, as lines again. Raises NeedsFixing."""
    blocks = [(label, "".join(body.split())) for label, body in _PEM.findall(text)]
    if not blocks:
        raise NeedsFixing(
            "A certificate or key is not whole: paste all of it, from its BEGIN line to its END line.",
            code="client-certificate",
        )
    made = []
    for label, body in blocks:
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        made.append("\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]))
    return "".join(made)
