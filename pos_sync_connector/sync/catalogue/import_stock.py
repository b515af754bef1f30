from odoo import models

from ...connectors.errors import NeedsFixing, Skip
from ..engine.outcome import Waits, missing


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
        self._write_visibility(self.env["product.product"].browse({product_id for product_id, _place in counts}))

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
                trace="not-storable",
            )
        if product.tracking != "none":
            return NeedsFixing(
                self.env._("“%s” is tracked by lots in Odoo, and the count names no lot.", product.display_name),
                fix=self.env._("Count it in Odoo by hand and drop this message, or stop tracking lots."),
                code="lot-tracked",
                trace="lot-tracked",
            )
        if "is_kits" in product._fields and product.is_kits:
            return NeedsFixing(
                self.env._("“%s” is a kit in Odoo: its stock is that of its parts.", product.display_name),
                fix=self.env._("Count the parts, and drop this message."),
                code="kit",
                trace="kit",
            )
        return None

    def _apply(self, connection, counts, outcome):
        """Writes the differences in one go: quants in inventory mode, applied in this transaction."""
        if not counts:
            return
        products = {
            product.id: product
            for product in self.env["product.product"].browse({product_id for product_id, _location_id in counts})
        }
        areas = self._areas(counts)
        quants_by_key = self._quants(counts, areas)
        there, loose = self._on_hand(quants_by_key, areas)
        vals_list = []
        for (product_id, location_id), record in counts.items():
            product = products[product_id]
            outcome.arrived.add(record.external_id)
            on_hand, counted = there.get((product_id, location_id), 0.0), float(record.quantity)
            if product.uom_id.compare(counted, on_hand):
                # What lies in a package, on a shelf or belongs to somebody else is counted as well, and stays.
                quantity = counted - on_hand + loose.get((product_id, location_id), 0.0)
                vals_list.append(self._prepare_quant_vals(product, location_id, quantity))
            else:
                outcome.unchanged += 1
        if not vals_list:
            return
        Quant = self.env["stock.quant"].with_context(
            inventory_mode=True,
            inventory_name=self.env._("Count of %s", connection.name),
            pos_sync_counterpart_id=connection.counterpart_location_id.id,
        )
        # Odoo's own cache spares it a search for each quant; applying changes quants, so it goes without.
        made = Quant.with_context(quants_cache=quants_by_key).create(vals_list)
        quants = Quant.browse(made.ids)
        quants._apply_inventory()
        outcome.updated += len(vals_list)

    def _areas(self, counts):
        """{location: the mapped one that it belongs to}: a shelf counts for what is above it, unless it is mapped."""
        mapped = (
            self.env["pos.sync.location"]
            .sudo()
            .search([("stock_location_id", "!=", False), ("ignored", "=", False), ("holds_stock", "=", True)])
            .stock_location_id.ids
        )
        counted = {location_id for _product_id, location_id in counts}
        # What is counted is mapped, though the system says that it holds no stock, or it was archived here.
        mapped = counted.union(mapped)
        below = self.env["stock.location"].search([("id", "child_of", list(counted)), ("usage", "=", "internal")])
        nearest = {
            location.id: next(int(key) for key in reversed(location.parent_path.split("/")[:-1]) if int(key) in mapped)
            for location in below
        }
        return {location_id: area for location_id, area in nearest.items() if area in counted}

    def _quants(self, counts, areas):
        """Odoo's quants of what was counted, by product, location, lot, package and owner."""
        return self.env["stock.quant"]._get_quants_by_products_locations(
            self.env["product.product"].browse({product_id for product_id, _location_id in counts}),
            self.env["stock.location"].browse({location_id for _product_id, location_id in counts}),
            extra_domain=[("location_id", "in", list(areas))],
        )

    def _on_hand(self, quants_by_key, areas):
        """Two dicts of quantities by product and mapped location: all there is, and what is in no lot or package and
        ours, at that very location."""
        there, loose = {}, {}
        for (product_id, location_id, *belongs), quants in quants_by_key.items():
            key, quantity = (product_id, areas[location_id]), sum(quants.mapped("quantity"))
            there[key] = there.get(key, 0.0) + quantity
            if location_id == areas[location_id] and not any(belongs):
                loose[key] = quantity
        return there, loose

    def _prepare_quant_vals(self, product, location_id, quantity):
        return {"product_id": product.id, "location_id": location_id, "inventory_quantity": quantity}
