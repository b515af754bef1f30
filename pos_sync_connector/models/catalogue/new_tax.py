"""A tax in Odoo for one of the system that has none: like the company's own, so that it reaches the tax return."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare


class PosSyncTax(models.Model):
    _inherit = "pos.sync.tax"

    created = fields.Boolean(string="Created Here", readonly=True, help="Its tax in Odoo was created for it.")
    candidates = fields.Char(
        string="Taxes That Fit", compute="_compute_candidates", help="Several taxes of Odoo have the rate: choose one."
    )

    @api.depends("rate", "fixed", "tax_id", "ignored", "gone_since", "company_id")
    def _compute_candidates(self):
        for tax in self:
            fits = tax._fitting() if tax._is_unmapped() else self.env["account.tax"]
            tax.candidates = ", ".join((fits.filtered("active") or fits).mapped("name"))

    def action_make_tax(self):
        """Creates a sales tax for each unmapped one, with the accounts and tax grids of the company's own. Where that
        is not clear a person chooses: the answer names those."""
        # Whoever may make taxes may make these; a manager here may match those that are there.
        self.check_access("read" if self.env["account.tax"].has_access("create") else "write")
        unclear = []
        for tax in self.filtered(lambda item: item._is_unmapped()):
            if sentence := tax._unclear():
                unclear.append(sentence)
            else:
                tax.sudo().write(tax._prepare_match())
        return self.env["pos.sync.connection"]._notify(" ".join(unclear), "warning") if unclear else False

    def _unclear(self):
        """Why a person has to choose the tax; empty where one can be created."""
        self.ensure_one()
        fits = self._fitting()
        if self._like():
            return ""
        if fits:
            return self.env._(
                "Several of Odoo's taxes may be “%(tax)s”: choose one (%(names)s).",
                tax=self.name,
                names=self.candidates,
            )
        if self.rate and self._grids_by_rate():
            return self.env._(
                "No sales tax of Odoo has the rate of “%s”, and the tax grids depend on the rate: create it in Odoo, "
                "and choose it.",
                self.name,
            )
        return ""

    def _prepare_match(self):
        """Odoo's own tax where it has the rate and the inclusion, else a new one like it."""
        like = self._like()
        included = self.inclusive == "yes"
        # Two taxes of the system stay two in Odoo: a city's and a state's may have the same rate.
        taken = self.connection_id.with_context(active_test=False).tax_ids.tax_id
        same = (self._fitting() - taken).filtered(
            lambda tax: tax.price_include == included and _shape(tax) == _shape(like)
        )
        same = (like & same) or same.filtered("active")[:1] or same[:1]
        if same:
            # Charts bring rates that most companies never use, archived.
            same.active = True
            return {"tax_id": same.id}
        vals = self._prepare_tax()
        if like:
            clear = {"original_tax_ids": [Command.clear()], "active": True}
            return {"tax_id": like.copy({**vals, **clear}).id, "created": True}
        vals |= self._prepare_from_default()
        return {"tax_id": self.env["account.tax"].with_company(self.company_id).create(vals).id, "created": True}

    # What it is to be like

    def _own_taxes(self):
        """The company's sales taxes for sales at home, archived ones too, without those created here."""
        company = self.company_id
        Tax = self.env["account.tax"].with_company(company).with_context(active_test=False)
        made = self.sudo().search([("company_id", "=", company.id), ("created", "=", True)]).tax_id
        return Tax.search(
            [
                *Tax._check_company_domain(company),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "in", ("percent", "fixed")),
                ("is_domestic", "=", True),
                ("id", "not in", made.ids),
            ]
        )

    def _fitting(self):
        kind = "fixed" if self.fixed else "percent"
        return self._own_taxes().filtered(
            lambda tax: tax.amount_type == kind and float_compare(tax.amount, self.rate, 4) == 0
        )

    def _like(self):
        """Which of the company's taxes with the rate it is like: the company's default one, else those that are in use
        and are due at the same time, if they all reach the same accounts and tax grids. None where that is not clear,
        and never by a rate of zero, which says nothing of why."""
        fits, default = self._fitting(), self._default()
        if not self.rate:
            return fits.browse()
        if default in fits:
            return default
        fits = fits.filtered("active") or fits
        fits = fits.filtered(lambda tax: tax.tax_exigibility == default.tax_exigibility) or fits
        return fits[:1] if len({_shape(tax) for tax in fits}) == 1 else fits.browse()

    def _default(self):
        """The company's default sales tax, else the first of its chart that has an account."""
        own = self._own_taxes()
        ordinary = own.filtered(lambda tax: tax.amount and tax.invoice_repartition_line_ids.account_id)
        default = self.company_id.account_sale_tax_id & ordinary
        return default or ordinary.filtered("active")[:1] or ordinary[:1]

    def _grids_by_rate(self):
        """Whether what is sold goes to other tax grids for another rate, as far as the company's taxes tell."""
        taxed = self._own_taxes().filtered(lambda tax: tax.amount and any(_tags(tax)))
        rates = {tax.amount for tax in taxed}
        return bool(taxed) and (len(rates) == 1 or len({_tags(tax) for tax in taxed}) > 1)

    def _prepare_from_default(self):
        """Accounts, tax grids, group and country of the company's default sales tax, for a rate that it has not."""
        default = self._default()
        if not default:
            return {"tax_group_id": self._ensure_tax_group(self.company_id).id}
        vals = {"tax_group_id": default.tax_group_id.id, "country_id": default.country_id.id}
        if not self.rate:
            return vals
        return {
            **vals,
            "tax_exigibility": default.tax_exigibility,
            "cash_basis_transition_account_id": default.cash_basis_transition_account_id.id,
            "repartition_line_ids": [
                Command.create(
                    {
                        "document_type": line.document_type,
                        "repartition_type": line.repartition_type,
                        "factor_percent": line.factor_percent,
                        "account_id": line.account_id.id,
                        "tag_ids": [Command.set(line.tag_ids.ids)],
                        "use_in_tax_closing": line.use_in_tax_closing,
                    }
                )
                for line in _parts(default)
            ],
        }

    def _prepare_tax(self):
        self.ensure_one()
        return {
            "name": f"{self.name} ({self.connection_id.name})",
            "description": False,
            "invoice_label": self.name,
            "amount": self.rate,
            "amount_type": "fixed" if self.fixed else "percent",
            "type_tax_use": "sale",
            "price_include_override": "tax_included" if self.inclusive == "yes" else "tax_excluded",
            "company_id": self.company_id.id,
        }

    @api.model
    def _ensure_tax_group(self, company):
        """Odoo wants each tax in a group, and makes none before the company's chart of accounts is chosen."""
        Group = self.env["account.tax.group"].with_company(company)
        country = company.account_fiscal_country_id or company.country_id
        if not country:
            raise UserError(self.env._("Enter the country of %s first: taxes belong to a country.", company.name))
        found = Group.search(
            [*Group._check_company_domain(company), ("country_id", "in", (country.id, False))], limit=1
        )
        return found or Group.create(
            {"name": self.env._("Taxes"), "company_id": company.id, "country_id": country.id}
        )


def _shape(tax):
    """Where a tax goes: accounts and tax grids of its parts, and when it is due."""
    return (
        tax.tax_exigibility,
        *((part.document_type, part.repartition_type, part.account_id.id, *part.tag_ids.ids) for part in _parts(tax)),
    )


def _tags(tax):
    return tuple(tuple(part.tag_ids.ids) for part in _parts(tax))


def _parts(tax):
    # The field of both is empty in memory where Odoo has just created them.
    return tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
