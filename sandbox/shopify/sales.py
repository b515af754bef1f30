"""Orders as a year brings them: web and till, discounts, taxes added or included, two currencies, tips, duties,
shipping, bundles, change, refunds, edits, exchanges and cancellations."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from .money import Purse
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
        self._variants = [variant for product in products for variant in product["variants"]]
        self._customers = customers
        self._places = places
        self._until = until
        self._currency = currency
        self._next = 10_000_000
        self.orders: list[Row] = []

    def make(self, count: int) -> None:
        for number in range(count):
            made = self._until - timedelta(minutes=self._random.randint(120, 500_000))
            self._order(number, made)
        self.orders.sort(key=lambda row: row["createdAt"])
        for number, row in enumerate(self.orders):
            row |= {"name": f"#{1001 + number}", "number": 1001 + number}

    def key(self) -> int:
        self._next += 1
        return self._next

    def _order(self, number: int, made: datetime) -> None:
        random = self._random
        till = random.random() < 0.3
        included = random.random() < 0.3
        shown = "EUR" if not till and random.random() < 0.15 else self._currency
        purse = Purse(self._currency, shown)
        row = blank(self.key(), stamp(made), self._currency, shown)
        row |= {"taxesIncluded": included, "sourceName": "pos" if till else "web",
                "retailLocation": random.choice(self._places) if till else None}  # fmt: skip
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
            (random.choice(self._variants), None) for _line in range(random.choice([1, 1, 2, 3, 4, 7]))
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
                fulfil(row, self.key(), row["lineItems"], row["retailLocation"] or self._places[0], row["createdAt"])
            back = random.random()
            later = min(made + timedelta(hours=random.randint(1, 500)), self._until - timedelta(minutes=70))
            if back < 0.12:
                item = random.choice(row["lineItems"])
                refund(row, self.key, purse, [(item, 1)], stamp(later), money=True, place=self._places[0])
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


# The parts of an order


def blank(key: int, made: str, currency: str, shown: str) -> Row:
    purse = Purse(currency, shown)
    nothing = purse.bag(0)
    return {
        "__typename": "Order", "id": gid("Order", key), "legacyResourceId": str(key), "name": "", "number": 0,
        "createdAt": made, "processedAt": made, "updatedAt": made, "closedAt": None, "cancelledAt": None,
        "cancelReason": None, "test": False, "sourceName": "web", "sourceIdentifier": None,
        "displayFinancialStatus": "PENDING", "displayFulfillmentStatus": "UNFULFILLED", "returnStatus": "NO_RETURN",
        "currencyCode": currency, "presentmentCurrencyCode": shown, "taxesIncluded": False, "dutiesIncluded": False,
        "taxExempt": False, "note": None, "tags": [], "customer": None, "retailLocation": None,
        "shippingAddress": None, "billingAddress": None, "email": None, "phone": None, "lineItems": [],
        "shippingLines": [], "transactions": [], "refunds": [], "fulfillments": [], "additionalFees": [],
        "taxLines": [], "customAttributes": [], "totalTipReceivedSet": nothing, "totalRefundedSet": nothing,
        "totalCashRoundingAdjustment": {"paymentSet": nothing, "refundSet": nothing}, "edited": False,
    }  # fmt: skip


def line(key: int, purse: Purse, variant: Row | None, price: int, many: int, offs: list[int], rates: list,
         included: bool) -> Row:  # fmt: skip
    base = price * many - sum(offs)
    title = variant["product"]["title"] if variant else "Engraving"
    kind = variant and not variant["product"]["hasOnlyDefaultVariant"]
    return {
        "__typename": "LineItem", "id": gid("LineItem", key), "title": title,
        "variantTitle": variant["title"] if variant and kind else None,
        "name": f"{title} - {variant['title']}" if variant and kind else title,
        "sku": variant["sku"] if variant else None, "quantity": many, "currentQuantity": many,
        "refundableQuantity": many, "isGiftCard": bool(variant and variant["product"]["isGiftCard"]),
        "requiresShipping": True, "taxable": True, "vendor": variant["product"]["vendor"] if variant else None,
        "product": variant["product"] if variant else None, "variant": variant, "lineItemGroup": None,
        "customAttributes": [], "duties": [], "originalUnitPriceSet": purse.bag(price),
        "originalTotalSet": purse.bag(price * many), "discountedTotalSet": purse.bag(base),
        "discountAllocations": [{"allocatedAmountSet": purse.bag(off)} for off in offs if off],
        "taxLines": [purse.tax_line(title_, rate, tax)
                     for (title_, rate), tax in zip(rates, purse.taxes_of(base, rates, included), strict=True)],
    }  # fmt: skip


def shipping_line(key: int, purse: Purse, price: int, taxes: list[int], rates: list, title: str = "Standard") -> Row:
    return {
        "__typename": "ShippingLine", "id": gid("ShippingLine", key), "title": title, "code": title, "isRemoved": False,
        "custom": False, "originalPriceSet": purse.bag(price), "discountedPriceSet": purse.bag(price),
        "currentDiscountedPriceSet": purse.bag(price), "discountAllocations": [],
        "taxLines": [purse.tax_line(name, rate, tax) for (name, rate), tax in zip(rates, taxes, strict=True)],
    }  # fmt: skip


def total(row: Row, purse: Purse) -> None:
    """Fills in the order's totals."""
    bases = [
        cents_of(item["originalUnitPriceSet"]) * item["quantity"]
        - sum(cents_of(off["allocatedAmountSet"]) for off in item["discountAllocations"])
        for item in row["lineItems"]
    ]
    bases += [cents_of(item["originalPriceSet"]) for item in row["shippingLines"]]
    duties = sum(cents_of(duty["price"]) for item in row["lineItems"] for duty in item["duties"])
    taxes = [tax for item in [*row["lineItems"], *row["shippingLines"]] for tax in item["taxLines"]]
    tax = sum(cents_of(item["priceSet"]) for item in taxes)
    owed = sum(bases) + duties + (0 if row["taxesIncluded"] else tax)
    offs = sum(
        cents_of(off["allocatedAmountSet"]) for item in row["lineItems"] for off in item["discountAllocations"]
    )
    row |= {
        "totalPriceSet": purse.bag(owed), "originalTotalPriceSet": purse.bag(owed),
        "currentTotalPriceSet": purse.bag(owed), "totalTaxSet": purse.bag(tax), "totalDiscountsSet": purse.bag(offs),
        "subtotalPriceSet": purse.bag(sum(bases[: len(row["lineItems"])])),
        "totalShippingPriceSet": purse.bag(sum(bases[len(row["lineItems"]) :])),
        "originalTotalDutiesSet": purse.bag(duties) if duties else None,
    }  # fmt: skip
    sums: dict[tuple[str, float], int] = {}
    for item in taxes:
        key = item["title"], item["rate"]
        sums[key] = sums.get(key, 0) + cents_of(item["priceSet"])
    row["taxLines"] = [purse.tax_line(title, rate, amount) for (title, rate), amount in sums.items()]


