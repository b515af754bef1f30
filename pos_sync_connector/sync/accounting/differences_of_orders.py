from dataclasses import dataclass

import pytz

from odoo import fields, models

from ...connectors.answers import Book
from ...connectors.records import OrderStatus
from ..sales.sold import SOLD, cancelled_here, handed_over

# How the trace keys of failures begin that a mapping fixes.
_UNMAPPED = ("unmapped-", "missing-tax:", "missing-currency:")


@dataclass(slots=True)
class _Sold:
    """What one side says of an order on a day. `counts`: whether it is one of those that are counted there."""

    counts: bool
    currency: str
    gross: float
    tax: float | None = None


class PosSyncFindDifferences(models.AbstractModel):
    """What the system and Odoo say of one order, and in what that differs."""

    _inherit = "pos.sync.find_differences"

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
        return _Sold(bool(taken) and not cancelled_here(order), currency, sum(taken))

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
        if cancelled_here(order):
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
        tolerance = connection._tolerance(currency) + 1e-9
        if not gross and abs(tax) <= tolerance:
            # That much rounding was accepted when the order was imported.
            return {}
        small = max(abs(gross), abs(tax)) <= tolerance
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
