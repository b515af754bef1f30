from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..connectors.flows import Flow
from ..sync.sales.fetch_orders import NUMBER

_MOST_DAYS = 366


class PosSyncFetch(models.TransientModel):
    """Reads chosen orders of a system again: one by its number, or all of some days."""

    _name = "pos.sync.fetch"
    _description = "POS Sync Fetch Orders"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    what = fields.Selection(
        [("number", "One order"), ("days", "All orders of some days")], string="Fetch", default="number", required=True
    )
    number = fields.Char(help="As the system shows it, or its ID there.")
    date_from = fields.Date(string="From", default=lambda self: fields.Date.context_today(self) - timedelta(days=1))
    date_to = fields.Date(string="To", default=fields.Date.context_today)

    @api.constrains("what", "date_from", "date_to")
    def _check_days(self):
        for wizard in self.filtered(lambda item: item.what == "days"):
            if not wizard.date_from or not wizard.date_to or wizard.date_from > wizard.date_to:
                raise ValidationError(self.env._("Enter the first and the last day, in this order."))
            if (wizard.date_to - wizard.date_from).days > _MOST_DAYS:
                raise ValidationError(self.env._("That is more than a year. Press “Pull Everything” of the flow."))

    def action_fetch(self):
        self.ensure_one()
        self.connection_id.check_access("read")
        self.connection_id._check_can_sync()
        stream = self.connection_id.sudo()._stream(Flow.ORDERS_PULL)
        if not stream or not stream.enabled:
            raise UserError(self.env._("Switch the flow of orders on first."))
        if self.what == "number":
            number = (self.number or "").strip()
            if not number:
                raise UserError(self.env._("Enter the number of the order."))
            self._forget([("name", "=", number)])
            self._forget([("external_id", "=", number)])
            self._queue(stream, number)
            sentence = self.env._("Order %s will be read shortly.", number)
        else:
            stream.write({"again_from": self.date_from, "again_to": self.date_to})
            stream._request()
            sentence = self.env._("The orders of these days are read again, day by day.")
        return self.env["pos.sync.connection"]._notify(
            sentence, next_action={"type": "ir.actions.act_window_close"}
        )

    def _forget(self, domain):
        """What is there already is compared anew."""
        own = [("connection_id", "=", self.connection_id.id), ("entity", "=", "order")]
        self.env["pos.sync.mapping"].sudo().search([*own, *domain]).write({"digest": False})

    def _queue(self, stream, number):
        Message = self.env["pos.sync.message"].sudo()
        known = Message.search(
            [
                ("stream_id", "=", stream.id),
                ("direction", "=", "in"),
                ("state", "in", Message._OPEN),
                ("external_id", "=", f"{NUMBER}{number}"),
            ]
        )
        if known:
            known._queue()
        else:
            Message.create(
                {
                    "stream_id": stream.id,
                    "flow": stream.flow,
                    "external_id": f"{NUMBER}{number}",
                    "name": number,
                    "refetch": True,
                }
            )
            stream._wake()


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    def action_fetch_orders(self):
        self.ensure_one()
        self._check_can_sync()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fetch Orders"),
            "res_model": "pos.sync.fetch",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id},
        }
