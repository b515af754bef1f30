"""A shop with everything in it. Each subject draws from a random source of its own, so that none can shift another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from random import Random
from typing import Any

from . import catalogue, people
from .schema import NEWER
from .tickets import TicketMaker

SEED = 5
PRODUCTS, CUSTOMERS, TICKETS = 2000, 5000, 20000
TIME_ZONE = "America/Denver"


@dataclass
class Shop:
    """Rows by table. `prices` are what each sellable product is meant to cost, by product and member level."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    prices: dict[int, dict[int, Decimal]] = field(default_factory=dict)


def make_shop(
    scale: float = 1.0,
    *,
    tickets: int | None = None,
    seed: int = SEED,
    until: datetime | None = None,
    generation: str = NEWER,
) -> Shop:
    """The same shop for the same arguments. The last ticket is sold just before `until` (aware; default: now)."""
    until = until or datetime.now(timezone.utc)
    products, prices = catalogue.make_products(Random(f"{seed} products"), int(PRODUCTS * scale), until)
    customers = people.make_customers(Random(f"{seed} people"), int(CUSTOMERS * scale), until)
    maker = TicketMaker(Random(f"{seed} tickets"), products, customers, until, generation == NEWER)
    maker.make(int(TICKETS * scale) if tickets is None else tickets)
    tables = {
        **catalogue.reference_tables(),
        "products": products,
        "inventory": catalogue.make_lots(Random(f"{seed} lots"), products, until),
        "customers": customers,
        **maker.tables,
        **_preorders(Random(f"{seed} preorders"), products, customers, until),
    }
    return Shop(tables, prices)


def _preorders(
    random: Random, products: list[dict[str, Any]], customers: list[dict[str, Any]], until: datetime
) -> dict[str, list[dict[str, Any]]]:
    """What was ordered at a kiosk and never became a ticket. Their numbers are not those of tickets."""
    tickets, sales = [], []
    for number in range(1, 11):
        customer = random.choice(customers)["customerid"]
        tickets.append({"id": number, "customerid": customer, "sessiontime": int(until.timestamp()) - number * 600,
                        "location": 1, "total": Decimal(20), "status": 0, "deleted": 0, "completed": 0, "verified": 0})
        sales.append({"id": number, "ticketid": number, "productid": random.choice(products)["id"], "quantity": 1,
                      "location": 1, "status": 0, "deleted": 0, "completed": 0})
    return {"preordertickets": tickets, "preordersales": sales}
