import hashlib
import hmac

from odoo import api, fields, models


class PosSyncTombstone(models.Model):
    """Says that a customer of the system was erased, without saying who: the next full pull leaves them out.

    The external id is hashed with the database's own secret.
    """

    _name = "pos.sync.tombstone"
    _description = "POS Sync Erased Customer"
    _order = "id desc"
    _rec_name = "mark"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    entity = fields.Char(required=True, readonly=True)
    mark = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Anonymous Customer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Keeps the orders of the erased one.",
    )

    _mark_uniq = models.Constraint("UNIQUE(connection_id, entity, mark)", "A customer is erased once.")

    @api.model
    def _mark(self, connection, entity, external_id):
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret") or ""
        text = f"{connection.id}\n{entity}\n{external_id}"
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    @api.model
    def _find(self, connection, entity, external_ids):
        """{external_id: id of the anonymous partner, None where that is deleted} of those that were erased."""
        if not self.search_count([("connection_id", "=", connection.id), ("entity", "=", entity)], limit=1):
            return {}
        marks = {self._mark(connection, entity, external_id): external_id for external_id in external_ids}
        rows = self.search(
            [("connection_id", "=", connection.id), ("entity", "=", entity), ("mark", "in", list(marks))]
        )
        return {marks[row.mark]: row.partner_id.id or None for row in rows}
