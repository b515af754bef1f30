import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models

from ...connectors.errors import Refused
from .secret_box import SecretBox

LIFE = timedelta(minutes=10)
CALLBACK = "/pos_sync/oauth/callback"


class PosSyncAuthorization(models.Model):
    """Somebody was sent to a system's page to permit something, and is not back yet. Good once, for ten minutes, for
    the one who pressed the button; the state that tells them is kept as a hash only."""

    _name = "pos.sync.authorization"
    _description = "POS Sync Permission Asked For"
    _order = "id desc"
    _rec_name = "connection_id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    ends_at = fields.Datetime(required=True, readonly=True)
    redirect = fields.Char(required=True, readonly=True, help="Where the system was asked to send the person back.")
    state_hash = fields.Char(required=True, groups=fields.NO_ACCESS, copy=False)
    verifier = fields.Char(groups=fields.NO_ACCESS, copy=False)

    _state_hash_uniq = models.Constraint("UNIQUE(state_hash)", "A state belongs to one permission.")

    @api.model
    def _begin(self, connection):
        """What the page is told: redirect, state and verifier. Whatever was asked for before is void."""
        self.sudo().search([("connection_id", "=", connection.id)]).unlink()
        told = {
            "redirect": connection.oauth_redirect,
            "state": secrets.token_urlsafe(32),
            "verifier": secrets.token_urlsafe(48),
        }
        self.sudo().create(
            {
                "connection_id": connection.id,
                "user_id": self.env.uid,
                "ends_at": fields.Datetime.now() + LIFE,
                "redirect": told["redirect"],
                "state_hash": self._hash(told["state"]),
                "verifier": SecretBox(self.env.cr.dbname).encrypt(told["verifier"]),
            }
        )
        return told

    @api.model
    def _take(self, state):
        """The connection with redirect and verifier of what was asked for with that state; raises Refused. The state is
        spent at once, in a transaction of its own: whoever comes second with it finds nothing."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM pos_sync_authorization WHERE state_hash = %s"
                " RETURNING connection_id, user_id, ends_at, redirect, verifier",
                [self._hash(state)],
            )
            row = cr.fetchone()
        if not row:
            raise Refused(
                self.env._("This answer was used already, or nobody asked for it. Press Connect again."),
                code="unknown-state",
            )
        connection_id, user_id, ends_at, redirect, verifier = row
        if user_id != self.env.uid:
            raise Refused(
                self.env._("Another user pressed Connect. Press it yourself, and stay signed in until you are back."),
                code="other-user",
            )
        if ends_at < fields.Datetime.now():
            raise Refused(self.env._("That took more than ten minutes. Press Connect again."), code="late")
        plain = SecretBox(self.env.cr.dbname).decrypt(verifier) or ""
        return self.env["pos.sync.connection"].browse(connection_id), redirect, plain

    @api.model
    def _hash(self, state):
        return hashlib.sha256((state or "").encode()).hexdigest()

    @api.autovacuum
    def _gc_authorizations(self):
        self.search([("ends_at", "<", fields.Datetime.now())]).unlink()
