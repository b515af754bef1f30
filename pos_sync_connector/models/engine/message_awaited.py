from odoo import fields, models

from ...connectors import codec

# The flow that brings what a record waits for, by the kind of its trace key.
_FLOWS = {"variant": "products_pull", "customer": "customers_pull", "order": "orders_pull"}
_MISSING = "missing-"


class PosSyncMessage(models.Model):
    """What waits for a record that itself did not come in leads to that one."""

    _inherit = "pos.sync.message"

    awaited_id = fields.Many2one("pos.sync.message", string="Waits For", compute="_compute_awaited")
    awaited_sentence = fields.Char(
        string="Why That Is Not Here", compute="_compute_awaited", help="Fix that one: this one follows automatically."
    )

    def _compute_awaited(self):
        for message in self:
            found = message._awaited() if message.state == "held" else self.browse()
            message.awaited_id = found
            message.awaited_sentence = found.sentence

    def _awaited(self):
        self.ensure_one()
        kind, _colon, external_id = (self.trace_key or "").removeprefix(_MISSING).partition(":")
        if kind not in _FLOWS or not (self.trace_key or "").startswith(_MISSING):
            return self.browse()
        own = [
            ("connection_id", "=", self.connection_id.id),
            ("flow", "=", _FLOWS[kind]),
            ("direction", "=", "in"),
            ("state", "in", ("held", "failed")),
        ]
        if kind != "variant":
            return self.search([*own, ("external_id", "=", external_id)], limit=1)
        # A variant comes with its product.
        return self.sudo().search([*own, ("payload", "like", f'"external_id":{codec.dumps(external_id)}')], limit=1)

    def action_view_awaited(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.awaited_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
