from datetime import timedelta

from odoo import api, fields, models

# Longer than systems go on sending an event that was not taken.
_KEPT_DAYS = 7


class PosSyncEvent(models.Model):
    """A webhook that was taken: the same event is not taken again. What it told of is a message."""

    _name = "pos.sync.event"
    _description = "POS Sync Webhook"
    _order = "id desc"
    _rec_name = "event_id"
    _log_access = False

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id")
    event_id = fields.Char(required=True, readonly=True)
    received_at = fields.Datetime(required=True, readonly=True, index=True)

    _event_uniq = models.Constraint("UNIQUE(connection_id, event_id)", "An event is received once.")

    @api.autovacuum
    def _gc_events(self):
        self.search([("received_at", "<", fields.Datetime.now() - timedelta(days=_KEPT_DAYS))]).unlink()
