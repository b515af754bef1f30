"""A BioTrack shop in a real PostgreSQL, as the tests look at it: by SQL of their own, and through the connector."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from connectors.connector import Connector
from connectors.pages import Cursor, Page
from connectors.registry import registry
from sandbox import biotrack
from tools.postgres import Postgres
from tools.workspace import Workspace

SPECS = Path(os.environ.get("VENDOR_SPECS", "../shared/specs")) / "biotrack"
# By how much the engine lets a pass overlap the one before.
OVERLAP = timedelta(minutes=15)
SCALE = float(os.environ.get("BIOTRACK_SCALE", "0.1"))


class BioTrackShop:
    """A database with a role that may only read, and what the generator meant by it."""

    def __init__(self, server: Postgres, name: str, role: str, shop: biotrack.Shop) -> None:
        self.server, self.name, self.role, self.made = server, name, role, shop

    @property
    def settings(self) -> dict[str, str]:
        return {
            "host": self.server.host, "port": self.server.port or "5432", "database": self.name, "user": self.role,
            "password": "readonly", "sslmode": "disable", "timezone": biotrack.TIME_ZONE,
        }

    def connect(self, **settings: str) -> Any:
        return registry.get("biotrack")({**self.settings, **settings})

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        connection = self.server.connect(self.name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def value(self, statement: str, *values: object) -> Any:
        return self.query(statement, *values)[0][0]

    execute = query

    def allow(self) -> None:
        """The role may read every table that there is, and nothing else."""
        self.execute(f"GRANT USAGE ON SCHEMA public TO {self.role}")
        self.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {self.role}")

    @contextmanager
    def copy(self, workspace: Workspace, label: str) -> Iterator[BioTrackShop]:
        """Another database with the same in it, to be changed."""
        name = workspace.database_name(label)
        connection = self.server.connect()
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(self.name)))
        connection.close()
        try:
            yield BioTrackShop(self.server, name, self.role, self.made)
        finally:
            workspace.drop(name)


@contextmanager
def read_only_role(workspace: Workspace) -> Iterator[str]:
    """A login without any right; gone at the end."""
    role = f"biotrack_reader_{workspace.id}"
    connection = workspace.postgres.connect()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'readonly'")
        try:
            yield role
        finally:
            for (name,) in _databases(cursor):
                with _opened(workspace.postgres, name) as other:
                    other.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")
    connection.close()


def _databases(cursor: Any) -> list[tuple[str]]:
    cursor.execute("""
        SELECT DISTINCT d.datname FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
         WHERE s.refobjid IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'biotrack_reader_%')
    """)
    return cursor.fetchall()


@contextmanager
def _opened(server: Postgres, name: str) -> Iterator[Any]:
    connection: psycopg2.extensions.connection = server.connect(name)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def make(workspace: Workspace, role: str, label: str, generation: str, *, encoding: str = "UTF8") -> BioTrackShop:
    """A shop of this generation of the schema."""
    made = biotrack.make_shop(SCALE, generation=generation)
    return make_with(workspace, role, label, made, generation, encoding=encoding)


def make_with(
    workspace: Workspace, role: str, label: str, made: biotrack.Shop, generation: str, *, encoding: str = "UTF8",
    script: str = "",
) -> BioTrackShop:
    """A shop of these rows; `script` makes the tables where they are not the sandbox's own."""
    name = workspace.database_name(label)
    connection = workspace.postgres.connect()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C'").format(
            sql.Identifier(name), sql.Literal(encoding)))
    connection.close()
    connection = workspace.postgres.connect(name)
    if script:
        with connection.cursor() as cursor:
            cursor.execute(script)
    else:
        biotrack.create_schema(connection, generation)
    biotrack.load(connection, made)
    connection.close()
    shop = BioTrackShop(workspace.postgres, name, role, made)
    shop.allow()
    return shop


def pages(connector: Connector, flow: str, cursor: Cursor = Cursor()) -> list[Page[Any]]:
    return list(getattr(connector, f"pull_{flow}")(cursor))


def pull(connector: Connector, flow: str, cursor: Cursor = Cursor()) -> tuple[dict[str, Any], Cursor]:
    """The records of a pass by id, none of which is malformed or there twice, and the cursor of the next pass."""
    found: dict[str, Any] = {}
    last = cursor
    for page in getattr(connector, f"pull_{flow}")(cursor):
        assert [item.failure for item in page.malformed] == []
        assert not found.keys() & {record.external_id for record in page.records}
        found |= {record.external_id: record for record in page.records}
        last = page.cursor
    assert not last.position
    return found, last
