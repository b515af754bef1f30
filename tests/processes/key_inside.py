"""Keys for tests, which send hundreds of requests with one. Runs inside an Odoo."""

from __future__ import annotations

from typing import Any

from passlib.context import CryptContext

from odoo.addons.base.models.res_users import INDEX_SIZE

from tools.inside.shop import make_api_key

# Odoo hashes a key in 6,000 rounds, again for each request: a tenth of what a server does in these tests.
_QUICK = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)


def make(env: Any) -> str:
    """The administrator's, as ./dev demo makes one."""
    return quick(env, make_api_key(env))


def quick(env: Any, key: str) -> str:
    """The same key, checked in no time."""
    env.cr.execute(
        "UPDATE res_users_apikeys SET key = %s WHERE index = %s", [_QUICK.hash(key), key[:INDEX_SIZE]])
    return key