def transaction(order: Row, key: int, purse: Purse, kind: str, gateway: str, amount: int, when: str) -> Row:
    return {
        "__typename": "OrderTransaction", "id": gid("OrderTransaction", key), "kind": kind, "status": "SUCCESS",
        "gateway": gateway, "formattedGateway": gateway.replace("_", " ").title(), "amountSet": purse.bag(amount),
        "processedAt": when, "createdAt": when, "parentTransaction": None, "test": False, "order": order,
        "manualPaymentGateway": False, "fees": [],
    }  # fmt: skip


def fulfil(order: Row, key: int, items: list[Row], place: Row, when: str, tracking: Row | None = None) -> Row:
    parcel: Row = {
        "__typename": "Fulfillment", "id": gid("Fulfillment", key), "legacyResourceId": str(key), "status": "SUCCESS",
        "displayStatus": "FULFILLED", "createdAt": when, "updatedAt": when, "name": f"{order['name']}.1",
        "trackingInfo": [tracking] if tracking else [], "location": place, "order": order, "requiresShipping": True,
        "fulfillmentLineItems": [
            {"id": gid("FulfillmentLineItem", f"{key}{index}"), "quantity": item["quantity"], "lineItem": item}
            for index, item in enumerate(items)
        ],
        "totalQuantity": sum(item["quantity"] for item in items),
    }  # fmt: skip
    order["fulfillments"].append(parcel)
    order |= {"displayFulfillmentStatus": "FULFILLED", "closedAt": when}
    return parcel


def refund(order: Row, key, purse: Purse, backs: list[tuple[Row, int]], when: str, *, money: bool,
           place: Row | None, given: int | None = None) -> Row:  # fmt: skip
    """Takes back so many of some lines; with their money (or so much of it, where something is bought for the rest), or
    as an edit that only takes them out."""
    rows, worth = [], 0
    for item, many in backs:
        base = cents_of(item["discountedTotalSet"])
        tax = sum(cents_of(entry["priceSet"]) for entry in item["taxLines"])
        part, part_tax = (purse.whole(amount * many / item["quantity"]) for amount in (base, tax))
        worth += part + (0 if order["taxesIncluded"] else part_tax)
        item["currentQuantity"] -= many
        rows.append({
            "id": gid("RefundLineItem", key()), "lineItem": item, "quantity": many, "location": place,
            "restockType": "RETURN" if money else "CANCEL", "restocked": True, "subtotalSet": purse.bag(part),
            "totalTaxSet": purse.bag(part_tax), "priceSet": purse.bag(part // many),
        })  # fmt: skip
    own = key()
    given = (worth if money else 0) if given is None else given
    row: Row = {
        "__typename": "Refund", "id": gid("Refund", own), "legacyResourceId": str(own), "createdAt": when,
        "processedAt": when, "updatedAt": when, "note": "too small" if money else None, "order": order,
        "totalRefundedSet": purse.bag(given), "refundLineItems": rows, "refundShippingLines": [],
        "orderAdjustments": [], "duties": [], "return": None,
        "transactions": [transaction(order, key(), purse, "REFUND", "shopify_payments", given, when)] if given else [],
    }  # fmt: skip
    order["refunds"].append(row)
    order["transactions"] += row["transactions"]
    before = cents_of(order["totalRefundedSet"])
    order |= {
        "totalRefundedSet": purse.bag(before + given), "updatedAt": max(order["updatedAt"], when),
        "currentTotalPriceSet": purse.bag(cents_of(order["currentTotalPriceSet"]) - worth),
    }  # fmt: skip
    if given:
        whole = before + given >= cents_of(order["totalPriceSet"])
        order["displayFinancialStatus"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
    return row


def cents_of(bag: Row | None) -> int:
    return cents(bag["shopMoney"]["amount"]) if bag else 0
