from odoo import fields, models
from odoo.exceptions import UserError

_NOTED = ("pos_sync_number", "pos_sync_status", "pos_sync_paid", "pos_sync_fiscal_number", "pos_sync_closed_at")


class SaleOrder(models.Model):
    """A sale of a system that hands over what was ordered in Odoo: both are one order, which earns once."""

    _inherit = "sale.order"

    pos_sync_fulfils_id = fields.Many2one(
        "sale.order",
        string="Fulfils",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', partner_id), ('company_id', '=', company_id), "
        "('pos_sync_connection_id', '=', False), ('state', 'in', ('draft', 'sent', 'sale'))]",
        help="The order created in Odoo that this sale fulfils. Proposed by customer, amount and day; choose another, "
        "or none. “Merge Orders” keeps that order and removes this one.",
    )

    def action_pos_sync_fulfil(self):
        """Links the sale to the order that it fulfils, and removes the order that was imported for it."""
        self.ensure_one()
        self.check_access("write")
        self.check_access("unlink")
        self.pos_sync_fulfils_id.check_access("write")
        self._pos_sync_check_fulfils()
        target = self.pos_sync_fulfils_id
        self.sudo().with_context(lang=self.env.user.lang)._pos_sync_become(target.sudo())
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": target.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _pos_sync_check_fulfils(self):
        target = self.pos_sync_fulfils_id
        if not self.pos_sync_connection_id or not target:
            raise UserError(self.env._("Choose the order that this sale fulfils first."))
        if target.pos_sync_connection_id or target == self:
            raise UserError(
                self.env._("“%s” was imported itself: only an order made in Odoo can be fulfilled.", target.name)
            )
        if target.state == "cancel":
            raise UserError(self.env._("“%s” is cancelled. Set it to quotation first.", target.name))
        if target.company_id != self.company_id or target.currency_id != self.currency_id:
            raise UserError(self.env._("“%s” is of another company or in another currency.", target.name))
        linked = (
            self.env["pos.sync.mapping"]
            .sudo()
            .search_count(
                [("connection_id", "=", self.pos_sync_connection_id.id), ("sale_order_id", "=", target.id)], limit=1
            )
        )
        if linked:
            raise UserError(self.env._("“%s” is linked to another sale of this system already.", target.name))
        moved = self.picking_ids.filtered(lambda picking: picking.state == "done")
        if self.locked or moved or self.invoice_ids.filtered(lambda invoice: invoice.state == "posted"):
            raise UserError(
                self.env._("This order is invoiced, delivered or locked already, so that it can't give way to another.")
            )

    def _pos_sync_become(self, target):
        """What belongs to the sale goes over to `target`; the points that it earned here are taken back before."""
        connection = self.pos_sync_connection_id
        mapping = self.env["pos.sync.mapping"]._find(connection, "order", [self.pos_sync_external_id])
        noted = {name: self[name] for name in _NOTED}
        name = self.pos_sync_number or self.pos_sync_external_id
        self.env["pos.sync.award_points"]._take_back(self)
        self.pos_sync_refund_ids.order_id = target
        self.pos_sync_payment_ids.order_id = target
        for link in mapping.values():
            # Without its digest the sale is read once more, onto the order that it belongs to now.
            link.write({"sale_order_id": target.id, "digest": False, "made_here": False})
        quiet = self.with_context(skip_procurement=True, disable_cancel_warning=True, pos_sync_merging=True)
        if quiet.state == "sale":
            quiet._action_cancel()
        quiet.unlink()
        target._pos_sync_hand_over(connection, noted)
        target.message_post(
            body=self.env._("Handed over at %(system)s: sale %(number)s.", system=connection.name, number=name)
        )

    def _pos_sync_hand_over(self, connection, noted):
        """An order whose goods the system handed over is sold; Odoo delivers nothing that the system counts itself."""
        completed = noted["pos_sync_status"] == "completed"
        kept_there = completed and connection.stock_policy == "system"
        if kept_there:
            self.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")).action_cancel()
            noted = {**noted, "pos_sync_no_delivery": True}
        self.write(noted)
        if completed and self.state in ("draft", "sent"):
            self.with_context(skip_procurement=kept_there, mail_notrack=True).action_confirm()
        if kept_there:
            for line in self.order_line.filtered(lambda line: line.qty_delivered < line.product_uom_qty):
                line.qty_delivered = line.product_uom_qty
        self.env["pos.sync.award_points"]._settle(self)
