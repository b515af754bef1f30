from odoo import fields, models

PAYOUT = "payout"


class PosSyncReconciliation(models.Model):
    """What payouts say of a day. That money is not with the bank yet is no difference; what no order explains is."""

    _inherit = "pos.sync.reconciliation"

    has_payouts = fields.Boolean(compute="_compute_payouts")
    payout_taken = fields.Monetary(
        string="Received to Be Paid Out", compute="_compute_payouts", help="Less what was refunded."
    )
    payout_gross = fields.Monetary(string="Paid Out", compute="_compute_payouts")
    payout_fees = fields.Monetary(string="Fees", compute="_compute_payouts")
    payout_net = fields.Monetary(string="With the Bank", compute="_compute_payouts")
    payout_pending = fields.Monetary(string="On Its Way", compute="_compute_payouts")
    payout_expected = fields.Monetary(string="Not Yet Paid Out", compute="_compute_payouts")
    payout_ids = fields.Many2many("pos.sync.payout", compute="_compute_payouts", string="Payouts")

    def _compute_payouts(self):
        Payout = self.env["pos.sync.payout"]
        with_payouts = {
            connection
            for (connection,) in Payout._read_group(
                [("connection_id", "in", self.connection_id.ids)], ["connection_id"]
            )
        }
        for connection, days in self.grouped("connection_id").items():
            shares = {}
            if connection in with_payouts:
                dates = days.mapped("date")
                shares = self.env["pos.sync.count_payouts"].sudo()._shares(connection, min(dates), max(dates))
            for day in days:
                share = shares.get((day.location_id.id or None, day.currency_id.id, day.date))
                day.has_payouts = bool(share)
                for name in ("taken", "gross", "fees", "net", "pending"):
                    day[f"payout_{name}"] = getattr(share, name) if share else 0.0
                day.payout_expected = share.taken - share.gross - share.pending if share else 0.0
                day.payout_ids = Payout.browse(share.payout_ids if share else ())

    def _note_payouts(self, connection, payout_ids):
        """Payouts have come, or their payments: days that they say something new of are looked at again."""
        entries = self.env["pos.sync.payout.entry"].search(
            [("payout_id", "in", payout_ids), ("explained", "in", ("no", "amount"))]
        )
        named = self.env["pos.sync.difference"].search(
            [("connection_id", "=", connection.id), ("cause", "=", PAYOUT)]
        )
        days = named.reconciliation_id
        moments = [
            entry.payment_id.paid_at or entry.order_id.date_order or entry.happened_at or entry.payout_id.sent_at
            for entry in entries
        ]
        if moments:
            first, last = min(moments).date(), max(moments).date()
            found = self.env["pos.sync.count_payouts"]._unexplained(connection, first, last)
            days |= self.search(
                [("connection_id", "=", connection.id), ("date", "in", sorted({key[2] for key in found}))]
            )
        days._recount()

    def _figures(self):
        """Also what no order explains, where there is something: a payout that brings it later reopens the day."""
        unexplained = sum(self.difference_ids.filtered(lambda row: row.cause == PAYOUT).mapped("amount"))
        found = super()._figures()
        return {**found, "payouts": round(unexplained, self.currency_id.decimal_places)} if unexplained else found

    def _change_sentence(self, names, before, now):
        if names != ["payouts"]:
            return super()._change_sentence([name for name in names if name != "payouts"], before, now)
        return self.env._(
            "Of what was paid out no order explains %(now)s; it was %(before)s.",
            now=f"{now.get('payouts') or 0:.2f}",
            before=f"{before.get('payouts') or 0:.2f}",
        )


class PosSyncDifference(models.Model):
    _inherit = "pos.sync.difference"

    cause = fields.Selection(selection_add=[(PAYOUT, "Payout Unexplained")], ondelete={PAYOUT: "cascade"})
    payout_entry_id = fields.Many2one(
        "pos.sync.payout.entry", string="Of a Payout", readonly=True, ondelete="set null", index="btree_not_null"
    )

    def action_view(self):
        if not self.payout_entry_id:
            return super().action_view()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pos.sync.payout",
            "res_id": self.payout_entry_id.payout_id.id,
            "views": [(False, "form")],
        }
