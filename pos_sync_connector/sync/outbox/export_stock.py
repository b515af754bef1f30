from decimal import Decimal

from odoo import models

from ...connectors import records as rec
from ...connectors.codec import as_decimal


class PosSyncExportStock(models.AbstractModel):
    """Makes `StockLevel` records of what is on hand in Odoo."""

    _name = "pos.sync.export_stock"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Stock"

    def _record_to_send(self, stream, message):
        """The count of a message as it is now; None where nothing is to be told of it any more."""
        product, location = message.counted_product_id, message.counted_location_id
        variant_id, _at, location_id = message.external_id.rpartition("@")
        mapping = self.env["pos.sync.mapping"]._find(stream.connection_id, "variant", [variant_id]).get(variant_id)
        known = mapping and not mapping.gone and mapping.product_id == product
        if not known or location not in stream.connection_id._told_locations() or not product.is_storable:
            return None
        return rec.StockLevel(
            external_id=message.external_id,
            variant_id=variant_id,
            location_id=location_id,
            quantity=self._on_hand(product, location.stock_location_id),
            unit=product.uom_id.name,
        )

    def _on_hand(self, product, place):
        """Counted as counts are compared that come in. Less than nothing is nothing."""
        counts = {(product.id, place.id): None}
        importer = self.env["pos.sync.import_stock"]
        areas = importer._areas(counts)
        there, _loose = importer._on_hand(importer._quants(counts, areas), areas)
        quantity = as_decimal(product.uom_id.round(there.get((product.id, place.id), 0.0)))
        return max(quantity, Decimal(0))

    def _send(self, connector, parcel):
        return connector.push_stock(parcel.record, key=parcel.key)
