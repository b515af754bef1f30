from odoo import models

from ...connectors.records import OrderStatus


class PosSyncMapping(models.Model):
    """What a system says of an order that was sent on to it goes on to the system that the order came from."""

    _inherit = "pos.sync.mapping"

    def _write_remote(self, status, paid, fulfilments=()):
        news = super()._write_remote(status, paid, fulfilments)
        if news and self._is_sent_on() and status is not OrderStatus.CANCELLED:
            self.env["pos.sync.relay_orders"]._relay(self, status, paid, fulfilments)
        return news

    def _ask_about_cancelled(self):
        if self._is_sent_on():
            return self.env["pos.sync.relay_orders"]._relay_cancelled(self)
        return super()._ask_about_cancelled()

    def _is_sent_on(self):
        origin = self.sale_order_id.pos_sync_connection_id
        return bool(self.pushed and origin and origin != self.connection_id)
