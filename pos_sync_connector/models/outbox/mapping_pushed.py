from odoo import api, fields, models

from ...connectors.flows import Flow
from ...connectors.records import OrderStatus


class PosSyncMapping(models.Model):
    """The link of a record that was sent, with what the system says of it since."""

    _inherit = "pos.sync.mapping"

    pushed = fields.Boolean(string="Sent From Odoo", readonly=True)
    remote_url = fields.Char(string="Address at the System", readonly=True)
    remote_status = fields.Selection(
        [(status.value, status.name.capitalize()) for status in OrderStatus],
        string="Status at the System",
        readonly=True,
    )
    remote_paid = fields.Boolean(string="Paid at the System", readonly=True)
    remote_shipping = fields.Char(string="Delivery at the System", readonly=True)
    remote_at = fields.Datetime(readonly=True, help="When it counts at the system.")
    remote_location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    remote_taken = fields.Json(readonly=True, help="Method, amount without tip, tip and paid_at (UTC) of each payment.")
    remote_lines = fields.Json(readonly=True, help="The system's lines by the ids of Odoo's.")
    pushed_at = fields.Datetime(string="Sent", readonly=True)

    _pushed_order_once = models.UniqueIndex("(connection_id, sale_order_id) WHERE pushed AND sale_order_id IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._release_orders_to_send()
        return mappings

    def write(self, vals):
        result = super().write(vals)
        if {"product_id", "gone"} & set(vals):
            self._release_orders_to_send()
        return result

    def _release_orders_to_send(self):
        """Orders that were held for want of a link of their products can go."""
        Message = self.env["pos.sync.message"].sudo()
        linked = self.filtered(lambda mapping: mapping.entity == "variant" and mapping.product_id and not mapping.gone)
        for connection, mappings in linked.grouped("connection_id").items():
            held = Message.search(
                [
                    ("connection_id", "=", connection.id),
                    ("direction", "=", "out"),
                    ("missing_product_id", "in", mappings.product_id.ids),
                    ("state", "in", ("held", "failed")),
                ]
            )
            held._queue()
            # One that is being sent at this moment is held without seeing the link.
            stream = connection._stream(Flow.ORDERS_PUSH)
            if stream.enabled and stream._push_count():
                stream._wake()

    def action_open_remote(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.remote_url, "target": "new"}

    def _write_remote(self, status, paid, fulfilments=()):
        """What the system says of an order that was sent to it. Returns whether that is news."""
        self.ensure_one()
        shipping = "; ".join(
            " ".join(filter(None, (item.status.value.replace("_", " "), item.carrier, item.tracking_number)))
            for item in fulfilments
        )
        vals = {"remote_status": status.value, "remote_shipping": shipping or self.remote_shipping}
        if paid is not None:
            vals["remote_paid"] = paid
        changed = {name: value for name, value in vals.items() if (self[name] or False) != (value or False)}
        if not changed:
            return False
        told = bool(self.remote_status)
        self.write(changed)
        if told:
            self._tell_order(changed)
        if changed.get("remote_status") == OrderStatus.CANCELLED.value:
            self._ask_about_cancelled()
        self.env["pos.sync.reach_milestones"]._reach_pushed(self, status, fulfilments)
        return True

    def _tell_order(self, changed):
        """A note on the order for those who follow it."""
        parts = []
        if "remote_status" in changed:
            labels = dict(self._fields["remote_status"]._description_selection(self.env))
            parts.append(labels[changed["remote_status"]])
        if changed.get("remote_paid"):
            parts.append(self.env._("paid"))
        if changed.get("remote_shipping"):
            parts.append(changed["remote_shipping"])
        if parts and self.sale_order_id:
            self.sale_order_id._message_log(
                body=self.env._("%(connection)s: %(news)s", connection=self.connection_id.name, news=", ".join(parts))
            )

    def _ask_about_cancelled(self):
        """An order that the system cancelled still stands here: whoever sold it decides what becomes of it."""
        order = self.sale_order_id
        if order.state == "sale" and order.user_id:
            order.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Cancelled at %s", self.connection_id.name),
                note=self.env._("It still stands here. Cancel it here too, unless it is to be delivered all the same."),
                user_id=order.user_id.id,
            )
