"""A sale is invoiced once: what is posted with the summary of its day, or is history, has nothing to invoice."""

from odoo import api, fields, models
from odoo.exceptions import UserError

_POSTED = ("posted", "changed")
_SETTLED = ("order_id.pos_sync_history", "order_id.pos_sync_day_id.mode", "order_id.pos_sync_day_id.state")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_history = fields.Boolean(
        string="Before Accounting",
        readonly=True,
        copy=False,
        help="Sold before “Accounting From” of its connection: what was booked for it was booked elsewhere.",
    )
    pos_sync_settled = fields.Boolean(
        string="Nothing to Invoice",
        compute="_compute_pos_sync_settled",
        compute_sudo=True,
        help="It is posted with its business day, or was sold before “Accounting From”.",
    )
    pos_sync_entry_count = fields.Integer(compute="_compute_pos_sync_settled", compute_sudo=True)

    @api.depends(*(name.removeprefix("order_id.") for name in _SETTLED))
    def _compute_pos_sync_settled(self):
        for order in self:
            day = order.pos_sync_day_id
            order.pos_sync_settled = order.pos_sync_history or (day.mode == "summary" and day.state in _POSTED)
            order.pos_sync_entry_count = day.move_count if order.pos_sync_settled else 0

    def _create_invoices(self, *args, **kwargs):
        """Of several orders those that are settled are left out, as Odoo does with any that have nothing to invoice."""
        settled = self.filtered("pos_sync_settled")
        if settled and settled == self:
            raise UserError(settled[0]._pos_sync_why_settled())
        return super(SaleOrder, self - settled)._create_invoices(*args, **kwargs)

    def _pos_sync_why_settled(self):
        self.ensure_one()
        if self.pos_sync_history:
            return self.env._(
                "“%(order)s” was sold before “Accounting From” of “%(connection)s”: it was booked elsewhere, and an "
                "invoice would book it again.",
                order=self.name,
                connection=self.sudo().pos_sync_connection_id.name,
            )
        day = self.sudo().pos_sync_day_id
        return self.env._(
            "“%(order)s” is posted with the business day “%(day)s” (%(entries)s): an invoice would count it twice. To "
            "invoice it by itself, reset that entry to draft first.",
            order=self.name,
            day=day.display_name,
            entries=", ".join(day.move_ids.filtered(lambda move: move.state == "posted").mapped("name")),
        )

    def action_pos_sync_view_day(self):
        """The business day that the order is posted with."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pos.sync.day",
            "res_id": self.pos_sync_day_id.id,
            "views": [(False, "form")],
        }

    def action_pos_sync_view_entries(self):
        """The entries of that day."""
        return self.pos_sync_day_id.action_view_moves()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _pos_sync_settle(self, **values):
        """Gives the lines of settled orders these values. Returns the others."""
        settled = self.filtered("order_id.pos_sync_settled")
        for name, value in values.items():
            settled[name] = value
        return self - settled

    @api.depends(*_SETTLED)
    def _compute_qty_to_invoice(self):
        return super(SaleOrderLine, self._pos_sync_settle(qty_to_invoice=0))._compute_qty_to_invoice()

    @api.depends(*_SETTLED)
    def _compute_untaxed_amount_to_invoice(self):
        left = self._pos_sync_settle(untaxed_amount_to_invoice=0)
        return super(SaleOrderLine, left)._compute_untaxed_amount_to_invoice()

    @api.depends(*_SETTLED)
    def _compute_amount_to_invoice(self):
        return super(SaleOrderLine, self._pos_sync_settle(amount_to_invoice=0))._compute_amount_to_invoice()

    @api.depends(*_SETTLED)
    def _compute_invoice_status(self):
        return super(SaleOrderLine, self._pos_sync_settle(invoice_status="no"))._compute_invoice_status()


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """A down payment would be a second invoice, too."""
        orders = self.sale_order_ids
        settled = orders.filtered("pos_sync_settled")
        if settled and settled == orders:
            raise UserError(settled[0]._pos_sync_why_settled())
        return super().create_invoices()


class PosSyncDay(models.Model):
    _inherit = "pos.sync.day"

    def _follow_entries(self):
        """A summary whose entries somebody has reset or cancelled is not posted: its sales are free to be invoiced, or
        to be posted anew. One whose entry is posted again holds its sales again."""
        for day in self.filtered(lambda item: item.mode == "summary"):
            posted = day.move_ids.filtered(lambda move: move.state == "posted")
            if day.state in _POSTED and not posted:
                day.write({"state": "open", "fingerprint": False})
                self.env["pos.sync.reconciliation"]._note_touched(day.connection_id, [day.date])
            elif day.state not in _POSTED and posted:
                day.state = "changed"


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.sudo().pos_sync_day_id._follow_entries()
        return result

    def action_pos_sync_view_day(self):
        """The business day that the entry is of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pos.sync.day",
            "res_id": self.pos_sync_day_id.id,
            "views": [(False, "form")],
        }


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    def write(self, vals):
        result = super().write(vals)
        if {"entries_from", "timezone"} & set(vals):
            for connection in self:
                self.env["pos.sync.gather_days"].sudo()._mark_history(connection)
        return result
