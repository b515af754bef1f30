"""Orders as a year brings them: web and till, discounts, taxes added or included, two currencies, tips, duties,
shipping, bundles, change, refunds, edits, exchanges and cancellations."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from .money import Purse
from .parts import blank, cents_of, fulfil, line, refund, shipping_line, total, transaction
from .people import address
from .values import Row, cents, gid, stamp

ADDED = [("State Tax", 0.0725), ("County Tax", 0.01)]
INCLUDED = [("VAT", 0.2)]
_GATEWAYS = ("shopify_payments", "paypal", "gift_card")


class SalesMaker:
    def __init__(self, random: Random, products: list[Row], customers: list[Row], places: list[Row], until: datetime,
                 currency: str):  # fmt: skip
        self._random = random
        self._bundles = [product for product in products if product["bundleComponents"]]
        self.variants = [variant for product in products for variant in product["variants"]]
        self._customers = customers
        self.places = places
        self.until = until
        self.currency = currency
        self._next = 10_000_000
        self.orders: list[Row] = []

    def make(self, count: int) -> None:
        for number in range(count):
            made = self.until - timedelta(minutes=self._random.randint(120, 500_000))
            self.order(number, made)
        self.number()

    def number(self) -> None:
        self.orders.sort(key=lambda row: row["createdAt"])
        for number, row in enumerate(self.orders):
            row |= {"name": f"#{1001 + number}", "number": 1001 + number}

    def key(self) -> int:
        self._next += 1
        return self._next

    def order(self, number: int, made: datetime) -> None:
        random = self._random
        till = random.random() < 0.3
        included = random.random() < 0.3
        shown = "EUR" if not till and random.random() < 0.15 else self.currency
        purse = Purse(self.currency, shown)
        row = blank(self.key(), stamp(made), self.currency, shown)
        row |= {"taxesIncluded": included, "sourceName": "pos" if till else "web",
                "retailLocation": random.choice(self.places) if till else None}  # fmt: skip
        if not till and random.random() < 0.2:
            row["sourceIdentifier"] = f"REF-{number:05d}"
        if self._customers and random.random() < (0.5 if till else 0.95):
            row["customer"] = random.choice(self._customers)
        rates = random.choice([INCLUDED, []]) if included else random.choice([ADDED, ADDED, []])
        self._fill(row, purse, rates)
        if not till and random.random() < 0.7:
            price = purse.whole(random.choice([0, 495, 999]))
            taxes = purse.taxes_of(price, rates, included)
            row["shippingLines"] = [shipping_line(self.key(), purse, price, taxes, rates)]
            row["shippingAddress"] = address(self.key(), row["customer"] or {}, f"{number} Harbour St")
        tip = purse.whole(random.choice([0, 0, 0, 100, 250]))
        row["totalTipReceivedSet"] = purse.bag(tip)
        total(row, purse)
        if not till and tip:
            row["totalPriceSet"] = purse.bag(cents_of(row["totalPriceSet"]) + tip)
            row["originalTotalPriceSet"] = row["totalPriceSet"]
        self._outcome(row, purse, till, tip, made)
        self.orders.append(row)

    def _fill(self, row: Row, purse: Purse, rates: list) -> None:
        random = self._random
        chosen: list[tuple[Row | None, Row | None]] = [
            (random.choice(self.variants), None) for _line in range(random.choice([1, 1, 2, 3, 4, 7]))
        ]
        if self._bundles and random.random() < 0.1:
            bundle = random.choice(self._bundles)
            group = {"id": gid("LineItemGroup", self.key()), "title": bundle["title"], "quantity": 1,
                     "variantId": bundle["variants"][0]["id"], "productId": bundle["id"],
                     "variantSku": bundle["variants"][0]["sku"], "customAttributes": []}  # fmt: skip
            chosen += [(part["componentVariants"][0], group) for part in bundle["bundleComponents"]]
        if random.random() < 0.08:
            chosen.append((None, None))
        items = [
            (variant, group, purse.whole(cents(variant["price"]) if variant else 1234), random.choice([1, 1, 2, 3]))
            for variant, group in chosen
        ]
        amounts = [price * many for _variant, _group, price, many in items]
        offs = [purse.whole(amount * 0.1) if random.random() < 0.15 else 0 for amount in amounts]
        if random.random() < 0.25:
            left = [amount - off for amount, off in zip(amounts, offs, strict=True)]
            code = purse.share(purse.whole(sum(left) * 0.15), left)
            offs = [[off, more] for off, more in zip(offs, code, strict=True)]
        else:
            offs = [[off] for off in offs]
        for (variant, group, price, many), off in zip(items, offs, strict=True):
            row["lineItems"].append(line(self.key(), purse, variant, price, many, off, rates, row["taxesIncluded"]))
            row["lineItems"][-1]["lineItemGroup"] = group
            if not row["retailLocation"] and self._random.random() < 0.02:
                row["lineItems"][-1]["duties"] = [
                    {"id": gid("Duty", self.key()), "price": purse.bag(purse.whole(350)), "taxLines": [],
                     "harmonizedSystemCode": None, "countryCodeOfOrigin": None}
                ]  # fmt: skip

    def _outcome(self, row: Row, purse: Purse, till: bool, tip: int, made: datetime) -> None:
        random = self._random
        owed = cents_of(row["totalPriceSet"]) + (tip if till else 0)
        fate = random.random()
        if fate < 0.06:
            row["displayFinancialStatus"] = "PENDING"
        elif fate < 0.1:
            row |= {"displayFinancialStatus": "VOIDED", "cancelledAt": row["createdAt"], "cancelReason": "CUSTOMER"}
        else:
            self._pay(row, purse, till, owed)
            if till or random.random() < 0.8:
                fulfil(row, self.key(), row["lineItems"], row["retailLocation"] or self.places[0], row["createdAt"])
            back = random.random()
            later = min(made + timedelta(hours=random.randint(1, 500)), self.until - timedelta(minutes=70))
            if back < 0.12:
                item = random.choice(row["lineItems"])
                refund(row, self.key, purse, [(item, 1)], stamp(later), money=True, place=self.places[0])
            elif back < 0.15:
                item = row["lineItems"][0]
                refund(row, self.key, purse, [(item, 1)], stamp(later), money=False, place=None)
        if row["displayFinancialStatus"] == "PENDING" and random.random() < 0.3:
            refund(row, self.key, purse, [(row["lineItems"][0], 1)], row["createdAt"], money=False, place=None)

    def _pay(self, row: Row, purse: Purse, till: bool, owed: int) -> None:
        random = self._random
        row["displayFinancialStatus"] = "PAID"
        when = row["createdAt"]
        if till and random.random() < 0.5:
            handed = -(-owed // 500) * 500
            row["transactions"].append(transaction(row, self.key(), purse, "SALE", "cash", handed, when))
            if handed > owed:
                change = transaction(row, self.key(), purse, "CHANGE", "cash", handed - owed, when)
                row["transactions"].append(change)
            return
        first = purse.whole(owed / 3) if random.random() < 0.1 else owed
        for gateway, amount in ((random.choice(_GATEWAYS), first), ("shopify_payments", owed - first)):
            if amount:
                reserved = transaction(row, self.key(), purse, "AUTHORIZATION", gateway, amount, when)
                captured = transaction(row, self.key(), purse, "CAPTURE", gateway, amount, when)
                row["transactions"] += [reserved, {**captured, "parentTransaction": reserved}]
        if random.random() < 0.1:
            failed = transaction(row, self.key(), purse, "SALE", "paypal", owed, when)
            row["transactions"].append({**failed, "status": "FAILURE"})
