"""A company's tills: one in its currency, which rounds to 5 cents and takes tips, and one in the other currency."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tills:
    own: Any
    foreign: Any

    @classmethod
    def open(cls, env: Any) -> Tills:
        Account = env["account.account"]
        rounding = env["account.cash.rounding"].create({
            "name": "To 5 cents", "rounding": 0.05, "strategy": "add_invoice_line", "rounding_method": "HALF-UP",
            "profit_account_id": Account.search([("account_type", "=", "income")], limit=1).id,
            "loss_account_id": Account.search([("account_type", "=", "expense")], limit=1).id,
        })  # fmt: skip
        tip = env["product.product"].search([("default_code", "=", "OUR-TIP")])
        foreign = env.ref("base.EUR") if env.company.currency_id.name != "EUR" else env.ref("base.USD")
        suffix = "" if env.company == env.ref("base.main_company") else f" of {env.company.name}"
        return cls(
            _till(env, f"Rounding till{suffix}", env.company.currency_id, {
                "cash_rounding": True, "rounding_method": rounding.id, "iface_tipproduct": True,
                "tip_product_id": tip.id,
            }),
            _till(env, f"Till in {foreign.name}{suffix}", foreign, {}),
        )  # fmt: skip


def _till(env: Any, name: str, currency: Any, more: dict[str, Any]) -> Any:
    own = {} if currency == env.company.currency_id else {"currency_id": currency.id}
    code = "OWN" if not own else "FGN"
    sales, cash, bank = env["account.journal"].create([
        {"name": f"{name} {kind}", "type": kind, "code": f"{code}{position}", **own}
        for position, kind in enumerate(("general", "cash", "bank"))
    ])
    if own:
        pricelist = env["product.pricelist"].create({
            "name": f"For {name}", "currency_id": currency.id, "company_id": env.company.id,
        })
        more = {**more, "use_pricelist": True, "pricelist_id": pricelist.id,
                "available_pricelist_ids": [(6, 0, pricelist.ids)]}  # fmt: skip
    methods = env["pos.payment.method"].create([
        {"name": f"{name} cash", "journal_id": cash.id}, {"name": f"{name} card", "journal_id": bank.id},
    ])  # fmt: skip
    till = env["pos.config"].create({
        "name": name, "journal_id": sales.id, "payment_method_ids": [(6, 0, methods.ids)], **more,
    })
    till.open_ui()
    return till
