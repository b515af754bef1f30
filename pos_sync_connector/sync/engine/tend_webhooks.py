import logging
from functools import partial

from odoo import api, models

_logger = logging.getLogger(__name__)


class PosSyncTendWebhooks(models.AbstractModel):
    """Looks after the webhooks that systems send here: what was lost, moved or switched off there is mended, and those
    of a connection that was switched off are removed."""

    _name = "pos.sync.tend_webhooks"
    _description = "POS Sync Care for Webhooks"

    @api.model
    def _tend(self):
        """One connection after the other."""
        connections = self.env["pos.sync.connection"].with_context(active_test=False)
        due = connections.search([("webhook_wanted", "=", True), ("to_remove", "=", False)])
        steps = [partial(self._tend_one, connection) for connection in due]
        self.env["pos.sync.replay"]._work("ir_cron_webhooks", *steps)

    def _tend_one(self, connection):
        """With no transaction open while its system is asked. Done again it asks again, and finds what it made."""
        topics = connection._webhooks_due() if connection.exists() else None
        if topics is not None:
            self.env.cr.commit()  # pylint: disable=invalid-commit
            failure = connection._register_webhooks(topics, wanted=True)
            if failure:
                _logger.info("webhooks of connection %s: %s", connection.id, failure.code)
