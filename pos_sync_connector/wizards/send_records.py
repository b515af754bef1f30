from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class PosSyncSend(models.TransientModel):
    """Sends orders or customers to a connection that a person chooses."""

    _name = "pos.sync.send"
    _description = "POS Sync Send Records"

    connection_id = fields.Many2one(
        "pos.sync.connection", string="Send To", required=True, domain="[('id', 'in', connection_ids)]"
    )
    connection_ids = fields.Many2many("pos.sync.connection", compute="_compute_connection_ids")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    order_ids = fields.Many2many("sale.order", string="Orders")
    partner_ids = fields.Many2many("res.partner", string="Customers")

    @api.depends("order_ids", "partner_ids")
    def _compute_connection_ids(self):
        for wizard in self:
            wizard.connection_ids = self.env["pos.sync.connection"]._that_take(wizard.order_ids or wizard.partner_ids)

    @api.model
    def _start(self, records):
        """Sends `records` where one connection takes them, asks where several do."""
        self._check_may_send(records)
        connections = self.env["pos.sync.connection"]._that_take(records)
        if not connections:
            raise UserError(
                self.env._("No connection can receive these. Switch on a flow “Send …”, then try again.")
            )
        name = "order_ids" if records._name == "sale.order" else "partner_ids"
        wizard = self.create({name: [(6, 0, records.ids)], "connection_id": connections[0].id})
        if len(connections) == 1:
            return wizard.action_send()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send To"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _send_from_rule(self, records, connection_name):
        """Returns how many were put into the outbox. A rule runs with all rights, whoever has set it off; who calls it
        by RPC needs their own."""
        self._check_may_send(records)
        connections = self.env["pos.sync.connection"].sudo()._that_take(records)
        if connection_name:
            connections = connections.filtered(lambda connection: connection.name == connection_name)
        if len(connections) != 1:
            raise UserError(
                self.env._("No connection of the name “%s” takes these.", connection_name)
                if connection_name
                else self.env._("Say by name which connection takes these: there are %s.", len(connections))
            )
        return len(connections._send(records))

    def action_send(self):
        self.ensure_one()
        records = self.order_ids or self.partner_ids
        self._check_may_send(records)
        messages = self.connection_id._send(records)
        rest = len(records) - len(messages)
        sentence = self.env._("%(count)s on the way to “%(name)s”.", count=len(messages), name=self.connection_id.name)
        if rest:
            sentence += " " + self.env._("%s were there or on their way already.", rest)
        return self.env["pos.sync.connection"]._notify(
            sentence, next_action={"type": "ir.actions.act_window_close"} if messages else None
        )

    def _check_may_send(self, records):
        if not self.env.su and not self.env.user.has_group("pos_sync_connector.group_user"):
            raise AccessError(self.env._("You need the right “POS Sync / User” to send records to other systems."))
        records.check_access("write")
