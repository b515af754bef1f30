"""Encrypts the secrets of connections. The key comes from outside the database, never out of it.

In this order: the environment variable POS_SYNC_KEY, the option `pos_sync_key` of the Odoo configuration, a file of
this database's own in Odoo's data directory, made when the first secret is stored. A copy of the database under
another name finds no key file and asks for its secrets again.
"""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from odoo.tools import config

_FOLDER = "pos_sync_connector"


class SecretBox:
    """Encrypts and decrypts texts for the database named `dbname`."""

    def __init__(self, dbname: str):
        self._file = Path(config["data_dir"]) / _FOLDER / f"{dbname}.key"

    def encrypt(self, text: str) -> str:
        """The token to store. Raises OSError when the key file can't be written."""
        return Fernet(self._key() or self._make_key()).encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str | None:
        """The text; None when it was encrypted with another key or the key is gone."""
        key = self._key()
        if not key:
            return None
        try:
            return Fernet(key).decrypt(token.encode()).decode()
        except (InvalidToken, ValueError):
            return None

    def forget(self) -> None:
        """Removes the key file and, once it is empty, its folder."""
        self._file.unlink(missing_ok=True)
        try:
            self._file.parent.rmdir()
        except OSError:
            return

    def _key(self) -> bytes | None:
        given = os.environ.get("POS_SYNC_KEY") or config.get("pos_sync_key")
        if given:
            # Any passphrase will do: Fernet wants 32 bytes.
            return base64.urlsafe_b64encode(hashlib.sha256(given.encode()).digest())
        try:
            return self._file.read_bytes() or None
        except OSError:
            return None

    def _make_key(self) -> bytes:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._file.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(Fernet.generate_key())
            # The first of two processes wins, and nobody ever reads half a key.
            with suppress(FileExistsError):
                os.link(draft, self._file)
        finally:
            draft.unlink(missing_ok=True)
        return self._file.read_bytes()
