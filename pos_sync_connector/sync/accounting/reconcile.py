import logging
import time
from collections import defaultdict
from datetime import timedelta

from odoo import fields, models

from ...connectors.errors import Failure, RetryLater
from ...connectors.windows import Days
from ...models.accounting.reconciliation import COMPARED
from ..engine.outcome import is_concurrency
from .count_days import Figures

_logger = logging.getLogger(__name__)

_MOST_DAYS = 62
_LATER = timedelta(minutes=10)


class PosSyncReconcile(models.AbstractModel):
    """The job that compares days with what the system counts, a slice at a time.

    The system is asked with no transaction open. The number of queries grows with neither days nor orders; only of days
    that do not agree the orders are listed one by one.
    """

    _name = "pos.sync.reconcile"
    _description = "POS Sync Reconciliation"

    _SLICE = 2.0

    # The job

    def _run(self):
        """One slice of each connection that has days to compare or differences to mend."""
        Connection = self.env["pos.sync.connection"]
        mending = self.env["pos.sync.difference"].search([("mending", "=", True)]).connection_id
        waiting = (Connection.search([("reconcile_from", "!=", False)]) | mending).ids
        for connection_id in waiting:
            try:
                if self._run_slice(Connection.browse(connection_id)):
                    Connection._wake_reconciliation()
            except Failure as failure:
                self.env.cr.rollback()
                self._note_failure(Connection.browse(connection_id), failure)
            except Exception as error:
                self.env.cr.rollback()
                if not is_concurrency(error):
                    _logger.exception("reconciliation of connection %s stopped unexpectedly", connection_id)
                self._note_failure(
                    Connection.browse(connection_id),
                    RetryLater(
                        self.env._(
                            "Something unexpected happened (%s). The server's log says more.", type(error).__name__
                        )
                    ),
                )
            self.env.cr.commit()

    def _note_failure(self, connection, failure):
        self._replayed(connection, lambda: connection.write({"reconcile_sentence": failure.sentence}))
        wait = getattr(failure, "after", None)
        later = fields.Datetime.now() + (timedelta(seconds=wait) if wait else _LATER)
        self.env.ref("pos_sync_connector.ir_cron_reconcile").sudo()._trigger(at=later)

    def _run_slice(self, connection):
        """Returns whether something is left to do."""
        started = time.monotonic()
        if not connection._can_reconcile():
            connection.write({"reconcile_from": False, "reconcile_to": False})
            return False
        with connection._connector() as connector:
            self.env.cr.commit()
            mended, left = self.env["pos.sync.mend_differences"]._mend(connection, connector, started + self._SLICE)
            if mended:
                self._check_mended(connection, connector, sorted(mended), time.monotonic() + self._SLICE)
            dates = self._dates(connection)
            if left or not dates:
                return bool(left or dates)
            self._replayed(connection, lambda: self.env["pos.sync.gather_days"]._gather(connection))
            done = self._check(connection, connector, dates, started + self._SLICE)
        self._replayed(connection, lambda: self._advance(connection, dates[0], done))
        return bool(connection.reconcile_from)

    def _check_mended(self, connection, connector, dates, until):
        """Those for which there is no time now, or no answer, are asked for like any others."""
        try:
            # What was pulled belongs to a day from here on.
            self._replayed(connection, lambda: self.env["pos.sync.gather_days"]._gather(connection))
            done = self._check(connection, connector, dates, until)
        except Exception:
            self.env.cr.rollback()
            self._replayed(connection, lambda: connection._reconcile(dates[0], dates[-1]))
            raise
        if left := [date for date in dates if date > done]:
            self._replayed(connection, lambda: connection._reconcile(left[0], left[-1]))

    def _dates(self, connection):
        """The next days that were asked for."""
        first, last = connection.reconcile_from, connection.reconcile_to
        self.env.cr.commit()
        if not first:
            return []
        return [first + timedelta(days=back) for back in range(min((last - first).days + 1, _MOST_DAYS))]

    def _advance(self, connection, first, done):
        if connection.reconcile_from != first:
            # Earlier days were asked for meanwhile.
            return
        after = done + timedelta(days=1)
        over = after > connection.reconcile_to
        connection.write(
            {
                "reconcile_from": False if over else after,
                "reconcile_to": False if over else connection.reconcile_to,
                "reconcile_sentence": False,
            }
        )

    def _check(self, connection, connector, dates, until):
        """Compares these days, or the first of them. Returns the last that was."""
        zones = self._zones(connection)
        self.env.cr.commit()
        asked = self._ask(connector, dates, zones, until)
        red = self._replayed(connection, lambda: self._compare(connection, list(asked), asked))
        places = {(day.date, zones[1].get(day.location_id.external_id, zones[0])) for day in red}
        self.env.cr.commit()
        find = self.env["pos.sync.find_differences"]
        done = None
        for date in sorted({date for date, _zone in places}):
            # At least one, and what is left is asked for again.
            if done and time.monotonic() > until + self._SLICE:
                return max(other for other in asked if other < date)
            for zone in sorted(zone for other, zone in places if other == date):
                find._find(connection, connector, date, zone, zones)
            done = date
        return max(asked)

    def _replayed(self, connection, work):
        """Does `work()` in a transaction of its own."""
        stream = connection._stream("orders_pull")[:1] or connection.stream_ids[:1]
        return self.env["pos.sync.run_stream"]._replayed(stream.id, lambda stream: work())

    # What the system says

    def _zones(self, connection):
        """(time zone of what has no location, {external id of a location: its time zone, False where ignored})."""
        return connection._zone(), {
            place.external_id: False if place.ignored else connection._zone(place)
            for place in connection._every_location()
        }

    def _window(self, date, zone):
        """The day in a time zone."""
        return Days(first=date, last=date, zone=zone).window()

    def _ask(self, connector, dates, zones, until):
        """{date: [ControlTotals]} of these dates, or of the first of them once the time is over."""
        elsewhere, places = zones
        wanted = {place: zone for place, zone in places.items() if zone}
        asked = {}
        for first, last in self._spans(dates):
            days = Days(first=first, last=last, zone=elsewhere, zones=wanted)
            found, whole = defaultdict(list), last
            for total in connector.control_totals(days):
                # A day is whole once a later one begins.
                if total.day > first and time.monotonic() > until:
                    whole = total.day - timedelta(days=1)
                    break
                if places.get(total.location_id, elsewhere):
                    found[total.day].append(total)
            span = (first + timedelta(days=number) for number in range((whole - first).days + 1))
            asked |= {date: found[date] for date in span}
            if time.monotonic() > until:
                break
        return asked

    def _spans(self, dates):
        """(first, last) of sorted dates that follow one another without a gap."""
        first = last = dates[0]
        for date in dates:
            if date - last > timedelta(days=1):
                yield first, last
                first = date
            last = date
        yield first, last

    # Comparing

    def _compare(self, connection, dates, asked):
        """Takes over what all sides say of `dates`, and `asked` of the system: {date: [ControlTotals]}, None where it
        was not asked. Returns the days on which the orders are not what the system counts."""
        Day = self.env["pos.sync.reconciliation"].with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        if not dates:
            return Day
        count = self.env["pos.sync.count_days"]
        first, last, wanted = min(dates), max(dates), set(dates)
        ordered, posted = count._ordered(connection, first, last), count._posted(connection, first, last)
        known = {
            (day.location_id.id or None, day.currency_id.id, day.date): day
            for day in Day.search([("connection_id", "=", connection.id), ("date", "in", dates)])
        }
        stated = self._stated(connection, asked) if asked is not None else {}
        keys = set(known)
        if asked is not None:
            keys |= {key for side in (ordered, posted, stated) for key in side if key[2] in wanted}
        now = fields.Datetime.now()
        made = []
        for key in sorted(keys, key=lambda item: (item[2], item[0] or 0, item[1])):
            vals = self._prepare_day(key, ordered, posted, now)
            if asked is not None:
                vals |= self._prepare_stated(stated.get(key), now)
            if key in known:
                known[key].write(vals)
            else:
                made.append((key, {**vals, **self._prepare_key(connection, key)}))
        created = Day.create([vals for _key, vals in made])
        known |= {key: day for (key, _vals), day in zip(made, created, strict=True)}
        days = Day.concat(*known.values())
        self._write_methods(connection, known, stated if asked is not None else None, ordered, posted)
        red = self._settle(connection, days)
        days._note_changes()
        self.env.flush_all()
        return red

    def _prepare_key(self, connection, key):
        location_id, currency_id, date = key
        return {
            "connection_id": connection.id,
            "company_id": connection.company_id.id,
            "location_id": location_id,
            "currency_id": currency_id,
            "date": date,
        }

    def _prepare_day(self, key, ordered, posted, now):
        orders, entries = ordered.get(key) or Figures(), posted.get(key) or Figures()
        return {
            "checked_at": now,
            **{f"order_{name}": getattr(orders, name) for name in ("count", "gross", "net", "tax", "tips", "refunds")},
            "posted_count": entries.count,
            "posted_gross": entries.gross,
            "posted_tax": entries.tax,
            "to_post": entries.booked,
        }

    def _prepare_stated(self, totals, now):
        """Of a day of which the system says nothing it says that there was nothing."""
        names = [name for name in COMPARED if totals is None or name in totals]
        return {
            "asked_at": now,
            "stated": f" {' '.join([*names, *(['payments'] if totals is None or totals['payments'] else [])])} ",
            **{
                f"system_{name}": (totals or {}).get(name, 0)
                for name in ("count", "gross", "net", "tax", "tips", "discounts", "refunds")
            },
        }

    def _stated(self, connection, asked):
        """{key of a day: {figure: amount, "payments": {method: amount}}} of what the system said."""
        places = {
            place.external_id: place.id
            for place in self.env["pos.sync.location"]
            .with_context(active_test=False)
            .search([("connection_id", "=", connection.id)])
        }
        codes = {total.currency for totals in asked.values() for total in totals}
        currencies = {
            currency.name: currency.id
            for currency in self.env["res.currency"].with_context(active_test=False).search([("name", "in", [*codes])])
        }
        found = {}
        for date, totals in asked.items():
            for total in totals:
                key = (places.get(total.location_id), currencies[total.currency], date)
                sums = found.setdefault(key, {"payments": {}})
                for name in ("count", "gross", "net", "tax", "tips", "discounts", "refunds"):
                    if (amount := getattr(total, name)) is not None:
                        sums[name] = sums.get(name, 0) + (amount if name == "count" else float(amount))
                for method, amount in total.payments:
                    sums["payments"][method] = sums["payments"].get(method, 0.0) + float(amount)
        return {key: sums for key, sums in found.items() if any(sums[name] for name in sums)}

    def _write_methods(self, connection, days, stated, ordered, posted):
        Method = self.env["pos.sync.reconciliation.method"]
        names = {row.external_id: row.name for row in connection.payment_method_ids}
        rows = {}
        for row in Method.search([("reconciliation_id", "in", [day.id for day in days.values()])]):
            rows[row.reconciliation_id.id, row.external_id] = row
        made, kept = [], Method
        for key, day in days.items():
            sides = {
                "order_amount": (ordered.get(key) or Figures()).payments,
                "posted_amount": (posted.get(key) or Figures()).payments,
            }
            if stated is not None:
                sides["system_amount"] = (stated.get(key) or {"payments": {}})["payments"]
            methods = {method for side in sides.values() for method in side}
            if stated is None:
                methods |= {method for day_id, method in rows if day_id == day.id}
            for method in sorted(methods):
                vals = {side: amounts.get(method, 0.0) for side, amounts in sides.items()}
                if row := rows.get((day.id, method)):
                    row.write(vals)
                    kept |= row
                else:
                    name = names.get(method, method)
                    made.append({**vals, "reconciliation_id": day.id, "external_id": method, "name": name})
        Method.concat(*rows.values(), Method).browse([row.id for row in rows.values() if row not in kept]).unlink()
        Method.create(made)

    def _settle(self, connection, days):
        """Says how each of the days stands. Returns those whose orders are not what the system counts."""
        find = self.env["pos.sync.find_differences"]
        red = days.filtered(lambda day: day.asked_at and not self._agrees(day))
        posting = find._prepare_posting(connection, days)
        differences = days.difference_ids
        differences.filtered(lambda row: row.reconciliation_id not in red or row.day_id).unlink()
        # Deleting empties the cache: without this each new row would read its day alone.
        days.mapped("date")
        self.env["pos.sync.difference"].create([vals for rows in posting.values() for vals in rows])
        for day in days:
            causes = {vals["cause"] for vals in posting.get(day, ())}
            state = "differs" if day in red or causes - {"not_posted"} else "to_post" if causes else "ok"
            day.state = state
        days._follow_accepted()
        return red

    def _agrees(self, day):
        """Whether the orders are what the system counts; of taxes the rounding is left that the import accepts."""
        states = day.stated.split()
        tolerance = day.connection_id._tolerance(day.currency_id)
        allowed = {"tax": tolerance * max(day.system_count, day.order_count) + 1e-9}
        equal = all(
            day.currency_id.is_zero(left) or abs(left) <= allowed.get(name, 0.0)
            for name in COMPARED
            if name in states
            for left in (day[f"system_{name}"] - day[f"order_{name}"],)
        )
        return equal and (
            "payments" not in states
            or all(day.currency_id.is_zero(row.system_amount - row.order_amount) for row in day.method_ids)
        )
