"""The parts of an order: as it is made, its lines, what is paid, handed over and refunded. Amounts in cents."""

from __future__ import annotations

from .money import Purse
from .values import Row, cents, gid


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
        "taxLines": [], "customAttributes": [], "discountCodes": [], "localizedFields": [], "poNumber": None,
        "purchasingEntity": None, "paymentTerms": None, "risk": {"recommendation": "NONE", "assessments": []},
        "totalTipReceivedSet": nothing, "totalRefundedSet": nothing,
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
        "manualPaymentGateway": False, "fees": [], "amountRoundingSet": None,
    }  # fmt: skip


def fulfil(order: Row, key: int, items: list[Row], place: Row, when: str, *,
           quantities: list[tuple[Row, int]] | None = None) -> Row:  # fmt: skip
    """Hands over all of some lines, or so many of them."""
    parts = quantities or [(item, item["quantity"]) for item in items]
    parcel: Row = {
        "__typename": "Fulfillment", "id": gid("Fulfillment", key), "legacyResourceId": str(key), "status": "SUCCESS",
        "displayStatus": "FULFILLED", "createdAt": when, "updatedAt": when, "name": f"{order['name']}.1",
        "trackingInfo": [], "location": place, "order": order, "requiresShipping": True,
        "fulfillmentLineItems": [
            {"id": gid("FulfillmentLineItem", f"{key}{index}"), "quantity": many, "lineItem": item}
            for index, (item, many) in enumerate(parts)
        ],
        "totalQuantity": sum(many for _item, many in parts),
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
