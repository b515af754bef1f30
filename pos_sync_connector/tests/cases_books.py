"""The books of a company by what an account is for, read from its posted journal items alone."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from odoo.fields import Command

from ..connectors.records import ChargeKind

# What a person makes for the posting beside what the chart brings: role -> (code, name, type).
_MADE = {
    "clearing": ("102900", "Card money on its way", "asset_current"),
    "tips": ("253100", "Owed to the staff", "liability_current"),
    "gift cards": ("253200", "Owed on gift cards", "liability_current"),
    "shipping": ("401100", "Income from shipping", "income"),
    "service": ("401200", "Service and duties", "income"),
    "rounding": ("650100", "Cents of difference", "expense"),
}
_METHODS = {"cash": "till", "gift_card": "gift cards", "on_account": "receivable"}
CHARGES = {
    ChargeKind.TIP.value: "tips",
    ChargeKind.GIFT_CARD.value: "gift cards",
    ChargeKind.SHIPPING.value: "shipping",
    ChargeKind.SERVICE_CHARGE.value: "service",
    ChargeKind.DUTY.value: "service",
    ChargeKind.ROUNDING.value: "rounding",
}


class Books:
    """A company with Odoo's generic chart. `accounts`: by role; those of the chart are left as it made them."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        self.accounts = {role: self.make(*values) for role, values in _MADE.items()}
        chart = env["account.account"].with_company(company)
        for role, code in (("receivable", "121000"), ("sales", "400000"), ("tax", "251000")):
            self.accounts[role] = chart.search([*chart._check_company_domain(company), ("code", "=", code)])
        self.till = env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL", "company_id": company.id}
        )
        self.accounts["till"] = self.till.default_account_id
        self.bank = env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")], limit=1)

    def make(self, code, name, kind):
        return (
            self.env["account.account"]
            .with_company(self.company)
            .create(
                {
                    "code": code,
                    "name": name,
                    "account_type": kind,
                    "company_ids": [Command.set(self.company.ids)],
                    "reconcile": kind == "asset_current",
                }
            )
        )

    def choose(self, connection):
        """What an accountant chooses on the page of accounts, for all that the connection knows by now."""
        for method in connection.payment_method_ids:
            role = _METHODS.get(method.kind, "clearing")
            journal = {"till": self.till, "clearing": self.bank}.get(role)
            method.write({"journal_id": journal.id if journal else False, "account_id": self.accounts[role].id})
        for row in connection.charge_product_ids:
            role = CHARGES.get(row.kind)
            if role:
                row.account_id = self.accounts[role]
            elif not row.account_id:
                self.accounts[row.kind] = row.account_id = self.make(f"2590{row.id}", row.kind, "liability_current")

    def balances(self, until=None):
        """{role: balance} of all posted items, without what comes to nothing. Other accounts stand by code and name."""
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        domain += [("date", "<=", until)] if until else []
        roles = {account.id: role for role, account in self.accounts.items()}
        found = defaultdict(Decimal)
        for account, balance in self.env["account.move.line"]._read_group(domain, ["account_id"], ["balance:sum"]):
            role = roles.get(account.id) or f"{account.code} {account.name}"
            found[role] += Decimal(str(balance)).quantize(Decimal("0.01"))
        return {role: float(balance) for role, balance in found.items() if balance}
