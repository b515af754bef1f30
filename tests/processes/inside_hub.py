"""What tests do inside a hub's own Odoo, in a process of their own."""
from __future__ import annotations

from typing import Any


def run_slices(env: Any, stream_id: int, slices: int) -> None:
    """Works on a stream as its job does, without the lock that Odoo holds for a job."""
    for _number in range(slices):
        env["pos.sync.run_stream"]._run(stream_id)
