from odoo import models


class PosSyncImportOrders(models.AbstractModel):
    """Deliveries of imported orders, where Odoo owns the stock."""

    _inherit = "pos.sync.import_orders"

    def _deliver(self, connection, pairs):
        """Makes the deliveries of confirmed orders, and validates what left there."""
        if connection.stock_policy != "odoo":
            return
        confirmed = [
            (order, steps) for order, steps in pairs if order.state == "sale" and not order.pos_sync_no_delivery
        ]
        orders = self.env["sale.order"].concat(*(order for order, _steps in confirmed))
        orders.with_context(skip_procurement=False).order_line._action_launch_stock_rule()
        self._hand_over(connection, confirmed)

    def _hand_over(self, connection, pairs):
        """Validates deliveries of orders: the parcels that left there, and all of those that the workflow delivers.
        What is validated here because it left there is not reported there."""
        if connection.stock_policy != "odoo":
            return
        for order, steps in pairs:
            if steps.parcels:
                self._follow_parcels(connection, order, steps.parcels)
        completed = self.env["sale.order"].concat(
            *(order for order, steps in pairs if steps.deliver)
        ).with_context(pos_sync_left_there=True)
        pickings = completed.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        for move in pickings.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        pickings._action_done()
