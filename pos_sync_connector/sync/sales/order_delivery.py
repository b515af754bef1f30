from odoo import models


class PosSyncImportOrders(models.AbstractModel):
    """Deliveries of imported orders, where Odoo owns the stock."""

    _inherit = "pos.sync.import_orders"

    def _deliver(self, connection, pairs):
        """Makes the deliveries of confirmed orders, and validates those that the workflow delivers."""
        if connection.stock_policy != "odoo":
            return
        confirmed = [
            (order, steps) for order, steps in pairs if order.state == "sale" and not order.pos_sync_no_delivery
        ]
        orders = self.env["sale.order"].concat(*(order for order, _steps in confirmed))
        orders.with_context(skip_procurement=False).order_line._action_launch_stock_rule()
        completed = self.env["sale.order"].concat(
            *(order for order, steps in confirmed if steps.deliver)
        )
        pickings = completed.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        for move in pickings.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        pickings._action_done()
