"""What a person does in an Odoo who gives back: goods by a return of a delivery, money by a credit note."""
from __future__ import annotations

from typing import Any

from .hub import Hub, Shop


def deliver(hub: Shop, order: int) -> int:
    """Hands over all that is ordered; returns the delivery."""
    (picking,) = _pickings(hub, order)
    _validate(hub, picking)
    return picking


def take_back(hub: Hub, picking: int, quantity: int) -> int:
    """Takes so many of each product of a delivery back; returns the return."""
    context = {"active_model": "stock.picking", "active_id": picking, "active_ids": [picking]}
    (wizard,) = hub.call("stock.return.picking", "create", vals_list=[{"picking_id": picking}], context=context)
    rows = hub.call("stock.return.picking.line", "search", domain=[["wizard_id", "=", wizard]])
    hub.call("stock.return.picking.line", "write", rows, vals={"quantity": quantity})
    returned = hub.call("stock.return.picking", "action_create_returns", [wizard], context=context)["res_id"]
    _validate(hub, returned)
    return returned


def invoice(hub: Shop, order: int) -> int:
    """Invoices what can be of an order; returns the posted invoice."""
    context = {"active_model": "sale.order", "active_ids": [order], "active_id": order}
    (wizard,) = hub.call("sale.advance.payment.inv", "create", context=context, vals_list=[
        {"advance_payment_method": "delivered", "sale_order_ids": [[6, 0, [order]]]}])
    hub.call("sale.advance.payment.inv", "create_invoices", [wizard], context=context)
    (made,) = hub.call("sale.order", "read", [order], fields=["invoice_ids"])[0]["invoice_ids"]
    hub.call("account.move", "action_post", [made])
    return made


def credit(hub: Hub, bill: int) -> int:
    """Takes a whole invoice back; returns the credit note."""
    journal = hub.value("SELECT journal_id FROM account_move WHERE id = %s", bill)
    (reversal,) = hub.call("account.move.reversal", "create", vals_list=[
        {"move_ids": [[6, 0, [bill]]], "journal_id": journal}])
    note = hub.call("account.move.reversal", "refund_moves", [reversal])["res_id"]
    hub.call("account.move", "action_post", [note])
    return note


def refunds(hub: Hub, connection: int, order: int) -> list[tuple[Any, ...]]:
    """What a connection's refunds of an order came to, with their credit note and number of returns."""
    return hub.database.query(
        "SELECT sum(gross)::numeric(16, 2), max(move_id), count(DISTINCT picking.id) FROM pos_sync_refund refund"
        " LEFT JOIN stock_picking picking ON picking.pos_sync_refund_id = refund.id"
        " WHERE refund.connection_id = %s AND order_id = %s AND NOT refund.gone GROUP BY refund.id", connection, order)


def documents(hub: Hub, order: int) -> tuple[int, int]:
    """How many returns and credit notes an order has."""
    return (
        hub.value("SELECT count(*) FROM stock_picking WHERE sale_id = %s AND return_id IS NOT NULL", order),
        hub.value(
            "SELECT count(DISTINCT m.id) FROM account_move m JOIN account_move_line l ON l.move_id = m.id"
            " JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id JOIN sale_order_line s"
            " ON s.id = r.order_line_id WHERE s.order_id = %s AND m.move_type = 'out_refund'", order),
    )


def sent(hub: Hub, connection: int, order: int) -> list[tuple[str, str | None]]:
    """State and sentence of what was to be sent of an order's refunds."""
    return hub.database.query(
        "SELECT state, sentence FROM pos_sync_message WHERE connection_id = %s AND order_id = %s"
        " AND flow = 'refunds_push'", connection, order)


def _pickings(hub: Shop, order: int) -> list[int]:
    rows = hub.database.query(
        "SELECT id FROM stock_picking WHERE sale_id = %s AND state NOT IN ('done', 'cancel')", order)
    return [row[0] for row in rows]


def _validate(hub: Shop, picking: int) -> None:
    for move, many in hub.database.query("SELECT id, product_uom_qty FROM stock_move WHERE picking_id = %s", picking):
        hub.call("stock.move", "write", [move], vals={"quantity": float(many), "picked": True})
    hub.call("stock.picking", "button_validate", [picking], context={"skip_backorder": True})
