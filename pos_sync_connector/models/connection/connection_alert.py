from collections import Counter
from datetime import timezone

import pytz

from odoo import fields, models

_ACTIVITY = "mail.mail_activity_data_warning"


class PosSyncConnection(models.Model):
    """An activity for whoever is responsible while something has failed: one a day at most, closed when all is well."""

    _inherit = "pos.sync.connection"

    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        default=lambda self: self.env.user if self.env.user._is_internal() and self.env.user.active else False,
        help="Gets an activity when something fails: one a day at most, closed automatically when all is well.",
    )
    alerted_on = fields.Date(readonly=True, copy=False)

    def _alert(self):
        """Opens, renews and closes the activities of these connections."""
        failures = self._count_for_somebody()
        open_activities = self.activity_search([_ACTIVITY])
        for connection in self.with_context(mail_activity_quick_update=True):
            count = failures[connection.id]
            activities = open_activities.filtered(lambda item, own=connection: item.res_id == own.id)
            if not count:
                activities.action_feedback(feedback=self.env._("All is well again."))
            elif connection.user_id.active and connection.alerted_on != connection._alert_day():
                connection._alert_of(count, activities)

    def _count_for_somebody(self):
        """{connection id: how much somebody must mend}, as the page Health has it, counted without its causes: this is
        asked every minute."""
        messages = self.env["pos.sync.message"]._read_group(
            [
                ("connection_id", "in", self.ids),
                ("state", "in", ("failed", "held")),
                ("kind", "!=", "review"),
                ("code", "!=", "waits"),
            ],
            ["connection_id"],
            ["__count"],
        )
        streams = self.env["pos.sync.stream"].search(
            [("connection_id", "in", self.ids), ("enabled", "=", True), ("sentence", "!=", False)]
        )
        counts = Counter({connection.id: count for connection, count in messages})
        counts.update(stream.connection_id.id for stream in streams if stream._is_stopped())
        counts.update(connection.id for connection in self if connection.state == "refused")
        return counts

    def _alert_of(self, count, activities):
        self.ensure_one()
        today = self._alert_day()
        summary = self.env._("%(connection)s: %(count)s to fix", connection=self.name, count=count)
        if activities:
            activities.write({"summary": summary, "date_deadline": today, "user_id": self.user_id.id})
        else:
            self.activity_schedule(
                _ACTIVITY,
                date_deadline=today,
                summary=summary,
                note=self.env._("Open the page Health: it says what is wrong and has the button that fixes it."),
                user_id=self.user_id.id,
            )
        self.alerted_on = today

    def _alert_day(self):
        """Today, where the responsible person is."""
        zone = pytz.timezone(self.user_id.tz or "UTC")
        return fields.Datetime.now().replace(tzinfo=timezone.utc).astimezone(zone).date()
