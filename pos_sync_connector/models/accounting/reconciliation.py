from odoo import api, fields, models
from odoo.exceptions import AccessError

# What is compared, besides what each method took. Of the system's own figures a day keeps which it states at all.
COMPARED = ("count", "gross", "tax", "tips", "refunds")


class PosSyncReconciliation(models.Model):
    """What the system, Odoo's orders and Odoo's entries say of a business day at a location, in one currency.

    The day is the location's own, and orders count on the day on which the system counts them. Amounts are in the
    day's currency. The figures are those of the last check.
    """

    _name = "pos.sync.reconciliation"
    _description = "POS Sync Reconciled Day"
    _inherit = ["pos.sync.guarded", "mail.thread"]
    _order = "date desc, connection_id, location_id, id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    checked_at = fields.Datetime(string="Checked", readonly=True)
    asked_at = fields.Datetime(string="System Asked", readonly=True, help="When the system said what it counts.")
    stated = fields.Char(readonly=True, help="Which figures the system states, each between spaces.")
    state = fields.Selection(
        [("ok", "Agrees"), ("to_post", "To Post"), ("differs", "Differs")],
        required=True,
        readonly=True,
        default="ok",
        index=True,
    )

    system_count = fields.Integer(string="Orders (System)", readonly=True)
    system_gross = fields.Monetary(string="Sold (System)", readonly=True)
    system_net = fields.Monetary(string="Net (System)", readonly=True)
    system_tax = fields.Monetary(string="Tax (System)", readonly=True)
    system_tips = fields.Monetary(string="Tips (System)", readonly=True)
    system_discounts = fields.Monetary(string="Discounts (System)", readonly=True)
    system_refunds = fields.Monetary(string="Refunds (System)", readonly=True)
    order_count = fields.Integer(string="Orders (Odoo)", readonly=True)
    order_gross = fields.Monetary(string="Sold (Odoo)", readonly=True)
    order_net = fields.Monetary(string="Net (Odoo)", readonly=True)
    order_tax = fields.Monetary(string="Tax (Odoo)", readonly=True)
    order_tips = fields.Monetary(string="Tips (Odoo)", readonly=True)
    order_refunds = fields.Monetary(string="Refunds (Odoo)", readonly=True)
    posted_count = fields.Integer(string="Orders (Posted)", readonly=True)
    posted_gross = fields.Monetary(string="Posted", readonly=True, help="Sold less refunded, with tax.")
    posted_tax = fields.Monetary(string="Tax (Posted)", readonly=True)
    to_post = fields.Monetary(
        string="To Be Posted", readonly=True, help="What the orders and refunds that are posted with this day come to."
    )
    gross_difference = fields.Monetary(
        string="Difference",
        compute="_compute_gross_difference",
        store=True,
        help="What the system has sold and Odoo's orders do not hold.",
    )
    method_ids = fields.One2many("pos.sync.reconciliation.method", "reconciliation_id", readonly=True)
    difference_ids = fields.One2many(
        "pos.sync.difference", "reconciliation_id", string="Difference Rows", readonly=True
    )
    difference_count = fields.Integer(string="Differences", readonly=True)
    day_ids = fields.Many2many("pos.sync.day", compute="_compute_day_ids")

    _day_uniq = models.UniqueIndex("(connection_id, COALESCE(location_id, 0), date, currency_id)")

    @api.depends("system_gross", "order_gross", "asked_at")
    def _compute_gross_difference(self):
        for day in self:
            day.gross_difference = day.system_gross - day.order_gross if day.asked_at else 0.0

    def _compute_day_ids(self):
        for day in self:
            day.day_ids = self.env["pos.sync.day"].search(day._days_domain())

    def _days_domain(self):
        """The business days, one a way of posting, that hold what is posted of this day."""
        self.ensure_one()
        return [
            (name, "=", self[name] if name == "date" else self[name].id)
            for name in ("connection_id", "location_id", "currency_id", "date")
        ]

    def _compute_display_name(self):
        for day in self:
            place = day.location_id.name or day.connection_id.name
            day.display_name = f"{place} {fields.Date.to_string(day.date)} {day.currency_id.name}"

    # Buttons

    def action_check(self):
        """Asks the systems again what they count on these days."""
        self._check_accountant()
        for connection, days in self.grouped("connection_id").items():
            connection._reconcile(min(days.mapped("date")), max(days.mapped("date")))
        return self.env["pos.sync.connection"]._notify(self.env._("They will be checked shortly."))

    def action_post(self):
        self._check_accountant()
        action = self.day_ids.action_post()
        self.sudo()._recount()
        return action

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        order_ids = self.env["pos.sync.count_days"].sudo()._order_ids(self)
        return {**action, "domain": [("id", "in", order_ids)], "context": {}}

    def action_view_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_day_action")
        return {**action, "domain": self._days_domain(), "context": {}}

    @api.model
    def _check_accountant(self):
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accountants can do this. Ask somebody with access to invoicing."))

    # What they say

    def _recount(self):
        """Takes over what Odoo's orders and entries say now; what the system said stays as it is."""
        for connection, days in self.grouped("connection_id").items():
            dates = days.mapped("date")
            self.env["pos.sync.reconcile"]._compare(connection, sorted(set(dates)), None)

    def _figure_rows(self):
        """[(label, system, orders, posted)] of the printed report; None where a side says nothing of it."""
        self.ensure_one()
        states = (self.stated or "").split()
        posted = bool(self.posted_count or self.posted_gross or self.to_post)

        def system(name):
            return self[f"system_{name}"] if self.asked_at and name in states else None

        return [
            (self.env._("Orders"), system("count"), self.order_count, self.posted_count if posted else None),
            (self.env._("Sold, with tax"), system("gross"), self.order_gross, None),
            (self.env._("of which tax"), system("tax"), self.order_tax if "tax" in states else None, None),
            (self.env._("of which tips"), system("tips"), self.order_tips if "tips" in states else None, None),
            (self.env._("Refunded"), system("refunds"), self.order_refunds, None),
            (
                self.env._("Sold less refunded"),
                self.system_gross - self.system_refunds if self.asked_at else None,
                self.order_gross - self.order_refunds,
                self.posted_gross if posted else None,
            ),
        ]


class PosSyncReconciliationMethod(models.Model):
    """What a way to pay took on a day, as each side says; less what it gave back where the system counts so."""

    _name = "pos.sync.reconciliation.method"
    _description = "POS Sync Reconciled Payment Method"
    _order = "reconciliation_id, name"

    reconciliation_id = fields.Many2one("pos.sync.reconciliation", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="reconciliation_id.currency_id")
    external_id = fields.Char(required=True)
    name = fields.Char(required=True)
    system_amount = fields.Monetary(string="System")
    order_amount = fields.Monetary(string="Odoo")
    posted_amount = fields.Monetary(string="Posted")
