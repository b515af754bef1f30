"""Inside a hub with Odoo's app for manufacturing: how many kits a system is told that it may sell."""

from __future__ import annotations

from typing import Any


def count(env: Any) -> dict[str, Any]:
    """A box is two cups and a pot; a crate is three boxes."""
    Product = env["product.product"]
    cup, pot, box, crate = Product.create(
        [{"name": name, "is_storable": name in ("Cup", "Pot")} for name in ("Cup", "Pot", "Box", "Crate")])
    for kit, parts in ((box, {cup: 2, pot: 1}), (crate, {box: 3})):
        env["mrp.bom"].create({
            "product_tmpl_id": kit.product_tmpl_id.id, "type": "phantom",
            "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": many}) for part, many in parts.items()],
        })
    warehouse = env["stock.warehouse"].search([], limit=1)
    for part, many in ((cup, 5), (pot, 4)):
        env["stock.quant"].with_context(inventory_mode=True).create(
            {"product_id": part.id, "location_id": warehouse.lot_stock_id.id, "inventory_quantity": many}
        )._apply_inventory()
    connection = env["pos.sync.connection"].create({"name": "Kits", "system": "shopify"})
    place = env["pos.sync.location"].sudo().create(
        {"connection_id": connection.id, "external_id": "1", "name": "Shop", "holds_stock": True,
         "stock_location_id": warehouse.lot_stock_id.id})
    counts = env["pos.sync.count_stock"]

    def offered(product: Any) -> int:
        return counts._quantities(connection, [(product, place)])[product, place]

    before = {"box": offered(box), "crate": offered(crate)}
    order = env["sale.order"].create({
        "partner_id": env["res.partner"].create({"name": "Ada"}).id,
        "order_line": [(0, 0, {"product_id": box.id, "product_uom_qty": 1})],
    })
    order.action_confirm()
    kits = counts._kits_with(cup)
    return {**before, "sold": offered(box), "kits of a cup": sorted(kits.mapped("name"))}
