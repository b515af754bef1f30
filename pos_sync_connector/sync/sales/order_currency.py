from odoo import models

from ...connectors import codec
from ...connectors.errors import NeedsFixing
from .order_resolver import OrderCurrency


class PosSyncImportOrders(models.AbstractModel):
    """The currency of an order, which in Odoo comes only from a pricelist."""

    _inherit = "pos.sync.import_orders"

    def _ensure_currency(self, connection, resolver, name):
        """An order has the currency of its pricelist: one technical pricelist a currency and connection."""
        if name in resolver.currencies:
            return
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)], limit=1)
        if not currency:
            raise NeedsFixing(
                self.env._("Odoo has no currency %s.", name),
                fix=self.env._("Create the currency in Odoo's accounting settings, then retry."),
                code="missing-currency",
                trace=f"missing-currency:{name}",
            )
        if not currency.active:
            currency.active = True
        pricelist = connection.pricelist_id
        if pricelist.currency_id != currency:
            Pricelist = self.env["product.pricelist"].with_context(active_test=False)
            pricelist = Pricelist.search(
                [("pos_sync_connection_id", "=", connection.id), ("currency_id", "=", currency.id)], limit=1
            ) or Pricelist.create(
                {
                    "name": f"{connection.name} ({name})",
                    "currency_id": currency.id,
                    "company_id": connection.company_id.id,
                    "pos_sync_connection_id": connection.id,
                    "active": True,
                }
            )
        resolver.currencies[name] = OrderCurrency(currency.id, pricelist.id, codec.as_decimal(currency.rounding))
