from odoo import models
from odoo.fields import Command

from ...connectors.records import ChargeKind
from ...models.sales.connection_sales import CHANNEL_TAX
from .order_resolver import UNKNOWN


class PosSyncImportOrders(models.AbstractModel):
    """The named service products that stand for amounts on an order that are no product."""

    _inherit = "pos.sync.import_orders"

    def _ensure_charge_products(self, connection):
        """The named service products that stand for what is no product, made when first needed."""
        known = set(connection.sudo().charge_product_ids.mapped("kind"))
        missing = [kind for kind in (*(item.value for item in ChargeKind), CHANNEL_TAX, UNKNOWN) if kind not in known]
        if not missing:
            return
        labels = dict(self.env["pos.sync.charge.product"]._select_kind())
        products = self.env["product.product"].create(
            [
                {
                    "name": f"{labels[kind]} ({connection.name})",
                    "type": "service",
                    "list_price": 0.0,
                    "taxes_id": [Command.clear()],
                    "company_id": connection.company_id.id,
                    "invoice_policy": "order",
                    "sale_ok": False,
                    "purchase_ok": False,
                }
                for kind in missing
            ]
        )
        self.env["pos.sync.charge.product"].create(
            [
                {"connection_id": connection.id, "kind": kind, "product_id": product.id}
                for kind, product in zip(missing, products, strict=True)
            ]
        )
