"""What products refer to: categories, taxes, units, attributes."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CATEGORIES = {
    "Groceries": ("Bread & Bakery", "Dairy", "Fruit & Vegetables", "Frozen", "Snacks"),
    "Drinks & Cellar": ("Coffee & Tea", "Juices", "Wine", "Beer"),
    "Household": ("Cleaning", "Kitchenware", "Candles"),
    "Clothing": ("Shirts", "Trousers", "Shoes", "Accessories"),
    "Garden": ("Seeds", "Tools", "Pots"),
    "Überraschungen": (),
}
# What the shop's administrator has switched on in the settings.
FEATURES = (
    "group_uom", "group_product_variant", "group_product_pricelist", "group_stock_multi_locations",
    "group_stock_production_lot",
)
# name -> (percentage, included in the price)
TAXES = {
    "21% included": (21.0, True),
    "9% included": (9.0, True),
    "8.25% excluded": (8.25, False),
    "0% exempt": (0.0, False),
    "Bottle levy 2%": (2.0, False),
}
UNITS = tuple(f"uom.product_uom_{name}" for name in ("unit", "dozen", "kgm", "litre", "meter"))
# name -> (when variants are made, display, values with their extra price)
ATTRIBUTES = {
    "Shirt size": ("always", "pills", {"XS": 0, "S": 0, "M": 0, "L": 0, "XL": 2, "XXL": 3.5}),
    "Shade": ("always", "radio", {"Red": 0, "Ocean blue": 0, "Grün": 0, "Jaune d'œuf": 0, "Black": 1, "Weiß": 0}),
    "Bottle": ("always", "select", {"0.25 l": 0, "0.33 l": 0.8, "0.75 l": 4.25, "1.5 l": 9.99}),
    "Engraving": ("dynamic", "pills", {"None": 0, "Initials": 5, "Full name": 9}),
    "Wrapping": ("no_variant", "radio", {"Plain": 0, "Gift": 2.5}),
}


@dataclass(frozen=True)
class Kinds:
    """The records that products are made from, each by its name."""

    categories: list[Any]
    pos_categories: list[Any]
    taxes: dict[str, Any]
    default_tax: Any
    units: list[Any]
    attributes: dict[str, Any]


def make(env: Any) -> Kinds:
    company = env.company
    env["res.config.settings"].create(dict.fromkeys(FEATURES, True)).execute()
    categories = []
    pos_categories = []
    for parent_name, names in CATEGORIES.items():
        parent = env["product.category"].create({"name": parent_name})
        pos_parent = env["pos.category"].create({"name": parent_name})
        children = env["product.category"].create([{"name": name, "parent_id": parent.id} for name in names])
        pos_children = env["pos.category"].create([{"name": name, "parent_id": pos_parent.id} for name in names])
        categories += list(children or parent)
        pos_categories += list(pos_children or pos_parent)
    taxes = env["account.tax"].create([
        {
            "name": name,
            "amount": amount,
            "type_tax_use": "sale",
            "price_include_override": "tax_included" if included else "tax_excluded",
            "company_id": company.id,
        }
        for name, (amount, included) in TAXES.items()
    ])
    attributes = env["product.attribute"].create([
        {
            "name": name,
            "create_variant": create_variant,
            "display_type": display,
            "value_ids": [(0, 0, {"name": value, "default_extra_price": extra}) for value, extra in values.items()],
        }
        for name, (create_variant, display, values) in ATTRIBUTES.items()
    ])
    return Kinds(
        categories=categories,
        pos_categories=pos_categories,
        taxes={tax.name: tax for tax in taxes},
        default_tax=company.account_sale_tax_id,
        units=[env.ref(name) for name in UNITS],
        attributes={attribute.name: attribute for attribute in attributes},
    )
