"""Refunds that were made in Odoo, on their way to a system."""

import re

from odoo import api, fields, models


class PosSyncMessage(models.Model):
    """A refund to be sent: a posted credit note with the goods that came back for it, or goods without one. It is about
    one order; a credit note of several makes one for each."""

    _inherit = "pos.sync.message"

    credit_note_id = fields.Many2one("account.move", readonly=True, ondelete="cascade", index="btree_not_null")
    return_ids = fields.Many2many(
        "stock.picking", "pos_sync_message_stock_picking_rel", string="Returns", readonly=True, copy=False
    )

    _refund_once = models.UniqueIndex(
        "(stream_id, idempotency_key) WHERE direction = 'out' AND flow = 'refunds_push' AND state <> 'dropped'"
    )

    @api.model
    def _enqueue_refund(self, stream, order, credit_note, returns):
        """Puts a refund of `order` into the outbox of `stream`, once. Returns the message that was made."""
        Message = self.sudo()
        source = credit_note or returns[:1]
        kind = "R" if credit_note else "G"
        name, _dash, token = Message._key(stream, order).rpartition("-")
        # It stands within texts of the system.
        plain = re.sub(r"[^\w#./-]+", "-", name)
        key = f"{plain}-{kind}{source.id}-{token}"
        alive = [("stream_id", "=", stream.id), ("idempotency_key", "=", key), ("state", "!=", "dropped")]
        if Message.search_count(alive, limit=1):
            return Message
        made = Message._create_once(
            [
                {
                    "stream_id": stream.id,
                    "flow": stream.flow,
                    "direction": "out",
                    "state": "waiting",
                    "external_id": f"{source._name},{source.id}",
                    "name": source.display_name,
                    "order_id": order.id,
                    "credit_note_id": credit_note.id,
                    "return_ids": returns.ids,
                    "idempotency_key": key,
                }
            ]
        )
        if made:
            stream._wake()
        return made

    def _record_to_open(self):
        message = self.sudo()
        source = message.credit_note_id or message.return_ids[:1]
        return source.with_env(self.env) if source else super()._record_to_open()


class PosSyncRefund(models.Model):
    _inherit = "pos.sync.refund"

    sent_key = fields.Char(
        string="Sent With the Key", readonly=True, index="btree_not_null", help="It was made in Odoo and sent there."
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        self.env["pos.sync.notice_refunds"]._credit_notes(posted)
        return posted

    def action_pos_sync_send_refund(self):
        """Sends what these credit notes give back to the systems that have their orders."""
        return self.env["pos.sync.notice_refunds"]._by_hand(self)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        self.env["pos.sync.notice_refunds"]._returns(self)
        return result

    def action_pos_sync_send_refund(self):
        """Sends the goods that came back to the systems that have their orders."""
        return self.env["pos.sync.notice_refunds"]._by_hand(self)
