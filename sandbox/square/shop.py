"""A merchant's account and everything in it. Changed under one lock, as Square's own database would see to."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from random import Random
from typing import Any

from .catalogue import make_catalogue, make_counts, stamp
from .people import make_customers, make_groups
from .sales import SalesMaker

Row = dict[str, Any]
SEED = 7
ITEMS, CUSTOMERS, ORDERS = 2000, 5000, 20000
CURRENCIES = {"US": "USD", "JP": "JPY"}


@dataclass
class Shop:
    """Rows by id. `tell(type, key, object, **data)` announces what happens; nobody listens at first."""

    merchant: Row
    locations: dict[str, Row]
    objects: dict[str, Row] = field(default_factory=dict)
    counts: dict[tuple[str, str], Row] = field(default_factory=dict)
    groups: dict[str, Row] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    payments: dict[str, Row] = field(default_factory=dict)
    refunds: dict[str, Row] = field(default_factory=dict)
    subscriptions: dict[str, Row] = field(default_factory=dict)
    # Whether money that is refunded through the API is on its way at first, as it is for cards.
    refunds_wait: bool = False
    # Where the sandbox answers, for addresses of pictures.
    base: str = ""
    # What was answered to a request with an idempotency key, with the request.
    answered: dict[tuple[str, str], tuple[Row, Row]] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    lock: threading.RLock = field(default_factory=threading.RLock)
    tell: Callable[..., None] = lambda *_told, **_more: None

    def stamp(self) -> str:
        return stamp(self.now())

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{uuid.uuid4().hex[:20]}"


def make_shop(
    scale: float = 1.0,
    *,
    orders: int | None = None,
    seed: int = SEED,
    until: datetime | None = None,
    country: str = "US",
    places: int = 2,
) -> Shop:
    """The same shop for the same arguments; all of it lies in the year before `until` (aware; default: now)."""
    until = until or datetime.now(timezone.utc)
    currency = CURRENCIES[country]
    zone = "Asia/Tokyo" if country == "JP" else "America/New_York"
    locations = [
        {"id": f"LOC{number:03d}", "name": f"Shop {number + 1}", "timezone": zone, "currency": currency,
         "country": country, "status": "ACTIVE", "merchant_id": "MERCHANT1", "language_code": "en-US",
         "business_name": "Sandbox Café", "type": "PHYSICAL", "capabilities": ["CREDIT_CARD_PROCESSING"]}
        for number in range(places)
    ]  # fmt: skip
    merchant = {"id": "MERCHANT1", "business_name": "Sandbox Café", "country": country, "currency": currency,
                "language_code": "en-US", "status": "ACTIVE", "main_location_id": locations[0]["id"]}  # fmt: skip
    objects = make_catalogue(Random(f"{seed} catalogue"), int(ITEMS * scale), locations, until)
    counts = make_counts(Random(f"{seed} counts"), objects, locations, until)
    customers = make_customers(Random(f"{seed} people"), int(CUSTOMERS * scale), until)
    maker = SalesMaker(Random(f"{seed} sales"), objects, customers, locations, until)
    maker.make(int(ORDERS * scale) if orders is None else orders)
    return Shop(
        merchant=merchant,
        locations=_by_id(locations),
        objects=_by_id(objects),
        counts={(row["catalog_object_id"], row["location_id"]): row for row in counts},
        groups=_by_id(make_groups(until)),
        customers=_by_id(customers),
        orders=_by_id(maker.orders),
        payments=_by_id(maker.payments),
        refunds=_by_id(maker.refunds),
    )


def _by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}
