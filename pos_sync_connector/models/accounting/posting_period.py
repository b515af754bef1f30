from odoo import api, fields, models
from odoo.exceptions import ValidationError

MODES = [("orders", "Orders only"), ("invoice", "Invoice each order"), ("summary", "Daily summary")]


class PosSyncPostingPeriod(models.Model):
    """From which business day on a connection's sales are posted in which way. Before the first period nothing is."""

    _name = "pos.sync.posting.period"
    _description = "POS Sync Posting Period"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, date_from desc"
    _rec_name = "date_from"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    date_from = fields.Date(string="From", required=True)
    mode = fields.Selection(MODES, string="Posting", required=True)
    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('type', 'in', ('general', 'sale')), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        help="Daily summaries are posted here; invoices are posted in the company's journal of invoices.",
    )

    automatic = fields.Boolean(
        string="Post Automatically", help="Days are posted automatically, and later changes as corrections."
    )
    hours = fields.Integer(
        string="Hours After Midnight", default=6, help="How long after its end a day is posted automatically."
    )

    _hours_positive = models.Constraint("CHECK(hours >= 0)", "A day can't be posted before it has ended.")
    _date_uniq = models.Constraint("UNIQUE(connection_id, date_from)", "Only one posting method can start on a day.")

    @api.depends("connection_id", "mode")
    def _compute_journal_id(self):
        for period in self:
            if period.mode != "summary":
                period.journal_id = False
            elif not period.journal_id:
                period.journal_id = period.connection_id.posting_period_ids.journal_id[:1]

    @api.model
    def _own_journal(self, connection):
        """A journal of the connection's own, so that its entries are numbered and found by themselves. Who decides how
        a connection is posted may have it created: it needs no right to change journals."""
        Journal = self.env["account.journal"].sudo().with_company(connection.company_id)
        name = self.env._("Sales of %s", connection.name)
        own = [*Journal._check_company_domain(connection.company_id), ("type", "=", "general"), ("name", "=", name)]
        return Journal.search(own, limit=1) or Journal.create(
            {"name": name, "type": "general", "company_id": connection.company_id.id, "show_on_dashboard": False}
        )

    @api.model
    def _ordinary_journal(self, company):
        """The company's journal of tills where it has one, else its first for miscellaneous entries."""
        Journal = self.env["account.journal"]
        journals = Journal.search([*Journal._check_company_domain(company), ("type", "=", "general")])
        till = journals.filtered(lambda journal: journal.code == "POSS")
        ordinary = journals - company.currency_exchange_journal_id - company.tax_cash_basis_journal_id
        return (till or ordinary)[:1]

    @api.model_create_multi
    def create(self, vals_list):
        periods = super().create(vals_list)
        for period in periods.filtered(lambda item: item.mode == "summary" and not item.journal_id):
            period.journal_id = self._own_journal(period.connection_id)
        periods._check_nothing_posted()
        return periods

    def write(self, vals):
        settled = bool({"connection_id", "date_from", "mode"} & set(vals))
        if settled:
            # Both where it began before and where it begins now.
            self._check_nothing_posted()
        result = super().write(vals)
        if settled:
            self._check_nothing_posted()
        if vals.get("journal_id"):
            for connection in self.connection_id:
                self.env["pos.sync.post_days"]._release(connection, "unmapped-journal")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_nothing_posted()

    @api.model
    def _of(self, day):
        """The period that a business day, a payout or a cash count lies in. A day with what is left of an earlier way
        of posting, as a late payment, belongs to the last period of that way."""
        periods = self.search(
            [("connection_id", "=", day.connection_id.id), ("date_from", "<=", day.date)], order="date_from desc"
        )
        own = periods.filtered(lambda period: period.mode == day.mode) if "mode" in day._fields else periods
        return (own or periods)[:1]

    def _check_nothing_posted(self):
        """A day that is posted stays posted as it is: its way of posting is settled."""
        for period in self:
            later = self.search(
                [("connection_id", "=", period.connection_id.id), ("date_from", ">", period.date_from)],
                order="date_from",
                limit=1,
            )
            until = [("date", "<", later.date_from)] if later else []
            posted = self.env["pos.sync.day"].search(
                [
                    ("connection_id", "=", period.connection_id.id),
                    ("date", ">=", period.date_from),
                    ("state", "in", ("posted", "changed")),
                    *until,
                ],
                order="date desc",
                limit=1,
            )
            if posted:
                raise ValidationError(
                    self.env._(
                        "%(connection)s: %(day)s is posted already. Another posting method can only start after it.",
                        connection=period.connection_id.name,
                        day=fields.Date.to_string(posted.date),
                    )
                )
