from odoo import models
from odoo.fields import Command


class PosSyncPostRefunds(models.AbstractModel):
    """A credit note for each refund of a day whose orders are invoiced, once: it is kept on the refund.

    Lines that the system names come with the price and taxes that they were sold with; an amount alone is shared out
    over all that the order holds.
    """

    _name = "pos.sync.post_refunds"
    _inherit = "pos.sync.day_amounts"
    _description = "POS Sync Credit Notes of Refunds"

    def _credit(self, day, date):
        refunds = day.refund_ids
        self._take_back(refunds.filtered(lambda refund: refund.gone and refund.move_id.state == "posted"), date)
        wanted = refunds.filtered(
            lambda refund: not refund.gone and (not refund.move_id or refund.move_id.state == "cancel")
        )
        if not wanted:
            return
        sold = self._rows_by_order(wanted)
        moves = self.env["account.move"].create(
            [self._prepare_credit_note(day, date, refund, sold[refund.order_id.id]) for refund in wanted]
        )
        for refund, move in zip(wanted, moves, strict=True):
            refund.move_id = move
        moves._post(soft=False)

    def _take_back(self, refunds, date):
        """A refund that the system has cancelled is charged again."""
        moves = refunds.move_id
        if moves:
            moves._reverse_moves([{"date": date, "invoice_date": date} for _move in moves], cancel=True)
            refunds.move_id = False

    def _prepare_credit_note(self, day, date, refund, rows):
        order = refund.order_id
        invoice = order.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type != "out_refund")
        lines = [
            self._prepare_credit_line(day, row, quantity, gross)
            for row, quantity, gross in self._given_back(day, refund, rows)
        ]
        return {
            "move_type": "out_refund",
            "partner_id": order.partner_invoice_id.id or day.connection_id.walk_in_partner_id.id,
            "company_id": day.company_id.id,
            "currency_id": refund.currency_id.id,
            "invoice_date": date,
            "date": date,
            "ref": self.env._("Refund %(number)s on %(order)s", number=refund.number, order=order.name),
            "invoice_origin": order.name,
            "fiscal_position_id": (invoice[:1] or order).fiscal_position_id.id,
            "invoice_payment_term_id": False,
            "reversed_entry_id": invoice.id if len(invoice) == 1 else False,
            "pos_sync_day_id": day.id,
            "invoice_line_ids": [Command.create(vals) for vals in lines],
        }

    def _prepare_credit_line(self, day, row, quantity, gross):
        """The price is the one that comes to `gross` with the taxes of the line."""
        Tax = self.env["account.tax"]
        taxes = Tax.browse(row["tax_ids"])
        amount = gross
        if taxes and not all(taxes.mapped("price_include")):
            base_line = Tax._prepare_base_line_for_taxes_computation(
                {},
                tax_ids=taxes,
                price_unit=gross,
                quantity=1.0,
                currency_id=day.currency_id,
                is_refund=True,
                special_mode="total_included",
            )
            Tax._add_tax_details_in_base_line(base_line, day.company_id)
            Tax._round_base_lines_tax_details([base_line], day.company_id)
            amount = base_line["tax_details"]["total_excluded_currency"]
        return {
            "product_id": row["product_id"],
            "name": self.env["sale.order.line"].browse(row["id"]).name,
            "quantity": quantity,
            "price_unit": amount / quantity,
            "discount": 0.0,
            "tax_ids": [Command.set(row["tax_ids"])],
        }
