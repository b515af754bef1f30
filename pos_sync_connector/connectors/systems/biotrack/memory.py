"""What a pass has seen, for the next one: a short digest by key, packed into a text.

Few tables tell when a row changed. So a pass reads a narrow row each, and gives on only what differs from last time.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...codec import digest

_LENGTH = 10


def short_digest(*values: Any) -> str:
    return digest(*values)[:_LENGTH]


@dataclass(slots=True)
class Memory:
    """`seen` are digests by key; `last` are the newest keys of tables that only grow, by table."""

    seen: dict[str, str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    @classmethod
    def loads(cls, packed: str) -> Memory:
        """What can't be read is forgotten: reading again is safe."""
        try:
            data = json.loads(packed or "{}")
            lines = zlib.decompress(base64.b85decode(data.get("seen", ""))).decode() if data.get("seen") else ""
            seen = dict(line.rsplit("\t", 1) for line in lines.split("\n") if line)
            return cls(seen=seen, last={str(table): int(key) for table, key in data.get("last", {}).items()})
        except (ValueError, AttributeError, TypeError, zlib.error):
            return cls()

    def dumps(self) -> str:
        lines = "\n".join(f"{key}\t{value}" for key, value in sorted(self.seen.items()))
        packed = base64.b85encode(zlib.compress(lines.encode())).decode() if lines else ""
        return json.dumps({"seen": packed, "last": self.last}, separators=(",", ":"))

    def keep(self, keys: Iterable[str]) -> None:
        """Forgets all others."""
        kept = set(keys)
        self.seen = {key: value for key, value in self.seen.items() if key in kept}
