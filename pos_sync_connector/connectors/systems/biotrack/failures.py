"""What PostgreSQL and its client report, as the four kinds of failure.

While connecting the client knows no error code, only English or translated text: what is not recognised is tried again.
"""

from __future__ import annotations

import re

import psycopg2
from psycopg2 import errorcodes

from ...errors import Failure, NeedsFixing, Refused, RetryLater

_FIX_TABLE = "Ask BioTrack's support for the right to read it, or let a database administrator GRANT SELECT on it."

# Pieces of the client's text, in the order they are looked for.
_CONNECTING: tuple[tuple[str, type[Failure], str, str], ...] = (
    (
        r"password authentication failed|no password supplied|role \S+ (does not exist|is not permitted)",
        Refused,
        "bad-credentials",
        "The database does not accept this user and password. Enter them as BioTrack's support gave them to you.",
    ),
    (
        r"no encryption|SSL off|connection requires a valid client certificate|alert certificate required",
        NeedsFixing,
        "ssl-required",
        "The database takes encrypted connections only, perhaps with a client certificate. Choose the SSL mode "
        "“Required” and enter the certificate that BioTrack's support gave you.",
    ),
    (
        r"no pg_hba.conf entry|pg_hba.conf rejects|authentication failed for user",
        Refused,
        "not-admitted",
        "The database does not admit this user from this address. Ask BioTrack's support to allow it.",
    ),
    (
        r"server does not support SSL",
        NeedsFixing,
        "no-ssl",
        "The database offers no encrypted connection. Let SSL be switched on there, or choose the SSL mode “Where "
        "offered” if the way there is a VPN.",
    ),
    (
        r"certificate verify failed|root certificate file|server certificate for",
        NeedsFixing,
        "certificate",
        "The certificate of the database can't be verified. Enter the root certificate that it was signed with, or "
        "choose the SSL mode “Required”.",
    ),
    (
        r"certificate|private key|SSL error.*(key|alert)",
        NeedsFixing,
        "client-certificate",
        "The client certificate or its key can't be used. Enter both whole, with their BEGIN and END lines.",
    ),
    (
        r"database \S+ does not exist",
        NeedsFixing,
        "no-database",
        "There is no database of that name. Correct the name of the database.",
    ),
    (
        r"could not translate host name|invalid port|invalid connection option",
        NeedsFixing,
        "bad-address",
        "The host or port is not right. Enter them as BioTrack's support gave them to you.",
    ),
)


def connecting(error: psycopg2.Error) -> Failure:
    """The failure that an attempt to connect ended in. The client's text may name user and host, never the password."""
    told = str(error)
    for pattern, kind, code, sentence in _CONNECTING:
        if re.search(pattern, told, re.IGNORECASE):
            return kind(sentence, code=code, details=_shorten(told))
    return RetryLater(
        "The database does not answer. Check that the computer in the shop is on and can be reached.",
        code="unreachable",
        details=_shorten(told),
    )


def asking(error: psycopg2.Error) -> Failure:
    """The failure that a query ended in."""
    code, details = error.pgcode or "", _shorten(str(error))
    if code == errorcodes.QUERY_CANCELED:
        return RetryLater(
            "The database took too long to answer and was left alone. It is tried again.", code="slow", details=details
        )
    if code == errorcodes.INSUFFICIENT_PRIVILEGE:
        return not_readable(_named(error) or "a table")
    if code in (errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_COLUMN):
        return NeedsFixing(
            "The database has changed while it was read: a table or column is not there any more. Test the connection "
            "again.",
            code="changed-schema",
            details=details,
        )
    if not code or code[:2] in ("08", "53", "57", "58", "40", "55") or isinstance(error, psycopg2.InterfaceError):
        return RetryLater(
            "The connection to the database broke off. Nothing is lost; it is tried again.",
            code="broken-off",
            details=details,
        )
    return NeedsFixing(
        f"The database refuses what it was asked (error {code}). Its version may differ from those that are known.",
        code="not-understood",
        details=details,
        trace=f"not-understood:{code}",
    )


def not_readable(table: str) -> NeedsFixing:
    return NeedsFixing(
        f"The database user may not read the table “{table}”.",
        fix=_FIX_TABLE,
        code="not-readable",
        trace=f"not-readable:{table}",
    )


def no_table(table: str) -> NeedsFixing:
    return NeedsFixing(
        f"The database has no table “{table}”. Check that it is the database of BioTrack's shop program.",
        code="no-table",
        trace=f"no-table:{table}",
    )


def no_column(table: str, column: str) -> NeedsFixing:
    return NeedsFixing(
        f"The table “{table}” has no column “{column}” that may be read. This version of BioTrack is not known.",
        code="no-column",
        trace=f"no-column:{table}.{column}",
    )


def _named(error: psycopg2.Error) -> str:
    found = re.search(r"(?:table|relation|view) \"?(\w+)", str(error))
    return found.group(1) if found else ""


def _shorten(told: str) -> str:
    return " ".join(told.split())[:300]
