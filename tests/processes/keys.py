"""Keys for an Odoo's external API, made without starting an Odoo, and checked by it in no time."""

from __future__ import annotations

import secrets

from passlib.context import CryptContext

from tools.database import Database

# Odoo hashes a key in 6,000 rounds, again for each request: a tenth of what a server does in these tests.
_QUICK = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
_INDEX_SIZE = 8


def make_key(database: Database, login: str = "admin") -> str:
    """A key of this user, for a day, that opens what a password opens."""
    key = secrets.token_hex(20)
    (made,) = database.query(
        """
        INSERT INTO res_users_apikeys (name, user_id, expiration_date, key, index)
        SELECT 'test', id, now() AT TIME ZONE 'utc' + interval '1 day', %s, %s FROM res_users WHERE login = %s
        RETURNING user_id
        """,
        _QUICK.hash(key), key[:_INDEX_SIZE], login)  # fmt: skip
    assert made, f"no user {login}"
    return key
