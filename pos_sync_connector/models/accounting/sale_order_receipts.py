"""What walk-ins buy is posted as receipts, which count as what their orders have invoiced."""

from odoo import api, fields, models
from odoo.fields import Domain

_RECEIPT = "out_receipt"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _prepare_invoice(self):
        """Who gave no name gets a receipt; what corrects one is an invoice or credit note."""
        values = super()._prepare_invoice()
        if self.env.context.get("pos_sync_posting") and self._pos_sync_is_receipt():
            values["move_type"] = _RECEIPT
        return values

    def _pos_sync_is_receipt(self):
        walk_ins = self.pos_sync_location_id.walk_in_partner_id | self.pos_sync_connection_id.walk_in_partner_id
        return self.partner_id in walk_ins and not self.invoice_ids and self.amount_total >= 0

    @api.depends("order_line.invoice_lines")
    def _get_invoiced(self):
        result = super()._get_invoiced()
        for order in self._pos_sync_imported():
            receipts = order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == _RECEIPT)
            if receipts:
                order.invoice_ids |= receipts
                order.invoice_count = len(order.invoice_ids)
        return result

    def _search_invoice_ids(self, operator, value):
        found = super()._search_invoice_ids(operator, value)
        if found is NotImplemented:
            return found
        receipt = [("move_id.move_type", "=", _RECEIPT), ("move_id", operator, value)]
        if operator == "in" and False in value:
            none = Domain("order_line", "not any", [("invoice_lines.move_id.move_type", "=", _RECEIPT)])
            others = [("move_id.move_type", "=", _RECEIPT), ("move_id", "in", [item for item in value if item])]
            return (Domain(found) & none) | Domain("order_line.invoice_lines", "any", others)
        return Domain(found) | Domain("order_line.invoice_lines", "any", receipt)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_qty_invoiced(self):
        quantities = super()._prepare_qty_invoiced()
        for line, receipt_line in self._pos_sync_receipt_lines():
            if receipt_line.parent_state != "cancel":
                quantities[line] += receipt_line.product_uom_id._compute_quantity(
                    receipt_line.quantity, line.product_uom_id
                )
        return quantities

    @api.depends("invoice_lines", "invoice_lines.price_total", "invoice_lines.move_id.state")
    def _compute_untaxed_amount_invoiced(self):
        result = super()._compute_untaxed_amount_invoiced()
        for line, receipt_line in self._pos_sync_receipt_lines():
            if receipt_line.parent_state == "posted":
                line.untaxed_amount_invoiced += receipt_line.currency_id._convert(
                    receipt_line.price_subtotal,
                    line.currency_id,
                    line.company_id,
                    receipt_line.move_id.invoice_date or fields.Date.context_today(self),
                )
        return result

    def _pos_sync_receipt_lines(self):
        """Pairs of an imported order's line and the item of a receipt that it is on."""
        return [
            (line, item)
            for line in self
            if line.order_id.pos_sync_connection_id
            for item in line._get_invoice_lines()
            if item.move_id.move_type == _RECEIPT
        ]
