from odoo import api, fields, models


class PosSyncConnection(models.Model):
    """What came by a connection and what waits for a person, for its buttons and for the app's menu."""

    _inherit = "pos.sync.connection"

    match_count = fields.Integer(compute="_compute_match_count", string="Customers to Review")
    order_count = fields.Integer(compute="_compute_order_count", string="Imported Orders")
    points_total = fields.Float(compute="_compute_points_total", string="Points Given", digits=(16, 2))

    def _compute_match_count(self):
        counts = dict(
            self.env["pos.sync.match"]._read_group(
                [("connection_id", "in", self.ids), ("state", "=", "open")], ["connection_id"], ["__count"]
            )
        )
        for connection in self:
            connection.match_count = counts.get(connection, 0)

    def _compute_order_count(self):
        # Whoever reviews the connection sees how many there are, whatever orders they may open.
        counts = dict(
            self.env["sale.order"]
            .sudo()
            ._read_group([("pos_sync_connection_id", "in", self.ids)], ["pos_sync_connection_id"], ["__count"])
        )
        for connection in self:
            connection.order_count = counts.get(connection.sudo(), 0)

    def _compute_points_total(self):
        totals = dict(
            self.env["pos.sync.points"]._read_group(
                [("connection_id", "in", self.ids)], ["connection_id"], ["points:sum"]
            )
        )
        for connection in self:
            connection.points_total = totals.get(connection, 0.0)

    @api.model
    def menu_counts(self):
        """{menu's external id: how much waits there}, for the user's companies."""
        matches = self.env["pos.sync.match"].search_count([("state", "=", "open")])
        Message = self.env["pos.sync.message"]
        messages = Message.search_count([("state", "in", Message._OPEN)])
        return {
            "pos_sync_connector.menu_health": self.env["pos.sync.failure"].search_count(
                list(self.env["pos.sync.failure"]._FOR_SOMEBODY)
            ),
            "pos_sync_connector.menu_review": matches + messages,
            "pos_sync_connector.menu_matches": matches,
            "pos_sync_connector.menu_messages": messages,
        }

    # Buttons

    def action_view_matches(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_match_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {"search_default_open": 1}}

    def action_view_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": [("pos_sync_connection_id", "in", self.ids)]}

    def action_view_points(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_points_action")
        return {**action, "domain": [("connection_id", "in", self.ids)]}

    def action_view_failures(self):
        """What is not well with these connections, a line a cause."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_failure_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {}}
