from odoo import fields, models

from ...connectors.flows import Flow


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    exempt_position_id = fields.Many2one(
        "account.fiscal.position",
        string="Tax-Exempt Customers Get",
        check_company=True,
        help="The fiscal position of customers whom the system charges no tax, so that Odoo's own orders charge them "
        "none either. Empty: they get none. One that a person chose on the customer stays.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "exempt_position_id" in vals:
            # Who is exempt is read again.
            self._forget_digests([Flow.CUSTOMERS_PULL.value])
        return result
