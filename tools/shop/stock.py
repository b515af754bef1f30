"""Stock in two warehouses with shelves: ordinary counts, sold out, oversold, parts of units, lots."""
from __future__ import annotations

from random import Random
from typing import Any


def make(env: Any, random: Random, variants: Any) -> int:
    """One quant or more for most storable variants; returns the number of quants."""
    first = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    second = env["stock.warehouse"].create({"name": "Airport", "code": "AIR", "company_id": env.company.id})
    shelf = env["stock.location"].create({"name": "Shelf A/1", "location_id": second.lot_stock_id.id})
    places = [first.lot_stock_id, second.lot_stock_id, shelf]
    quants = []
    for variant in variants.filtered("is_storable"):
        for place in places:
            if random.random() < 0.6:
                quants += _quants(env, random, variant, place)
    # Written as they are, without moves: what counts is what the shop has, not how it came.
    return len(env["stock.quant"].sudo().create(quants))


def _quants(env: Any, random: Random, variant: Any, place: Any) -> list[dict[str, Any]]:
    quant = {"product_id": variant.id, "location_id": place.id}
    if variant.tracking == "none":
        return [{**quant, "quantity": _quantity(random, variant)}]
    pieces = 3 if variant.tracking == "serial" else 2
    lots = env["stock.lot"].create([
        {"name": f"{place.id}-{variant.id}-{number}", "product_id": variant.id} for number in range(1, pieces + 1)
    ])
    quantity = 1 if variant.tracking == "serial" else 24
    return [{**quant, "lot_id": lot.id, "quantity": quantity} for lot in lots]


def _quantity(random: Random, variant: Any) -> float:
    draw = random.random()
    if draw < 0.08:
        return 0
    if draw < 0.12:
        return -random.randint(1, 9)
    if variant.uom_id.name in ("kg", "L", "m"):
        return round(random.uniform(0.25, 400), 2)
    return random.randint(1, 500) if draw < 0.97 else random.randint(5000, 90000)
