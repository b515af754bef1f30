from datetime import timedelta

from odoo import models

_OPEN = ("draft", "sent", "sale")


class PosSyncImportOrders(models.AbstractModel):
    """A new sale may be what somebody ordered in Odoo before: the same customer, amount and day propose it."""

    _inherit = "pos.sync.import_orders"

    def _create_orders(self, stream, resolver, pairs, outcome):
        made = super()._create_orders(stream, resolver, pairs, outcome)
        self._propose_fulfilled(
            stream.connection_id, self.env["sale.order"].concat(*(order for order, _record in made))
        )
        return made

    def _propose_fulfilled(self, connection, orders):
        """Notes on each order the one of Odoo that it fulfils, where there is exactly one. Two queries a page."""
        walk_ins = self.env["pos.sync.award_points"]._walk_ins(connection)
        orders = orders.filtered(lambda order: order.state != "cancel" and order.partner_id not in walk_ins)
        if not orders:
            return
        dates = orders.mapped("date_order")
        found = self.env["sale.order"].search(
            [
                ("pos_sync_connection_id", "=", False),
                ("company_id", "=", connection.company_id.id),
                ("partner_id", "in", orders.partner_id.ids),
                ("state", "in", _OPEN),
                ("date_order", ">=", min(dates) - timedelta(days=1)),
                ("date_order", "<=", max(dates) + timedelta(days=1)),
            ]
        )
        if not found:
            return
        linked = self.env["pos.sync.mapping"].search([("sale_order_id", "in", found.ids)]).sale_order_id
        proposed = self.env["sale.order"].search([("pos_sync_fulfils_id", "in", found.ids)]).pos_sync_fulfils_id
        free = (found - linked - proposed).grouped("partner_id")
        claims = {}
        for order in orders:
            alike = [other for other in free.get(order.partner_id, found.browse()) if self._is_alike(order, other)]
            if len(alike) == 1:
                claims.setdefault(alike[0], []).append(order)
        for other, claimants in claims.items():
            if len(claimants) == 1:
                claimants[0].pos_sync_fulfils_id = other

    def _is_alike(self, order, other):
        connection, place = order.pos_sync_connection_id, order.pos_sync_location_id
        days = {connection._day_at(item.date_order, place) for item in (order, other)}
        same_currency = order.currency_id == other.currency_id
        return (
            len(days) == 1
            and same_currency
            and not order.currency_id.compare_amounts(order.amount_total, other.amount_total)
        )
