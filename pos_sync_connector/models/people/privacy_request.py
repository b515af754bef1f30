from datetime import timedelta

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

from ...connectors.privacy import PrivacyKind

# Longer than anybody may ask what became of a request.
_KEPT_DAYS = 400


class PosSyncPrivacyRequest(models.Model):
    """A system asked, for a customer or for all of them, to tell what is kept or to erase it; what became of that."""

    _name = "pos.sync.privacy.request"
    _description = "POS Sync Privacy Request"
    _order = "id desc"
    _rec_name = "kind"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id")
    event_id = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            (PrivacyKind.TELL_CUSTOMER.value, "Tell a customer what is kept"),
            (PrivacyKind.ERASE_CUSTOMER.value, "Erase a customer"),
            (PrivacyKind.ERASE_EVERYBODY.value, "Erase all customers"),
        ],
        required=True,
        readonly=True,
    )
    customer_external_id = fields.Char(readonly=True, help="Forgotten once the customer is erased.")
    order_external_ids = fields.Json(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("by_hand", "For Somebody to Do")],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    done_at = fields.Datetime(readonly=True)
    erased_count = fields.Integer(string="Erased", readonly=True)

    _event_uniq = models.Constraint("UNIQUE(connection_id, event_id)", "A request is received once.")

    @api.model
    def _take(self, connection_id, requests):
        """Keeps each once, however often it is sent, for a job of its own to answer."""
        now = fields.Datetime.now()
        for request in requests:
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO pos_sync_privacy_request (
                        connection_id, event_id, kind, customer_external_id, order_external_ids, state, received_at,
                        erased_count, create_uid, create_date, write_uid, write_date
                    )
                    VALUES (%(connection)s, %(event)s, %(kind)s, %(customer)s, %(orders)s, 'waiting', %(now)s,
                            0, 1, %(now)s, 1, %(now)s)
                    ON CONFLICT (connection_id, event_id) DO NOTHING
                    RETURNING id
                    """,
                    connection=connection_id,
                    event=request.event_id,
                    kind=request.kind.value,
                    customer=request.customer_id or None,
                    orders=Json(list(request.order_ids)),
                    now=now,
                )
            )
        self.env.ref("pos_sync_connector.ir_cron_privacy").sudo()._trigger()

    @api.autovacuum
    def _gc_requests(self):
        limit = fields.Datetime.now() - timedelta(days=_KEPT_DAYS)
        self.search([("state", "=", "done"), ("received_at", "<", limit)]).unlink()
