from odoo import models

from ...connectors.answers import Book
from ...connectors.errors import Failure, RetryLater


class PosSyncFindDifferences(models.AbstractModel):
    """Which refunds of a day are missing or differ, by the system's own list of them, where it has one."""

    _inherit = "pos.sync.find_differences"

    def _listed_refunds(self, connector, days, window):
        """{external id: record} of the window's refunds; None where nothing differs or the system lists none."""
        differs = any(self._refunds_differ(day) for day in days)
        self.env.cr.commit()
        if not differs or not connector.implements("pull_refunds"):
            return None
        listed = {}
        try:
            for page in connector.refunds_in(window):
                listed |= {item.external_id: item for item in page.records if window.holds(item.refunded_at)}
        except RetryLater:
            raise
        except Failure:
            return None
        return listed

    def _refunds_differ(self, day):
        return "refunds" in day.stated.split() and not day.currency_id.is_zero(day.system_refunds - day.order_refunds)

    def _prepare_refunds(self, day, listed):
        """Values of a difference for each refund of the day that only one side has, or that differs."""
        if listed is None or not self._refunds_differ(day):
            return []
        here = {
            refund.external_id: refund
            for refund in self.env["pos.sync.refund"].browse(self.env["pos.sync.count_days"]._refund_ids(day))
            if refund.location_id == day.location_id and refund.currency_id == day.currency_id
        }
        place = day.location_id.external_id or ""
        there = {
            external_id: record
            for external_id, record in listed.items()
            if record.currency == day.currency_id.name
            and (record.location_id == place or (not place and not self._is_known(day, record.location_id)))
        }
        made = []
        for external_id in sorted({*here, *there}):
            theirs, ours = there.get(external_id), here.get(external_id)
            given = self._given_there(day, theirs), self._given_here(day, ours)
            if day.currency_id.round(given[0] - given[1]) or not (theirs and ours):
                made.append(self._prepare_refund(day, external_id, theirs, ours, *given))
        return made

    def _is_known(self, day, location_id):
        """Whether the system's location has days of its own."""
        Location = self.env["pos.sync.location"].with_context(active_test=False)
        return bool(
            location_id
            and Location.search_count(
                [("connection_id", "=", day.connection_id.id), ("external_id", "=", location_id)], limit=1
            )
        )

    def _given_there(self, day, record):
        if record is None or day.connection_id._system_class().counts is Book.ORDERS:
            return float(record.gross if record else 0)
        return float(sum(payment.amount + payment.tip for payment in record.payments))

    def _given_here(self, day, refund):
        if refund is None or day.connection_id._system_class().counts is Book.ORDERS:
            return refund.gross if refund else 0.0
        return -sum(payment.amount + payment.tip for payment in refund.payment_ids)

    def _prepare_refund(self, day, external_id, theirs, ours, given_there, given_here):
        if ours is None:
            cause, sentence = "missing_odoo", self.env._("It is not in Odoo, or on another day.")
        elif theirs is None:
            cause, sentence = "missing_system", self.env._("The system has no such refund on this day.")
        else:
            cause = "amount"
            sentence = self.env._(
                "%(theirs)s refunded in the system, %(ours)s in Odoo.",
                theirs=f"{given_there:.2f}",
                ours=f"{given_here:.2f}",
            )
        number = theirs.number if theirs else ours.number
        return {
            "cause": cause,
            "name": self.env._("Refund %s", number or external_id),
            "external_id": external_id,
            "flow": "refunds_pull",
            "amount": day.currency_id.round(given_here - given_there),
            "sentence": sentence,
            "order_id": ours.order_id.id if ours else False,
        }
