from odoo import models
from odoo.fields import Command


class PosSyncImportRefunds(models.AbstractModel):
    """Refunds that were sent from Odoo come back in the next pull, known by their key: the credit note and the returns
    that they were sent for are theirs, and nothing is made anew."""

    _inherit = "pos.sync.import_refunds"

    def _facts(self, connection, pairs):
        keys = {record.source_reference for _order, record in pairs} - {""}
        messages = self.env["pos.sync.message"].search(
            [
                ("connection_id", "=", connection.id),
                ("flow", "=", "refunds_push"),
                ("direction", "=", "out"),
                ("idempotency_key", "in", list(keys)),
            ]
        )
        return {**super()._facts(connection, pairs), "sent": {row.idempotency_key: row for row in messages}}

    def _prepare_refund(self, connection, facts, order, record):
        vals = super()._prepare_refund(connection, facts, order, record)
        message = facts["sent"].get(record.source_reference)
        if not message:
            return vals
        free = message.return_ids.filtered(lambda picking: not picking.pos_sync_refund_id)
        vals |= {
            "sent_key": message.idempotency_key,
            "number": record.number or (message.credit_note_id or message.return_ids[:1]).name,
            "picking_ids": [Command.link(picking.id) for picking in free],
        }
        if message.credit_note_id:
            vals["move_id"] = message.credit_note_id.id
        return vals
