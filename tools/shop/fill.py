"""Fills the shop, subject by subject; each draws from a random source of its own, so that one cannot shift another."""
from __future__ import annotations

from random import Random
from typing import Any

from . import catalogue, combos, prices, products, stock

SEED = 19
PRODUCTS = 1000


def fill(env: Any, seed: int = SEED, count: int = PRODUCTS) -> dict[str, int]:
    """Makes `count` products and all that belongs to them in the first company; returns how many of what."""
    # No mails, notes or subscriptions: nobody reads the history of made-up products.
    env = env(context={
        **env.context,
        "allowed_company_ids": env.ref("base.main_company").ids,
        "tracking_disable": True,
        "mail_create_nolog": True,
        "mail_create_nosubscribe": True,
        # The first cost of a product that has no stock yet revalues nothing.
        "disable_auto_revaluation": True,
    })
    kinds = catalogue.make(env)
    templates = products.make(env, Random(f"{seed} products"), kinds, count)
    variants = templates.with_context(active_test=False).product_variant_ids
    return {
        "product templates": len(templates),
        "product variants": len(variants),
        "combos": combos.make(env, Random(f"{seed} combos"), kinds, templates),
        "price rules": prices.make(env, Random(f"{seed} prices"), kinds, variants),
        "quants": stock.make(env, Random(f"{seed} stock"), variants),
    }
