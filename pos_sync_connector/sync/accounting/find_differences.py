from collections import defaultdict
from dataclasses import dataclass

import pytz

from odoo import fields, models

from ...connectors.answers import Book
from ...connectors.errors import Failure, RetryLater
from ...connectors.records import OrderStatus
from ..sales.sold import SOLD, handed_over

# So many orders that a list lacks are asked for one by one; of more the list itself is believed.
_ASKED_ALONE = 200
# How the trace keys of failures begin that a mapping mends.
_UNMAPPED = ("unmapped-", "missing-tax:", "missing-currency:")


@dataclass(slots=True)
class _Sold:
    """What one side says of an order on a day. `counts`: whether it is one of those that are counted there."""

    counts: bool
    currency: str
    gross: float
    tax: float | None = None


class PosSyncFindDifferences(models.AbstractModel):
    """Finds which orders of a day are missing or differ, by the system's own list of them."""

    _name = "pos.sync.find_differences"
    _description = "POS Sync Differences of a Day"

    def _find(self, connection, connector, date, zone, zones):
        """Names the differences of the days of a date in a time zone, all locations of it at once."""
        reconcile = self.env["pos.sync.reconcile"]
        window = reconcile._window(date, zone)
        days = self._days_of(connection, date, zone, zones)
        here = self._counted_here(connection, days)
        self.env.cr.commit()
        listed, unreadable = {}, set()
        for page in connector.orders_in(window):
            listed |= {record.external_id: record for record in page.records}
            unreadable |= {item.external_id for item in page.malformed}
        missing = sorted(here - set(listed) - unreadable)
        for external_id in missing[:_ASKED_ALONE]:
            try:
                listed[external_id] = connector.get_order(external_id)
            except RetryLater:
                raise
            except Failure:
                unreadable.add(external_id)
        refunds = self._listed_refunds(connector, days, window)
        reconcile._replayed(
            connection, lambda: self._write(connection, days, window, listed, here - unreadable, refunds)
        )

    def _days_of(self, connection, date, zone, zones):
        elsewhere, places = zones
        days = self.env["pos.sync.reconciliation"].search([("connection_id", "=", connection.id), ("date", "=", date)])
        return days.filtered(lambda day: places.get(day.location_id.external_id, elsewhere) == zone)

    def _counted_here(self, connection, days):
        """The external ids of the orders that count on these days."""
        order_ids = [number for day in days for number in self.env["pos.sync.count_days"]._order_ids(day)]
        own = [("id", "in", order_ids), ("pos_sync_connection_id", "=", connection.id)]
        links = self._links(connection, [("sale_order_id", "in", order_ids)])
        return {*self.env["sale.order"].search(own).mapped("pos_sync_external_id"), *links.mapped("external_id")}

    def _links(self, connection, domain):
        """Of orders that were sent to the system."""
        sent = [("connection_id", "=", connection.id), ("entity", "=", "order"), ("pushed", "=", True)]
        return self.env["pos.sync.mapping"].search([*sent, ("sale_order_id", "!=", False), *domain])

    def _write(self, connection, days, window, listed, here, refunds):
        Difference = self.env["pos.sync.difference"]
        before = days.difference_ids.filtered(lambda row: not row.day_id)
        # What people have asked for, and its turn is still to come, and what they have accepted.
        wishes = before._wishes()
        before.unlink()
        ids = sorted({*listed, *here})
        orders = self.env["sale.order"].search(
            [("pos_sync_connection_id", "=", connection.id), ("pos_sync_external_id", "in", ids)]
        )
        known = {order.pos_sync_external_id: order for order in orders}
        links = {link.external_id: link for link in self._links(connection, [("external_id", "in", ids)])}
        known |= {external_id: link.sale_order_id for external_id, link in links.items()}
        messages = self.env["pos.sync.importer"]._open_messages(connection._stream("orders_pull"), ids)
        failures = {message.external_id: message for message in messages}
        by_place = {(day.location_id.external_id or "", day.currency_id.name): day for day in days}
        made = {day: [] for day in days}
        for external_id in ids:
            record, order = listed.get(external_id), known.get(external_id)
            theirs = self._theirs(connection, window, record)
            link = links.get(external_id)
            ours = self._linked(connection, window, link) if link else self._ours(connection, window, order)
            vals = self._compare(connection, record, order, theirs, ours, failures.get(external_id))
            if not vals:
                continue
            here = (link and link.remote_location_id) or order.pos_sync_location_id if order else None
            place = record.location_id if record else here.external_id or ""
            currency = theirs.currency if record else ours.currency
            if place not in {key[0] for key in by_place}:
                place = ""
            if day := by_place.get((place, currency)):
                made[day].append({**vals, "external_id": external_id, "order_id": order.id if order else False})
        for day, rows in made.items():
            rows.extend(self._prepare_refunds(day, refunds))
            # Other locations of the same date may agree.
            agrees = not rows and self.env["pos.sync.reconcile"]._agrees(day)
            named = [] if agrees else [*rows, *self._prepare_rest(day, rows)]
            Difference.create(
                [
                    {**vals, **Difference._prepare_wishes(wishes, vals), "reconciliation_id": day.id}
                    for vals in named
                ]
            )
            day._follow_accepted()

    # What the sides say of an order

    def _theirs(self, connection, window, record):
        if record is None:
            return None
        record = handed_over(record)
        if connection._system_class().counts is Book.ORDERS:
            counts = record.status.value in SOLD and window.holds(record.created_at)
            return _Sold(counts, record.currency, float(record.totals.gross), self._number(record.totals.tax))
        taken = [
            payment.amount + payment.tip
            for payment in record.payments
            if window.holds(payment.paid_at or record.closed_at or record.created_at)
        ]
        return _Sold(bool(taken), record.currency, float(sum(taken)))

    def _ours(self, connection, window, order):
        if order is None:
            return None
        currency = order.currency_id.name
        if connection._system_class().counts is Book.ORDERS:
            sold = order.state == "sale" and order.pos_sync_status in SOLD
            return _Sold(
                sold and self._within(window, order.date_order),
                currency,
                order.amount_total,
                order.amount_tax + order.pos_sync_channel_tax,
            )
        taken = [
            payment.amount + payment.tip
            for payment in order.pos_sync_payment_ids
            if self._within(window, payment.paid_at or order.pos_sync_closed_at or order.date_order)
        ]
        return _Sold(bool(taken) and order.state != "cancel", currency, sum(taken))

    def _linked(self, connection, window, link):
        """What Odoo says of an order that was sent to the system."""
        order, currency = link.sale_order_id, link.sale_order_id.currency_id.name
        if connection._system_class().counts is Book.ORDERS:
            sold = order.state == "sale" and link.remote_status in SOLD and not link.gone
            return _Sold(sold and self._within(window, link.remote_at), currency, order.amount_total, order.amount_tax)
        taken = [
            item["amount"] + item["tip"]
            for item in link.remote_taken or ()
            if self._within(window, fields.Datetime.to_datetime(item["paid_at"]) or link.remote_at)
        ]
        return _Sold(bool(taken) and order.state != "cancel" and not link.gone, currency, sum(taken))

    def _within(self, window, moment):
        return bool(moment) and window.holds(pytz.utc.localize(moment))

    def _number(self, amount):
        return None if amount is None else float(amount)

    def _compare(self, connection, record, order, theirs, ours, message):
        """Values of the difference between the two sides of an order; none where there is none."""
        here, there = bool(ours and ours.counts), bool(theirs and theirs.counts)
        name = (record and record.number) or (order and order.pos_sync_number) or (record and record.external_id)
        vals = {"name": name or order.pos_sync_external_id or order.name, "flow": "orders_pull"}
        if not here and not there:
            return {}
        if here and record is None:
            return {
                **vals,
                "cause": "missing_system",
                "amount": -ours.gross,
                "sentence": self.env._("The system has no such order any more."),
            }
        if here and not there:
            if record.status is OrderStatus.CANCELLED:
                return {
                    **vals,
                    "cause": "cancelled",
                    "amount": -ours.gross,
                    "sentence": self.env._("The system has cancelled it since it was imported."),
                }
            return {
                **vals,
                "cause": "amount",
                "amount": -ours.gross,
                "sentence": self.env._("The system counts it on another day, or no more."),
            }
        if there and not here:
            return {**vals, **self._not_here(order, theirs, message)}
        if theirs.currency != ours.currency:
            return {
                **vals,
                "cause": "currency",
                "amount": theirs.gross,
                "sentence": self.env._(
                    "It is in %(theirs)s at the system and in %(ours)s in Odoo.",
                    theirs=theirs.currency,
                    ours=ours.currency,
                ),
            }
        return self._compare_amounts(connection, vals, order.currency_id, theirs, ours, message)

    def _not_here(self, order, theirs, message):
        if message:
            unmapped = (message.trace_key or "").startswith(_UNMAPPED)
            return {
                "cause": "unmapped" if unmapped else "held",
                "amount": theirs.gross,
                "sentence": message.sentence,
                "message_id": message.id,
            }
        if order is None:
            return {"cause": "missing_odoo", "amount": theirs.gross, "sentence": self.env._("It was never imported.")}
        if order.state == "cancel":
            return {
                "cause": "cancelled",
                "amount": theirs.gross,
                "sentence": self.env._("It was cancelled in Odoo, and the system still has it."),
            }
        return {
            "cause": "missing_odoo",
            "amount": theirs.gross,
            "sentence": self.env._("It is in Odoo, but not as sold on this day."),
        }

    def _compare_amounts(self, connection, vals, currency, theirs, ours, message):
        gross = currency.round(theirs.gross - ours.gross)
        tax = 0.0 if theirs.tax is None or ours.tax is None else currency.round(theirs.tax - ours.tax)
        if not gross and not tax:
            return {}
        if not gross and abs(tax) <= connection.order_tolerance + 1e-9:
            # That much rounding was accepted when the order was imported.
            return {}
        small = max(abs(gross), abs(tax)) <= connection.order_tolerance + 1e-9
        stated = {"theirs": f"{theirs.gross:.2f}", "ours": f"{ours.gross:.2f}"}
        if not gross:
            stated = {"theirs": f"{theirs.tax:.2f}", "ours": f"{ours.tax:.2f}"}
        sentence = (
            self.env._("%(theirs)s at the system, %(ours)s in Odoo.", **stated)
            if gross
            else self.env._("Its tax is %(theirs)s at the system and %(ours)s in Odoo.", **stated)
        )
        cause = "rounding" if small else "held" if message else "amount" if gross else "tax"
        if cause == "held":
            return {**vals, "cause": cause, "amount": gross, "sentence": message.sentence, "message_id": message.id}
        return {**vals, "cause": cause, "amount": gross, "sentence": sentence}

    # What no order explains

    def _prepare_rest(self, day, rows):
        made = []
        named = defaultdict(float)
        for vals in rows:
            named[vals["flow"]] += vals["amount"]
        refunds = day.currency_id.round(day.system_refunds - day.order_refunds + named["refunds_pull"])
        if "refunds" in day.stated.split() and refunds:
            made.append(
                {
                    "cause": "missing_odoo" if refunds > 0 else "missing_system",
                    "name": self.env._("Refunds"),
                    "flow": "refunds_pull",
                    "amount": -refunds,
                    "sentence": self.env._(
                        "%(theirs)s given back at the system, %(ours)s in Odoo.",
                        theirs=f"{day.system_refunds:.2f}",
                        ours=f"{day.order_refunds:.2f}",
                    ),
                }
            )
        rest = day.currency_id.round(day.system_gross - day.order_gross - named["orders_pull"])
        if rest:
            made.append(
                {
                    "cause": "unknown",
                    "name": self.env._("Orders"),
                    "amount": rest,
                    "sentence": self.env._("No order of the system's list explains it."),
                }
            )
        if not rows and not made:
            made.append(
                {
                    "cause": "unknown",
                    "name": self._differing(day),
                    "amount": 0.0,
                    "sentence": self.env._("The orders are the same on both sides, but not what the system counts."),
                }
            )
        return made

    def _differing(self, day):
        """What the sides differ in where no amount of an order does."""
        labels = {"count": self.env._("Orders"), "tax": self.env._("Tax"), "tips": self.env._("Tips")}
        names = [
            label
            for name, label in labels.items()
            if name in day.stated.split() and not day.currency_id.is_zero(day[f"system_{name}"] - day[f"order_{name}"])
        ]
        methods = [
            row.name for row in day.method_ids if not day.currency_id.is_zero(row.system_amount - row.order_amount)
        ]
        return ", ".join([*names, *methods])

    # What is not posted

    def _prepare_posting(self, connection, days):
        """{day: [values of differences]} between what is to be posted and what is."""
        found = {}
        if not days:
            return found
        parts = self.env["pos.sync.day"].search(
            [("connection_id", "=", connection.id), ("date", "in", days.mapped("date")), ("mode", "!=", "orders")]
        )
        prints = self.env["pos.sync.gather_days"]._fingerprints(parts)
        by_key = {(day.location_id, day.currency_id, day.date): day for day in days}
        for part in parts:
            day = by_key.get((part.location_id, part.currency_id, part.date))
            if day is None:
                continue
            left = day.currency_id.round(day.to_post - day.posted_gross)
            if part.state == "posted" and (not left or found.get(day)):
                continue
            causes = {
                "held": ("unmapped", part.sentence),
                "open": ("not_posted", self.env._("The day is not posted yet.")),
                "changed": ("not_posted", part.sentence or self.env._("The day has changed since it was posted.")),
                "posted": ("unknown", self.env._("The entries of the day do not come to what was sold less refunded.")),
            }
            as_posted = part.state != "posted" or part.fingerprint == prints[part.id]
            cause, sentence = causes[part.state if as_posted else "changed"]
            vals = {"reconciliation_id": day.id, "day_id": part.id, "cause": cause, "sentence": sentence}
            found.setdefault(day, []).append(
                {**vals, "name": part.display_name, "amount": 0 if found.get(day) else left}
            )
        return found
