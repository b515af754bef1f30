"""A shop and everything in it. Changed under one lock, as Shopify's own database would see to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from random import Random
from typing import Any

from .catalogue import make_levels, make_products
from .fates import Fates
from .people import make_customers
from .sales import SalesMaker
from .values import Row, gid, stamp

SEED = 11
PRODUCTS, CUSTOMERS, ORDERS = 1500, 4000, 20000
SCOPES = (
    "read_all_orders read_orders write_orders read_products write_products read_inventory write_inventory "
    "read_draft_orders write_draft_orders read_locations read_customers write_customers "
    "read_fulfillments write_fulfillments read_merchant_managed_fulfillment_orders "
    "write_merchant_managed_fulfillment_orders read_shopify_payments_payouts"
).split()
# What an app may ask for beside what this shop's own app was granted.
ALSO_KNOWN = ("read_payment_terms",)


@dataclass
class Shop:
    """Rows by global id. `tell(topic, row)` announces what happens; nobody listens at first. `index_lag`: so long the
    search knows nothing of a new order."""

    row: Row
    locations: dict[str, Row]
    products: dict[str, Row] = field(default_factory=dict)
    levels: dict[str, Row] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    drafts: dict[str, Row] = field(default_factory=dict)
    returns: dict[str, Row] = field(default_factory=dict)
    subscriptions: dict[str, Row] = field(default_factory=dict)
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    index_lag: timedelta = timedelta(0)
    # The parcels that buyers were told of, once for each e-mail.
    mails: list[str] = field(default_factory=list)
    # What was answered to an idempotent change, with its variables.
    answered: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    lock: threading.RLock = field(default_factory=threading.RLock)
    tell: Callable[..., None] = lambda *_told, **_more: None
    _keys: Any = field(default_factory=lambda: count(90_000_000))

    def stamp(self) -> str:
        return stamp(self.now())

    def key(self) -> int:
        return next(self._keys)

    def touch(self, row: Row) -> None:
        row["updatedAt"] = self.stamp()

    @property
    def variants(self) -> dict[str, Row]:
        return {row["id"]: row for product in self.products.values() for row in product["variants"]}

    def visible_orders(self) -> list[Row]:
        """Without access to all of them those of the last 60 days."""
        if "read_all_orders" in self.scopes:
            return list(self.orders.values())
        oldest = stamp(self.now() - timedelta(days=60))
        return [row for row in self.orders.values() if row["createdAt"] >= oldest]


def make_shop(
    scale: float = 1.0,
    *,
    orders: int | None = None,
    seed: int = SEED,
    until: datetime | None = None,
    currency: str = "USD",
    places: int = 2,
    rare: int = 0,
) -> Shop:
    """The same shop for the same arguments; all of it lies in the year before `until` (aware; default: now). `rare`: so
    many orders more of each of the fates that few orders have."""
    until = until or datetime.now(timezone.utc)
    made = stamp(until - timedelta(days=400))
    locations = [
        {"__typename": "Location", "id": gid("Location", 600 + number), "legacyResourceId": str(600 + number),
         "name": f"Shop {number + 1}", "isActive": True, "fulfillsOnlineOrders": number == 0, "shipsInventory": True,
         "createdAt": made, "updatedAt": made}
        for number in range(places)
    ]  # fmt: skip
    row = {"__typename": "Shop", "id": gid("Shop", 548380009), "name": "Sandbox Outfitters",
           "myshopifyDomain": "sandbox-outfitters.myshopify.com", "currencyCode": currency, "email": "shop@example.com",
           "ianaTimezone": "America/New_York", "timezoneOffsetMinutes": -300, "taxesIncluded": False,
           "plan": {"publicDisplayName": "Basic", "displayName": "Basic", "shopifyPlus": False,
                    "partnerDevelopment": False}}  # fmt: skip
    products = make_products(Random(f"{seed} catalogue"), int(PRODUCTS * scale), until, "{base}")
    customers = make_customers(Random(f"{seed} people"), int(CUSTOMERS * scale), until)
    maker = SalesMaker(Random(f"{seed} sales"), products, customers, locations, until, currency)
    maker.make(int(ORDERS * scale) if orders is None else orders)
    if rare:
        Fates(maker).add(rare)
        maker.number()
    return Shop(
        row=row,
        locations=_by_id(locations),
        products=_by_id(products),
        levels=_by_id(make_levels(Random(f"{seed} levels"), products, locations, until)),
        customers=_by_id(customers),
        orders=_by_id(maker.orders),
    )


def _by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}
