from odoo import api, fields, models
from odoo.fields import Command

from ...connectors.records import ChargeKind
from ..sales.connection_sales import CHANNEL_TAX

# Kinds that are sales like any other: without an account of their own they go where other sales go.
LIKE_SALES = (
    ChargeKind.DISCOUNT.value,
    ChargeKind.SERVICE_CHARGE.value,
    ChargeKind.SHIPPING.value,
    ChargeKind.FEE.value,
    ChargeKind.DUTY.value,
    "unknown",
)


# Of kinds that are owed or are rounded: an account of their own, never the one of sales.
_TYPES = {
    ChargeKind.TIP.value: ("liability_current", "income_other"),
    ChargeKind.GIFT_CARD.value: ("liability_current",),
    CHANNEL_TAX: ("liability_current",),
    ChargeKind.ROUNDING.value: ("income_other", "expense", "expense_other"),
}


class PosSyncChargeProduct(models.Model):
    """The account of a kind of amount: that of its service product, so that invoices and summaries use the same."""

    _inherit = "pos.sync.charge.product"

    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        inverse="_inverse_account_id",
        help="Tips and gift cards are owed, not earned: they usually have an account of their own.",
    )

    @api.depends("product_id")
    def _compute_account_id(self):
        for row in self:
            product = row.product_id.sudo().with_company(row.company_id)
            row.account_id = product.property_account_income_id or (
                product._get_product_accounts()["income"] if row.kind in LIKE_SALES else False
            )

    def _inverse_account_id(self):
        for row in self:
            row.product_id.sudo().with_company(row.company_id).property_account_income_id = row.account_id
            if row.account_id:
                self.env["pos.sync.post_days"]._release(row.connection_id, row._trace_key())

    def _propose(self):
        """The account that another connection of the company has for the same kind, else the only one of its name, else
        the company's own default."""
        for row in self.filtered(lambda item: item.kind in _TYPES and not item.account_id):
            twins = self.sudo().search([("company_id", "=", row.company_id.id), ("kind", "=", row.kind)])
            found = twins.account_id
            if not found:
                label = dict(self._select_kind())[row.kind]
                Account = self.env["account.account"].with_company(row.company_id)
                found = Account.search(
                    [
                        *Account._check_company_domain(row.company_id),
                        ("name", "ilike", label),
                        ("account_type", "in", _TYPES[row.kind]),
                    ]
                )
            if not found and row.kind == ChargeKind.ROUNDING.value:
                # Where a till's cash that differs by a little goes, too.
                found = row.company_id.default_cash_difference_expense_account_id
            if not found and row.kind == CHANNEL_TAX and row._is_used():
                found = row._create_account()
            if len(found) == 1:
                row.account_id = found

    def _is_used(self):
        return bool(self.env["sale.order.line"].sudo().search_count([("product_id", "=", self.product_id.id)], limit=1))

    def _create_account(self):
        """An account of its own: what customers pay and the channel keeps from its payouts comes to zero there."""
        Account = self.env["account.account"].sudo().with_company(self.company_id)
        owed = Account.search(
            [*Account._check_company_domain(self.company_id), ("account_type", "=", "liability_current")], limit=1
        )
        return Account.create(
            {
                "code": Account._search_new_account_code(owed.code or "252000"),
                "name": dict(self._select_kind())[self.kind],
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.company_id.ids)],
            }
        )

    def _trace_key(self):
        self.ensure_one()
        return f"unmapped-charge:{self.kind}"
