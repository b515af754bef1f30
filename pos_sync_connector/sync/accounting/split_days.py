from odoo import models


class PosSyncDayAmounts(models.AbstractModel):
    """A day whose sales, refunds and taxes are split by the channel of their orders."""

    _inherit = "pos.sync.day_amounts"

    def _begin(self, day):
        this, work = super()._begin(day)
        if self.env["pos.sync.posting.period"]._of(day).by_channel:
            orders = day.order_ids | day.refund_ids.order_id
            work.channels = {order.id: order.pos_sync_channel for order in orders if order.pos_sync_channel}
        return this, work


class PosSyncPostDays(models.AbstractModel):
    """The channel of each line of a daily summary, and the partner of its location or connection."""

    _inherit = "pos.sync.post_days"

    def _prepare_lines(self, day, amounts):
        prepared = super()._prepare_lines(day, amounts)
        partner = day.location_id.posting_partner_id or self.env["pos.sync.posting.period"]._of(day).partner_id
        for vals in prepared:
            vals["pos_sync_channel"] = amounts[vals["pos_sync_key"]].channel
            if partner:
                vals["partner_id"] = partner.id
        return prepared
