from odoo import models

_POSITION = "property_account_position_id"


class PosSyncImportCustomers(models.AbstractModel):
    """Who pays no tax at the system gets the fiscal position that the connection has for them, and loses it with the
    exemption. One that a person chose stays."""

    _inherit = "pos.sync.import_customers"

    def _prepare_partner_vals(self, resolver, plan):
        vals = super()._prepare_partner_vals(resolver, plan)
        position = resolver.connection.exempt_position_id
        if plan.record.tax_exempt and position:
            vals[_POSITION] = position.id
        return vals

    def _prepare_changes(self, plan, partner, stated, protected):
        vals = super()._prepare_changes(plan, partner, stated, protected)
        was_exempt = plan.link and (plan.link.stated or {}).get(_POSITION)
        if was_exempt and not plan.record.tax_exempt and partner[_POSITION] == self._exempt_position(plan):
            vals[_POSITION] = False
        return vals

    def _exempt_position(self, plan):
        return self.env["pos.sync.mapping"].browse(plan.link.mapping_id).connection_id.exempt_position_id
