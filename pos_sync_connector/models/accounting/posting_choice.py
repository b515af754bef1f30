from odoo import api, fields, models
from odoo.tools import SQL

from ..sales.connection_sales import CHANNEL_TAX
from .posting_accounts import LIKE_SALES

# By kind of row: the model behind it, and which of its fields a person chooses here.
_SOURCES = {
    "method": ("pos.sync.payment.method", ("journal_id", "account_id", "guessed")),
    "tax": ("pos.sync.tax", ("tax_id", "ignored", "account_id")),
    "charge": ("pos.sync.charge.product", ("account_id",)),
    "payout": ("pos.sync.payout.account", ("account_id", "guessed")),
}


class PosSyncPostingChoice(models.Model):
    """All that an accountant chooses so that days and payouts can be posted, on one page: where the money of each way
    to pay goes, the tax of each tax, and the account of tips, gift cards, other charges and the parts of payouts. What
    is chosen is kept on the payment method, tax, charge or part itself."""

    _name = "pos.sync.posting.choice"
    _description = "POS Sync Account or Tax to Choose"
    _auto = False
    _order = "done, waiting desc, connection_id, kind, name, id"
    _rec_name = "name"
    _depends = {
        "pos.sync.payment.method": ["connection_id", "company_id", "name", "journal_id", "account_id", "guessed"],
        "pos.sync.tax": ["connection_id", "company_id", "name", "tax_id", "ignored", "active", "gone_since"],
        "pos.sync.charge.product": ["connection_id", "company_id", "kind", "product_id"],
        "pos.sync.payout.account": ["connection_id", "company_id", "purpose", "account_id", "guessed"],
        "pos.sync.payout": ["connection_id", "difference"],
        "pos.sync.day": ["connection_id", "hold_keys"],
        "pos.sync.message": ["connection_id", "direction", "state", "trace_key"],
        "product.template": ["property_account_income_id"],
        "account.tax": ["amount", "amount_type"],
        "account.tax.repartition.line": ["tax_id", "repartition_type", "factor_percent", "account_id"],
    }

    kind = fields.Selection(
        [("charge", "Charge"), ("method", "Payment Method"), ("payout", "Payout"), ("tax", "Tax")],
        string="What",
        readonly=True,
    )
    source = fields.Integer(readonly=True)
    connection_id = fields.Many2one("pos.sync.connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    name = fields.Char(string="Name at the System", readonly=True)
    label = fields.Char(string="At the System", compute="_compute_label")
    journal_id = fields.Many2one(
        "account.journal", domain="[('type', 'in', ('bank', 'cash', 'credit')), ('company_id', '=', company_id)]"
    )
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        readonly=False,
        domain="[('company_ids', 'in', company_id)]",
        help="What has none of its own and is a sale like any other goes where other sales go.",
    )
    tax_id = fields.Many2one(
        "account.tax", string="Tax in Odoo", domain="[('type_tax_use', '=', 'sale'), ('company_id', '=', company_id)]"
    )
    ignored = fields.Boolean(string="No Tax")
    guessed = fields.Boolean(
        string="Proposed",
        help="Nobody has chosen the account yet: it is the one that most likely fits. Untick it to confirm.",
    )
    done = fields.Boolean(readonly=True)
    trace = fields.Char(readonly=True, help="What waits for it is known by this.")
    waiting = fields.Integer(readonly=True, aggregator=None, help="Days, or records with the tax, that wait for it.")

    @property
    def _table_query(self):
        """The ids of the four kinds are kept apart by what is left of them divided by four."""
        return SQL(
            """
            SELECT choice.*,
                   (SELECT count(*) FROM pos_sync_day day
                     WHERE day.connection_id = choice.connection_id
                       AND day.hold_keys LIKE '%% ' || choice.trace || ' %%')
                   + (SELECT count(*) FROM pos_sync_message message
                       WHERE message.connection_id = choice.connection_id AND message.trace_key = choice.trace
                         AND message.direction = 'in' AND message.state IN ('waiting', 'held', 'failed')) AS waiting
              FROM (
            SELECT id * 4 AS id, 'method' AS kind, id AS source, connection_id, company_id, name, journal_id,
                   NULL::int AS tax_id, FALSE AS ignored,
                   COALESCE(guessed, FALSE) AS guessed, account_id IS NOT NULL AS done,
                   'unmapped-method:' || id AS trace
              FROM pos_sync_payment_method
             UNION ALL
            SELECT id * 4 + 1, 'tax', id, connection_id, company_id, name, NULL, tax_id, COALESCE(ignored, FALSE),
                   FALSE, COALESCE(ignored, FALSE) OR tax_id IS NOT NULL AND NOT EXISTS (
                       SELECT FROM account_tax tax JOIN account_tax_repartition_line part ON part.tax_id = tax.id
                        WHERE tax.id = system_tax.tax_id AND tax.amount <> 0 AND tax.amount_type <> 'group'
                          AND part.repartition_type = 'tax' AND part.factor_percent <> 0 AND part.account_id IS NULL),
                   COALESCE('tax-account:' || tax_id, 'missing-tax:' || external_id)
              FROM pos_sync_tax system_tax WHERE active AND gone_since IS NULL
             UNION ALL
            SELECT charge.id * 4 + 2, 'charge', charge.id, charge.connection_id, charge.company_id, charge.kind, NULL,
                   NULL, FALSE, FALSE, account.id IS NOT NULL OR charge.kind IN %(like_sales)s,
                   'unmapped-charge:' || charge.kind
              FROM pos_sync_charge_product charge
              JOIN product_product product ON product.id = charge.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN account_account account
                     ON account.id = (template.property_account_income_id ->> charge.company_id::text)::int
             UNION ALL
            SELECT part.id * 4 + 3, 'payout', part.id, part.connection_id, part.company_id, part.purpose, NULL, NULL,
                   FALSE, COALESCE(part.guessed, FALSE),
                   part.account_id IS NOT NULL OR part.purpose = 'other' AND NOT EXISTS (
                       SELECT FROM pos_sync_payout payout
                        WHERE payout.connection_id = part.connection_id AND payout.difference <> 0),
                   'payout:' || part.purpose
              FROM pos_sync_payout_account part
              ) choice
            """,
            # What the channel remits gets an account by itself once it is there.
            like_sales=(*LIKE_SALES, CHANNEL_TAX),
        )

    @api.depends("kind", "source")
    def _compute_account_id(self):
        for row in self:
            row.account_id = row._source().account_id

    @api.depends_context("lang")
    def _compute_label(self):
        labels = {
            "charge": dict(self.env["pos.sync.charge.product"]._select_kind()),
            "payout": dict(self.env["pos.sync.payout.account"]._fields["purpose"]._description_selection(self.env)),
        }
        for row in self:
            row.label = labels.get(row.kind, {}).get(row.name, row.name)

    def _source(self):
        """The payment method, tax, charge or part of payouts that the row stands for."""
        return self.env[_SOURCES[self.kind][0]].browse(self.source)

    def write(self, vals):
        """Who may choose it there may choose it here: the rights are those of what is behind the row."""
        for row in self:
            own = {name: vals[name] for name in _SOURCES[row.kind][1] if name in vals}
            if own.get("journal_id") and "account_id" not in own:
                source = row._source()
                own["account_id"] = source._clearing_account(self.env["account.journal"].browse(own["journal_id"])).id
            if own:
                row._source().write(own)
        self.env.flush_all()
        self.invalidate_recordset()
        return True

    def action_create_missing(self):
        """Creates what these rows lack: cash journals, an own clearing account a gateway, taxes like the company's."""
        rows = self.filtered(lambda row: not row.done)
        sources = {kind: [row.source for row in rows if row.kind == kind] for kind in ("method", "tax")}
        self.env["pos.sync.payment.method"].browse(sources["method"]).action_create_accounts()
        answer = self.env["pos.sync.tax"].browse(sources["tax"]).action_make_tax()
        self.env.flush_all()
        self.invalidate_model()
        return answer

    @api.onchange("journal_id")
    def _onchange_journal_id(self):
        if self.journal_id:
            self.account_id = self.env["pos.sync.payment.method"]._clearing_account(self.journal_id)
