from odoo import api, models


class ResCurrencyRate(models.Model):
    _inherit = "res.currency.rate"

    @api.model_create_multi
    def create(self, vals_list):
        """The days that waited for a rate are posted in a moment."""
        rates = super().create(vals_list)
        for currency in rates.currency_id:
            self.env["pos.sync.post_days"]._release_all(f"missing-rate:{currency.name}")
        return rates
