from odoo import fields, models

from ...connectors.records import OrderStatus
from ...connectors.spelling import spelling

_RANKS = ("draft", "open", "paid", "completed")


class PosSyncConnection(models.Model):
    """Which orders of a connection come in, and which of them wait for a person."""

    _inherit = "pos.sync.connection"

    hold_flagged = fields.Boolean(
        string="Hold What the System Flags",
        default=True,
        help="Orders that the system marks as risky or on hold are not confirmed until somebody releases them.",
    )
    hold_tags = fields.Char(string="Hold Orders Tagged", help="Tags of the system, with commas between them.")
    filter_status = fields.Selection(
        [("draft", "All orders"), ("open", "No drafts"), ("paid", "Paid or completed"), ("completed", "Completed")],
        string="Orders to Import",
        default="draft",
        required=True,
        help="An order that is left out comes in when its status changes.",
    )
    filter_channels = fields.Char(
        string="Only These Channels", help="As the system names them, with commas between them. Empty: all."
    )
    filter_tags = fields.Char(string="Only Orders Tagged", help="With commas between them. Empty: all.")
    filter_without_tags = fields.Char(string="No Orders Tagged", help="With commas between them.")

    def _hold_reason(self, record):
        """Why an order waits for a person; "" where it does not. Goods that left already can't wait."""
        if record.status not in (OrderStatus.OPEN, OrderStatus.PAID, OrderStatus.DRAFT):
            return ""
        if self.hold_flagged and record.hold_reason:
            return record.hold_reason
        tags = _words(self.hold_tags)
        found = next((tag for tag in record.tags if spelling(tag) in tags), "")
        return self.env._("It has the tag “%s”.", found) if found else ""

    def _leaves_out(self, record):
        """Whether an order that is not in Odoo stays out by the filters."""
        rank = "completed" if record.status is OrderStatus.CANCELLED else record.status.value
        channels, only, without = (
            _words(self[name]) for name in ("filter_channels", "filter_tags", "filter_without_tags")
        )
        tags = {spelling(tag) for tag in record.tags}
        return (
            _RANKS.index(rank) < _RANKS.index(self.filter_status)
            or bool(channels and spelling(record.channel) not in channels)
            or bool(only and not tags & only)
            or bool(tags & without)
        )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_hold = fields.Char(string="On Hold Because", readonly=True, copy=False, tracking=True)
    pos_sync_released = fields.Boolean(readonly=True, copy=False, help="Somebody has released it: it waits no more.")

    def _pos_sync_note_hold(self):
        """An activity for the Responsible of the connection."""
        for order in self:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("On hold: release or cancel"),
                note=order.pos_sync_hold,
                user_id=order.pos_sync_connection_id.user_id.id or self.env.user.id,
            )

    def _pos_sync_end_hold(self, released=False):
        held = self.filtered("pos_sync_hold")
        held.activity_ids.filtered(lambda item: item.summary == self.env._("On hold: release or cancel")).unlink()
        held.write({"pos_sync_hold": False, **({"pos_sync_released": True} if released else {})})

    def action_pos_sync_release(self):
        """The order goes on as its status at the system says."""
        self.check_access("write")
        # Who asks may not read connections; what follows is the engine's.
        held = self.filtered("pos_sync_hold").sudo()
        held._pos_sync_end_hold(released=True)
        self.env["pos.sync.import_orders"].sudo()._go_on(held)

    def action_confirm(self):
        self._pos_sync_end_hold(released=True)
        return super().action_confirm()


def _words(text):
    return {spelling(part) for part in (text or "").split(",")} - {""}
