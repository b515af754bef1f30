from odoo import models

from ...connectors.flows import Flow

# What a customer is sent with.
_SENT = frozenset(
    {
        "name", "email", "phone", "street", "street2", "city", "zip", "state_id", "country_id", "vat", "lang",
        "is_company", "category_id",
    }
)  # fmt: skip


class ResPartner(models.Model):
    """Customers that sending has made elsewhere: what changes here is told there, by whoever it was changed.

    What a pull brings is not sent on: it came from a system that has it.
    """

    _inherit = "res.partner"

    def write(self, vals):
        names = _SENT & set(vals)
        links = self._pos_sync_made_elsewhere() if names and not self.env.context.get("pos_sync_settle_later") else None
        if not links:
            return super().write(vals)
        partners = links.partner_id.with_env(self.env)
        before = {partner: partner._pos_sync_values(names) for partner in partners}
        result = super().write(vals)
        changed = partners.filtered(lambda partner: partner._pos_sync_values(names) != before[partner])
        for connection, own in links.grouped("connection_id").items():
            connection._send_changes(changed & own.partner_id.with_env(self.env))
        return result

    def _pos_sync_made_elsewhere(self):
        return (
            self.env["pos.sync.mapping"]
            .sudo()
            .search(
                [
                    ("entity", "=", "customer"),
                    ("partner_id", "in", self.ids),
                    ("pushed", "=", True),
                    ("gone", "=", False),
                ]
            )
        )

    def _pos_sync_values(self, names):
        return {name: self[name] for name in names}


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    def _send_changes(self, partners):
        """Puts changed customers into the outbox, where the system takes changes and the flow is on."""
        self.ensure_one()
        system, stream = self._system_class(), self._stream(Flow.CUSTOMERS_PUSH)
        takes = system and system.implements("update_customer") and self.state in ("connected", "refused")
        if partners and takes and stream.enabled:
            self.env["pos.sync.message"]._enqueue(stream, partners.sudo(), is_change=True)
