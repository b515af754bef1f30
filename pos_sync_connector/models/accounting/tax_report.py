from odoo import fields, models
from odoo.tools import SQL


class PosSyncTaxReport(models.Model):
    """The taxes of what is posted, by jurisdiction, rate, channel and location: the journal items themselves, so that
    it comes to what the tax accounts hold. A row a journal item and tax; in the company's currency."""

    _name = "pos.sync.tax.report"
    _description = "POS Sync Taxes"
    _auto = False
    _order = "date desc, id"
    _rec_name = "tax_id"
    _depends = {
        "account.move": ["pos_sync_day_id", "reversed_entry_id", "state"],
        "account.move.line": [
            "account_id",
            "balance",
            "date",
            "display_type",
            "move_id",
            "pos_sync_channel",
            "tax_ids",
            "tax_line_id",
        ],
        "account.tax": ["amount", "amount_type", "tax_group_id", "country_id"],
        "pos.sync.day": ["connection_id", "location_id"],
        "sale.order": ["pos_sync_channel"],
    }

    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    connection_id = fields.Many2one("pos.sync.connection", readonly=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True)
    day_id = fields.Many2one("pos.sync.day", string="Business Day", readonly=True)
    channel = fields.Char(readonly=True, help="Of daily summaries only where they are split by channel.")
    tax_id = fields.Many2one("account.tax", readonly=True)
    tax_group_id = fields.Many2one("account.tax.group", string="Jurisdiction", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    rate = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    rate_label = fields.Char(string="Tax Rate", readonly=True)
    account_id = fields.Many2one("account.account", string="Tax Account", readonly=True)
    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    base = fields.Monetary(string="Net", readonly=True, help="What the tax was charged on.")
    tax = fields.Monetary(string="Tax Amount", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row_number() OVER (ORDER BY item.line_id, item.tax_id, item.is_tax) AS id, item.line_id, item.tax_id,
                   line.date, line.company_id, day.id AS day_id, day.connection_id, day.location_id,
                   COALESCE(NULLIF(line.pos_sync_channel, ''), sold.channel) AS channel,
                   tax.tax_group_id, tax.country_id, tax.amount AS rate,
                   CASE tax.amount_type WHEN 'percent' THEN trim_scale(tax.amount::numeric) || ' %%' ELSE '' END
                       AS rate_label,
                   CASE WHEN item.is_tax THEN line.account_id END AS account_id,
                   CASE WHEN item.is_tax THEN 0 ELSE -line.balance END AS base,
                   CASE WHEN item.is_tax THEN -line.balance ELSE 0 END AS tax
              FROM (
                    SELECT id AS line_id, tax_line_id AS tax_id, TRUE AS is_tax
                      FROM account_move_line WHERE tax_line_id IS NOT NULL
                     UNION ALL
                    SELECT link.account_move_line_id, link.account_tax_id, FALSE
                      FROM account_move_line_account_tax_rel link
                   ) item
              JOIN account_move_line line ON line.id = item.line_id AND line.parent_state = 'posted'
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN account_move origin ON origin.id = move.reversed_entry_id
              JOIN pos_sync_day day ON day.id = COALESCE(move.pos_sync_day_id, origin.pos_sync_day_id)
              JOIN account_tax tax ON tax.id = item.tax_id
              LEFT JOIN LATERAL (
                   SELECT sale.pos_sync_channel AS channel
                     FROM account_move_line invoiced
                     JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = invoiced.id
                     JOIN sale_order_line sold ON sold.id = link.order_line_id
                     JOIN sale_order sale ON sale.id = sold.order_id
                    WHERE day.mode = 'invoice' AND invoiced.move_id IN (move.id, move.reversed_entry_id)
                    LIMIT 1) sold ON TRUE
            """
        )

    def action_view_item(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.line_id.move_id.id,
            "views": [(False, "form")],
        }
