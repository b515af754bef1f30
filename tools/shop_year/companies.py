"""The shop's two companies: the one in dollars that is there, and a branch in euros."""
from __future__ import annotations

from typing import Any

EUROS_A_DOLLAR = 0.92


def make(env: Any) -> tuple[Any, Any]:
    main = env.ref("base.main_company")
    euro = env.ref("base.EUR")
    euro.active = True
    known = env["res.currency.rate"].search([("currency_id", "=", euro.id), ("name", "<=", "2025-01-01")])
    if not known:
        env["res.currency.rate"].create({
            "currency_id": euro.id, "rate": EUROS_A_DOLLAR, "name": "2024-01-01", "company_id": main.id,
        })
    branch = env["res.company"].create({"name": "Filiale Nord", "currency_id": euro.id})
    env["res.currency.rate"].create({
        "currency_id": env.ref("base.USD").id, "rate": 1 / EUROS_A_DOLLAR, "name": "2024-01-01",
        "company_id": branch.id,
    })
    env.user.company_ids += branch
    env["account.chart.template"].try_loading("generic_coa", branch, install_demo=False)
    # No messages to customers about deliveries.
    (main | branch).write({"stock_move_email_validation": False, "stock_text_confirmation": False})
    return main, branch
