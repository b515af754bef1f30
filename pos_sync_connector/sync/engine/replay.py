"""What a person saves at the same moment as a job costs the job a moment, never its run."""

import logging
import random
import time
from datetime import timedelta

from odoo import fields, models

from .outcome import is_concurrency

_logger = logging.getLogger(__name__)

_REPLAYS = 5
_SOON = timedelta(seconds=10)


def replayed(env, work, what):
    """Does `work()` in a transaction of its own and commits; replays all of it on a concurrency error."""
    for attempt in range(1, _REPLAYS + 1):
        try:
            result = work()
            env.cr.commit()
            return result
        except Exception as error:
            env.cr.rollback()
            env.transaction.reset()
            if not is_concurrency(error) or attempt == _REPLAYS:
                raise
            _logger.info("%s: replayed after a concurrent change (%s)", what, attempt)
            time.sleep(random.uniform(0.05, 0.2) * attempt)  # noqa: S311
    return None


class PosSyncReplay(models.AbstractModel):
    """A job outside the streams, whose own schedule would bring it back only after an hour or a day."""

    _name = "pos.sync.replay"
    _description = "POS Sync Job That Comes Back"

    def _work(self, cron, *steps):
        """Does each of `steps` in a transaction of its own. A step that others don't let through in time is left, and
        the job `cron`, by its name in the data, comes back in a moment."""
        for step in steps:
            try:
                replayed(self.env, step, cron)
                self.env["ir.cron"]._commit_progress(1)
            except Exception as error:
                if not is_concurrency(error):
                    raise
                _logger.info("%s: others were faster; it comes back in a moment", cron)
                job = self.env.ref(f"pos_sync_connector.{cron}").sudo()
                job._trigger(at=fields.Datetime.now() + _SOON)
                self.env.cr.commit()
