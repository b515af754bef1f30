from odoo import models


class PosSyncImportOrders(models.AbstractModel):
    """Orders that wait for a person: unconfirmed, undelivered and sent nowhere until they are released."""

    _inherit = "pos.sync.import_orders"

    def _create_orders(self, stream, resolver, pairs, outcome):
        made = super()._create_orders(stream, resolver, pairs, outcome)
        self.env["sale.order"].concat(*(order for order, _record in made if order.pos_sync_hold))._pos_sync_note_hold()
        return made

    def _prepare_hold(self, connection, record):
        return "" if self._is_history(connection, record) else connection._hold_reason(record)

    def _update_hold(self, connection, order, record):
        """Follows the system until somebody has released the order."""
        reason = self._prepare_hold(connection, record)
        if not reason:
            order._pos_sync_end_hold()
        elif not order.pos_sync_hold and not order.pos_sync_released:
            order.pos_sync_hold = reason
            order._pos_sync_note_hold()

    def _is_history(self, connection, record):
        return connection._is_before(connection.entries_from, record)

    def _go_on(self, orders):
        """Brings released orders to the state that their status at the system stands for."""
        for connection, held in orders.grouped("pos_sync_connection_id").items():
            # A person's own rights may end where the engine's work begins.
            engine = self.sudo().with_company(connection.company_id)
            released = held.with_env(engine.env)
            engine._confirm(connection, [(order, engine._steps_of(order)) for order in released])
            engine.env["pos.sync.route"]._send_on(released)
