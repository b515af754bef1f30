from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models

from ...connectors.flows import FLOWS, Flow

# Before the last days are reconciled, and when few shops are open.
_NIGHT = time(2)


class PosSyncStream(models.Model):
    """The first pull of each night goes back far: it finds what webhooks and the pulls of the day have missed, because
    a system was late to tell of it, or told of it as older than what had been read."""

    _inherit = "pos.sync.stream"

    repair_days = fields.Integer(
        string="Nightly Look-Back (Days)",
        default=3,
        aggregator=None,
        help="The first pull after 2 a.m., in the connection's time zone, also reads the changes of the last days, "
        "as many as given here. Records that are in Odoo already are only compared. 0: never.",
    )
    repaired_at = fields.Datetime(string="Last Went Back", readonly=True, copy=False)

    _repair_positive = models.Constraint("CHECK(repair_days >= 0)", "The days can't be negative.")

    def _next_pass(self, cursor, now):
        """The values that a pass of changes begins with, which follows the one that `cursor` ended."""
        self.ensure_one()
        overlap = FLOWS[Flow(self.flow)].overlap
        if not self.repair_days or (self.repaired_at and self.repaired_at >= self._night_before(now)):
            return {"cursor": cursor.next_pass(overlap).dumps()}
        further = max(overlap, timedelta(days=self.repair_days))
        return {"cursor": cursor.next_pass(further).dumps(), "repaired_at": now}

    def _night_before(self, now):
        """The last 2 o'clock at night before `now`; both UTC, without a time zone."""
        zone = pytz.timezone(self.connection_id._zone())
        today = pytz.utc.localize(now).astimezone(zone).date()
        nights = (zone.localize(datetime.combine(day, _NIGHT)) for day in (today, today - timedelta(days=1)))
        return next(
            night for night in (moment.astimezone(pytz.utc).replace(tzinfo=None) for moment in nights) if night <= now
        )
