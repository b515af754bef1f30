import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...connectors.flows import FLOWS, Flow


class PosSyncStream(models.Model):
    """Flows that send: when a record enters the outbox by itself, and when there is something to send."""

    _inherit = "pos.sync.stream"

    is_push = fields.Boolean(compute="_compute_is_push")
    pending_count = fields.Integer(compute="_compute_pending_count", string="Waiting to Be Sent")
    push_on = fields.Selection(
        [
            ("hand", "Only by hand, by automation rule or by route"),
            ("confirmation", "When it is confirmed"),
            ("payment", "When it is paid"),
            ("invoice", "When it is invoiced"),
            ("delivery", "When all of it is delivered"),
        ],
        string="Send an Order",
        default="hand",
        required=True,
        help="Each order is sent once. Imported orders are sent by routes only; history is never sent automatically.",
    )
    push_as = fields.Selection(
        [
            ("draft", "Quotation"),
            ("open", "Order to be paid there"),
            ("paid", "Order, with its payments where it is paid here"),
        ],
        string="Arrives As",
        default="paid",
        required=True,
    )
    push_team_ids = fields.Many2many("crm.team", "pos_sync_stream_crm_team_rel", string="Only of Sales Teams")
    push_warehouse_ids = fields.Many2many(
        "stock.warehouse", "pos_sync_stream_stock_warehouse_rel", string="Only From Warehouses"
    )
    push_domain = fields.Char(
        string="Only Orders That", default="[]", help="Further conditions, such as the website that they come from."
    )

    @api.depends("flow")
    def _compute_is_push(self):
        for stream in self:
            stream.is_push = FLOWS[Flow(stream.flow)].push

    @api.constrains("push_domain")
    def _check_push_domain(self):
        for stream in self:
            try:
                self.env["sale.order"].search_count(stream._push_conditions(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The further conditions of “%s” can't be used: they are a list such as "
                        "[('website_id', '=', 1)], of plain values.",
                        stream.display_name,
                    )
                ) from error

    def _push_conditions(self):
        self.ensure_one()
        conditions = fields.Domain(ast.literal_eval(self.push_domain or "[]"))
        if self.push_team_ids:
            conditions &= fields.Domain("team_id", "in", self.push_team_ids.ids)
        if self.push_warehouse_ids:
            conditions &= fields.Domain("warehouse_id", "in", self.push_warehouse_ids.ids)
        return conditions

    # What enters the outbox by itself

    @api.model
    def _push_orders_on(self, event, orders):
        """Something happened to `orders`: those that a connection sends on that event enter its outbox, once."""
        for company, own in orders.sudo().grouped("company_id").items():
            streams = self.sudo().search(
                [
                    ("flow", "=", Flow.ORDERS_PUSH.value),
                    ("push_on", "=", event),
                    ("enabled", "=", True),
                    ("company_id", "=", company.id),
                ]
            )
            for stream in streams.filtered(lambda item: item.connection_id.state in ("connected", "refused")):
                wanted = own.filtered_domain(stream._push_conditions()).filtered(
                    lambda order, stream=stream: (
                        not order.pos_sync_connection_id and not stream.connection_id._is_history(order)
                    )
                )
                self.env["pos.sync.message"]._enqueue(stream, wanted)

    @api.model
    def _push_status_of(self, orders):
        """The status of `orders` has changed: the connections that they were sent to are told."""
        Message = self.env["pos.sync.message"].sudo()
        sent = (
            self.env["pos.sync.mapping"]
            .sudo()
            .search([("sale_order_id", "in", orders.ids), ("pushed", "=", True), ("gone", "=", False)])
        )
        waiting = Message.search(
            [
                ("order_id", "in", orders.ids),
                ("flow", "=", Flow.ORDERS_PUSH.value),
                ("direction", "=", "out"),
                # Those that were not begun are sent as the order is then.
                ("state", "in", ("sending", "held", "failed")),
                ("attempts", ">", 0),
            ]
        )
        by_connection = {}
        for row, order in [*((row, row.sale_order_id) for row in sent), *((row, row.order_id) for row in waiting)]:
            by_connection.setdefault(row.connection_id, self.env["sale.order"])
            by_connection[row.connection_id] |= order
        for connection, own in by_connection.items():
            stream = connection._stream(Flow.ORDER_STATUS_PUSH)
            if stream.enabled:
                Message._enqueue(stream, own)

    def _already_sent(self, records):
        """Those of `records` that the connection has, or that come from there."""
        self.ensure_one()
        if self.flow == Flow.ORDER_STATUS_PUSH.value:
            return records.browse()
        name = "sale_order_id" if records._name == "sale.order" else "partner_id"
        mappings = (
            self.env["pos.sync.mapping"]
            .sudo()
            .search(
                [
                    ("connection_id", "=", self.connection_id.id),
                    (name, "in", records.ids),
                    ("gone", "=", False),
                    "|",
                    ("pushed", "=", False),
                    ("pushed_at", "!=", False),
                ]
            )
        )
        return mappings[name] & records

    # What there is to send

    def _next_push(self, without=()):
        """The id of the message whose turn it is; messages of one record go in their order."""
        self.ensure_one()
        self.env["pos.sync.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id FROM pos_sync_message message
                 WHERE message.stream_id = %(stream)s AND message.direction = 'out'
                   AND message.state IN ('waiting', 'sending') AND NOT message.id = ANY(%(without)s)
                   AND NOT EXISTS (
                       SELECT FROM pos_sync_message earlier
                        WHERE earlier.connection_id = message.connection_id AND earlier.direction = 'out'
                          AND earlier.state IN %(open)s AND earlier.id < message.id
                          AND (earlier.order_id = message.order_id OR earlier.partner_id = message.partner_id))
                 ORDER BY message.attempts, message.id LIMIT 1
                """,
                stream=self.id,
                without=list(without),
                open=self.env["pos.sync.message"]._OPEN,
            )
        )
        return rows[0][0] if rows else None

    def _push_count(self):
        return self.env["pos.sync.message"].search_count(
            [("stream_id", "=", self.id), ("direction", "=", "out"), ("state", "in", ("waiting", "sending"))]
        )

    def _is_due(self, now):
        self.ensure_one()
        if not self.is_push:
            return super()._is_due(now)
        if not self.enabled or self.to_remove or not self._may_begin():
            return False
        if self.retry_at and self.retry_at > now:
            return False
        return bool(self.requested or self.run_id or self._next_push())

    def _job(self):
        """The model that does the work of the flow."""
        return self.env["pos.sync.send_outbox" if self.exists().is_push else "pos.sync.run_stream"]

    # What waits while the flow is off: kept, or dropped by choice

    def _compute_pending_count(self):
        for stream in self:
            stream.pending_count = stream._push_count() if stream.is_push else 0

    def action_drop_pending(self):
        """Gives up what waits to be sent. What was begun is left: it may have arrived."""
        self.check_access("write")
        waiting = self.env["pos.sync.message"].search(
            [("stream_id", "in", self.ids), ("direction", "=", "out"), ("state", "in", ("waiting", "held", "failed"))]
        )
        waiting.action_drop()
        return self.env["pos.sync.connection"]._notify(self.env._("%s were dropped.", len(waiting)))

    def _push_as(self):
        """As what an order arrives; without a flow that sends orders, with all that is known."""
        return self.push_as or "paid"

    @api.model
    def _run_housekeeping(self):
        result = super()._run_housekeeping()
        waiting = self.env["pos.sync.message"]._read_group(
            [("direction", "=", "out"), ("state", "in", ("waiting", "sending"))], ["stream_id"]
        )
        for (stream,) in waiting:
            stream._wake()
        return result
