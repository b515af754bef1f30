from odoo import api, fields, models

from ...connectors.records import PaymentKind

# The type of journal that the money of a kind usually comes into.
_JOURNAL_TYPES = {
    PaymentKind.CASH.value: ("cash",),
    PaymentKind.CARD.value: ("bank", "credit"),
    PaymentKind.BANK.value: ("bank",),
    PaymentKind.WALLET.value: ("bank",),
}


class PosSyncPaymentMethod(models.Model):
    """A way to pay at the system, as its payments name it, mapped to a journal and the account that its money passes
    through."""

    _name = "pos.sync.payment.method"
    _description = "POS Sync Payment Method"
    _order = "connection_id, name, id"
    _check_company_auto = True

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char(
        string="External ID", required=True, readonly=True, help="Its id at the system, else its name, else its kind."
    )
    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [(kind.value, kind.name.replace("_", " ").capitalize()) for kind in PaymentKind], readonly=True
    )
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', 'in', ('bank', 'cash', 'credit')), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        help="Payments of invoices are registered here; without one in the journal of miscellaneous entries.",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Clearing Account",
        check_company=True,
        domain="[('company_ids', 'in', company_id)]",
        ondelete="restrict",
        help="Where its money stands until the bank has it, or the till is counted.",
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A payment method is listed once.")

    @api.onchange("journal_id")
    def _onchange_journal_id(self):
        if self.journal_id:
            self.account_id = self._clearing_account(self.journal_id)

    def write(self, vals):
        result = super().write(vals)
        if {"journal_id", "account_id"} & set(vals):
            for method in self.filtered("account_id"):
                self.env["pos.sync.post_days"]._release(method.connection_id, method._trace_key())
        return result

    def _trace_key(self):
        self.ensure_one()
        return f"unmapped-method:{self.id}"

    def _propose(self):
        """The journal of its kind with its name, else the only one of that kind; none where that is not clear."""
        for method in self.filtered(lambda item: not item.account_id):
            company = method.company_id
            journals = self.env["account.journal"].search(
                [
                    *self.env["account.journal"]._check_company_domain(company),
                    ("type", "in", _JOURNAL_TYPES.get(method.kind, ("cash", "bank", "credit"))),
                ]
            )
            named = journals.filtered(lambda journal, name=method.name: journal.name.lower() == name.lower())
            clear = named if len(named) == 1 else journals if method.kind in _JOURNAL_TYPES else named
            if len(clear) == 1 and (account := method._clearing_account(clear)):
                method.write({"journal_id": clear.id, "account_id": account.id})
            elif method.kind == PaymentKind.GIFT_CARD.value:
                cards = method.connection_id.charge_product_ids.filtered(lambda row: row.kind == "gift_card")
                method.account_id = cards.account_id
            elif method.kind == PaymentKind.ON_ACCOUNT.value:
                method.account_id = self.env["res.partner"].with_company(company).new().property_account_receivable_id

    def action_make_journals(self):
        """Makes a cash journal for each way to pay cash that has none: a chart of accounts brings only a bank."""
        self.check_access("write")
        for method in self.filtered(lambda item: item.kind == PaymentKind.CASH.value and not item.account_id):
            journal = (
                self.env["account.journal"]
                .with_company(method.company_id)
                .create(
                    {
                        "name": f"{method.name} ({method.connection_id.name})",
                        "type": "cash",
                        "company_id": method.company_id.id,
                    }
                )
            )
            method.write({"journal_id": journal.id, "account_id": journal.default_account_id.id})

    @api.model
    def _clearing_account(self, journal):
        """Cash is where the till is; what a bank or a card company still has to pay stands on a clearing account."""
        if journal.type == "cash":
            return journal.default_account_id
        # A payment method line without account gives an empty id.
        outstanding = journal._get_journal_inbound_outstanding_payment_accounts().filtered("id")
        return outstanding[:1] or journal.company_id.transfer_account_id
