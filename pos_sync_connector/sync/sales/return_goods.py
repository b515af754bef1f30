from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError


class PosSyncReturnGoods(models.AbstractModel):
    """Returns the goods of refunds, once a refund, where Odoo owns the stock. The sold lines stay as they were sold:
    the money is the credit note's matter."""

    _name = "pos.sync.return_goods"
    _description = "POS Sync Return of Goods"

    def _return(self, refunds):
        wanted = refunds.filtered(
            lambda refund: (
                refund.connection_id.stock_policy == "odoo"
                and refund.connection_id.return_policy != "none"
                and not refund.gone
                and not refund.picking_ids
                and not refund.sent_key
            )
        )
        for refund in wanted:
            try:
                with self.env.cr.savepoint():
                    for picking, quantities in self._delivered(refund).items():
                        self._make_return(refund, picking, quantities)
            except UserError as error:
                refund.order_id._message_log(
                    body=self.env._(
                        "The goods of refund %(number)s could not be returned: %(why)s",
                        number=refund.number,
                        why=str(error),
                    )
                )

    def _delivered(self, refund):
        """{picking: {move: quantity}} of what came back, from what was delivered and has not come back yet."""
        found = defaultdict(dict)
        for line in refund.line_ids:
            if line.restocked == "no" or (line.restocked != "yes" and refund.connection_id.return_policy != "all"):
                continue
            left = line.quantity
            for move in line.order_line_id.move_ids:
                if move.state != "done" or move.location_dest_id.usage != "customer":
                    continue
                back = move.returned_move_ids.filtered(lambda item: item.state != "cancel")
                there = move.quantity - sum(back.mapped("quantity")) - found[move.picking_id].get(move, 0.0)
                quantity = min(left, there)
                if move.product_uom.compare(quantity, 0) > 0:
                    found[move.picking_id][move] = found[move.picking_id].get(move, 0.0) + quantity
                    left -= quantity
        return {picking: quantities for picking, quantities in found.items() if quantities}

    def _make_return(self, refund, picking, quantities):
        Wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking")
        wizard = Wizard.create({"picking_id": picking.id})
        for row in wizard.product_return_moves:
            row.quantity = quantities.get(row.move_id, 0.0)
        returned = wizard._create_return()
        returned.pos_sync_refund_id = refund
        for move in returned.move_ids:
            # Else Odoo would take it off what was delivered, and credit it once more.
            move.write({"to_refund": False, "quantity": move.product_uom_qty, "picked": True})
        returned._action_done()
