from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


class PosSyncConnection(models.Model):
    """In which time zone a connection's business days are: a location's own, else the account's, never the server's.

    Whatever compares a sale with a date (orders from, points from, entries from, posting, reconciliation) asks here.
    """

    _inherit = "pos.sync.connection"

    timezone = fields.Selection(
        _tz_get,
        string="Time Zone",
        copy=False,
        help="Business days of sales without a location, and of locations without a time zone, are in this one. The "
        "test of the connection fills it in with what the account states. Empty: that of its locations, or of the "
        "company.",
    )

    def _prepare_account_vals(self, account):
        """What somebody has chosen stays."""
        stated = {"timezone": account.timezone} if is_zone(account.timezone) and not self.timezone else {}
        return {**super()._prepare_account_vals(account), **stated}

    def _every_location(self):
        """Its locations, archived ones too; read once."""
        return self.with_context(active_test=False).location_ids

    def _zone(self, location=None):
        """The name of the time zone of `location`, or of what has none."""
        if location and is_zone(location.timezone):
            return location.timezone
        if is_zone(self.timezone):
            return self.timezone
        # A shop with places in one time zone only is there itself.
        among = {place.timezone for place in self._every_location() if is_zone(place.timezone)}
        company_zone = (self.company_id or self.env.company).partner_id.tz
        return among.pop() if len(among) == 1 else company_zone if is_zone(company_zone) else "UTC"

    def _day_at(self, moment, location=None):
        """The business day of a moment (UTC, with or without saying so) at `location`."""
        utc = moment if moment.tzinfo else pytz.utc.localize(moment)
        return utc.astimezone(pytz.timezone(self._zone(location))).date()

    def _day_of_sale(self, record):
        """The business day of an order as its system states it: when it was closed, else made."""
        here = [place for place in self._every_location() if place.external_id == record.location_id]
        return self._day_at(record.closed_at or record.created_at, *here)

    def _is_before(self, date, record):
        """Whether an order, as its system states it, was sold before the business day `date`, if there is one."""
        return bool(date and self._day_of_sale(record) < date)

    def _today(self, location=None):
        return self._day_at(fields.Datetime.now(), location)

    def _begins_at(self, date, location=None):
        """The moment (UTC, without saying so) at which a business day begins."""
        midnight = pytz.timezone(self._zone(location)).localize(datetime.combine(date, time()))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    def _ends_at(self, date, location=None):
        return self._begins_at(date + timedelta(days=1), location)


def is_zone(name):
    return bool(name) and name in pytz.all_timezones_set
