"""Wakes the crons of streams for webhooks: at once, and at most once a second in each process."""

from __future__ import annotations

import logging
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)
_PAUSE = 1.0
_lock = threading.Lock()
# When the cron of a stream was woken last, and those that are woken once the pause is over, by database and stream.
_woken: dict[tuple[str, int], float] = {}
_later: set[tuple[str, int]] = set()


def wake_soon(env: api.Environment, stream_id: int, cron_id: int) -> None:
    """Wakes the stream with this transaction's commit, or a second after it was woken last."""
    key = (env.cr.dbname, stream_id)
    with _lock:
        now = time.monotonic()
        wait = _woken.get(key, -_PAUSE) + _PAUSE - now
        if wait <= 0:
            _woken[key] = now
        elif key in _later:
            return
        else:
            _later.add(key)
    if wait <= 0:
        env["ir.cron"].browse(cron_id).sudo()._trigger()
        return
    timer = threading.Timer(wait, _wake, (key, cron_id))
    timer.daemon = True
    # The message must be there before the stream looks for it.
    env.cr.postcommit.add(timer.start)
    env.cr.postrollback.add(lambda: _forget(key))


def _wake(key: tuple[str, int], cron_id: int) -> None:
    _forget(key)
    try:
        with Registry(key[0]).cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["ir.cron"].browse(cron_id).exists()._trigger()
        with _lock:
            _woken[key] = time.monotonic()
    except Exception:
        # The housekeeping wakes it within a minute.
        _logger.info("stream %s was not woken", key[1], exc_info=True)


def _forget(key: tuple[str, int]) -> None:
    with _lock:
        _later.discard(key)
