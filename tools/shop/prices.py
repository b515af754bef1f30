"""Price levels: pricelists with every kind of rule, one of them in another currency."""
from __future__ import annotations

from random import Random
from typing import Any

from .catalogue import Kinds

_EUROS_A_DOLLAR = 0.92
_YEAR_LONG_PAST = ("2024-11-29 00:00:00", "2024-12-01 23:59:59")
_YEAR_FAR_AHEAD = ("2035-01-01 00:00:00", "2035-12-31 23:59:59")


def make(env: Any, random: Random, kinds: Kinds, variants: Any) -> int:
    """`Members` in dollars and `Wholesale` in euros; returns the number of their rules."""
    euro = env.ref("base.EUR")
    euro.active = True
    env["res.currency.rate"].create({"currency_id": euro.id, "rate": _EUROS_A_DOLLAR, "name": "2024-01-01"})
    members = env["product.pricelist"].create({"name": "Members", "currency_id": env.company.currency_id.id})
    wholesale = env["product.pricelist"].create({"name": "Wholesale", "currency_id": euro.id})
    sold = variants.filtered("active")
    rules = [*_members(random, kinds, sold, members), *_wholesale(random, sold, wholesale)]
    return len(env["product.pricelist.item"].create(rules))


def _members(random: Random, kinds: Kinds, variants: Any, pricelist: Any) -> list[dict[str, Any]]:
    rules = [
        {
            "applied_on": "0_product_variant",
            "product_id": variant.id,
            "product_tmpl_id": variant.product_tmpl_id.id,
            "compute_price": "fixed",
            "fixed_price": round(variant.lst_price * random.uniform(0.7, 0.95), 2),
        }
        for variant in random.sample(list(variants), len(variants) // 6)
    ]
    for template in random.sample(list(variants.product_tmpl_id), 60):
        of_template = {"applied_on": "1_product", "product_tmpl_id": template.id}
        rules.append({**of_template, "compute_price": "percentage", "percent_price": random.choice((5, 10, 12.5))})
        if random.random() < 0.3:
            # A better price from ten pieces on, an offer that is over, and one that is yet to come.
            rules.append({**of_template, "compute_price": "fixed", "fixed_price": 0.5, "min_quantity": 10})
            for begin, end in (_YEAR_LONG_PAST, _YEAR_FAR_AHEAD):
                offer = {"compute_price": "fixed", "fixed_price": 0.01, "date_start": begin, "date_end": end}
                rules.append({**of_template, **offer})
    for category in random.sample(kinds.categories, 4):
        rules.append({
            "applied_on": "2_product_category", "categ_id": category.id, "compute_price": "formula",
            "base": "list_price", "price_discount": 8, "price_round": 0.05, "price_surcharge": -0.01,
        })
    rules.append({"applied_on": "3_global", "compute_price": "percentage", "percent_price": 2})
    return [{"pricelist_id": pricelist.id, **rule} for rule in rules]


def _wholesale(random: Random, variants: Any, pricelist: Any) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [
        {
            "applied_on": "0_product_variant",
            "product_id": variant.id,
            "product_tmpl_id": variant.product_tmpl_id.id,
            "compute_price": "fixed",
            "fixed_price": round(variant.lst_price * 0.6, 2),
        }
        for variant in random.sample(list(variants), len(variants) // 10)
    ]
    rules.append({
        "applied_on": "3_global", "compute_price": "formula", "base": "standard_price", "price_discount": -25,
    })
    return [{"pricelist_id": pricelist.id, **rule} for rule in rules]
