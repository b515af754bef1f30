from odoo import models


class PosSyncSetting(models.Model):
    """A token that somebody enters takes the place of the permission."""

    _inherit = "pos.sync.setting"

    def _inverse_secret_input(self):
        entered = self.filtered("secret_input")
        result = super()._inverse_secret_input()
        for setting in entered:
            system = setting.connection_id._system_class()
            permission = setting.connection_id._permission().sudo()
            if setting.key == getattr(getattr(system, "oauth", None), "instead_of", "") and permission.secret:
                setting.connection_id._hold_renewal()
                permission.secret = False
        return result
