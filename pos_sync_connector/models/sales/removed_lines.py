from odoo import models


class SaleOrder(models.Model):
    """Lines that an edit at the system took off an order."""

    _inherit = "sale.order"

    def _get_order_lines_to_report(self):
        lines = super()._get_order_lines_to_report()
        return lines.filtered(lambda line: not line.pos_sync_line_id or line.product_uom_qty)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _pos_sync_is_referred_to(self):
        """Whether goods, an invoice or a refund stand for the line: then it stays, with quantity 0."""
        self.ensure_one()
        if self.invoice_lines or self.move_ids.filtered(lambda move: move.state != "cancel"):
            return True
        return bool(self.env["pos.sync.refund.line"].search_count([("order_line_id", "=", self.id)], limit=1))

    def _check_line_unlink(self):
        """A confirmed order follows the system: what was never there to be invoiced or delivered can go."""
        kept = super()._check_line_unlink()
        if self.env.context.get("pos_sync_removing"):
            return kept.filtered(lambda line: not line.pos_sync_line_id or line._pos_sync_is_referred_to())
        return kept
