from odoo import models


class SaleOrder(models.Model):
    """What sends an order by itself, or its new status: it is confirmed or cancelled."""

    _inherit = "sale.order"

    def write(self, vals):
        before = {order: order.state for order in self} if "state" in vals else {}
        result = super().write(vals)
        if before:
            now = vals["state"]
            changed = self.filtered(lambda order: before[order] != now)
            if now == "sale":
                self.env["pos.sync.stream"]._push_orders_on("confirmation", changed)
            if now in ("sale", "cancel"):
                self.env["pos.sync.stream"]._push_status_of(changed)
        return result


class AccountMove(models.Model):
    """An order is invoiced when an invoice of it is posted, and paid when all its posted invoices are."""

    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        orders = posted._pos_sync_sold()
        if orders:
            self.env["pos.sync.stream"]._push_orders_on("invoice", orders)
        return posted

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        orders = self._pos_sync_sold().filtered(lambda order: order._pos_sync_is_paid())
        if orders:
            self.env["pos.sync.stream"]._push_orders_on("payment", orders)
            self.env["pos.sync.stream"]._push_status_of(orders)
        return result

    def _pos_sync_sold(self):
        invoices = self.filtered(lambda move: move.move_type == "out_invoice")
        return invoices.sudo().line_ids.sale_line_ids.order_id


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        result = super()._post_process()
        orders = self.filtered(lambda transaction: transaction.state == "done").sudo().sale_order_ids
        paid = orders.filtered(lambda order: order._pos_sync_is_paid())
        if paid:
            self.env["pos.sync.stream"]._push_orders_on("payment", paid)
            self.env["pos.sync.stream"]._push_status_of(paid)
        return result


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        orders = (
            self.sudo()
            .filtered(lambda picking: picking.state == "done" and picking.picking_type_code == "outgoing")
            .sale_id
        )
        if orders:
            self.env["pos.sync.stream"]._push_orders_on(
                "delivery", orders.filtered(lambda order: order.delivery_status == "full")
            )
            self.env["pos.sync.stream"]._push_status_of(orders)
        return result
