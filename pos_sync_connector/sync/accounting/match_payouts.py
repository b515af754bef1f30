from odoo import models
from odoo.tools import SQL

from ...connectors.payouts import PayoutEntryKind

_OF_ORDERS = (PayoutEntryKind.PAYMENT.value, PayoutEntryKind.REFUND.value)
_APART = (PayoutEntryKind.FEE.value, PayoutEntryKind.CARRIED.value)
_OPEN = ("no", "amount")


class PosSyncMatchPayouts(models.AbstractModel):
    """Finds the payment or refund that each amount of a payout is of, and says what none explains. The number of
    queries does not grow with the entries."""

    _name = "pos.sync.match_payouts"
    _description = "POS Sync Matching of Payouts"

    def _match(self, connection, payouts=None, orders=None):
        """Of `payouts`, and all that is not explained yet, or by `orders`, or by a payment that is no more."""
        if not payouts and not self.env["pos.sync.payout"].search([("connection_id", "=", connection.id)], limit=1):
            return
        self.env.flush_all()
        which = SQL(
            "(entry.explained IN %s OR entry.explained = 'yes' AND entry.payment_id IS NULL OR entry.payout_id IN %s "
            "OR entry.order_id IN %s)",
            _OPEN,
            tuple(payouts.ids if payouts else ()) or (0,),
            tuple(orders.ids if orders else ()) or (0,),
        )
        touched = self._explain(connection, which)
        touched |= set(payouts.ids if payouts else ())
        if not touched:
            return
        self._sum_up(sorted(touched))
        self.env["pos.sync.payout"].invalidate_model(flush=False)
        self.env["pos.sync.payout.entry"].invalidate_model(flush=False)
        self.env["pos.sync.reconciliation"]._note_payouts(connection, sorted(touched))

    def _explain(self, connection, which):
        """Returns the ids of the payouts of whose entries something has changed."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE pos_sync_payout_entry target
                   SET payment_id = found.payment_id, order_id = found.order_id, explained = found.explained,
                       difference = CASE found.explained WHEN 'amount' THEN found.gross - found.amount
                                                         WHEN 'no' THEN found.gross ELSE 0 END
                  FROM (
                    SELECT entry.id, entry.gross, payment.id AS payment_id, payment.amount,
                           COALESCE(payment.order_id, link.sale_order_id) AS order_id,
                           CASE WHEN entry.kind IN %(apart)s THEN 'apart'
                                WHEN payment.id IS NOT NULL AND payment.currency_id <> payout.currency_id THEN 'yes'
                                WHEN abs(entry.gross - payment.amount) < unit.least THEN 'yes'
                                WHEN payment.id IS NOT NULL THEN 'amount'
                                WHEN COALESCE(entry.happened_at, payout.sent_at) < %(earliest)s::timestamp
                                     THEN 'history'
                                ELSE 'no' END AS explained
                      FROM pos_sync_payout_entry entry
                      JOIN pos_sync_payout payout ON payout.id = entry.payout_id
                      JOIN res_currency currency ON currency.id = payout.currency_id
                     CROSS JOIN LATERAL (SELECT currency.rounding / 2 AS least) unit
                      LEFT JOIN LATERAL (
                        SELECT paid.id, paid.currency_id, paid.amount + COALESCE(paid.tip, 0) AS amount,
                               COALESCE(paid.order_id, refund.order_id) AS order_id
                          FROM pos_sync_payment paid
                          LEFT JOIN pos_sync_refund refund ON refund.id = paid.refund_id
                         WHERE entry.kind IN %(of_orders)s AND paid.connection_id = entry.connection_id
                           AND paid.external_id = entry.payment_external_id AND refund.gone IS NOT TRUE
                           AND (paid.amount + COALESCE(paid.tip, 0) < 0) = (entry.kind = 'refund')
                         ORDER BY paid.id LIMIT 1
                      ) payment ON TRUE
                      LEFT JOIN pos_sync_mapping link
                           ON link.connection_id = entry.connection_id AND link.entity = 'order'
                          AND link.external_id = entry.order_external_id
                     WHERE entry.connection_id = %(connection)s AND %(which)s
                  ) found
                 WHERE target.id = found.id
                   AND (target.explained, target.payment_id, target.order_id, target.difference) IS DISTINCT FROM
                       (found.explained, found.payment_id, found.order_id,
                        CASE found.explained WHEN 'amount' THEN found.gross - found.amount
                                             WHEN 'no' THEN found.gross ELSE 0 END)
             RETURNING target.payout_id
                """,
                apart=_APART,
                of_orders=_OF_ORDERS,
                earliest=(connection.orders_from and connection._begins_at(connection.orders_from)) or None,
                connection=connection.id,
                which=which,
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def _sum_up(self, payout_ids):
        """What no order explains of a payout, and what its entries do not come to; one without entries has none."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE pos_sync_payout payout SET difference = found.unexplained + payout.gross - found.gross
                  FROM (SELECT payout_id, sum(difference) AS unexplained, sum(gross) AS gross
                          FROM pos_sync_payout_entry WHERE payout_id IN %(ids)s GROUP BY payout_id) found
                 WHERE payout.id = found.payout_id
                """,
                ids=tuple(payout_ids),
            )
        )
