from odoo import models

from ..connectors.errors import NeedsFixing, Skip
from .outcome import Waits, missing


class PosSyncImportStock(models.AbstractModel):
    """Imports counts. A count is compared with what Odoo has, never with the last count; only differences are written,
    as inventory adjustments against the connection's counterpart location."""

    _name = "pos.sync.import_stock"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Stock"

    def _record_name(self, record):
        return record.external_id

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        locations = {
            location.external_id: location
            for location in self.env["pos.sync.location"]
            .with_context(active_test=False)
            .search([("connection_id", "=", connection.id)])
        }
        variants = self.env["pos.sync.mapping"]._find(connection, "variant", {record.variant_id for record in records})
        counts = {}
        for record in records:
            location = locations.get(record.location_id)
            mapping = variants.get(record.variant_id)
            failure = self._foreseeable(record, location, mapping)
            if failure:
                outcome.fail(record, failure)
                continue
            counts[mapping.product_id.id, location.stock_location_id.id] = record
        self._apply(connection, counts, outcome)

    def _foreseeable(self, record, location, mapping):
        """The failure that importing this count would end in, None when there is none in sight."""
        if location is None or location._is_unmapped() or location.ignored:
            # Mapping the location reads every count again.
            return Skip(self.env._("Its location is not mapped."), code="unmapped-location")
        if mapping is None:
            return Waits(
                self.env._("The product of this count has not arrived yet (%s).", record.variant_id),
                trace=missing("variant", record.variant_id),
            )
        product = mapping.product_id
        if not product or mapping.gone:
            return Skip(self.env._("The product was deleted."), code="deleted-in-odoo")
        if not product.is_storable:
            return NeedsFixing(
                self.env._("The system counts “%s”, Odoo does not.", product.display_name),
                fix=self.env._("Switch on “Track Inventory” on the product, then retry."),
                code="not-storable",
                trace=f"not-storable:{record.variant_id}",
            )
        if product.tracking != "none":
            return NeedsFixing(
                self.env._("“%s” is tracked by lots in Odoo, and the count names no lot.", product.display_name),
                fix=self.env._("Count it in Odoo by hand and drop this message, or stop tracking lots."),
                code="lot-tracked",
                trace=f"lot-tracked:{record.variant_id}",
            )
        if "is_kits" in product._fields and product.is_kits:
            return NeedsFixing(
                self.env._("“%s” is a kit in Odoo: its stock is that of its parts.", product.display_name),
                fix=self.env._("Count the parts, and drop this message."),
                code="kit",
                trace=f"kit:{record.variant_id}",
            )
        return None

    def _apply(self, connection, counts, outcome):
        """Writes the differences in one go: quants in inventory mode, applied in this transaction."""
        if not counts:
            return
        on_hand = self._on_hand(counts)
        Product = self.env["product.product"]
        vals_list = []
        products = {product.id: product for product in Product.browse({product_id for product_id, _location in counts})}
        for (product_id, location_id), record in counts.items():
            product = products[product_id]
            outcome.arrived.add(record.external_id)
            there = on_hand.get((product_id, location_id), 0.0)
            if product.uom_id.compare(float(record.quantity), there):
                vals_list.append(self._prepare_quant_vals(product, location_id, record))
            else:
                outcome.unchanged += 1
        if not vals_list:
            return
        Quant = self.env["stock.quant"].with_context(
            inventory_mode=True,
            inventory_name=self.env._("Count of %s", connection.name),
            pos_sync_counterpart_id=connection.counterpart_location_id.id,
        )
        quants = Quant.create(vals_list)
        quants._apply_inventory()
        outcome.updated += len(vals_list)
        self._write_visibility(quants.product_id)

    def _on_hand(self, counts):
        """{(product, location): quantity} by Odoo's quants, in one query."""
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", [product_id for product_id, _location_id in counts]),
                ("location_id", "in", [location_id for _product_id, location_id in counts]),
            ],
            ["product_id", "location_id"],
            ["quantity:sum"],
        )
        return {(product.id, location.id): quantity for product, location, quantity in groups}

    def _prepare_quant_vals(self, product, location_id, record):
        return {"product_id": product.id, "location_id": location_id, "inventory_quantity": float(record.quantity)}
