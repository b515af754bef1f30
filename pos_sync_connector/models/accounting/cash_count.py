import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError


class PosSyncCashCount(models.Model):
    """A shift of a cash drawer as the system tells it: what was in it, what came and went, and what was counted."""

    _name = "pos.sync.cash.count"
    _description = "POS Sync Cash Count"
    _inherit = ["pos.sync.guarded", "mail.thread"]
    _order = "opened_at desc, id desc"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    external_id = fields.Char(string="ID at the System", required=True, readonly=True)
    digest = fields.Char(readonly=True)
    name = fields.Char(string="Drawer", readonly=True)
    staff = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    opened_at = fields.Datetime(string="Opened", required=True, readonly=True)
    closed_at = fields.Datetime(string="Counted At", readonly=True)
    date = fields.Date(
        string="Business Day", compute="_compute_date", store=True, index=True, help="The day on which it was closed."
    )
    opening = fields.Monetary(string="At Opening", readonly=True)
    cash_sales = fields.Monetary(readonly=True)
    cash_refunds = fields.Monetary(readonly=True)
    paid_in = fields.Monetary(readonly=True, help="For another reason than a sale.")
    paid_out = fields.Monetary(readonly=True, help="For another reason than a refund.")
    expected = fields.Monetary(readonly=True)
    counted = fields.Monetary(readonly=True)
    difference = fields.Monetary(
        compute="_compute_difference",
        store=True,
        help="What was found beyond what was expected; negative where missing.",
    )
    method_id = fields.Many2one(
        "pos.sync.payment.method",
        string="Payment Method",
        compute="_compute_method_id",
        store=True,
        readonly=False,
        domain="[('connection_id', '=', connection_id), ('kind', '=', 'cash')]",
        help="Whose account is the drawer's.",
    )
    other_account_id = fields.Many2one(
        "account.account",
        string="Account of Paid In and Out",
        compute="_compute_other_account_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('company_ids', 'in', company_id)]",
        help="Where that money came from or went: the safe, the bank, an expense.",
    )
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, copy=False, index="btree_not_null")
    state = fields.Selection(
        [("open", "Not Counted Yet"), ("nothing", "Nothing to Post"), ("to_post", "To Post"), ("posted", "Posted")],
        compute="_compute_state",
        store=True,
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A cash count is imported once.")

    @api.depends("opened_at", "closed_at", "location_id.timezone")
    def _compute_date(self):
        for count in self:
            names = (count.location_id.timezone, count.company_id.partner_id.tz, "UTC")
            zone = pytz.timezone(next(name for name in names if name in pytz.all_timezones_set))
            count.date = pytz.utc.localize(count.closed_at or count.opened_at).astimezone(zone).date()

    @api.depends("closed_at", "counted", "expected")
    def _compute_difference(self):
        for count in self:
            count.difference = count.counted - count.expected if count.closed_at else 0.0

    @api.depends("connection_id.payment_method_ids.kind")
    def _compute_method_id(self):
        for count in self:
            cash = count.connection_id.payment_method_ids.filtered(lambda method: method.kind == "cash")
            count.method_id = count.method_id or (cash if len(cash) == 1 else False)

    @api.depends("connection_id")
    def _compute_other_account_id(self):
        """What was chosen for the connection last."""
        for count in self:
            if not count.other_account_id:
                last = self.search(
                    [("connection_id", "=", count.connection_id.id), ("other_account_id", "!=", False)], limit=1
                )
                count.other_account_id = last.other_account_id

    @api.depends(
        "closed_at", "date", "difference", "paid_in", "paid_out", "move_id.state", "connection_id.entries_from"
    )
    def _compute_state(self):
        for count in self:
            begins = count.connection_id.entries_from
            if count.move_id.state == "posted":
                count.state = "posted"
            elif not count.closed_at:
                count.state = "open"
            elif begins and count.date < begins:
                count.state = "nothing"
            else:
                moved = count.difference or count.paid_in or count.paid_out
                count.state = "to_post" if moved else "nothing"

    def _compute_display_name(self):
        for count in self:
            place = count.name or count.location_id.name or count.connection_id.name
            count.display_name = f"{place} {fields.Date.to_string(count.date)}"

    def action_post(self):
        """Posts what was paid in, paid out, and found or missing when it was counted; none twice."""
        self.env["pos.sync.reconciliation"]._check_accountant()
        self.check_access("write")
        counts = self.filtered(lambda count: count.state == "to_post")
        if not counts:
            raise UserError(self.env._("None of these is to be posted: it is posted, not counted, or agrees."))
        self.env["pos.sync.post_cash_counts"].sudo()._post(counts.sudo())
        return self.env["pos.sync.connection"]._notify(self.env._("Posted."))

    def action_view_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }


class PosSyncDifference(models.Model):
    _inherit = "pos.sync.difference"

    cause = fields.Selection(selection_add=[("cash", "Cash Differs")], ondelete={"cash": "cascade"})
