from odoo import api, fields, models

from ...connectors.flows import Flow


class PosSyncTax(models.Model):
    """A tax of the system, mapped to a sales tax of Odoo."""

    _name = "pos.sync.tax"
    _description = "POS Sync Tax"
    _inherit = ["pos.sync.guarded"]
    _order = "connection_id, name, id"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char(string="External ID", required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    rate = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    fixed = fields.Boolean(string="Amount per Unit", readonly=True)
    inclusive = fields.Selection([("yes", "Yes"), ("no", "No")], string="Included in Price", readonly=True)
    active = fields.Boolean(default=True)
    ignored = fields.Boolean(string="No Tax", help="Products with this tax get no tax in Odoo for it.")
    gone_since = fields.Datetime(
        readonly=True, copy=False, help="The system does not name it any more. What it was matched with is kept."
    )
    from_orders = fields.Boolean(
        string="Named by Orders Only", readonly=True, help="The system does not list it; an order was charged with it."
    )
    tax_id = fields.Many2one(
        "account.tax",
        string="Tax in Odoo",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A tax is listed once.")

    def write(self, vals):
        result = super().write(vals)
        if {"tax_id", "ignored"} & set(vals):
            Message = self.env["pos.sync.message"].sudo()
            for tax in self:
                if not tax.from_orders:
                    tax.connection_id._forget_digests([Flow.PRODUCTS_PULL.value])
                Message._release(tax.connection_id, [tax._trace_key()])
            # A page under way holds its records without seeing this.
            self.sudo().connection_id.stream_ids.filtered("run_id")._wake()
        return result

    def _is_unmapped(self):
        self.ensure_one()
        return not self.ignored and not self.gone_since and not self.tax_id

    def _trace_key(self):
        return f"missing-tax:{self.external_id}"

    @api.model
    def _learn(self, connection, charged):
        """Lists taxes (`LineTax`) that the system does not list itself but charges: they can be matched like others."""
        return self.create(
            [
                {
                    "connection_id": connection.id,
                    "external_id": tax.tax_id,
                    "name": tax.name or self.env._("Tax %s%%", f"{tax.rate.normalize():f}"),
                    "rate": float(tax.rate),
                    "inclusive": "yes" if tax.inclusive else "no",
                    "from_orders": True,
                    "tax_id": self._propose(connection, tax).id,
                }
                for tax in charged
            ]
        )

    @api.model
    def _propose(self, connection, rate):
        """The one sales tax of the company with the rate and inclusion of a `TaxRate` or `LineTax`; none where several
        or none have.

        A rate of zero says nothing of why (exempt, exported, zero-rated), nor does one that is only for sales abroad:
        those are matched by name.
        """
        Tax = self.env["account.tax"]
        inclusion = [] if rate.inclusive is None else [("price_include", "=", rate.inclusive)]
        found = Tax.search(
            [
                *Tax._check_company_domain(connection.company_id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "fixed" if getattr(rate, "fixed", False) else "percent"),
                ("amount", "=", float(rate.rate)),
                *inclusion,
            ]
        )
        if len(found) != 1 or not rate.rate or not found.is_domestic:
            found = found.filtered(lambda tax: tax.name.strip().lower() == rate.name.strip().lower())
        return found if len(found) == 1 else Tax
