from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ...connectors.answers import Book
from ...connectors.payouts import PayoutStatus
from ..sales.sold import is_kept


@dataclass(slots=True)
class Share:
    """What payouts say of a day's money. `taken`: less what was given back, by the ways to pay that are paid out;
    `gross`, `fees` and `net` of it are with the bank, `pending` is on its way there."""

    taken: float = 0.0
    gross: float = 0.0
    fees: float = 0.0
    net: float = 0.0
    pending: float = 0.0
    payout_ids: list[int] = field(default_factory=list)


class PosSyncCountPayouts(models.AbstractModel):
    """What payouts say of business days: {(location id or None, currency id, date): ...} of the dates from `first` to
    `last`. The number of queries grows with neither days nor payments."""

    _name = "pos.sync.count_payouts"
    _description = "POS Sync Count of Payouts"
    _inherit = "pos.sync.count_days"

    def _shares(self, connection, first, last):
        """Of the ways to pay that a payout has ever held; cash in a till is none of them."""
        self.env.flush_all()
        rows = self._rows(
            SQL(
                """
                SELECT %(location)s, payment.currency_id, day.date, sum(payment.amount + COALESCE(payment.tip, 0)),
                       sum(out.gross), sum(out.fees), sum(out.net), sum(out.pending), array_agg(out.payout_ids)
                  FROM pos_sync_payment payment
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                  LEFT JOIN sale_order sale ON sale.id = payment.order_id
                  %(day)s
                  LEFT JOIN LATERAL (
                    SELECT sum(entry.gross) FILTER (WHERE payout.status = %(paid)s) AS gross,
                           sum(entry.fee) FILTER (WHERE payout.status = %(paid)s) AS fees,
                           sum(entry.net) FILTER (WHERE payout.status = %(paid)s) AS net,
                           sum(entry.gross) FILTER (WHERE payout.status = %(pending)s) AS pending,
                           string_agg(payout.id::text, ',') AS payout_ids
                      FROM pos_sync_payout_entry entry JOIN pos_sync_payout payout ON payout.id = entry.payout_id
                     WHERE entry.payment_id = payment.id
                  ) out ON TRUE
                 WHERE payment.connection_id = %(connection)s AND %(dated)s AND refund.gone IS NOT TRUE
                   AND (sale.id IS NULL OR %(kept)s)
                   AND %(method)s IN (SELECT %(method)s FROM pos_sync_payment payment WHERE payment.id IN (
                       SELECT payment_id FROM pos_sync_payout_entry WHERE connection_id = %(connection)s))
                 GROUP BY 1, 2, 3
                """,
                location=self._location(),
                kept=is_kept(),
                method=self._method(),
                connection=connection.id,
                paid=PayoutStatus.PAID.value,
                pending=PayoutStatus.PENDING.value,
                **self._day(connection, self._location(), self._moment(connection), first, last),
            )
        )
        return {
            tuple(key): Share(
                *(float(amount or 0) for amount in amounts),
                sorted({int(number) for text in texts if text for number in text.split(",")}),
            )
            for *key, taken, gross, fees, net, pending, texts in rows
            for amounts in ((taken, gross, fees, net, pending),)
        }

    def _unexplained(self, connection, first, last):
        """Ids of the amounts of payouts that no order explains, each on the day on which it happened."""
        self.env.flush_all()
        location = SQL("COALESCE(refund.location_id, sale.pos_sync_location_id, payout.location_id)")
        moment = SQL(
            "CASE WHEN payment.id IS NULL THEN COALESCE(entry.happened_at, payout.sent_at) ELSE %s END",
            self._moment(connection),
        )
        found = {}
        for *key, number in self._rows(
            SQL(
                """
                SELECT %(location)s, payout.currency_id, day.date, entry.id
                  FROM pos_sync_payout_entry entry JOIN pos_sync_payout payout ON payout.id = entry.payout_id
                  LEFT JOIN pos_sync_payment payment ON payment.id = entry.payment_id
                  LEFT JOIN pos_sync_refund refund ON refund.id = payment.refund_id
                  LEFT JOIN sale_order sale ON sale.id = payment.order_id
                  %(day)s
                 WHERE entry.connection_id = %(connection)s AND entry.explained IN ('no', 'amount')
                   AND payout.status <> %(failed)s AND %(dated)s
                 ORDER BY entry.id
                """,
                location=location,
                connection=connection.id,
                failed=PayoutStatus.FAILED.value,
                **self._day(connection, location, moment, first, last),
            )
        ):
            found.setdefault(tuple(key), []).append(number)
        return found

    def _location(self):
        return SQL("COALESCE(refund.location_id, sale.pos_sync_location_id)")

    def _moment(self, connection):
        """When a payment counts: as in the count of days."""
        system = connection._system_class()
        given = SQL("refund.refunded_at")
        if system and system.counts is Book.PAYMENTS:
            return SQL("COALESCE(payment.paid_at, %s, sale.pos_sync_closed_at, sale.date_order)", given)
        return SQL("COALESCE(%s, sale.date_order)", given)
