from odoo import models

from ...models.accounting.reconciliation_with_payouts import PAYOUT


class PosSyncFindDifferences(models.AbstractModel):
    """Names what payouts hold and no order explains, beside what differs in orders and entries."""

    _inherit = "pos.sync.find_differences"

    def _prepare_posting(self, connection, days):
        found = super()._prepare_posting(connection, days)
        self._drop_payouts(days)
        for day, rows in self._prepare_payouts(connection, days).items():
            found[day] = [*found.get(day, ()), *rows]
        return found

    def _write(self, connection, days, *said):
        """Names the orders of a day anew, which takes all else away."""
        result = super()._write(connection, days, *said)
        self._drop_payouts(days)
        for day, rows in self._prepare_payouts(connection, days).items():
            self.env["pos.sync.difference"].create(rows)
            day.difference_count = len(day.difference_ids)
        return result

    def _drop_payouts(self, days):
        """What payouts say is named anew each time."""
        days.difference_ids.filtered(lambda row: row.cause == PAYOUT).unlink()

    def _prepare_payouts(self, connection, days):
        """{day: [values of differences]}."""
        if not days or not self.env["pos.sync.payout"].search([("connection_id", "=", connection.id)], limit=1):
            return {}
        dates = days.mapped("date")
        unexplained = self.env["pos.sync.count_payouts"]._unexplained(connection, min(dates), max(dates))
        found = {}
        for day in days:
            ids = unexplained.get((day.location_id.id or None, day.currency_id.id, day.date), ())
            if ids:
                entries = self.env["pos.sync.payout.entry"].browse(ids)
                found[day] = [self._prepare_payout_row(day, entry) for entry in entries]
        return found

    def _prepare_payout_row(self, day, entry):
        amount = f"{entry.gross:.2f}"
        if entry.explained == "amount":
            sentence = self.env._(
                "%(paid)s was paid out, and the order has %(known)s.",
                paid=amount,
                known=f"{entry.gross - entry.difference:.2f}",
            )
        else:
            sentence = self.env._("%s was paid out, and no order in Odoo explains it.", amount)
        return {
            "reconciliation_id": day.id,
            "cause": PAYOUT,
            "name": entry.payout_id.display_name,
            "external_id": False,
            "sentence": sentence,
            "amount": entry.difference,
            "order_id": entry.order_id.id,
            "payout_entry_id": entry.id,
        }
