"""A hub that sold before it was connected: half of the shop's products and customers, some under another spelling and
some references twice. Made from what the shop's own tables say."""
from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .hub import Hub, Shop

DUPLICATES, VARIANTS, LIKELY = 20, 20, 5
_BATCH, _WITH_OPTIONS_AT_MOST = 200, 40
_SINGLE = """
    SELECT template.id, template.name->>'en_US', template.type, template.is_storable, unit.name->>'en_US',
           product.default_code, product.barcode
      FROM product_template template
      JOIN product_product product ON product.product_tmpl_id = template.id AND product.active
      JOIN uom_uom unit ON unit.id = template.uom_id
     WHERE template.active AND template.sale_ok AND template.type != 'combo'
       AND NOT EXISTS (SELECT FROM product_template_attribute_line WHERE product_tmpl_id = template.id)
     ORDER BY template.id
"""
# Only whole products: a variant that the hub lacks, or whose reference several products share, would be asked about.
_WITH_OPTIONS = """
    SELECT template.id, template.name->>'en_US', template.type, template.is_storable, product.default_code,
           product.barcode, array_agg(ARRAY[attribute.name->>'en_US', value.name->>'en_US'] ORDER BY attribute.id)
      FROM product_template template
      JOIN product_product product ON product.product_tmpl_id = template.id AND product.active
      JOIN product_variant_combination combination ON combination.product_product_id = product.id
      JOIN product_template_attribute_value item ON item.id = combination.product_template_attribute_value_id
      JOIN product_attribute_value value ON value.id = item.product_attribute_value_id
      JOIN product_attribute attribute ON attribute.id = value.attribute_id
     WHERE template.active AND template.sale_ok AND template.uom_id = 1
       AND NOT EXISTS (
           SELECT FROM product_product WHERE product_tmpl_id = template.id AND (NOT active OR default_code = 'MISC'))
     GROUP BY template.id, product.id
    HAVING count(*) = (SELECT count(*) FROM product_template_attribute_line WHERE product_tmpl_id = template.id)
     ORDER BY template.id, product.id
"""
_FIRST = ("Robert", "Tomás", "Zoë", "Katarzyna", "William", "Inés", "Jürgen", "Elizabeth", "Michael", "Søren")
_LAST = ("Müller", "Condor", "O'Brien", "García", "Nowak", "Lindström", "Ferreira", "Kowalczyk", "Weber", "Dubois",
         "Hernández", "Petrović")
_SHORT = {"Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Michael": "Mike"}


@dataclass
class Living:
    """Which record of the hub is which of the shop, by the external id: the first sync has to find out the same.

    `doubles`: of a duplicate reference the record that is another product. `without_codes`: those of the same name, and
    nothing else to know them by.
    """

    products: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    doubles: set[int] = field(default_factory=set)
    duplicate_references: set[str] = field(default_factory=set)
    other_names: set[str] = field(default_factory=set)
    without_codes: set[str] = field(default_factory=set)
    other_people: set[str] = field(default_factory=set)
    likely_people: set[str] = field(default_factory=set)


