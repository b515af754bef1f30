from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class PosSyncConnection(models.Model):
    """Which days of a connection are compared with what its system counts, and how many of them do not agree."""

    _inherit = "pos.sync.connection"

    reconcile_days = fields.Integer(
        string="Days Checked Each Night",
        default=7,
        help="So many days before today are compared with what the system itself counts. 0: none.",
    )
    reconcile_from = fields.Date(readonly=True, copy=False, help="The next day that is to be compared.")
    reconcile_to = fields.Date(readonly=True, copy=False)
    reconcile_sentence = fields.Char(string="Why Days Are Not Checked", readonly=True, copy=False)
    unreconciled_count = fields.Integer(compute="_compute_unreconciled_count", string="Days That Differ")

    def _compute_unreconciled_count(self):
        counts = dict(
            self.env["pos.sync.reconciliation"]._read_group(
                [("connection_id", "in", self.ids), ("state", "=", "differs")], ["connection_id"], ["__count"]
            )
        )
        for connection in self:
            connection.unreconciled_count = counts.get(connection, 0)

    def _can_reconcile(self):
        self.ensure_one()
        system = self._system_class()
        return bool(system and system.implements("control_totals") and self._may_talk())

    def _reconcile(self, first, last):
        """Asks for a check of these days, besides what is asked for already."""
        for connection in self.sudo():
            if not connection._can_reconcile():
                raise UserError(
                    self.env._(
                        "“%s” can't say what it counts: it is off, or its system has no way to.", connection.name
                    )
                )
            connection.write(
                {
                    "reconcile_from": min(first, connection.reconcile_from or first),
                    "reconcile_to": max(last, connection.reconcile_to or last),
                    "reconcile_sentence": False,
                }
            )
        self._wake_reconciliation()

    @api.model
    def _wake_reconciliation(self):
        self.env.ref("pos_sync_connector.ir_cron_reconcile").sudo()._trigger()

    def action_reconcile_all(self):
        """Asks for a check of all days since the first order."""
        self.env["pos.sync.reconciliation"]._check_accountant()
        self.check_access("read")
        for connection in self:
            connection._reconcile(connection.sudo()._first_sold(), connection._today())
        return self._notify(self.env._("All days are checked, a few at a time. They appear in the list."))

    def _first_sold(self):
        first = self.env["sale.order"].search(
            [("pos_sync_connection_id", "=", self.id), ("date_order", "!=", False)], order="date_order", limit=1
        )
        day = first and self._day_at(first.date_order, first.pos_sync_location_id)
        return max(filter(None, (day, self.orders_from)), default=self._today())

    def action_view_reconciliations(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_reconciliation_action")
        return {**action, "domain": [("connection_id", "in", self.ids)], "context": {"search_default_todo": 1}}

    @api.model
    def _reconcile_nightly(self):
        """Each night the last days, without today, which is not over yet."""
        due = self.search([("reconcile_days", ">", 0)]).filtered(lambda connection: connection._can_reconcile())
        steps = [connection._reconcile_last_days for connection in due]
        self.env["pos.sync.replay"]._work("ir_cron_reconcile_nightly", *steps)

    def _reconcile_last_days(self):
        today = self._today()
        first = today - timedelta(days=self.reconcile_days)
        self._reconcile(max(first, self.orders_from or first), today - timedelta(days=1))
