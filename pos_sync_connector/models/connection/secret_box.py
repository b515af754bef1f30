"""Encrypts the secrets of connections. The key comes from outside the database, never out of it.

In this order: the environment variable POS_SYNC_KEY, the option `pos_sync_key` of the Odoo configuration, a file of
this database's own in Odoo's data directory, made when the first secret is stored. A copy of the database under
another name finds no key file and asks for its secrets again.

A key that is given may be one of Fernet's or any passphrase, which goes through scrypt. To change it, give the old one
as POS_SYNC_OLD_KEY (or `pos_sync_old_key`) beside the new one and run `env["pos.sync.setting"]._renew_secrets()`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from odoo.tools import config

_FOLDER = "pos_sync_connector"
_KEY_BYTES, _FERNET_KEY_LENGTH = 32, 44
# The key must come out the same on all hosts, which share nothing but the passphrase.
_SALT = b"pos_sync_connector secrets"


class SecretBox:
    """Encrypts and decrypts texts for the database named `dbname`."""

    def __init__(self, dbname: str):
        self._file = Path(config["data_dir"]) / _FOLDER / f"{dbname}.key"

    def encrypt(self, text: str) -> str:
        """The token to store. Raises OSError when the key file can't be written."""
        given = self._given("key")
        key = _keys_of(given)[0] if given else self._read(self._file) or self._make_key()
        return Fernet(key).encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str | None:
        """The text; None when it was encrypted with another key or the key is gone."""
        for key in self._keys():
            with suppress(InvalidToken, ValueError):
                return Fernet(key).decrypt(token.encode()).decode()
        return None

    def forget(self) -> None:
        """Removes the key file and, once it is empty, its folder."""
        self._file.unlink(missing_ok=True)
        self.forget_old()
        try:
            self._file.parent.rmdir()
        except OSError:
            return

    def renew(self) -> None:
        """Sets the key file aside for decrypting only: what is encrypted next makes a new one."""
        if self._file.exists() and not self._given("key"):
            self._file.replace(self._old_file)

    def forget_old(self) -> None:
        self._old_file.unlink(missing_ok=True)

    @property
    def _old_file(self) -> Path:
        return self._file.with_suffix(".old")

    def _keys(self) -> list[bytes]:
        """The key to encrypt with, and after it those that may only decrypt."""
        given = self._given("key")
        keys = _keys_of(given) if given else [self._read(self._file)]
        old = self._given("old_key")
        return [key for key in (*keys, *(_keys_of(old) if old else ()), self._read(self._old_file)) if key]

    def _given(self, name: str) -> str:
        return os.environ.get(f"POS_SYNC_{name.upper()}") or config.get(f"pos_sync_{name}") or ""

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes() or None
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


@functools.lru_cache(maxsize=8)
def _keys_of(given: str) -> tuple[bytes, ...]:
    """Fernet's own key as it is. A passphrase is stretched; secrets of former versions were encrypted with its hash."""
    with suppress(ValueError):
        if len(base64.urlsafe_b64decode(given)) == _KEY_BYTES and len(given) == _FERNET_KEY_LENGTH:
            return (given.encode(),)
    stretched = Scrypt(salt=_SALT, length=_KEY_BYTES, n=2**15, r=8, p=1).derive(given.encode())
    hashed = hashlib.sha256(given.encode()).digest()
    return tuple(base64.urlsafe_b64encode(key) for key in (stretched, hashed))
