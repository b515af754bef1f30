"""The entry of a business day before it is posted: its lines as they would be, and what they still lack."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command


class PosSyncDayLine(models.Model):
    """A line as the day's entry would have it. Made anew whenever what the day holds has changed."""

    _name = "pos.sync.day.line"
    _inherit = ["analytic.mixin"]
    _description = "POS Sync Line of a Day's Entry"
    _order = "day_id, sequence, id"

    day_id = fields.Many2one("pos.sync.day", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="day_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="day_id.currency_id")
    sequence = fields.Integer(readonly=True)
    key = fields.Char(required=True, readonly=True)
    name = fields.Char(string="Label", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True, ondelete="cascade")
    account_code = fields.Char(string="Code", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="cascade")
    tax_ids = fields.Many2many("account.tax", string="Taxes", readonly=True)
    tax_tag_ids = fields.Many2many("account.account.tag", string="Tax Grids", readonly=True)
    tax_line_id = fields.Many2one("account.tax", string="Tax", readonly=True, ondelete="cascade")
    debit = fields.Monetary(readonly=True)
    credit = fields.Monetary(readonly=True)

    def action_view_orders(self):
        """The orders that the amount is made of."""
        self.ensure_one()
        return self.day_id._action_orders_of(self.key, self.tax_line_id or self.tax_ids)


class PosSyncDay(models.Model):
    _inherit = "pos.sync.day"

    line_ids = fields.One2many("pos.sync.day.line", "day_id", string="Entry to Post", readonly=True)
    preview_fingerprint = fields.Char(readonly=True, help="What the day held when its lines were worked out.")
    lacks = fields.Char(readonly=True, help="What its entry needs and nobody has chosen, each between spaces.")
    lacks_sentence = fields.Char(string="What Is Missing", readonly=True)
    choice_ids = fields.Many2many(
        "pos.sync.posting.choice",
        string="To Choose",
        compute="_compute_choice_ids",
        inverse="_inverse_choice_ids",
        help="Accounts and taxes that the entry still needs.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        inverse="_inverse_journal_id",
        domain="[('type', 'in', ('general', 'sale')), ('company_id', '=', company_id)]",
    )

    @api.depends("lacks", "connection_id")
    def _compute_choice_ids(self):
        Choice = self.env["pos.sync.posting.choice"]
        for day in self:
            traces = (day.lacks or "").split()
            domain = [("connection_id", "=", day.connection_id.id), ("trace", "in", traces)]
            day.choice_ids = Choice.search(domain) if traces else Choice

    def _inverse_choice_ids(self):
        """What is chosen in a row is kept by the row itself."""

    @api.depends("connection_id.posting_period_ids.journal_id", "date")
    def _compute_journal_id(self):
        for day in self:
            day.journal_id = self.env["pos.sync.posting.period"]._of(day).journal_id

    def _inverse_journal_id(self):
        for day in self:
            self.env["pos.sync.posting.period"]._of(day).journal_id = day.journal_id

    def write(self, vals):
        result = super().write(vals)
        if {"choice_ids", "journal_id"} & set(vals):
            self._forget_preview()
        return result

    def web_read(self, specification):
        """Whoever opens a day sees its entry as it would be posted at this moment."""
        if len(self) == 1 and "line_ids" in specification and self.has_access("read"):
            self.sudo()._preview()
        return super().web_read(specification)

    # It may write the lines; Odoo's own only reads.
    web_read._readonly = False

    def _forget_preview(self):
        self.sudo().preview_fingerprint = False

    def _preview(self):
        """Works out the lines of days that are not posted, where what they hold or need has changed since."""
        days = self.filtered(lambda day: day.mode != "orders")
        prints = self.env["pos.sync.preview_days"]._prints(days)
        for day in days:
            if day.preview_fingerprint == prints[day.id]:
                continue
            try:
                with self.env.cr.savepoint():
                    self.env["pos.sync.preview_days"]._refresh(day, prints[day.id])
            except (UserError, ValidationError) as error:
                # Who opens the day reads it there.
                day.write({"lacks": False, "lacks_sentence": str(error), "line_ids": [Command.clear()]})

    def action_open_choices(self):
        """All that is to be chosen for its connection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_posting_choice_action")
        domain = [("connection_id", "=", self.connection_id.id)]
        return {**action, "domain": domain, "context": {"search_default_todo": 1}}

    def _action_orders_of(self, key, taxes):
        """The orders that an amount of the day is made of, by the amount's key."""
        self.ensure_one()
        key, _sep, channel = (key or "").partition("@")
        kind, _sep, which = key.partition(":")
        domain = [("pos_sync_day_id", "=", self.id)]
        if kind == "payment":
            payments = self.payment_ids.filtered(lambda payment: str(payment.method_id.id) == which)
            domain = [("id", "in", (payments.order_id | payments.refund_id.order_id).ids)]
        elif kind == "refund":
            domain = [("id", "in", (self.refund_ids.order_id | self.order_ids).ids)]
        elif taxes:
            lines = self.env["sale.order.line"].search(
                [("order_id.pos_sync_day_id", "=", self.id), ("tax_ids", "in", taxes.ids)]
            )
            domain = [("id", "in", (lines.order_id | self.refund_ids.order_id).ids)]
        if channel:
            domain.append(("pos_sync_channel", "=", channel))
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": domain, "context": {}}
