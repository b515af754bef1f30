from odoo import api, fields, models

from ...connectors.payouts import PayoutEntryKind, PayoutStatus


class PosSyncPayout(models.Model):
    """Money that the system sent to the bank: what it took, less what it gave back and kept as fees."""

    _name = "pos.sync.payout"
    _description = "POS Sync Payout"
    _order = "date desc, id desc"
    _rec_name = "external_id"
    _rec_names_search = ["external_id", "reference"]

    connection_id = fields.Many2one("pos.sync.connection", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    location_id = fields.Many2one("pos.sync.location", readonly=True, ondelete="set null")
    external_id = fields.Char(string="Payout", required=True, readonly=True, help="Its id at the system.")
    digest = fields.Char(readonly=True)
    reference = fields.Char(readonly=True, help="May stand on the bank statement.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    gross = fields.Monetary(readonly=True, help="What the system took less what it gave back.")
    fees = fields.Monetary(readonly=True)
    net = fields.Monetary(string="To the Bank", readonly=True)
    status = fields.Selection(
        [
            (PayoutStatus.PENDING.value, "On Its Way"),
            (PayoutStatus.PAID.value, "Paid Out"),
            (PayoutStatus.FAILED.value, "Failed"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    sent_at = fields.Datetime(string="Sent", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, index=True, help="When the bank has it, else when it was sent.")
    entry_ids = fields.One2many("pos.sync.payout.entry", "payout_id", string="Made Of", readonly=True)
    difference = fields.Monetary(
        string="Unexplained", readonly=True, help="What no order explains, or explains with another amount."
    )
    order_count = fields.Integer(compute="_compute_order_count", string="Orders")

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A payout is imported once.")

    def _compute_order_count(self):
        counts = dict(
            self.env["pos.sync.payout.entry"]._read_group(
                [("payout_id", "in", self.ids)], ["payout_id"], ["order_id:count_distinct"]
            )
        )
        for payout in self:
            payout.order_count = counts.get(payout, 0)

    @api.depends("external_id", "reference", "date")
    def _compute_display_name(self):
        for payout in self:
            date = fields.Date.to_string(payout.date) if payout.date else ""
            payout.display_name = f"{payout.reference or payout.external_id} {date}".strip()

    def action_view_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.sale_order_action_pos_sync")
        return {**action, "domain": [("id", "in", self.entry_ids.order_id.ids)], "context": {}}


class PosSyncPayoutEntry(models.Model):
    """One amount of a payout, with the payment or refund that it is of. What the merchant loses is negative."""

    _name = "pos.sync.payout.entry"
    _description = "POS Sync Payout Entry"
    _order = "payout_id, happened_at, id"
    _rec_name = "external_id"

    payout_id = fields.Many2one("pos.sync.payout", required=True, readonly=True, ondelete="cascade", index=True)
    connection_id = fields.Many2one(related="payout_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="payout_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="payout_id.currency_id")
    status = fields.Selection(related="payout_id.status")
    external_id = fields.Char(string="External ID", required=True, readonly=True)
    kind = fields.Selection(
        [
            (PayoutEntryKind.PAYMENT.value, "Payment"),
            (PayoutEntryKind.REFUND.value, "Refund"),
            (PayoutEntryKind.FEE.value, "Fee"),
            (PayoutEntryKind.CARRIED.value, "Held or Carried Over"),
            (PayoutEntryKind.DISPUTE.value, "Dispute"),
            (PayoutEntryKind.OTHER.value, "Other"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="At the System", readonly=True)
    gross = fields.Monetary(readonly=True)
    fee = fields.Monetary(readonly=True)
    net = fields.Monetary(readonly=True)
    payment_external_id = fields.Char(readonly=True)
    order_external_id = fields.Char(readonly=True)
    happened_at = fields.Datetime(string="When", readonly=True)
    payment_id = fields.Many2one("pos.sync.payment", readonly=True, ondelete="set null", index="btree_not_null")
    order_id = fields.Many2one("sale.order", readonly=True, ondelete="set null", index="btree_not_null")
    difference = fields.Monetary(string="Unexplained", readonly=True)
    explained = fields.Selection(
        [
            ("yes", "By an Order"),
            ("amount", "Amount Differs"),
            ("no", "By No Order"),
            ("history", "Before Imported Orders"),
            ("apart", "Not of an Order"),
        ],
        readonly=True,
        index=True,
    )

    _payment_idx = models.Index("(connection_id, payment_external_id)")

    def action_view_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }


class PosSyncPayment(models.Model):
    _inherit = "pos.sync.payment"

    payout_entry_ids = fields.One2many("pos.sync.payout.entry", "payment_id", readonly=True)

    # Payouts name thousands of payments at once.
    _external_idx = models.Index("(connection_id, external_id)")
