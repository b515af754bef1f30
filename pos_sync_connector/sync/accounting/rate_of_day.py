from odoo import fields
from odoo.exceptions import UserError


def lacking_rate(currency, company, date):
    """The sentence that says that `currency` has no rate on `date` (a company's day), "" where it has one. Without a
    rate Odoo would count the currency as the company's own, or take a later one."""
    env = company.env
    if currency == company.currency_id or env["res.currency.rate"].sudo().search_count(
        [
            ("currency_id", "=", currency.id),
            ("company_id", "in", (False, company.root_id.id)),
            ("name", "<=", date),
        ],
        limit=1,
    ):
        return ""
    return env._(
        "%(currency)s has no rate on or before %(date)s. Enter the rate of that day under Accounting > Currencies.",
        currency=currency.name,
        date=fields.Date.to_string(date),
    )


def check_rate(currency, company, date):
    """Raises UserError with that sentence."""
    if sentence := lacking_rate(currency, company, date):
        raise UserError(sentence)
