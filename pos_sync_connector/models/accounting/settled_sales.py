"""A sale is invoiced once: what is posted with the summary of its day, or is history, has nothing to invoice."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_POSTED = ("posted", "changed")
# What a day does to its sales when it is posted is written by `_settle_sales`, for any number of them at once.
_SETTLED = ("order_id.pos_sync_history", "order_id.pos_sync_day_id")


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
    pos_sync_entry_count = fields.Integer(compute="_compute_pos_sync_entry_count", compute_sudo=True)

    @api.depends("pos_sync_history", "pos_sync_day_id.mode", "pos_sync_day_id.state")
    def _compute_pos_sync_settled(self):
        for order in self:
            day = order.pos_sync_day_id
            order.pos_sync_settled = order.pos_sync_history or (day.mode == "summary" and day.state in _POSTED)

    def _compute_pos_sync_entry_count(self):
        for order in self:
            order.pos_sync_entry_count = order.pos_sync_day_id.move_count if order.pos_sync_settled else 0

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

    def write(self, vals):
        if "state" not in vals:
            return super().write(vals)
        summaries = self.filtered(lambda day: day.mode == "summary")
        before = summaries.filtered(lambda day: day.state in _POSTED)
        result = super().write(vals)
        posted = summaries.filtered(lambda day: day.state in _POSTED)
        (posted - before)._settle_sales()
        (before - posted).order_ids.modified(["pos_sync_day_id"])
        return result

    def _settle_sales(self):
        """The sales of these days have nothing to invoice, as their fields work it out by themselves."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE sale_order_line line
                   SET qty_to_invoice = 0, untaxed_amount_to_invoice = 0, invoice_status = 'no'
                  FROM sale_order sale WHERE sale.id = line.order_id AND sale.pos_sync_day_id IN %(days)s
                   AND (line.qty_to_invoice <> 0 OR line.untaxed_amount_to_invoice <> 0
                        OR line.invoice_status IS DISTINCT FROM 'no')
                """,
                days=tuple(self.ids),
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order SET invoice_status = 'no' WHERE pos_sync_day_id IN %s AND invoice_status <> 'no'",
                tuple(self.ids),
            )
        )
        self.env["sale.order"].invalidate_model(["invoice_status", "pos_sync_settled"])
        self.env["sale.order.line"].invalidate_model(
            ["qty_to_invoice", "untaxed_amount_to_invoice", "amount_to_invoice", "invoice_status"]
        )

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
                self.env["pos.sync.gather_days"].sudo()._mark_history(connection.sudo())
        return result
