"""What tests do inside a hub's own Odoo, in a process of their own."""
from __future__ import annotations

import time
from typing import Any


def run_slices(env: Any, stream_id: int, slices: int) -> None:
    """Works on a stream as its job does, without the lock that Odoo holds for a job."""
    for _number in range(slices):
        env["pos.sync.run_stream"]._run(stream_id)


def run_pushes(env: Any, stream_id: int, until: float) -> None:
    """Sends what is in the outbox as the stream's job does, until a moment, without the lock that Odoo holds."""
    while time.time() < until:
        env["pos.sync.send_outbox"]._run(stream_id)
        time.sleep(0.05)
