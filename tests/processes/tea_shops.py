"""Two tea shops that sell by Square: a few sales of two days, each in the shop's own time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sandbox.square import SquareSandbox, make_shop
from sandbox.square.catalogue import stamp
from sandbox.square.pricing import price
from sandbox.square.sales import payment_of, tender_of

_MORNING = time(14, 30, tzinfo=timezone.utc)
# Shop, hours after the first, prices without tax, tip, way to pay, day. The last is made when nobody looks.
_SALES = (
    (0, 0, (1200, 450), 200, "CASH", 0),
    (0, 1, (3800,), 0, "CARD", 0),
    (0, 2, (900, 900, 650), 0, "CARD", 0),
    (1, 0, (450, 320), 100, "CARD", 0),
    (1, 3, (650,), 0, "EXTERNAL", 0),
    (0, 0, (3800, 1200), 0, "CASH", 1),
    (1, 1, (900,), 0, "CARD", 1),
)
_LATE = (0, 4, (1500,), 0, "CARD", 0)
_NAMES = (("Ada", "Lovelace"), ("Grace", "Hopper"), ("Ida", "Tarbell"))


class TeaShops(SquareSandbox):
    """`days`: the two days, of which payouts have arrived by now."""

    def __init__(self) -> None:
        now = datetime.now(timezone.utc)
        self.days: tuple[date, date] = (now.date() - timedelta(days=4), now.date() - timedelta(days=3))
        shop = make_shop(0, orders=0, until=now - timedelta(days=60))
        for row, name in zip(shop.locations.values(), ("Main Street", "Station"), strict=True):
            row["name"] = name
        for number, (first, last) in enumerate(_NAMES):
            at = stamp(now - timedelta(days=50))
            shop.customers[f"TEA-{number}"] = {
                "id": f"TEA-{number}", "given_name": first, "family_name": last, "created_at": at, "updated_at": at,
                "email_address": f"customer{number}@example.com", "creation_source": "DIRECTORY", "version": 0,
                "preferences": {"email_unsubscribed": False},
            }  # fmt: skip
        super().__init__(shop)
        for number, sale in enumerate(_SALES):
            self._sell(number, *sale)

    def sell_late(self) -> None:
        """A sale of the first day that the hub has not heard of."""
        self._sell(len(_SALES), *_LATE)

    def _sell(self, number: int, shop: int, hours: int, prices: tuple[int, ...], tip: int, way: str, day: int) -> None:
        at = stamp(datetime.combine(self.days[day], _MORNING) + timedelta(hours=hours, minutes=number))
        tax = {"uid": "tax", "catalog_object_id": "TAX-SALES", "name": "Sales Tax", "percentage": "8.875",
               "type": "ADDITIVE", "scope": "LINE_ITEM"}  # fmt: skip
        order: dict[str, Any] = {
            "id": f"TEA{number:04d}", "location_id": f"LOC{shop:03d}", "source": {"name": "Square Point of Sale"},
            "created_at": at, "updated_at": at, "closed_at": at, "version": 1, "state": "COMPLETED",
            "customer_id": f"TEA-{number % len(_NAMES)}", "taxes": [tax], "_currency": "USD",
            "line_items": [
                {"uid": f"{number}-{place}", "name": ("Green Tea", "Tea Cup", "Scone")[place % 3], "quantity": "1",
                 "item_type": "CUSTOM_AMOUNT", "base_price_money": {"amount": amount, "currency": "USD"},
                 "applied_taxes": [{"uid": f"{number}-{place}-tax", "tax_uid": "tax"}]}
                for place, amount in enumerate(prices)
            ],
        }  # fmt: skip
        owed = price(order)["total_money"]["amount"]
        payment = payment_of(order, f"PAY{number:04d}", way, owed, tip, at)
        order["tenders"] = [tender_of(payment)]
        with self.shop.lock:
            self.shop.orders[order["id"]] = price(order)
            self.shop.payments[payment["id"]] = payment
