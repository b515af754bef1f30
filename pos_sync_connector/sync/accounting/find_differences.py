from dataclasses import dataclass
from typing import Any

from odoo import models

from ...connectors.errors import Failure, RetryLater

# So many orders that a list lacks are asked for one by one; of more the list itself is believed.
_ASKED_ALONE = 200


@dataclass(slots=True)
class _Order:
    """What is known of an order: the `record` of the system, the order in Odoo, the `link` of one that was sent there,
    and the message of what failed. Each may be None."""

    record: Any
    order: Any
    link: Any
    failure: Any

    def place(self):
        """The external id of the location at which it counts."""
        if self.record:
            return self.record.location_id
        location = (self.link and self.link.remote_location_id) or self.order.pos_sync_location_id
        return location.external_id or ""


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
        found = self._differing_orders(connection, days, window, self._both_sides(connection, listed, here))
        for day in days:
            rows = [*found[day], *self._prepare_refunds(day, refunds)]
            # Other locations of the same date may agree.
            agrees = not rows and self.env["pos.sync.reconcile"]._agrees(day)
            rows = [] if agrees else [*rows, *self._prepare_rest(day, rows)]
            Difference.create(
                [
                    {**vals, **Difference._prepare_wishes(wishes, vals), "reconciliation_id": day.id}
                    for vals in rows
                ]
            )
        days._follow_accepted()

    def _both_sides(self, connection, listed, here):
        """{external id: _Order} of all orders that either side names."""
        ids = sorted({*listed, *here})
        own = self.env["sale.order"].search(
            [("pos_sync_connection_id", "=", connection.id), ("pos_sync_external_id", "in", ids)]
        )
        orders = {order.pos_sync_external_id: order for order in own}
        links = {link.external_id: link for link in self._links(connection, [("external_id", "in", ids)])}
        messages = self.env["pos.sync.importer"]._open_messages(connection._stream("orders_pull"), ids)
        failures = {message.external_id: message for message in messages}
        return {
            external_id: _Order(
                listed.get(external_id),
                links[external_id].sale_order_id if external_id in links else orders.get(external_id),
                links.get(external_id),
                failures.get(external_id),
            )
            for external_id in ids
        }

    def _differing_orders(self, connection, days, window, sides):
        """{day: [values of differences]}. What has no day of its own location is with the day without one."""
        by_place = {(day.location_id.external_id or "", day.currency_id.name): day for day in days}
        places = {place for place, _currency in by_place}
        found = {day: [] for day in days}
        for external_id, item in sides.items():
            theirs = self._theirs(connection, window, item.record)
            ours = (
                self._linked(connection, window, item.link)
                if item.link
                else self._ours(connection, window, item.order)
            )
            vals = self._compare(connection, item.record, item.order, theirs, ours, item.failure)
            if not vals:
                continue
            place = item.place() if item.place() in places else ""
            currency = theirs.currency if item.record else ours.currency
            if day := by_place.get((place, currency)):
                order_id = item.order.id if item.order else False
                found[day].append({**vals, "external_id": external_id, "order_id": order_id})
        return found
