from odoo import models


class PosSyncImportProducts(models.AbstractModel):
    """Whether a product is on the web shop, where Odoo has one."""

    _inherit = "pos.sync.import_products"

    def _prepare_online_vals(self, record, new):
        """The system says only at first what is sold online: what a person decides later in Odoo stays."""
        if new and record.sellable_online is not None and "is_published" in self.env["product.template"]._fields:
            return {"is_published": record.sellable_online}
        return {}


class PosSyncImportStock(models.AbstractModel):
    """A tracked product without stock leaves the web shop and comes back with stock."""

    _inherit = "pos.sync.import_stock"

    def _write_visibility(self, products):
        """What a person hid by hand is not ours to show: only what was hidden here comes back."""
        if "is_published" not in self.env["product.template"]._fields:
            return
        for template in products.product_tmpl_id.filtered("is_storable"):
            in_stock = template.with_context(active_test=True).qty_available > 0
            if in_stock and template.pos_sync_hidden:
                template.write({"is_published": True, "pos_sync_hidden": False})
            elif not in_stock and template.is_published:
                template.write({"is_published": False, "pos_sync_hidden": True})
