"""Menus: combo products with choices, some of them at an extra price."""
from __future__ import annotations

from random import Random
from typing import Any

from .catalogue import Kinds

_COMBOS = 12


def make(env: Any, random: Random, kinds: Kinds, templates: Any) -> int:
    """Twelve combo products, each with two or three choices of two to five products."""
    sold = templates.filtered(lambda template: template.active and template.sale_ok and template.type == "consu")
    choices = sold.product_variant_ids.filtered(lambda variant: variant.tracking == "none" and variant.lst_price > 0)
    for number in range(1, _COMBOS + 1):
        combos = env["product.combo"].create([
            {
                "name": f"Menu {number}, choice {position}",
                "combo_item_ids": [
                    (0, 0, {"product_id": variant.id, "extra_price": random.choice((0, 0, 0, 0.5, 1.95))})
                    for variant in random.sample(list(choices), random.randint(2, 5))
                ],
            }
            for position in range(1, random.randint(2, 3) + 1)
        ])
        env["product.template"].create({
            "name": f"Menu {number} – déjeuner",
            "type": "combo",
            "combo_ids": [(6, 0, combos.ids)],
            "list_price": round(random.uniform(8, 30), 2),
            "taxes_id": [(6, 0, kinds.default_tax.ids)],
            "default_code": f"MENU-{number:02d}",
            "available_in_pos": True,
        })
    return _COMBOS
