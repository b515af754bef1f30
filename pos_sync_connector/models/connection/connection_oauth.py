from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.errors import Failure
from ...connectors.oauth import GRANT
from .authorization import CALLBACK


class PosSyncConnection(models.Model):
    """Connect: a person permits an app of their own, on the system's page, to act for the connection."""

    _inherit = "pos.sync.connection"

    oauth_redirect = fields.Char(
        string="Redirect Address",
        compute="_compute_oauth",
        compute_sudo=True,
        help="Register exactly this address with the app at the system, before you press Connect.",
    )
    permission_given = fields.Boolean(compute="_compute_oauth", compute_sudo=True)
    app_asks_itself = fields.Boolean(
        compute="_compute_oauth",
        compute_sudo=True,
        help="The system gives an app its tokens for its ID and secret alone.",
    )

    @api.depends("system", "setting_ids.secret")
    def _compute_oauth(self):
        for connection in self:
            oauth = getattr(connection._system_class(), "oauth", None)
            asks = bool(oauth and oauth.authorize)
            connection.oauth_redirect = f"{connection.get_base_url()}{CALLBACK}" if asks else False
            connection.permission_given = asks and connection._permission().has_secret
            connection.app_asks_itself = bool(oauth and oauth.credentials_with is not None)

    def _permission(self):
        return self.setting_ids.filtered(lambda row: row.key == GRANT)

    def action_ask_permission(self):
        """Sends the person to the system's page."""
        self.ensure_one()
        self.check_access("write")
        if not self.oauth_redirect:
            raise UserError(self.env._("This system asks for no permission: enter its settings."))
        try:
            self._check_may_renew()
            with self._connector() as connector:
                told = self.env["pos.sync.authorization"]._begin(self)
                page = connector.permission_page(**told)
        except Failure as failure:
            self._note_failure(failure)
            return self._notify(failure.sentence, "danger")
        self._note_failure(None)
        return {"type": "ir.actions.act_url", "url": page, "target": "self"}

    def _take_permission(self, parameters, redirect, verifier):
        """With what the person came back with: stores the permission once it is known to be for the right account, and
        goes on in the set-up. Raises Failure."""
        self.ensure_one()
        self.check_access("write")
        try:
            self._check_may_renew()
            with self._connector() as connector:
                given = connector.take_permission(parameters, redirect=redirect, verifier=verifier)
            failure = self._connect(given)
        except Failure as error:
            failure = error
        if failure:
            self._note_failure(failure)
            raise failure
        if self.setup_step == "access":
            self.setup_step = "flows"

    def _open_address(self):
        """The address of the connection in the web client."""
        action = "setup_action" if self.setup_step else "action"
        return f"/odoo/action-pos_sync_connector.pos_sync_connection_{action}/{self.id}"
