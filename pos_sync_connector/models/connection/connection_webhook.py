import ipaddress
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, http, models

ROUTE = "/pos_sync/webhook"


class PosSyncConnection(models.Model):
    """Where a system sends its webhooks."""

    _inherit = "pos.sync.connection"

    webhook_token = fields.Char(readonly=True, copy=False, groups="pos_sync_connector.group_manager")
    webhook_base = fields.Char(
        string="Public Address",
        copy=False,
        help="How the system reaches this Odoo, such as https://shop.example.com. Systems sign the whole address: it "
        "must be exactly what is registered there.",
    )
    webhook_url = fields.Char(
        string="Webhook Address",
        compute="_compute_webhook_url",
        groups="pos_sync_connector.group_manager",
        help="Register this address at the system, so that what changes there is here in seconds.",
    )

    webhook_warning = fields.Text(compute="_compute_webhook_warning", groups="pos_sync_connector.group_manager")

    _webhook_token_uniq = models.UniqueIndex("(webhook_token) WHERE webhook_token IS NOT NULL")

    @api.depends("webhook_token", "webhook_base", "system")
    def _compute_webhook_url(self):
        for connection in self:
            system = connection._system_class()
            token = connection.sudo().webhook_token
            takes = bool(system and system.implements("webhook") and token)
            base = (connection.webhook_base or connection.get_base_url()).rstrip("/")
            connection.webhook_url = f"{base}{ROUTE}/{token}" if takes else False

    @api.depends("webhook_url")
    def _compute_webhook_warning(self):
        for connection in self:
            url = connection.webhook_url
            connection.webhook_warning = "\n".join(connection._webhook_warnings(url)) if url else False

    def _webhook_warnings(self, url):
        """Why webhooks would not arrive at this address."""
        target = urlsplit(url)
        if _is_near(target.hostname or ""):
            yield self.env._(
                "“%s” is an address that only this computer or network knows: a system elsewhere can't reach it. Enter "
                "the public address.",
                target.hostname,
            )
        elif target.scheme != "https":
            yield self.env._("The address does not begin with https: systems send webhooks over encrypted lines only.")
        if not self._webhooks_find_database(target.netloc):
            yield self.env._(
                "This server has several databases, and nothing says which one “%s” is: webhooks would be answered "
                "with “404 Not Found”. Set dbfilter in Odoo's configuration, or have the proxy send the header "
                "X-Odoo-Database.",
                target.netloc,
            )

    def _webhooks_find_database(self, host):
        """Whether Odoo finds this database for who comes to that host without a session, as systems do."""
        if http.request and http.request.httprequest.headers.get("X-Odoo-Database"):
            return True
        return http.db_list(force=True, host=host) == [self.env.cr.dbname]

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        for connection in connections.sudo():
            connection.write(
                {
                    "webhook_token": secrets.token_urlsafe(24),
                    "webhook_base": connection.webhook_base or connection.get_base_url(),
                }
            )
        return connections


def _is_near(host):
    """Whether only this computer or its own network knows a host."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan"))
