from odoo import models

from ...connectors import records as rec
from ...connectors.codec import as_decimal


class PosSyncExportStock(models.AbstractModel):
    """Makes `StockLevel` records of what a system may sell."""

    _name = "pos.sync.export_stock"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Stock"

    def _record_to_send(self, stream, message):
        """The count of a message as it is now; None where nothing is to be told of it any more."""
        product, location = message.counted_product_id, message.counted_location_id
        variant_id, _at, location_id = message.external_id.rpartition("@")
        mapping = self.env["pos.sync.mapping"]._find(stream.connection_id, "variant", [variant_id]).get(variant_id)
        known = mapping and not mapping.gone and mapping.product_id == product
        if not known or location not in stream.connection_id._told_locations() or not product._pos_sync_is_counted():
            return None
        quantity = self.env["pos.sync.count_stock"]._quantities(stream.connection_id, [(product, location)])[
            product, location
        ]
        if quantity is None:
            return None
        message.counted_quantity = quantity
        return rec.StockLevel(
            external_id=message.external_id,
            variant_id=variant_id,
            location_id=location_id,
            quantity=as_decimal(quantity),
            unit=product.uom_id.name,
            is_free=stream.connection_id.stock_basis != "on_hand",
        )

    def _send(self, connector, parcel):
        return connector.push_stock(parcel.record, key=parcel.key)
