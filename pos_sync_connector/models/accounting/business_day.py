from odoo import api, fields, models
from odoo.exceptions import AccessError

from .posting_period import MODES


class PosSyncDay(models.Model):
    """The sales, payments and refunds of a business day at a location, in one currency, that are posted in one way.

    The day is the location's own: from midnight to midnight in its time zone.
    """

    _name = "pos.sync.day"
    _description = "POS Sync Business Day"
    _inherit = ["pos.sync.guarded", "mail.thread"]
    _order = "date desc, connection_id, location_id, id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    date = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    mode = fields.Selection(MODES, string="Posting", required=True, readonly=True)
    state = fields.Selection(
        [
            ("open", "Not Posted"),
            ("held", "Held"),
            ("posted", "Posted"),
            ("changed", "Changed Since"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    sentence = fields.Char(string="What Is Wrong", readonly=True, tracking=True)
    hold_keys = fields.Char(readonly=True, help="What it waits for, each between spaces.")
    fingerprint = fields.Char(readonly=True, help="What the day held when it was posted.")
    order_ids = fields.One2many("sale.order", "pos_sync_day_id", readonly=True)
    refund_ids = fields.One2many("pos.sync.refund", "day_id", readonly=True)
    payment_ids = fields.One2many("pos.sync.payment", "day_id", readonly=True)
    move_ids = fields.One2many("account.move", "pos_sync_day_id", string="Entries", readonly=True)

    # What the day comes to, as of its last gathering: stored, so that lists add it up and group by it.
    order_count = fields.Integer(string="Orders", readonly=True)
    order_total = fields.Monetary(string="Sold", readonly=True)
    refund_total = fields.Monetary(string="Refunded", readonly=True)
    payment_total = fields.Monetary(string="Paid", readonly=True)
    move_count = fields.Integer(compute="_compute_move_count", string="Entry Count")

    _day_uniq = models.UniqueIndex("(connection_id, COALESCE(location_id, 0), date, currency_id, mode)")

    @api.depends("move_ids")
    def _compute_move_count(self):
        moves = dict(
            self.env["account.move"]
            .sudo()
            ._read_group([("pos_sync_day_id", "in", self.ids)], ["pos_sync_day_id"], ["__count"])
        )
        for day in self:
            day.move_count = moves.get(day, 0)

    def _compute_display_name(self):
        for day in self:
            place = day.location_id.name or day.connection_id.name
            day.display_name = f"{place} {fields.Date.to_string(day.date)} {day.currency_id.name}"

    def _ended_at(self):
        """The moment in UTC at which the day is over where it is."""
        self.ensure_one()
        return self.connection_id._ends_at(self.date, self.location_id)

    def action_gather(self):
        """Brings the list of days up to date."""
        self.check_access("read")
        periods = self.env["pos.sync.posting.period"].search([("connection_id.active", "=", True)])
        for connection in periods.connection_id:
            self.env["pos.sync.gather_days"].sudo()._gather(connection.sudo())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_post(self):
        """Posts these days, and of those that are posted already what has changed since."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accountants can post. Ask somebody with access to invoicing."))
        self.check_access("write")
        self.env["pos.sync.post_days"].sudo()._post(self.sudo())
        held = self.filtered(lambda day: day.state == "held")
        if held:
            return self.env["pos.sync.connection"]._notify(held[0].sentence, "warning")
        return self.env["pos.sync.connection"]._notify(self.env._("Posted."))

    def action_view_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": [("pos_sync_day_id", "in", self.ids)], "context": {}}

    def action_view_moves(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_journal_line")
        return {**action, "domain": [("pos_sync_day_id", "in", self.ids)], "context": {}}
