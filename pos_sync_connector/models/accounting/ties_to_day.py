"""What ties orders, payments, refunds and entries to the business day that they are posted with."""

from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_day_id = fields.Many2one(
        "pos.sync.day",
        string="Business Day",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The day that the order is posted with.",
    )

    def _prepare_invoice(self):
        """An invoice of a business day bears its date."""
        values = super()._prepare_invoice()
        return {**values, **self.env.context.get("pos_sync_posting", {})}


class PosSyncRefund(models.Model):
    _inherit = "pos.sync.refund"

    day_id = fields.Many2one(
        "pos.sync.day", string="Business Day", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move", string="Credit Note", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )


class PosSyncPayment(models.Model):
    _inherit = "pos.sync.payment"

    day_id = fields.Many2one(
        "pos.sync.day", string="Business Day", readonly=True, index="btree_not_null", ondelete="set null"
    )
    method_id = fields.Many2one("pos.sync.payment.method", readonly=True, index="btree_not_null", ondelete="set null")


class AccountMove(models.Model):
    _inherit = "account.move"

    pos_sync_day_id = fields.Many2one(
        "pos.sync.day",
        string="Business Day",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def message_post_with_source(self, *args, **kwargs):
        """An invoice of a business day names its order anyway; a message that repeats it takes long."""
        if self.env.context.get("pos_sync_posting"):
            return self.env["mail.message"]
        return super().message_post_with_source(*args, **kwargs)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    pos_sync_key = fields.Char(
        string="Amount of the Day",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Which amount of its business day the line holds.",
    )

    def action_pos_sync_orders(self):
        """The orders that an amount of a day is made of."""
        self.ensure_one()
        day = self.move_id.pos_sync_day_id
        if not day:
            raise UserError(self.env._("This line belongs to no business day of POS Sync."))
        kind, _sep, which = (self.pos_sync_key or "").partition(":")
        if kind != "paid" and not (kind == "rounded" and which.isdigit()):
            return day._action_orders_of(self.pos_sync_key, self.tax_line_id or self.tax_ids)
        payment = self.env["pos.sync.payment"].browse(int(which)).exists()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": [("id", "in", (payment.order_id | payment.refund_id.order_id).ids)], "context": {}}
