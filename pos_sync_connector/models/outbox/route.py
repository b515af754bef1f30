from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow
from ...connectors.records import OrderStatus

# How far an order is; a cancelled one goes nowhere.
_REACHED = {OrderStatus.OPEN.value: 1, OrderStatus.PAID.value: 2, OrderStatus.COMPLETED.value: 3}


class PosSyncRoute(models.Model):
    """Sends the imported orders of one connection on to another: a till's sales to an ERP, say."""

    _name = "pos.sync.route"
    _description = "POS Sync Route"
    _inherit = ["pos.sync.guarded"]
    _order = "source_connection_id, target_connection_id"

    source_connection_id = fields.Many2one(
        "pos.sync.connection", string="Orders From", required=True, ondelete="cascade", index=True
    )
    target_connection_id = fields.Many2one(
        "pos.sync.connection", string="Are Sent To", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="source_connection_id.company_id", store=True, index=True)
    status_from = fields.Selection(
        [
            (OrderStatus.OPEN.value, "Open"),
            (OrderStatus.PAID.value, "Paid"),
            (OrderStatus.COMPLETED.value, "Completed"),
        ],
        string="Once They Are",
        default=OrderStatus.COMPLETED.value,
        required=True,
    )
    on_cancel = fields.Selection(
        [
            ("ask", "Ask the Responsible"),
            ("cancel", "Cancel them in Odoo, unless paid, delivered or invoiced"),
        ],
        string="When They Are Cancelled There",
        default="ask",
        required=True,
        help="A cancellation in Odoo goes on to the system that the order came from, where that takes it.",
    )
    active = fields.Boolean(default=True)

    _pair_uniq = models.Constraint(
        "UNIQUE(source_connection_id, target_connection_id)", "There is a route between these two already."
    )

    @api.depends("source_connection_id.name", "target_connection_id.name")
    def _compute_display_name(self):
        for route in self:
            route.display_name = f"{route.source_connection_id.name} → {route.target_connection_id.name}"

    @api.constrains("source_connection_id", "target_connection_id")
    def _check_connections(self):
        for route in self:
            source, target = route.source_connection_id, route.target_connection_id
            if source == target:
                raise ValidationError(self.env._("Orders are never sent back to where they come from."))
            if source.company_id != target.company_id:
                raise ValidationError(self.env._("Both connections must belong to the same company."))
            if not target._stream(Flow.ORDERS_PUSH):
                raise ValidationError(self.env._("The system of “%s” takes no orders.", target.name))

    @api.model
    def _send_on(self, orders):
        """Puts imported `orders` into the outboxes that their routes lead to, once each; never back, never history."""
        routes = self.sudo().search([("source_connection_id", "in", orders.pos_sync_connection_id.ids)])
        for route in routes:
            source, target = route.source_connection_id, route.target_connection_id
            stream = target._stream(Flow.ORDERS_PUSH)
            if not stream.enabled or target.state not in ("connected", "refused"):
                continue
            wanted = orders.filtered(
                lambda order, route=route: (
                    order.pos_sync_connection_id == route.source_connection_id
                    and _REACHED.get(order.pos_sync_status, 0) >= _REACHED[route.status_from]
                    and order.state != "cancel"
                )
            )
            fresh = wanted.filtered(
                lambda order, ends=(source, target): not any(end._is_history(order) for end in ends)
            )
            if fresh:
                self.env["pos.sync.message"]._enqueue(stream, fresh)
