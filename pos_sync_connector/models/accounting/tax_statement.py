from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils

_LENGTH = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
}


class PosSyncTaxStatement(models.Model):
    """The taxes of a company's connections for the last whole week, month or quarter: printed, and sent by e-mail once
    that is over."""

    _name = "pos.sync.tax.statement"
    _description = "POS Sync Tax Statement"
    _inherit = ["pos.sync.guarded", "mail.thread"]
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, default=lambda self: self.env._("Taxes"))
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    connection_ids = fields.Many2many(
        "pos.sync.connection",
        string="Connections",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
        help="Empty: all of the company.",
    )
    period = fields.Selection(
        [("week", "Week"), ("month", "Month"), ("quarter", "Quarter")], required=True, default="month"
    )
    date_from = fields.Date(string="From", compute="_compute_dates", store=True, readonly=False, precompute=True)
    date_to = fields.Date(string="To", compute="_compute_dates", store=True, readonly=False, precompute=True)
    partner_ids = fields.Many2many(
        "res.partner", string="Sent To", help="Who gets it by e-mail once the period is over."
    )
    sent_to = fields.Date(string="Sent Until", readonly=True, copy=False, help="The last day of what was sent.")

    @api.depends("period")
    def _compute_dates(self):
        for statement in self:
            statement.date_from, statement.date_to = statement._last_whole_period()

    def _last_whole_period(self):
        today = fields.Date.context_today(self)
        start = date_utils.start_of(today, self.period or "month")
        return start - _LENGTH[self.period or "month"], start - relativedelta(days=1)

    # What it says

    def _domain(self):
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        return [*domain, ("connection_id", "in", self.connection_ids.ids)] if self.connection_ids else domain

    def _rows(self):
        """[(jurisdiction, rate, channel, location, net, tax)]"""
        rows = self.env["pos.sync.tax.report"]._read_group(
            self._domain(),
            ["tax_group_id", "tax_id", "rate_label", "channel", "location_id"],
            ["base:sum", "tax:sum"],
        )
        return [
            (tax.name, rate, channel or "", place.name or "", base, amount)
            for _group, tax, rate, channel, place, base, amount in rows
        ]

    def _account_rows(self):
        """[(account, tax of these days on it, what else was posted on it in the period)]"""
        booked = self.env["pos.sync.tax.report"]._read_group(
            [*self._domain(), ("account_id", "!=", False)], ["account_id"], ["tax:sum"]
        )
        accounts = self.env["account.account"].concat(*(account for account, _amount in booked))
        whole = dict(
            self.env["account.move.line"]._read_group(
                [
                    ("account_id", "in", accounts.ids),
                    ("company_id", "=", self.company_id.id),
                    ("parent_state", "=", "posted"),
                    ("date", ">=", self.date_from),
                    ("date", "<=", self.date_to),
                ],
                ["account_id"],
                ["balance:sum"],
            )
        )
        rounded = self.currency_id.round
        return [
            (account.with_company(self.company_id), amount, rounded(-whole.get(account, 0.0) - amount))
            for account, amount in booked
        ]

    def _tables(self):
        """The same as it is printed, for the e-mail."""
        return self.env["ir.qweb"]._render("pos_sync_connector.tax_statement_tables", {"statement": self})

    # Buttons

    def action_view_taxes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_tax_report_action")
        return {**action, "domain": self._domain(), "context": {}}

    def action_print(self):
        return self.env.ref("pos_sync_connector.pos_sync_tax_statement_report").report_action(self)

    def action_send(self):
        """Sends it as it is to the people who get it."""
        self.check_access("write")
        for statement in self:
            if not statement.partner_ids.filtered("email"):
                raise UserError(self.env._("Enter first who gets it, with an e-mail address."))
            template = self.env.ref("pos_sync_connector.mail_template_tax_statement")
            template.sudo().send_mail(
                statement.id, email_layout_xmlid="mail.mail_notification_light", force_send=False
            )
            statement.sudo().sent_to = statement.date_to
        return self.env["pos.sync.connection"]._notify(self.env._("It will be sent shortly."))

    @api.model
    def _send_due(self):
        """The daily job: what has a period that is over and was not sent for it."""
        for statement in self.search([("partner_ids", "!=", False)]):
            start, end = statement._last_whole_period()
            if statement.sent_to and statement.sent_to >= end:
                continue
            statement.write({"date_from": start, "date_to": end})
            try:
                with self.env.cr.savepoint():
                    statement.action_send()
            except UserError as error:
                statement.message_post(body=str(error))
            self.env["ir.cron"]._commit_progress(1)
