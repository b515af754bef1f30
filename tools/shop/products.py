"""Products: most are plain, many have variants, some are odd in the ways that real shops' products are."""
from __future__ import annotations

import base64
import io
from itertools import count
from random import Random
from typing import Any

from .catalogue import Kinds

_BATCH = 200
_ADJECTIVES = (
    "Organic", "Classic", "Grandma's", "Fresh", "Royal", "Sunny", "Wild", "Nordic", "Café", "Señora", "Crème", "Süße",
    "Smoked", "Handmade", "Everyday", "Ещё", "Łódź",
)
_NOUNS = (
    "Bread", "Oat Milk", "Mug", "Shirt", "Apples", "Candle", "Espresso", "Shovel", "Basil Seeds", "Sneakers", "Juice",
    "Riesling", "Soap", "Flowerpot", "Scarf", "Brezel", "Jalapeños", "Açaí", "Smørrebrød", "抹茶", "Trousers",
)
_ODD_NAMES = (
    # The two "é" are one and two characters.
    "7", "Tea \"Earl\" 'Grey' & <b>Lemon</b>", "Half  spaced   name", "Ice cream 🍦 2 scoops",
    "שמן זית", "شاي بالنعناع",
    "Line; semicolon, comma\\backslash", "100% cotton %s {0}", "İstanbul ışığı", "\u00e9 and e\u0301", "null",
    "O'Brien's 12\" ruler",
    "Very long " + "name " * 40,
)
# How templates are shaped: (share, attributes with how many values).
_SHAPES = (
    (0.62, {}),
    (0.12, {"Shirt size": (2, 6)}),
    (0.12, {"Shade": (2, 5)}),
    (0.05, {"Bottle": (2, 4)}),
    (0.05, {"Shirt size": (2, 4), "Shade": (2, 4)}),
    (0.02, {"Engraving": (2, 3)}),
    (0.02, {"Wrapping": (2, 2)}),
)


def make(env: Any, random: Random, kinds: Kinds, number: int) -> Any:
    """`number` templates with their variants, of which some are archived."""
    templates = env["product.template"]
    for start in range(0, number, _BATCH):
        values = [_template(random, kinds, index) for index in range(start, min(start + _BATCH, number))]
        templates |= env["product.template"].create(values)
    _make_dynamic_variants(templates)
    serial = count(1)
    for template in templates:
        for variant in template.product_variant_ids:
            variant.write(_variant(random, template, next(serial)))
    # Whole products and single variants that the shop no longer sells.
    templates.filtered(lambda template: random.random() < 0.04).action_archive()
    with_variants = templates.filtered(lambda template: len(template.product_variant_ids) > 2)
    for template in random.sample(list(with_variants), len(with_variants) // 10):
        template.product_variant_ids[-1:].action_archive()
    env.flush_all()
    return templates


def _template(random: Random, kinds: Kinds, index: int) -> dict[str, Any]:
    """The values of one template; `index` makes names and references unique."""
    name = _name(random, index)
    place = random.randrange(len(kinds.categories))
    kind = "service" if random.random() < 0.04 else "consu"
    unit = kinds.units[0] if random.random() < 0.85 else random.choice(kinds.units[1:])
    taxes = _taxes(random, kinds)
    shape = _shape(random)
    if shape:
        unit = kinds.units[0]
    values = {
        "name": name,
        "type": kind,
        "is_storable": kind == "consu" and random.random() < 0.92,
        "categ_id": kinds.categories[place].id,
        "pos_categ_ids": [(6, 0, [kinds.pos_categories[place].id])] if random.random() < 0.9 else [],
        "available_in_pos": random.random() < 0.9,
        "sale_ok": random.random() < 0.97,
        "list_price": _price(random),
        "taxes_id": [(6, 0, [tax.id for tax in taxes])],
        "uom_id": unit.id,
        "to_weight": unit.get_external_id()[unit.id].endswith("kgm"),
        "attribute_line_ids": [
            (0, 0, {
                "attribute_id": kinds.attributes[attribute].id,
                "value_ids": [(6, 0, kinds.attributes[attribute].value_ids[: random.randint(*values)].ids)],
            })
            for attribute, values in shape.items()
        ],
    }
    if random.random() < 0.3:
        values["description_sale"] = f"{name}: ours since {random.randint(1890, 2020)}.\nKeep cool & dry – «fragile»."
    if random.random() < 0.03:
        values["image_1920"] = _image(random)
    if values["is_storable"] and not shape and random.random() < 0.02:
        values["tracking"] = random.choice(("lot", "serial"))
    return values


def _variant(random: Random, template: Any, serial: int) -> dict[str, Any]:
    """What each variant has of its own."""
    values: dict[str, Any] = {
        "standard_price": round(template.list_price * random.uniform(0.3, 0.8), 2),
        "weight": round(random.uniform(0.01, 30), 2) if random.random() < 0.7 else 0,
    }
    if random.random() < 0.9:
        values["barcode"] = _ean13(290000000000 + serial) if random.random() < 0.95 else f"SHOP-{serial:05d}/a"
    if random.random() < 0.85:
        values["default_code"] = f"{template.categ_id.name[:3].upper()}-{serial:05d}"
    elif random.random() < 0.2:
        # One reference for several products is allowed, and happens.
        values["default_code"] = "MISC"
    return values


def _make_dynamic_variants(templates: Any) -> None:
    """Of attributes whose variants are made when first sold, makes one combination a template, and of some none."""
    for position, template in enumerate(templates.filtered(lambda template: template.has_dynamic_attributes())):
        for value in template.attribute_line_ids.product_template_value_ids[: position % 3]:
            template._create_product_variant(value)


def _name(random: Random, index: int) -> str:
    if index % 50 == 7 and index // 50 < len(_ODD_NAMES):
        return _ODD_NAMES[index // 50]
    name = f"{random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}"
    # Some products share their name: names do not identify.
    return name if random.random() < 0.05 else f"{name} {index + 1:04d}"


def _shape(random: Random) -> dict[str, tuple[int, int]]:
    return random.choices([shape for _share, shape in _SHAPES], [share for share, _shape in _SHAPES])[0]


def _taxes(random: Random, kinds: Kinds) -> list[Any]:
    draw = random.random()
    if draw < 0.55:
        return [kinds.default_tax]
    if draw < 0.95:
        return [random.choice([kinds.taxes[name] for name in kinds.taxes if "levy" not in name])]
    if draw < 0.98:
        return [kinds.taxes["8.25% excluded"], kinds.taxes["Bottle levy 2%"]]
    return []


def _price(random: Random) -> float:
    draw = random.random()
    if draw < 0.01:
        return 0.0
    if draw < 0.015:
        return -round(random.uniform(1, 5), 2)
    if draw < 0.03:
        return round(random.uniform(1000, 25000), 2)
    return round(random.uniform(0.05, 200), 2)


def _ean13(digits: int) -> str:
    """The 12 digits with their check digit."""
    text = f"{digits:012d}"
    weighted = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(text))
    return f"{text}{-weighted % 10}"


def _image(random: Random) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (96, 96), tuple(random.randrange(256) for _channel in range(3))).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
