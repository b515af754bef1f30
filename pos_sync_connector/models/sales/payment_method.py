from odoo import api, fields, models
from odoo.fields import Command

from ...connectors.records import PaymentKind

# The type of journal that the money of a kind usually comes into.
_JOURNAL_TYPES = {
    PaymentKind.CASH.value: ("cash",),
    PaymentKind.CARD.value: ("bank", "credit"),
    PaymentKind.BANK.value: ("bank",),
    PaymentKind.WALLET.value: ("bank",),
}
_GATEWAYS = tuple(kind.value for kind in (PaymentKind.CARD, PaymentKind.BANK, PaymentKind.WALLET, PaymentKind.OTHER))


class PosSyncPaymentMethod(models.Model):
    """A way to pay at the system, as its payments name it, mapped to a journal and the account that its money passes
    through."""

    _name = "pos.sync.payment.method"
    _description = "POS Sync Payment Method"
    _inherit = ["pos.sync.guarded"]
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
    account_since = fields.Datetime(
        compute="_compute_account_since", store=True, help="What was posted before may be on another account."
    )
    guessed = fields.Boolean(
        string="Proposed",
        help="Nobody has chosen the account yet: it is the one that most likely fits. Untick it to confirm.",
    )

    _external_uniq = models.Constraint("UNIQUE(connection_id, external_id)", "A payment method is listed once.")

    @api.depends("account_id")
    def _compute_account_since(self):
        # Not later than anything that is posted in the same transaction.
        self.account_since = self.env.cr.now().replace(microsecond=0)

    @api.onchange("journal_id")
    def _onchange_journal_id(self):
        if self.journal_id:
            self.account_id = self._clearing_account(self.journal_id)

    def write(self, vals):
        if "guessed" not in vals and {"journal_id", "account_id"} & set(vals):
            vals = {**vals, "guessed": False}
        result = super().write(vals)
        if {"journal_id", "account_id"} & set(vals):
            for method in self.filtered("account_id"):
                self.env["pos.sync.post_days"]._release(method.connection_id, method._trace_key())
        return result

    def _trace_key(self):
        self.ensure_one()
        return f"unmapped-method:{self.id}"

    def _is_gateway(self):
        """Whether somebody collects its money and pays it out later."""
        return self.kind in (*_GATEWAYS, False)

    def _propose(self):
        """Cash: the journal with its name, else the only one for cash. A gateway: an account with its name, else that
        of the only bank's incoming payments, unless another gateway has it: each comes to zero by its own payouts."""
        for method in self.filtered(lambda item: not item.account_id):
            journal = method._likely_journal()
            if method._is_gateway():
                account = method._named_account() or method._outstanding(journal)
            elif method.kind == PaymentKind.CASH.value:
                account = journal and self._clearing_account(journal)
            elif method.kind == PaymentKind.GIFT_CARD.value:
                cards = method.connection_id.charge_product_ids.filtered(lambda row: row.kind == "gift_card")
                account = cards.account_id
            elif method.kind == PaymentKind.ON_ACCOUNT.value:
                account = self.env["res.partner"].with_company(method.company_id).new().property_account_receivable_id
            else:
                account = False
            if account:
                method.write({"journal_id": journal.id, "account_id": account.id, "guessed": True})

    def _likely_journal(self):
        """The journal of its kind with its name, else the only one of that kind; none where that is not clear."""
        Journal = self.env["account.journal"]
        journals = Journal.search(
            [
                *Journal._check_company_domain(self.company_id),
                ("type", "in", _JOURNAL_TYPES.get(self.kind, ("cash", "bank", "credit"))),
            ]
        )
        named = journals.filtered(lambda journal: journal.name.lower() == self.name.lower())
        clear = named if len(named) == 1 else journals if self.kind in _JOURNAL_TYPES else named
        return clear if len(clear) == 1 else Journal

    def _named_account(self):
        Account = self.env["account.account"].with_company(self.company_id)
        found = Account.search(
            [
                *Account._check_company_domain(self.company_id),
                ("name", "ilike", self.name),
                ("account_type", "=", "asset_current"),
                ("reconcile", "=", True),
            ]
        )
        return found if len(found) == 1 else Account

    def _outstanding(self, journal):
        """The bank journal's own account for incoming payments, where no other gateway has it."""
        if not journal:
            return self.env["account.account"]
        account = journal._get_journal_inbound_outstanding_payment_accounts().filtered("id")[:1]
        if not account or account == self.company_id.transfer_account_id:
            return account.browse()
        taken = self.sudo().search(
            [("company_id", "=", self.company_id.id), ("account_id", "=", account.id), ("name", "!=", self.name)]
        )
        return account.browse() if taken else account

    def action_create_accounts(self):
        """Creates what is missing: a cash journal for each way to pay cash, a clearing account for each gateway."""
        self.check_access("write")
        for method in self.filtered(lambda item: not item.account_id):
            if method.kind == PaymentKind.CASH.value:
                journal = self.env["account.journal"].with_company(method.company_id).create(method._prepare_journal())
                method.write({"journal_id": journal.id, "account_id": journal.default_account_id.id})
            elif method._is_gateway():
                account = self.env["account.account"].with_company(method.company_id).create(method._prepare_account())
                method.write({"journal_id": method._likely_journal().id, "account_id": account.id})

    def _prepare_journal(self):
        return {
            "name": f"{self.name} ({self.connection_id.name})",
            "type": "cash",
            "company_id": self.company_id.id,
        }

    def _prepare_account(self):
        """Beside the company's account for transfers between its own, where it has one."""
        Account = self.env["account.account"].with_company(self.company_id)
        beside = self.company_id.transfer_account_id.with_company(self.company_id).code or "102000"
        names = {"method": self.name, "connection": self.connection_id.name}
        return {
            "name": self.env._("%(method)s clearing (%(connection)s)", **names),
            "code": Account._search_new_account_code(beside),
            "account_type": "asset_current",
            "reconcile": True,
            "company_ids": [Command.set(self.company_id.ids)],
        }

    @api.model
    def _clearing_account(self, journal):
        """Cash is where the till is; what a bank or a card company still has to pay stands on a clearing account."""
        if journal.type == "cash":
            return journal.default_account_id
        # A payment method line without account gives an empty id.
        outstanding = journal._get_journal_inbound_outstanding_payment_accounts().filtered("id")
        return outstanding[:1] or journal.company_id.transfer_account_id
