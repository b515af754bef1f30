import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class PosSyncTendWebhooks(models.AbstractModel):
    """Looks after the webhooks that systems send here: what was lost, moved or switched off there is mended, and those
    of a connection that was switched off are removed."""

    _name = "pos.sync.tend_webhooks"
    _description = "POS Sync Care for Webhooks"

    @api.model
    def _tend(self):
        """One connection after the other, with no transaction open while its system is asked."""
        connections = self.env["pos.sync.connection"].with_context(active_test=False)
        due = connections.search([("webhook_wanted", "=", True), ("to_remove", "=", False)]).ids
        for position, connection_id in enumerate(due, 1):
            connection = connections.browse(connection_id).exists()
            topics = connection._webhooks_due() if connection else None
            if topics is not None:
                self.env.cr.commit()  # pylint: disable=invalid-commit
                failure = connection._register_webhooks(topics, wanted=True)
                if failure:
                    _logger.info("webhooks of connection %s: %s", connection_id, failure.code)
            self.env["ir.cron"]._commit_progress(1, remaining=len(due) - position)
