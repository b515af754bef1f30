"""What stands on a clearing account, beside what its gateway still has to pay out: the two are to be equal."""

from odoo import api, fields, models
from odoo.tools import SQL


class PosSyncPaymentMethod(models.Model):
    _inherit = "pos.sync.payment.method"

    company_currency_id = fields.Many2one(related="company_id.currency_id")
    account_balance = fields.Monetary(
        string="Balance",
        currency_field="company_currency_id",
        compute="_compute_account_balance",
        groups="account.group_account_invoice",
    )
    unpaid = fields.Monetary(
        string="Not Paid Out Yet",
        currency_field="company_currency_id",
        compute="_compute_account_balance",
        groups="account.group_account_invoice",
        help="Payments and refunds of posted days, of all methods with this account, that are in no posted payout.",
    )
    unexplained = fields.Monetary(
        currency_field="company_currency_id",
        compute="_compute_account_balance",
        groups="account.group_account_invoice",
        help="What stands on the account and no payment explains: another entry, or a day that was changed.",
    )

    @api.depends("account_id")
    def _compute_account_balance(self):
        lines = self.env["account.move.line"].sudo()
        balances = {
            (company, account): balance
            for company, account, balance in lines._read_group(
                [
                    ("account_id", "in", self.account_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("parent_state", "=", "posted"),
                ],
                ["company_id", "account_id"],
                ["balance:sum"],
            )
        }
        unpaid = self._unpaid_by_account()
        for method in self:
            method.account_balance = balances.get((method.company_id, method.account_id), 0.0)
            method.unpaid = unpaid.get((method.company_id.id, method.account_id.id), 0.0)
            method.unexplained = method.account_balance - method.unpaid

    def _unpaid_by_account(self):
        """{(company id, account id): what its gateways owe}. In another currency at the rate of the payment's day."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT day.company_id, stands.account_id, day.currency_id, day.date,
                       sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0)
                           - COALESCE(paid_out.amount, 0))
                  FROM pos_sync_payment payment
                  JOIN pos_sync_day day ON day.id = payment.day_id AND day.state IN ('posted', 'changed')
                  JOIN (SELECT move.pos_sync_day_id AS day_id, line.pos_sync_key AS key,
                               (array_agg(line.account_id ORDER BY line.id DESC))[1] AS account_id
                          FROM account_move_line line JOIN account_move move ON move.id = line.move_id
                         WHERE line.account_id IN %(accounts)s AND move.state = 'posted'
                           AND move.pos_sync_day_id IS NOT NULL
                         GROUP BY 1, 2) stands
                       ON stands.day_id = day.id AND stands.key = 'payment:' || payment.method_id::text
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                  LEFT JOIN (
                       SELECT entry.payment_id, sum(entry.gross - COALESCE(entry.difference, 0)) AS amount
                         FROM pos_sync_payout_entry entry
                        WHERE EXISTS (SELECT FROM account_move move
                                       WHERE move.pos_sync_payout_id = entry.payout_id AND move.state = 'posted'
                                         -- One that was reversed has paid out nothing.
                                         AND NOT EXISTS (SELECT FROM account_move back
                                                          WHERE back.reversed_entry_id = move.id
                                                            AND back.state = 'posted'))
                        GROUP BY 1) paid_out ON paid_out.payment_id = payment.id
                 WHERE day.mode <> 'orders' AND refund.gone IS NOT TRUE
                 GROUP BY 1, 2, 3, 4
                """,
                accounts=tuple(self.account_id.ids) or (0,),
            )
        )
        found = {}
        for company_id, account_id, currency_id, date, amount in self.env.cr.fetchall():
            company = self.env["res.company"].browse(company_id)
            currency = self.env["res.currency"].browse(currency_id)
            own = currency._convert(float(amount), company.currency_id, company, date)
            found[company_id, account_id] = found.get((company_id, account_id), 0.0) + own
        return found

    def action_view_items(self):
        """What stands on the account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.account_move_line_action_pos_sync")
        domain = [("account_id", "=", self.account_id.id), ("parent_state", "=", "posted")]
        return {**action, "domain": domain, "context": {}}
