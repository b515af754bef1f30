"""The cache folder outside the repo: what is expensive to make is made once, also when two runs start together."""
from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import say


def folder() -> Path:
    """`${XDG_CACHE_HOME:-~/.cache}/pos_sync_connector`, made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base).expanduser().absolute() / "pos_sync_connector"
    path.mkdir(parents=True, exist_ok=True)
    return path


def identity() -> str:
    """Eight characters that tell this cache folder from another one on the same machine."""
    return digest(str(folder()))[:8]


def digest(*parts: str | bytes) -> str:
    """The SHA-256 of the parts, each with its length, in hexadecimal."""
    result = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        result.update(len(data).to_bytes(8, "big") + data)
    return result.hexdigest()


def digest_of_tree(*paths: Path) -> str:
    """The SHA-256 of files and folders, by relative name and content; compiled Python left out."""
    parts: list[str | bytes] = []
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" not in file.parts:
                parts += [str(file.relative_to(path.parent)), file.read_bytes()]
    return digest(*parts)


class Lock:
    """An advisory lock on a file, released by the kernel when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def acquire(self, *, shared: bool = False, waiting_for: str = "") -> None:
        """Takes the lock (converts it, if already held), waiting as long as others hold it."""
        if not self.try_acquire(shared=shared):
            if waiting_for:
                say(f"  Waiting for another run: {waiting_for} ...")
            fcntl.flock(self._file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Takes the lock if nobody else holds it."""
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def lock_of(name: str) -> Lock:
    return Lock(folder() / "locks" / f"{name}.lock")


@contextmanager
def locked(name: str, *, shared: bool = False, waiting_for: str = "") -> Iterator[None]:
    """Holds the lock of that name: exclusively, or together with others that share it."""
    lock = lock_of(name)
    lock.acquire(shared=shared, waiting_for=waiting_for)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target`, which becomes `target` only if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
