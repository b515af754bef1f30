from collections import defaultdict

from odoo import models


class PosSyncFindDifferences(models.AbstractModel):
    """What differs in a day and no order explains, and what of it is not posted."""

    _inherit = "pos.sync.find_differences"

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
                        "%(theirs)s refunded in the system, %(ours)s in Odoo.",
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
