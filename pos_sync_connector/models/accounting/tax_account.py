"""The account that a tax of the system reaches through its tax in Odoo: without one Odoo books it as income."""

from odoo import api, fields, models


class PosSyncTax(models.Model):
    _inherit = "pos.sync.tax"

    account_id = fields.Many2one(
        "account.account",
        string="Tax Account",
        compute="_compute_account_id",
        inverse="_inverse_account_id",
        domain="[('company_ids', 'in', company_id), ('account_type', 'not in', ('income', 'income_other'))]",
        help="Where the tax is owed. Days with a tax that has no account are held.",
    )
    lacks_account = fields.Boolean(compute="_compute_account_id")

    @api.depends("tax_id.repartition_line_ids.account_id", "tax_id.amount")
    def _compute_account_id(self):
        for tax in self:
            lines = tax.sudo().tax_id._pos_sync_owed_lines()
            tax.lacks_account = any(not line.account_id for line in lines)
            tax.account_id = False if tax.lacks_account else lines.account_id[:1]

    def _inverse_account_id(self):
        for tax in self:
            found = tax.sudo().tax_id
            if not found or not tax.account_id:
                continue
            lines = found._pos_sync_owed_lines()
            (lines.filtered(lambda line: not line.account_id) or lines).account_id = tax.account_id
            for connection in tax.search([("tax_id", "=", found.id)]).connection_id:
                self.env["pos.sync.post_days"]._release(connection, found._pos_sync_trace_key())


class AccountTax(models.Model):
    _inherit = "account.tax"

    def _pos_sync_owed_lines(self):
        """The parts of taxes that come to an amount which is owed."""
        taxes = (self | self.children_tax_ids).filtered(lambda tax: tax.amount_type == "code" or tax.amount)
        taxes = taxes.filtered(lambda tax: tax.amount_type != "group")
        lines = taxes.invoice_repartition_line_ids | taxes.refund_repartition_line_ids
        return lines.filtered(lambda line: line.repartition_type == "tax" and line.factor_percent)

    def _pos_sync_trace_key(self):
        self.ensure_one()
        return f"tax-account:{self.id}"
