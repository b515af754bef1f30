import secrets

from odoo import api, fields, models

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

    _webhook_token_uniq = models.UniqueIndex("(webhook_token) WHERE webhook_token IS NOT NULL")

    @api.depends("webhook_token", "webhook_base", "system")
    def _compute_webhook_url(self):
        for connection in self:
            system = connection._system_class()
            token = connection.sudo().webhook_token
            takes = bool(system and system.implements("webhook") and token)
            base = (connection.webhook_base or connection.get_base_url()).rstrip("/")
            connection.webhook_url = f"{base}{ROUTE}/{token}" if takes else False

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
