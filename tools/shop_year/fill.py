"""Fills the shop with a year of sales; each subject draws from a random source of its own."""
from __future__ import annotations

import json
from random import Random
from typing import Any

from . import companies, people
from .cases import Cases
from .goods import Goods
from .sales import Sales
from .taken_back import TakenBack
from .till_orders import TillOrders
from .tills import Tills

SEED = 19
FACTS = "shop.year"
# Of all orders: those of the second company, and in each company those of tills.
_AT_BRANCH, _AT_TILLS = 0.2, 0.7


def fill(env: Any, orders: int, seed: int = SEED) -> dict[str, Any]:
    """About `orders` orders. Returns the ids of what a test looks at by name, kept in the parameter FACTS too."""
    env = env(user=env.ref("base.user_admin"), su=True, context={
        **env.context,
        "tracking_disable": True,
        "mail_create_nolog": True,
        "mail_create_nosubscribe": True,
        "mail_notrack": True,
        "no_reset_password": True,
    })
    main, branch = companies.make(env)
    customers = people.make(env(context={**env.context, "allowed_company_ids": main.ids}),
                            Random(f"{seed} people"), max(24, orders // 15))
    goods = Goods.make(env, main, branch)
    facts: dict[str, Any] = {"company": main.id, "branch": branch.id}
    for company, share in ((branch, _AT_BRANCH), (main, 1 - _AT_BRANCH)):
        count = round(orders * share)
        inside = env(context={**env.context, "allowed_company_ids": company.ids})
        shelf = goods.of(inside, Random(f"{seed} goods of {company.name}"))
        tills = Tills.open(inside)
        till_orders = TillOrders(shelf, tills, customers.everyone, Random(f"{seed} tills of {company.name}"))
        sold = till_orders.make(round(count * _AT_TILLS))
        taken_back = TakenBack(till_orders, Random(f"{seed} returns of {company.name}"))
        taken_back.make(sold)
        sales = Sales(shelf, customers.everyone, Random(f"{seed} sales of {company.name}"))
        ordered = sales.make(count - round(count * _AT_TILLS))
        if company == main:
            cases = Cases(till_orders, taken_back, sales, customers)
            facts |= cases.make(sold, ordered)
        till_orders.close_past_sessions()
    env["ir.config_parameter"].sudo().set_param(FACTS, json.dumps(facts))
    env.flush_all()
    return facts
