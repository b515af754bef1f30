"""What is sold: products of the year's own, with taxes in and out of prices, and a part of the shop's catalogue."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from .companies import EUROS_A_DOLLAR

_OF_THE_CATALOGUE = 150
# name -> (percentage, kind); the same names in both companies.
_TAXES = {"15% in the price": (15, "included"), "8.25% on top": (8.25, "excluded"), "2% levy": (2, "excluded")}


@dataclass(frozen=True)
class Shelf:
    """What one company sells, seen from it. `own` are products of known taxes; `products` are all, in any order."""

    env: Any
    own: Any
    products: list[Any]
    service: Any
    menus: Any
    tip: Any
    reward: Any

    @cached_property
    def taxes(self) -> dict[int, Any]:
        """The company's taxes by product."""
        known = [*self.products, *self.own, self.service, *self.menus, self.tip, self.reward.discount_line_product_id]
        known += [item.product_id for item in self.menus.combo_ids.combo_item_ids]
        return {product.id: product.taxes_id._filter_taxes_by_company(self.env.company) for product in known}

    def price(self, product: Any, currency: Any) -> float:
        """The sales price, which is in dollars."""
        return round(product.lst_price * (EUROS_A_DOLLAR if currency.name == "EUR" else 1), 2)


@dataclass(frozen=True)
class Goods:
    env: Any
    own: Any
    service: Any
    menus: Any
    tip: Any
    reward: Any

    @classmethod
    def make(cls, env: Any, *companies: Any) -> Goods:
        included, excluded, levy = (
            env["account.tax"].concat(*taxes)
            for taxes in zip(*(_taxes(env, company) for company in companies), strict=True)
        )
        own = env["product.product"].create([
            {
                "name": f"Sold {number}",
                "default_code": f"SOLD-{number}",
                "list_price": price,
                "taxes_id": [(6, 0, taxes.ids)],
                "type": "consu",
                "available_in_pos": True,
            }
            for number, (price, taxes) in enumerate((
                (9.99, included), (3.33, excluded), (120, excluded | levy),
                (0.35, env["account.tax"]), (47.11, included), (1.01, excluded),
            ))
        ])  # fmt: skip
        service, tip = env["product.product"].create([
            {"name": "An hour", "list_price": 80, "type": "service", "invoice_policy": "order",
             "taxes_id": [(6, 0, excluded.ids)]},
            {"name": "Tip", "type": "service", "taxes_id": False, "sale_ok": False, "default_code": "OUR-TIP"},
        ])  # fmt: skip
        return cls(env, own, service, _menus(env, own, excluded), tip, _reward(env))

    def of(self, env: Any, random: Random) -> Shelf:
        """With a part of the catalogue that this company shares; some of it may no longer be sold."""
        found = env["product.product"].search([
            ("type", "=", "consu"), ("tracking", "=", "none"), ("list_price", ">", 0), ("id", "not in", self.own.ids),
            *env["product.product"]._check_company_domain(env.company),
        ], order="id")
        known = random.sample(list(found), min(_OF_THE_CATALOGUE, len(found)))
        mine = {name: getattr(self, name).with_env(env) for name in ("own", "service", "menus", "tip", "reward")}
        return Shelf(env, products=[*mine["own"], *known], **mine)


def _taxes(env: Any, company: Any) -> Any:
    return env["account.tax"].with_context(allowed_company_ids=company.ids).create([
        {"name": name, "amount": amount, "type_tax_use": "sale", "company_id": company.id,
         "price_include_override": f"tax_{kind}"}
        for name, (amount, kind) in _TAXES.items()
    ])  # fmt: skip


def _menus(env: Any, own: Any, taxes: Any) -> Any:
    """A menu of one choice, and one of two."""
    drink, food = env["product.combo"].create([
        {"name": name, "combo_item_ids": [(0, 0, {"product_id": product.id}) for product in products]}
        for name, products in (("Your drink", own[:2]), ("Your meal", own[4:6]))
    ])
    return env["product.product"].create([
        {"name": name, "type": "combo", "list_price": price, "combo_ids": [(6, 0, choices.ids)],
         "taxes_id": [(6, 0, taxes.ids)], "available_in_pos": True}
        for name, price, choices in (("Menu of one", 12.5, drink), ("Menu of two", 19.9, drink | food))
    ])  # fmt: skip


def _reward(env: Any) -> Any:
    """A tenth off the whole order."""
    program = env["loyalty.program"].create({
        "name": "A tenth off", "program_type": "promotion", "trigger": "auto", "applies_on": "current",
        "rule_ids": [(0, 0, {"minimum_amount": 50})],
        "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_applicability": "order"})],
    })  # fmt: skip
    return program.reward_ids
