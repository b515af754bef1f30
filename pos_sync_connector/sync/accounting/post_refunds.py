from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .day_amounts import ROUNDING


class PosSyncPostRefunds(models.AbstractModel):
    """A credit note for each refund of a day whose orders are invoiced, once: it is kept on the refund. Where that is
    another by now, its credit note is taken back, and one more made. It holds what `_refund_items` says."""

    _name = "pos.sync.post_refunds"
    _inherit = "pos.sync.day_amounts"
    _description = "POS Sync Credit Notes of Refunds"

    def _found(self, day):
        """What the day's refunds are of, and the problems with that; one with a credit note of a person's is done."""
        this, work = self._begin(day)
        refunds = work.day.refund_ids.filtered(
            lambda refund: refund.move_id.state != "posted" or refund.move_id.pos_sync_day_id == work.day
        )
        return work, this._refund_items(work, refunds)

    def _credit(self, work, date, found):
        """`work` and `found` as of `_found`."""
        day, refunds = work.day, work.day.refund_ids
        lines = {
            refund: self._prepare_credit_lines(work, date, items, amount)
            for refund, (items, amount) in found.items()
            if items
        }
        credited = refunds.filtered(lambda refund: refund.move_id.state == "posted")
        self._take_back(credited.filtered(lambda refund: self._is_over(day, refund, lines.get(refund))), day, date)
        wanted = refunds.filtered(
            lambda refund: refund in lines and (not refund.move_id or refund.move_id.state == "cancel")
        )
        if not wanted:
            return
        moves = self.env["account.move"].create(
            [self._prepare_credit_note(day, date, refund, lines[refund]) for refund in wanted]
        )
        for refund, move in zip(wanted, moves, strict=True):
            refund.move_id = move
        moves._post(soft=False)

    def _is_over(self, day, refund, lines):
        """Whether its credit note is not what the refund is now. One that a person made stays as it is."""
        if refund.gone:
            return bool(refund.move_id.pos_sync_day_id)
        if refund.move_id.pos_sync_day_id != day:
            return False
        rounded = day.currency_id.round
        wanted = sorted(
            (
                vals["product_id"],
                sorted(vals["tax_ids"][0][2]),
                rounded(vals["price_unit"] * vals["quantity"] * (1 - vals["discount"] / 100)),
            )
            for vals in lines or ()
        )
        found = sorted(
            (
                line.product_id.id,
                sorted(line.tax_ids.ids),
                rounded(line.price_unit * line.quantity * (1 - line.discount / 100)),
            )
            for line in refund.move_id.invoice_line_ids
            if line.display_type == "product"
        )
        return wanted != found

    def _take_back(self, refunds, day, date):
        """A refund that the system has cancelled or changed is charged again."""
        moves = refunds.move_id
        if moves:
            values = {"date": date, "invoice_date": date, "pos_sync_day_id": day.id}
            moves._reverse_moves([dict(values) for _move in moves], cancel=True)
            refunds.move_id = False

    def _prepare_credit_note(self, day, date, refund, lines):
        order = refund.order_id
        invoice = order.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type != "out_refund")
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

    def _prepare_credit_lines(self, work, date, items, amount):
        """Lines that come to exactly `amount`: taxed together, as in a summary. What they lack is a rounding."""
        base_lines = self._base_lines(work.day, date, items)
        lines = [
            self._prepare_credit_line(item, base_line) for item, base_line in zip(items, base_lines, strict=True)
        ]
        rest = work.day.currency_id.round(amount - sum(_amounts(base_line)[1] for base_line in base_lines))
        return [*lines, self._prepare_rounding_line(work.day, rest)] if rest else lines

    def _base_lines(self, day, date, items):
        """What Odoo computes taxes with; of amounts that the taxes are in, these are then kept as they are."""
        Tax = self.env["account.tax"]
        company = day.company_id
        rate = self.env["res.currency"]._get_conversion_rate(company.currency_id, day.currency_id, company, date)
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                {},
                tax_ids=Tax.browse(item.tax_ids),
                price_unit=item.price_unit,
                quantity=-item.quantity,
                discount=item.discount,
                currency_id=day.currency_id,
                rate=rate,
                is_refund=True,
                special_mode="total_included" if item.included else False,
            )
            for item in items
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        Tax._fix_base_lines_tax_details_on_manual_tax_amounts(base_lines, company)
        return base_lines

    def _prepare_credit_line(self, item, base_line):
        values = {
            "product_id": item.product_id,
            "name": item.name,
            "quantity": -item.quantity,
            "price_unit": item.price_unit,
            "discount": item.discount,
            "tax_ids": [Command.set(item.tax_ids)],
        }
        if not item.included:
            return values
        taxes = base_line["tax_ids"]
        # A cent that rounding moves between lines may go to one without taxes, too.
        amount = item.back if taxes and all(taxes.mapped("price_include")) else _amounts(base_line)[0]
        # Taxes worked out anew from the rounded price may come to a cent more or less.
        base_line.update(price_unit=amount / item.pieces, quantity=item.pieces)
        return {
            **values,
            "quantity": item.pieces,
            "price_unit": amount / item.pieces,
            "extra_tax_data": self.env["account.tax"]._export_base_line_extra_tax_data(base_line),
        }

    def _prepare_rounding_line(self, day, amount):
        charge = day.connection_id.sudo().charge_product_ids.filtered(lambda row: row.kind == ROUNDING)
        if not charge.account_id:
            raise UserError(self.env._("“%s” has no account yet.", self._label(ROUNDING)))
        return {
            "product_id": charge.product_id.id,
            "name": self._label(ROUNDING),
            "quantity": 1.0,
            "price_unit": amount,
            "discount": 0.0,
            "tax_ids": [Command.set([])],
        }


def _amounts(base_line):
    """(without tax, with tax) of a line whose taxes are worked out, in its currency."""
    details = base_line["tax_details"]
    net = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
    return net, net + sum(data["tax_amount_currency"] for data in details["taxes_data"])
