from odoo import models


class PosSyncFindDifferences(models.AbstractModel):
    """A day does not agree while cash that was counted differs from what was expected, and that is not posted."""

    _inherit = "pos.sync.find_differences"

    def _prepare_posting(self, connection, days):
        found = super()._prepare_posting(connection, days)
        counts = self.env["pos.sync.cash.count"].search(
            [
                ("connection_id", "=", connection.id),
                ("date", "in", days.mapped("date")),
                ("state", "=", "to_post"),
                ("difference", "!=", 0),
            ]
        )
        if not counts:
            return found
        parts = self.env["pos.sync.day"].search(
            [("connection_id", "=", connection.id), ("date", "in", counts.mapped("date")), ("mode", "!=", "orders")]
        )
        posted_with = {(part.location_id, part.currency_id, part.date): part for part in parts}
        by_key = {(day.location_id, day.currency_id, day.date): day for day in days}
        for count in counts:
            key = (count.location_id, count.currency_id, count.date)
            if key not in by_key or key not in posted_with:
                continue
            found.setdefault(by_key[key], []).append(
                {
                    "reconciliation_id": by_key[key].id,
                    "day_id": posted_with[key].id,
                    "cause": "cash",
                    "name": count.display_name,
                    "amount": count.difference,
                    "sentence": self.env._(
                        "%(expected)s was expected in the drawer, and %(counted)s was counted. Post the cash count.",
                        expected=f"{count.expected:.2f}",
                        counted=f"{count.counted:.2f}",
                    ),
                }
            )
        return found
