"""What makes a push once: idempotency keys, and the reference that an order of ours carries at Square."""

from __future__ import annotations

import hashlib


def short_key(*parts: str) -> str:
    """An idempotency key of 32 characters: Square takes 45 at most for some things."""
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=16).hexdigest()


def reference(key: str) -> str:
    """The key as an order's reference, which takes 40 characters."""
    return key if len(key) <= 40 else f"{key[:20]}{short_key(key)[:20]}"
