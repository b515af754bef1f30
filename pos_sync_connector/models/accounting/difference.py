from odoo import fields, models
from odoo.exceptions import UserError

CAUSES = [
    ("missing_odoo", "Missing in Odoo"),
    ("missing_system", "Missing in the System"),
    ("amount", "Amount Differs"),
    ("tax", "Tax Differs"),
    ("rounding", "Rounding"),
    ("unmapped", "Not Mapped"),
    ("held", "Held by a Failure"),
    ("cancelled", "Cancelled Later"),
    ("currency", "Another Currency"),
    ("not_posted", "Not Posted Yet"),
    ("money", "Payments Differ"),
    ("no_day", "Payment Not Posted"),
    ("unknown", "Unknown"),
]
# What reading the order from the system again mends.
_PULLED = ("missing_odoo", "missing_system", "amount", "tax", "unmapped", "held", "cancelled", "currency")


class PosSyncDifference(models.Model):
    """One thing about which the sides of a business day do not agree, with its cause and what mends it."""

    _name = "pos.sync.difference"
    _description = "POS Sync Difference"
    _order = "date desc, reconciliation_id, id"
    _rec_name = "name"

    reconciliation_id = fields.Many2one(
        "pos.sync.reconciliation", string="Day", required=True, readonly=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one(related="reconciliation_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True, index=True)
    location_id = fields.Many2one(related="reconciliation_id.location_id", store=True)
    date = fields.Date(related="reconciliation_id.date", store=True)
    currency_id = fields.Many2one(related="reconciliation_id.currency_id")
    cause = fields.Selection(CAUSES, required=True, readonly=True)
    name = fields.Char(string="What", required=True, readonly=True)
    external_id = fields.Char(string="ID at the System", readonly=True)
    flow = fields.Char(readonly=True, help="The flow whose record it is.")
    sentence = fields.Char(string="Why", readonly=True)
    amount = fields.Monetary(readonly=True, help="What the system has more than Odoo.")
    order_id = fields.Many2one("sale.order", readonly=True, ondelete="set null")
    message_id = fields.Many2one("pos.sync.message", string="Failure", readonly=True, ondelete="set null")
    day_id = fields.Many2one("pos.sync.day", string="Posted With", readonly=True, ondelete="set null")
    mending = fields.Boolean(readonly=True, index=True, help="Its order will shortly be read from the system again.")
    mend_label = fields.Char(string="To Do", compute="_compute_mend_label")

    def _compute_mend_label(self):
        labels = {
            "missing_system": self.env._("Cancel in Odoo"),
            "unmapped": self.env._("Map"),
            "not_posted": self.env._("Post"),
        }
        for row in self:
            label = labels.get(row.cause) if row.day_id or (row.external_id and row.cause != "unmapped") else None
            own = row.order_id.pos_sync_connection_id == row.connection_id
            if row.cause == "missing_system" and row.flow == "orders_pull" and row.order_id and not own:
                label = self.env._("Unlink")
            row.mend_label = False if row.mending or not row._can_mend() else label or self.env._("Pull")

    def _can_mend(self):
        self.ensure_one()
        if self.day_id:
            return self.cause in ("not_posted", "unmapped")
        return self.cause in _PULLED and bool(self.external_id or self.flow)

    def action_mend(self):
        """Does what mends these: reads orders again, cancels what the system has no more, posts, shows the mapping."""
        self.env["pos.sync.reconciliation"]._check_accountant()
        if len(self) > 1 and any(self.mapped("removes_sales")):
            # Sales are removed one by one.
            return self._mend_all()
        rows = self.filtered(lambda row: row._can_mend())
        if not rows:
            raise UserError(self.env._("Nothing here can be fixed by a button. The sentence says what to look at."))
        posting = rows.filtered("day_id")
        unmapped = posting.filtered(lambda row: row.cause == "unmapped")
        if unmapped == rows:
            return self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_payment_method_action")
        days = (posting - unmapped).day_id
        if days:
            days.action_post()
        pulled = (rows - posting).sudo()
        if pulled:
            pulled.mending = True
            pulled.connection_id._wake_reconciliation()
        if posting:
            posting.reconciliation_id.sudo()._recount()
        return self.env["pos.sync.connection"]._notify(self.env._("It will be fixed shortly."))

    def action_view(self):
        """The order, or the failure that holds it."""
        self.ensure_one()
        record = self.message_id or self.order_id or self.day_id
        if not record:
            raise UserError(self.env._("Odoo has no record of it."))
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
