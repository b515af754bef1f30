from odoo import api, models
from odoo.exceptions import AccessError


class PosSyncNoticeRefunds(models.AbstractModel):
    """Puts what is given back in Odoo into the outboxes of the systems that have the order, where they take refunds.

    The money is a credit note's matter, and goods that came back go with it, whichever was first. An order that Odoo
    has no invoice for has no credit note either: there the return itself gives the money back. What a system has given
    back itself is never sent to it.
    """

    _name = "pos.sync.notice_refunds"
    _description = "POS Sync Notice of Refunds"

    @api.model
    def _by_hand(self, records):
        if not self.env.su and not self.env.user.has_group("pos_sync_connector.group_user"):
            raise AccessError(self.env._("You need the right “POS Sync / User” to send records to other systems."))
        records.check_access("write")
        notes = records._name == "account.move"
        made = self._credit_notes(records, True) if notes else self._returns(records, True)
        sentence = (
            self.env._("%s on the way.", len(made))
            if made
            else self.env._("Nothing to send: no system accepts it or all have it, or there is no credit note yet.")
        )
        return self.env["pos.sync.connection"]._notify(sentence)

    def _credit_notes(self, moves, by_hand=False):
        """The messages that were made for posted credit notes."""
        Message = made = self.env["pos.sync.message"].sudo()
        for move in moves.sudo().filtered(lambda item: item.move_type == "out_refund" and item.state == "posted"):
            if move.pos_sync_day_id:
                # It says in Odoo what a system has given back.
                continue
            for order in self._orders_of(move):
                for stream in self._streams(order, by_hand):
                    if not self._is_known(stream.connection_id, order, move):
                        made |= Message._enqueue_refund(stream, order, move, self._untold(stream, order))
        return made

    def _returns(self, pickings, by_hand=False):
        """The messages that were made for goods that came back."""
        Message = made = self.env["pos.sync.message"].sudo()
        for picking in pickings.sudo().filtered(lambda item: item.state == "done" and self._came_back(item)):
            for order in self._came_back(picking).sale_line_id.order_id:
                for stream in self._streams(order, by_hand):
                    if picking not in self._untold(stream, order) or self._is_of_system(stream, order, picking):
                        continue
                    waiting = self._not_begun(stream, order)
                    if waiting:
                        waiting.return_ids |= picking
                    elif self._waits_for_money(order, picking):
                        order._message_log(
                            body=self.env._(
                                "%(picking)s goes to %(connection)s with the credit note.",
                                picking=picking.name,
                                connection=stream.connection_id.name,
                            )
                        )
                    else:
                        made |= Message._enqueue_refund(stream, order, self.env["account.move"], picking)
        return made

    # Whose order it is

    def _orders_of(self, move):
        """Of its own lines, else of the invoice that it reverses."""
        own = move.line_ids.sale_line_ids.order_id
        return own or move.reversed_entry_id.line_ids.sale_line_ids.order_id

    def _streams(self, order, by_hand):
        """Those that take refunds to a system which has the order, or which it is on its way to."""
        links = self.env["pos.sync.mapping"].sudo().search([("sale_order_id", "=", order.id), ("gone", "=", False)])
        sent = self.env["pos.sync.message"].sudo().search(
            [
                ("order_id", "=", order.id),
                ("flow", "=", "orders_push"),
                ("direction", "=", "out"),
                ("state", "in", self.env["pos.sync.message"]._OPEN),
            ]
        )
        return (links.connection_id | sent.connection_id).stream_ids.filtered(
            lambda stream: (
                stream.flow == "refunds_push"
                and stream.enabled
                and stream.connection_id.state in ("connected", "refused")
                and (by_hand or not stream.connection_id._is_history(order))
            )
        )

    # What was told before

    def _is_known(self, connection, order, move):
        """Whether the system has given this money back itself. A credit note for what it gave is the one of that."""
        refunds = order.pos_sync_refund_ids.filtered(lambda row: row.connection_id == connection and not row.gone)
        if move in refunds.move_id:
            return True
        open_ = refunds.filtered(lambda row: not row.move_id)
        amount, same = move.amount_total, order.currency_id.compare_amounts
        found = open_.filtered(lambda row: same(row.gross, amount) == 0)[:1]
        if not found and open_ and same(sum(open_.mapped("gross")), amount) == 0:
            found = open_
        if found:
            found.move_id = move
            order._message_log(
                body=self.env._(
                    "%(note)s is the credit note of what %(connection)s has refunded: it is not sent there.",
                    note=move.name,
                    connection=connection.name,
                )
            )
        return bool(found)

    def _is_of_system(self, stream, order, picking):
        """Whether these are the goods of a refund of the system's, which somebody takes in by hand."""
        back = {}
        for move in self._came_back(picking):
            back[move.sale_line_id] = back.get(move.sale_line_id, 0.0) + move.quantity
        for refund in order.pos_sync_refund_ids.filtered(
            lambda row: row.connection_id == stream.connection_id and not row.gone and not row.picking_ids
        ):
            stated = {}
            for line in refund.line_ids.filtered("order_line_id"):
                stated[line.order_line_id] = stated.get(line.order_line_id, 0.0) + line.quantity
            if back and not refund.sent_key and all(stated.get(line, 0.0) >= many for line, many in back.items()):
                picking.pos_sync_refund_id = refund
                return True
        return False

    def _untold(self, stream, order):
        """Goods of the order that came back, of which the system was not told."""
        told = self.env["pos.sync.message"].sudo().search(
            [("stream_id", "=", stream.id), ("order_id", "=", order.id), ("state", "!=", "dropped")]
        )
        done = order.picking_ids.filtered(lambda item: item.state == "done" and not item.pos_sync_refund_id)
        return done.filtered(self._came_back) - told.return_ids

    def _not_begun(self, stream, order):
        return self.env["pos.sync.message"].sudo().search(
            [
                ("stream_id", "=", stream.id),
                ("order_id", "=", order.id),
                ("credit_note_id", "!=", False),
                ("attempts", "=", 0),
                ("state", "in", ("waiting", "held")),
            ],
            limit=1,
        )

    # Goods and their money

    def _came_back(self, picking):
        """The moves of an order's goods from the customer."""
        return picking.move_ids.filtered(
            lambda move: move.state == "done" and move.sale_line_id and move.location_id.usage == "customer"
        )

    def _waits_for_money(self, order, picking):
        """Whether a credit note is to follow: the order is invoiced, and less was credited than came back."""
        posted = order.invoice_ids.filtered(lambda move: move.state == "posted")
        if not posted.filtered(lambda move: move.move_type == "out_invoice"):
            return False
        credited = posted.filtered(lambda move: move.move_type == "out_refund").invoice_line_ids
        for line in self._came_back(picking).filtered("to_refund").sale_line_id:
            back = sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
                for move in line.move_ids
                if move in self._came_back(move.picking_id) and move.to_refund
            )
            many = sum(
                item.product_uom_id._compute_quantity(item.quantity, line.product_uom_id, round=False)
                for item in credited
                if line in item.sale_line_ids
            )
            if line.product_uom_id.compare(back, many) > 0:
                return True
        return False
