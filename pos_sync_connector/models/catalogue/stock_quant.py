from odoo import models


class StockQuant(models.Model):
    _inherit = "stock.quant"

    def _get_inventory_move_values(self, qty, location_id, location_dest_id, package_id=False, package_dest_id=False):
        """A count that a system sent goes against the counterpart location that its connection names."""
        counterpart = self.env["stock.location"].browse(self.env.context.get("pos_sync_counterpart_id") or [])
        if counterpart:
            if location_id.usage == "inventory":
                location_id = counterpart
            elif location_dest_id.usage == "inventory":
                location_dest_id = counterpart
        return super()._get_inventory_move_values(
            qty, location_id, location_dest_id, package_id=package_id, package_dest_id=package_dest_id
        )