def without_accents(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def make_customers(shop: Shop) -> None:
    """120 people with phone and e-mail of their own."""
    people = [(first, last) for first in _FIRST for last in _LAST]
    shop.call("res.partner", "create", vals_list=[
        {"name": f"{first} {last}", "phone": f"+1212555{1000 + number}", "email": f"customer{number}@example.com",
         "street": f"{number} Main Street", "city": "New York"}
        for number, (first, last) in enumerate(people)
    ])


def fill(hub: Hub, shop: Shop) -> Living:
    living = Living()
    _fill_products(hub, shop, living)
    _fill_products_with_options(hub, shop, living)
    _fill_customers(hub, shop, living)
    return living


def _create(hub: Hub, model: str, values: Sequence[dict[str, Any]]) -> list[int]:
    made: list[int] = []
    for start in range(0, len(values), _BATCH):
        made += hub.call(model, "create", vals_list=list(values[start : start + _BATCH]))
    return made


def _fill_products(hub: Hub, shop: Shop, living: Living) -> None:
    units = dict(hub.database.query("SELECT name->>'en_US', id FROM uom_uom"))
    # Odoo itself has made some, of the same name in every database.
    there = {name for (name,) in hub.database.query("SELECT name->>'en_US' FROM product_template")}
    rows = [row for row in shop.database.query(_SINGLE) if row[4] in units and row[1] not in there]
    half = rows[::2]
    # A number in the name, and codes of its own: what is changed below is then found in one way only.
    plain = [row for row in half if any(map(str.isdigit, row[1])) and row[5] and row[5] != "MISC" and row[6]]
    doubled, respelled = plain[:DUPLICATES], plain[DUPLICATES : DUPLICATES + VARIANTS]
    values = []
    for row in half:
        name, reference, barcode = row[1], row[5], row[6]
        if row in doubled:
            barcode = None
        if row in respelled:
            name, reference, barcode = f"{without_accents(name).upper()} ", None, None
        values.append({
            "name": name, "type": row[2], "is_storable": row[3], "uom_id": units[row[4]],
            "default_code": reference, "barcode": barcode,
        })
    made = _create(hub, "product.template", values)
    living.products = {f"template-{row[0]}": number for row, number in zip(half, made, strict=True)}
    living.doubles = set(_create(hub, "product.template", [
        {"name": f"Old stock {row[0]}", "default_code": row[5], "type": row[2], "uom_id": units[row[4]]}
        for row in doubled
    ]))
    references = [row[5] for row in half if row[5]]
    living.duplicate_references = {
        f"template-{row[0]}" for row in half
        # One reference on several products happens in the shop itself; a barcode tells them apart.
        if row in doubled or (not row[6] and references.count(row[5]) > 1)
    }
    living.other_names = {f"template-{row[0]}" for row in respelled}
    living.without_codes = {f"template-{row[0]}" for row in half if not (row[5] or row[6])}


def _fill_products_with_options(hub: Hub, shop: Shop, living: Living) -> None:
    """Products with variants; every variant that the shop has is there with its codes."""
    templates: dict[int, list[tuple[Any, ...]]] = {}
    for row in shop.database.query(_WITH_OPTIONS):
        templates.setdefault(row[0], []).append(row)
    half = list(templates.values())[::2][:_WITH_OPTIONS_AT_MOST]
    values_of: dict[str, list[str]] = {}
    for rows in half:
        for row in rows:
            for attribute, value in row[6]:
                if value not in values_of.setdefault(attribute, []):
                    values_of[attribute].append(value)
    attributes = dict(zip(values_of, _create(hub, "product.attribute", [
        {"name": name, "create_variant": "always", "value_ids": [[0, 0, {"name": value}] for value in found]}
        for name, found in values_of.items()
    ]), strict=True))
    values = {(row["attribute_id"][0], row["name"]): row["id"] for row in hub.call(
        "product.attribute.value", "search_read", domain=[["attribute_id", "in", list(attributes.values())]],
        fields=["name", "attribute_id"])}
    made = _create(hub, "product.template", [
        {
            "name": rows[0][1], "type": rows[0][2], "is_storable": rows[0][3],
            "attribute_line_ids": [
                [0, 0, {"attribute_id": attribute, "value_ids": [[6, 0, sorted(chosen)]]}]
                for attribute, chosen in _lines(rows, attributes, values).items()
            ],
        }
        for rows in half
    ])
    variants = hub.database.query("""
        SELECT product.product_tmpl_id, product.id, array_agg(item.product_attribute_value_id ORDER BY 1)
          FROM product_product product
          JOIN product_variant_combination combination ON combination.product_product_id = product.id
          JOIN product_template_attribute_value item ON item.id = combination.product_template_attribute_value_id
         WHERE product.product_tmpl_id = ANY(%s) GROUP BY product.id
    """, made)
    known = {(template, frozenset(chosen)): number for template, number, chosen in variants}
    for rows, template in zip(half, made, strict=True):
        living.products[f"template-{rows[0][0]}"] = template
        if not any(row[4] or row[5] for row in rows):
            living.without_codes.add(f"template-{rows[0][0]}")
        for row in rows:
            chosen = frozenset(values[attributes[attribute], value] for attribute, value in row[6])
            hub.call("product.product", "write", [known[template, chosen]],
                     vals={"default_code": row[4], "barcode": row[5]})


def _lines(
    rows: list[tuple[Any, ...]], attributes: dict[str, int], values: dict[tuple[int, str], int],
) -> dict[int, set[int]]:
    lines: dict[int, set[int]] = {}
    for row in rows:
        for attribute, value in row[6]:
            lines.setdefault(attributes[attribute], set()).add(values[attributes[attribute], value])
    return lines


def _fill_customers(hub: Hub, shop: Shop, living: Living) -> None:
    rows = shop.database.query(
        "SELECT id, name, phone, email FROM res_partner WHERE email LIKE 'customer%@example.com' ORDER BY id")[::2]
    respell = _spellings()
    values = []
    for position, (number, name, phone, email) in enumerate(rows):
        external_id = f"partner-{number}"
        person = {"name": name, "phone": phone, "email": email}
        if position < VARIANTS:
            living.other_people.add(external_id)
            person["name"] = respell[position % len(respell)](name)
        elif position < VARIANTS + LIKELY:
            # Only the initial of the first name: nobody but a person can say.
            living.likely_people.add(external_id)
            first, _space, last = name.partition(" ")
            person |= {"name": f"{first[0]}. {last}", "email": None}
        values.append(person)
    made = _create(hub, "res.partner", values)
    living.customers = {f"partner-{row[0]}": number for row, number in zip(rows, made, strict=True)}


def _spellings() -> list[Callable[[str], str]]:
    def turned(name: str) -> str:
        first, _space, last = name.partition(" ")
        return f"{last}, {first}"

    def shortened(name: str) -> str:
        first, space, last = name.partition(" ")
        return f"{_SHORT.get(first, first.upper())}{space}{last}"

    return [without_accents, str.upper, turned, shortened]
