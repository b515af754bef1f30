"""Stock that falls below a minimum: somebody is told, and the stock streams run."""

from odoo import api, fields, models

_ACTIVITY = "mail.mail_activity_data_warning"
_CHANGES = "pos_sync_stock_changes"


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    stock_minimum = fields.Float(
        string="Low Stock Alert Below",
        digits="Product Unit",
        help="At any of its locations. A product may have a minimum of its own. 0: no alert.",
    )
    _stock_minimum_positive = models.Constraint("CHECK(stock_minimum >= 0)", "A minimum can't be negative.")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    pos_sync_stock_minimum = fields.Float(
        string="Low Stock Alert Below",
        digits="Product Unit",
        help="At any location of a connected system. 0: as set on the connection.",
    )


class StockQuant(models.Model):
    _inherit = "stock.quant"

    @api.model
    def _update_available_quantity(self, product_id, location_id, quantity=False, *args, **kwargs):
        """Notes what leaves a location; whether that crosses a minimum is looked at once a transaction."""
        result = super()._update_available_quantity(product_id, location_id, quantity, *args, **kwargs)
        if quantity and location_id.usage == "internal":
            changes = self.env.cr.precommit.data.setdefault(_CHANGES, {})
            if not changes:
                self.env.cr.precommit.add(self.env["pos.sync.location"].sudo()._tell_low_stock)
            key = (product_id.id, location_id.id)
            changes[key] = changes.get(key, 0.0) + quantity
        return result


class PosSyncLocation(models.Model):
    _inherit = "pos.sync.location"

    @api.model
    def _tell_low_stock(self):
        """Looks at what this transaction took from the places that locations are mapped to. Only a fall from the
        minimum or above to below it counts, so that each crossing is told once."""
        changes = self.env.cr.precommit.data.pop(_CHANGES, {})
        taken = {key: delta for key, delta in changes.items() if delta < 0}
        if not taken:
            return
        products = self.env["product.product"].browse({product_id for product_id, _place in taken})
        places = self.search([("stock_location_id", "!=", False), ("ignored", "=", False)])
        if not (any(places.connection_id.mapped("stock_minimum")) or any(products.mapped("pos_sync_stock_minimum"))):
            return
        paths = {
            location.id: location.parent_path
            for location in self.env["stock.location"].browse({place for _product, place in changes})
        }
        for place in places:
            path = place.stock_location_id.parent_path
            inside = [(key, delta) for key, delta in changes.items() if paths[key[1]].startswith(path)]
            deltas = {}
            for (product_id, _location_id), delta in inside:
                deltas[product_id] = deltas.get(product_id, 0.0) + delta
            place._tell_crossings({product_id: delta for product_id, delta in deltas.items() if delta < 0})

    def _tell_crossings(self, deltas):
        """`deltas`: {product id: what the stock of this location changed by}."""
        mapped = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("entity", "=", "variant"),
                ("product_id", "in", list(deltas)),
                ("gone", "=", False),
            ]
        )
        if not mapped:
            return
        left = {
            product.id: quantity
            for product, quantity in self.env["stock.quant"]._read_group(
                [
                    ("product_id", "in", mapped.product_id.ids),
                    ("location_id", "child_of", self.stock_location_id.id),
                ],
                ["product_id"],
                ["quantity:sum"],
            )
        }
        low = self.env["product.product"]
        for product in mapped.product_id:
            minimum = product.pos_sync_stock_minimum or self.connection_id.stock_minimum
            now = left.get(product.id, 0.0)
            if minimum and product.uom_id.compare(now, minimum) < 0 <= product.uom_id.compare(
                now - deltas[product.id], minimum
            ):
                low |= product
                self._tell_somebody(product, now, minimum)
        if low:
            self._run_stock_streams(low)

    def _tell_somebody(self, product, left, minimum):
        user = self.connection_id.user_id
        if not user.active:
            return
        product.product_tmpl_id.with_context(mail_activity_quick_update=True, lang=user.lang).activity_schedule(
            _ACTIVITY,
            user_id=user.id,
            summary=self.env._(
                "%(product)s: %(left)g left at %(place)s, less than %(minimum)g",
                product=product.display_name,
                left=left,
                place=self.name,
                minimum=minimum,
            ),
        )

    def _run_stock_streams(self, products):
        """Every system that has these products is asked what it counts, but for one that is just telling it."""
        mappings = self.env["pos.sync.mapping"].search(
            [("entity", "=", "variant"), ("product_id", "in", products.ids), ("gone", "=", False)]
        )
        streams = self.env["pos.sync.stream"].search(
            [
                ("connection_id", "in", mappings.connection_id.ids),
                ("flow", "in", ("stock_pull", "stock_push")),
                ("enabled", "=", True),
                ("run_id", "=", False),
                ("requested", "=", False),
            ]
        )
        streams._request()
