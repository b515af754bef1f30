from odoo import fields, models


class PosSyncConnection(models.Model):
    """How a connection's sales become entries."""

    _inherit = "pos.sync.connection"

    posting_period_ids = fields.One2many("pos.sync.posting.period", "connection_id", string="Posting", copy=False)
    payment_method_ids = fields.One2many(
        "pos.sync.payment.method", "connection_id", string="Payment Methods", copy=False
    )
    day_ids = fields.One2many("pos.sync.day", "connection_id", string="Business Days", copy=False)
    posting_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Summaries",
        compute="_compute_posting_journal_id",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('general', 'sale')), ('company_id', '=', company_id)]",
        check_company=True,
        copy=False,
        help="The entries of the business days are made here.",
    )

    def _compute_posting_journal_id(self):
        """The company's journal of tills where it has one, else its first for miscellaneous entries."""
        for company, connections in self.grouped("company_id").items():
            Journal = self.env["account.journal"]
            journals = Journal.search([*Journal._check_company_domain(company), ("type", "=", "general")])
            till = journals.filtered(lambda journal: journal.code == "POSS")
            ordinary = journals - company.currency_exchange_journal_id - company.tax_cash_basis_journal_id
            connections.posting_journal_id = (till or ordinary)[:1]

    def action_gather_days(self):
        """Brings the list of business days up to date."""
        self.check_access("read")
        for connection in self:
            self.env["pos.sync.gather_days"].sudo()._gather(connection)
