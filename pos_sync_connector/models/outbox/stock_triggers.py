"""What sends a count by itself. It is noted as it happens, and looked at once, when the transaction commits."""

from odoo import api, models

from ...connectors.flows import Flow

_CHANGES = "pos_sync_counts_changed"
# What of a move changes a count without touching the stock itself.
_OF_MOVES = {"product_uom_qty", "state", "location_id", "location_dest_id"}


class PosSyncStream(models.Model):
    _inherit = "pos.sync.stream"

    @api.model
    def _note_counts(self, keys):
        """`keys`: (product id, stock.location id) whose count may be another one."""
        changes = self.env.cr.precommit.data.setdefault(_CHANGES, set())
        if keys and not changes:
            self.env.cr.precommit.add(self.sudo()._push_noted_counts)
        changes.update(keys)

    @api.model
    def _push_noted_counts(self):
        changes = self.env.cr.precommit.data.pop(_CHANGES, set())
        streams = self.search(
            [
                ("flow", "=", Flow.STOCK_PUSH.value),
                ("enabled", "=", True),
                ("connection_id.state", "in", ("connected", "refused")),
            ]
        )
        if not streams or not changes:
            return
        by_place = {}
        for product_id, place in changes:
            by_place.setdefault(place, set()).add(product_id)
        places = self.env["stock.location"].browse(by_place).exists()
        kits = self.env["pos.sync.count_stock"]._kits_with
        for stream in streams:
            for location in stream.connection_id._told_locations():
                path = location.stock_location_id.parent_path
                inside = places.filtered(lambda place, path=path: place.parent_path.startswith(path))
                ids = {product_id for place in inside for product_id in by_place[place.id]}
                products = self.env["product.product"].browse(ids).exists()
                if products:
                    self.env["pos.sync.message"]._enqueue_counts(stream, products | kits(products), location)


class StockQuant(models.Model):
    """Goods moved, were counted, or were reserved."""

    _inherit = "stock.quant"

    @api.model
    def _update_available_quantity(self, product_id, location_id, *args, **kwargs):
        result = super()._update_available_quantity(product_id, location_id, *args, **kwargs)
        if location_id.usage == "internal":
            self.env["pos.sync.stream"]._note_counts({(product_id.id, location_id.id)})
        return result


class StockMove(models.Model):
    """Goods are to come or to go, though nothing is reserved for it."""

    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._pos_sync_note_counts()
        return moves

    def write(self, vals):
        concerned = _OF_MOVES & set(vals)
        if concerned:
            self._pos_sync_note_counts()
        result = super().write(vals)
        if concerned:
            self._pos_sync_note_counts()
        return result

    def _pos_sync_note_counts(self):
        self.env["pos.sync.stream"]._note_counts(
            {
                (move.product_id.id, place.id)
                for move in self
                for place in (move.location_id, move.location_dest_id)
                if place.usage == "internal"
            }
        )


class SaleOrder(models.Model):
    """An order of a system waits as a quotation, or does no longer."""

    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._pos_sync_note_counts()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if {"state", "pos_sync_status", "order_line"} & set(vals):
            self._pos_sync_note_counts()
        return result

    def _pos_sync_note_counts(self):
        waiting = self.filtered(lambda order: order.pos_sync_connection_id and not order.pos_sync_no_delivery)
        self.env["pos.sync.stream"]._note_counts(
            {
                (line.product_id.id, place.id)
                for order in waiting
                for place in order._pos_sync_place()
                for line in order.order_line
                if line.product_id and line.product_id.type == "consu"
            }
        )

    def _pos_sync_place(self):
        """Where the goods of an imported order lie."""
        return self.pos_sync_location_id.stock_location_id or self.warehouse_id.lot_stock_id
