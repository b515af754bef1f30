from odoo import models

from ...connectors.flows import Flow


class PosSyncImportProducts(models.AbstractModel):
    """Whether a product is on the web shop, where Odoo has one."""

    _inherit = "pos.sync.import_products"

    def _prepare_online_vals(self, connection, record, new):
        """The system says only at first what is sold online: what a person decides later in Odoo stays.

        A tracked product whose stock is counted waits for its first count above zero.
        """
        if not new or record.sellable_online is None or "is_published" not in self.env["product.template"]._fields:
            return {}
        waits = record.sellable_online and record.tracked and connection._stream(Flow.STOCK_PULL).enabled
        return {"is_published": record.sellable_online and not waits, "pos_sync_hidden": waits}


class PosSyncImportStock(models.AbstractModel):
    """A tracked product without stock leaves the web shop and comes back with stock."""

    _inherit = "pos.sync.import_stock"

    def _write_visibility(self, products):
        """What a person hid by hand is not ours to show: only what was hidden here comes back. And what a person shows
        though it was hidden here is not hidden again."""
        if "is_published" not in self.env["product.template"]._fields:
            return
        templates = products.product_tmpl_id.filtered(
            lambda template: template.is_storable and (template.is_published or template.pos_sync_hidden)
        )
        in_stock = templates.with_context(active_test=True).filtered(lambda template: template.qty_available > 0)
        in_stock.filtered("pos_sync_hidden").write({"is_published": True, "pos_sync_hidden": False})
        (templates - in_stock).filtered(lambda template: not template.pos_sync_hidden).write(
            {"is_published": False, "pos_sync_hidden": True}
        )
