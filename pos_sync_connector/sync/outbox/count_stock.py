from collections import defaultdict

from odoo import models

from ...connectors.records import OrderStatus

_OPEN = ("waiting", "confirmed", "partially_available", "assigned")
_SOLD = (OrderStatus.OPEN.value, OrderStatus.PAID.value, OrderStatus.COMPLETED.value)


class PosSyncCountStock(models.AbstractModel):
    """How many of a product a system may sell at a location, by the choices of its connection. A few queries for all.

    What is sold counts off once, whoever knows of it first: a system takes an order's goods off its own count when the
    order is placed, Odoo when it is reserved. Between the two (a quotation that waits, a delivery that is not reserved)
    they are off here as well; else the next count would put them back on sale.
    """

    _name = "pos.sync.count_stock"
    _description = "POS Sync Count of the Stock to Be Sent"

    def _quantities(self, connection, pairs):
        """{(product, location): quantity} for pairs of product.product and pos.sync.location; None where the
        connection is not sent that product's counts."""
        rules = connection.stock_rule_ids
        needs = self._parts(self.env["product.product"].concat(*(product for product, _location in pairs)))
        parts = self.env["product.product"].concat(*(part for need in needs.values() for part in need))
        there = self._there(connection, parts, {location.stock_location_id.id for _product, location in pairs})
        found = {}
        for product, location in pairs:
            place, need = location.stock_location_id.id, needs[product]
            sets = [there[part.id, place] / each for part, each in need.items()]
            # A kit is sold whole, and needs all of its parts.
            quantity = (min(sets) // 1 if sets else 0.0) if list(need) != [product] else sets[0]
            rule = rules._of(product)
            limits = [quantity - connection.stock_buffer, *([rule.most] if rule.action == "cap" else [])]
            found[product, location] = None if rule.action == "leave_out" else max(product.uom_id.round(min(limits)), 0)
        return found

    # Kits

    def _parts(self, products):
        """{product: {part: how many make one}}; what is no kit is its own part. Parts that Odoo does not count are
        never short."""
        needs = {product: {product: 1.0} for product in products}
        if "is_kits" not in products._fields:
            return needs
        for product, bom in self.env["mrp.bom"]._bom_find(products, bom_type="phantom").items():
            if not bom:
                continue
            made = bom.product_uom_id._compute_quantity(bom.product_qty, product.uom_id, round=False)
            need = defaultdict(float)
            for line, values in bom.explode(product, 1)[1]:
                part = line.product_id
                if part.is_storable and values["qty"]:
                    need[part] += line.product_uom_id._compute_quantity(values["qty"], part.uom_id, round=False) / made
            needs[product] = dict(need)
        return needs

    def _kits_with(self, products):
        """The kits that need one of `products`, also through kits of theirs."""
        kits = products.browse()
        if "is_kits" not in products._fields:
            return kits
        more = products
        while more:
            boms = self.env["mrp.bom.line"].search(
                [("product_id", "in", more.ids), ("bom_id.type", "=", "phantom")]
            ).bom_id  # fmt: skip
            found = boms.product_id | boms.filtered(lambda bom: not bom.product_id).product_tmpl_id.product_variant_ids
            more = found - kits
            kits |= found
        return kits

    # What is there

    def _there(self, connection, products, places):
        """{(product id, place id): quantity} on the connection's basis; `places` are ids of stock.location."""
        areas = self.env["pos.sync.import_stock"]._areas({(None, place) for place in places})
        free = connection.stock_basis == "free"
        there = defaultdict(float)
        quants = self.env["stock.quant"]._read_group(
            [("product_id", "in", products.ids), ("location_id", "in", list(areas))],
            ["product_id", "location_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        for product, location, quantity, reserved in quants:
            there[product.id, areas[location.id]] += quantity - (reserved if free else 0.0)
        if connection.stock_basis == "forecast":
            for product, leaves, enters, quantity in self._planned(products, areas, []):
                if leaves:
                    there[product.id, leaves] -= quantity
                if enters:
                    there[product.id, enters] += quantity
        elif free:
            sold = [("sale_line_id", "!=", False)]
            for product, leaves, _enters, quantity in self._unreserved(products, areas, sold):
                if leaves:
                    there[product.id, leaves] -= quantity
        elif not connection._system_class().keeps_reserved_apart:
            # What the system has sold and taken off its one count, and still lies here.
            own = [("sale_line_id.order_id.pos_sync_connection_id", "=", connection.id)]
            for product, leaves, _enters, quantity in self._planned(products, areas, own):
                if leaves:
                    there[product.id, leaves] -= quantity
            self._take_quotations(there, products, areas, connection)
        if free or connection.stock_basis == "forecast":
            self._take_quotations(there, products, areas)
        return there

    def _planned(self, products, areas, domain):
        """(product, place it leaves, place it enters, quantity) of what is to move: reserved, from where it lies, and
        not reserved yet. None for a place that is not counted."""
        reserved = self.env["stock.move.line"]._read_group(
            [
                ("product_id", "in", products.ids),
                ("state", "in", _OPEN),
                *((f"move_id.{name}", operator, value) for name, operator, value in domain),
            ],
            ["product_id", "location_id", "location_dest_id"],
            ["quantity_product_uom:sum"],
        )
        for product, origin, aim, quantity in reserved:
            leaves, enters = areas.get(origin.id), areas.get(aim.id)
            if leaves != enters:
                yield product, leaves, enters, quantity
        yield from self._unreserved(products, areas, domain)

    def _unreserved(self, products, areas, domain):
        moves = self.env["stock.move"].search(
            [("product_id", "in", products.ids), ("state", "in", _OPEN), ("state", "!=", "assigned"), *domain]
        )
        for move in moves:
            leaves, enters = areas.get(move.location_id.id), areas.get(move.location_dest_id.id)
            if not leaves and move.location_id.usage == "internal":
                # Above the shops: an order says which of them it is of.
                leaves = areas.get(move.sale_line_id.order_id._pos_sync_place().id)
            quantity = move.product_qty - move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
            if leaves != enters and quantity > 0:
                yield move.product_id, leaves, enters, quantity

    def _take_quotations(self, there, products, areas, connection=None):
        """What orders of systems (or of one) need that wait as quotations: for payment, or for a person's release."""
        of = ("=", connection.id) if connection else ("!=", False)
        lines = self.env["sale.order.line"].search(
            [
                ("state", "in", ("draft", "sent")),
                ("product_id", "in", (products | self._kits_with(products)).ids),
                ("order_id.pos_sync_no_delivery", "=", False),
                ("order_id.pos_sync_status", "in", _SOLD),
                ("order_id.pos_sync_connection_id", *of),
            ]
        )
        needs = self._parts(lines.product_id)
        for line in lines:
            order = line.order_id
            place = order._pos_sync_place()
            if place.id in areas:
                own_unit = line.product_id.uom_id
                quantity = line.product_uom_id._compute_quantity(line.product_uom_qty, own_unit, round=False)
                for part, each in needs[line.product_id].items():
                    there[part.id, areas[place.id]] -= quantity * each
