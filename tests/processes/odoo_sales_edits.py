"""Sales that are made, and edited later, by Odoo's own code. Runs inside the shop."""

from __future__ import annotations

from typing import Any

_LABELS = ("added", "removed", "quantity", "customer", "cancelled", "credited")


def make(env: Any) -> dict[str, Any]:
    """Two customers, and a confirmed order of two lines for each of `_LABELS`, delivered where it is to be credited;
    that of "removed" is still a quotation. Returns their ids by label."""
    # A balance that the shop keeps would come on top of what the hub awards.
    env["loyalty.program"].search([]).active = False
    ann, ben = env["res.partner"].create([{"name": name} for name in ("Ann Edits", "Ben Edits")])
    products = env["product.product"].create([
        {"name": f"Edited {price}", "type": "consu", "list_price": price, "taxes_id": False} for price in (10, 7)
    ])  # fmt: skip
    orders = {}
    for label in _LABELS:
        order = env["sale.order"].create({
            "partner_id": ann.id,
            "order_line": [(0, 0, {"product_id": item.id, "product_uom_qty": 3}) for item in products],
        })  # fmt: skip
        if label != "removed":
            order.action_confirm()
        if label in ("credited", "customer"):
            _deliver(order)
        orders[label] = order.id
    return {"orders": orders, "customers": [ann.id, ben.id]}


def edit(env: Any, orders: dict[str, int], customers: list[int]) -> None:
    """Does to each order what its label says, and delivers what is left."""
    found = {label: env["sale.order"].browse(number) for label, number in orders.items()}
    lines = found["added"].order_line
    found["added"].write({"order_line": [(0, 0, {"product_id": lines[1].product_id.id, "product_uom_qty": 2})]})
    found["removed"].order_line[1].unlink()
    found["removed"].action_confirm()
    found["quantity"].order_line[0].product_uom_qty = 1
    found["customer"].partner_id = customers[1]
    for label in ("added", "removed", "quantity"):
        _deliver(found[label])
    found["cancelled"]._action_cancel()
    invoice = found["credited"]._create_invoices()
    invoice.action_post()
    note = invoice._reverse_moves()
    note.invoice_line_ids[0].quantity = 1
    note.invoice_line_ids[1].unlink()
    note.action_post()


def delete_credit_note(env: Any, order: int) -> None:
    """As the one who made it would: back to draft, then away."""
    notes = env["sale.order"].browse(order).invoice_ids.filtered(lambda move: move.move_type == "out_refund")
    notes.button_draft()
    notes.with_context(force_delete=True).unlink()


def _deliver(order: Any) -> None:
    for picking in order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")):
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking.move_ids.picked = True
        picking._action_done()
