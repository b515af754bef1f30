from odoo import models

from ...connectors.oauth import CLIENT_SECRET, Grant


class PosSyncSetting(models.Model):
    """A token that somebody enters takes the place of the permission; another secret that of what the app got by it."""

    _inherit = "pos.sync.setting"

    def _inverse_secret_input(self):
        entered = self.filtered("secret_input")
        result = super()._inverse_secret_input()
        for setting in entered:
            permission = setting.connection_id._permission().sudo()
            if permission.secret and setting._replaces(permission):
                setting.connection_id._hold_renewal()
                permission.secret = False
        return result

    def _replaces(self, permission):
        oauth = getattr(self.connection_id._system_class(), "oauth", None)
        if self.key == CLIENT_SECRET:
            grant = Grant.loads(permission._plain_value())
            return bool(grant and grant.own)
        return bool(oauth) and self.key == oauth.instead_of
