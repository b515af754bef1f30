"""Orders, products and customers as Shopify sends them, in short. Money is in dollars; what nobody names is as in an
ordinary web order of one day: paid by card, and sent."""

from __future__ import annotations

from decimal import Decimal

SOLD = "2026-03-02T10:30:00Z"
NEXT_DAY = "2026-03-03T09:00:00Z"
TEA, COFFEE, GIFT = "811", "821", "831"
_NAMES = {TEA: "Tea", COFFEE: "Coffee", GIFT: "Gift card"}
CARDS = "shopify_payments"
LEVY = "Levy 10%:ADDITIVE"


def gid(kind, key):
    return f"gid://shopify/{kind}/{key}"


def bag(amount):
    money = {"amount": f"{Decimal(str(amount)):.2f}", "currencyCode": "USD"}
    return {"shopMoney": money, "presentmentMoney": money}


def tax(amount, percent=10, name="Levy", by_channel=False):
    return {
        "title": name,
        "rate": percent / 100,
        "ratePercentage": percent,
        "source": "Shopify",
        "channelLiable": by_channel,
        "priceSet": bag(amount),
    }


def item(key, price, variant=TEA, count=1, left=None, taxes=(), off=0, **more):
    """`left`: pieces that edits, returns and cancellations have left."""
    sold = {"id": gid("ProductVariant", variant)} if variant in _NAMES or variant.isdigit() else None
    return {
        "id": gid("LineItem", key),
        "name": _NAMES.get(variant, "Thing"),
        "title": _NAMES.get(variant, "Thing"),
        "variantTitle": None,
        "sku": "",
        "quantity": count,
        "currentQuantity": count if left is None else left,
        "isGiftCard": variant == GIFT,
        "taxable": bool(taxes),
        "requiresShipping": variant != GIFT,
        "product": None,
        "variant": sold,
        "lineItemGroup": None,
        "originalUnitPriceSet": bag(price),
        "discountAllocations": [_discount(off)] if off else [],
        "duties": [],
        "taxLines": list(taxes),
        **more,
    }


def _discount(amount):
    return {"allocatedAmountSet": bag(amount), "discountApplication": {"__typename": "ManualDiscountApplication"}}


def shipping(key, price, taxes=()):
    return {
        "id": gid("ShippingLine", key),
        "title": "Parcel",
        "isRemoved": False,
        "originalPriceSet": bag(price),
        "discountAllocations": [],
        "taxLines": list(taxes),
    }


def paid(key, amount, by=CARDS, at=SOLD, kind="SALE", status="SUCCESS", rounding=None):
    return {
        "id": gid("OrderTransaction", key),
        "kind": kind,
        "status": status,
        "gateway": by,
        "formattedGateway": by.replace("_", " ").capitalize(),
        "processedAt": at,
        "createdAt": at,
        "amountSet": bag(amount),
        "amountRoundingSet": None if rounding is None else bag(rounding),
        "parentTransaction": None,
    }


def back(key, line, amount, count=1, tax=0, how="RETURN", variant=TEA):
    """Pieces of a line in a refund, with what they cost."""
    sold = {"id": gid("LineItem", line), "name": _NAMES[variant], "title": _NAMES[variant]}
    sold |= {"isGiftCard": variant == GIFT, "variant": {"id": gid("ProductVariant", variant)}}
    return {
        "id": gid("RefundLineItem", key),
        "quantity": count,
        "restockType": how,
        "subtotalSet": bag(amount),
        "totalTaxSet": bag(tax),
        "lineItem": sold,
    }


def shipping_back(key, line, amount, tax=0):
    return {
        "id": gid("RefundShippingLine", key),
        "shippingLine": {"id": gid("ShippingLine", line), "title": "Parcel"},
        "subtotalAmountSet": bag(amount),
        "taxAmountSet": bag(tax),
    }


def adjusted(key, amount, reason="PENDING_REFUND_DISCREPANCY"):
    named = {"id": gid("OrderAdjustment", key), "reason": reason}
    return {**named, "amountSet": bag(amount), "taxAmountSet": bag(0)}


def refund(key, *lines, money=(), shipping=(), adjustments=(), at=NEXT_DAY):
    """`money`: pairs of an amount and how it goes back, or transactions."""
    sent = [paid(f"{key}{place}", *row, kind="REFUND", at=at) if isinstance(row, tuple) else row
            for place, row in enumerate(money)]  # fmt: skip
    done = sum(_amount(row["amountSet"]) for row in sent if row["status"] == "SUCCESS")
    return {
        "id": gid("Refund", key),
        "createdAt": at,
        "processedAt": at,
        "updatedAt": at,
        "note": None,
        "return": None,
        "totalRefundedSet": bag(done),
        "refundLineItems": {"nodes": list(lines)},
        "duties": [],
        "refundShippingLines": {"nodes": list(shipping)},
        "orderAdjustments": {"nodes": list(adjustments)},
        "transactions": {"nodes": sent},
    }


def parcel(key, *lines, at="2026-03-02T18:00:00Z"):
    """Delivered; `lines`: pairs of a line and pieces."""
    return {
        "id": gid("Fulfillment", key),
        "status": "SUCCESS",
        "displayStatus": "DELIVERED",
        "createdAt": at,
        "updatedAt": at,
        "trackingInfo": [],
        "fulfillmentLineItems": {
            "nodes": [{"quantity": count, "lineItem": {"id": gid("LineItem", line)}} for line, count in lines]
        },
    }


def order(key, *lines, money=None, refunds=(), ships=(), fulfilled=True, inclusive=False, total=None, **more):
    """Its totals are those of its lines and shipping, as they were before anything came back. `money`: pairs of an
    amount and how it is paid, or transactions; without any all of it was paid by card."""
    taxes = sum(_amount(row["priceSet"]) for line in (*lines, *ships) for row in line["taxLines"])
    off = sum(_amount(row["allocatedAmountSet"]) for line in lines for row in line["discountAllocations"])
    worth = sum(line["quantity"] * _amount(line["originalUnitPriceSet"]) for line in lines) - off
    worth += sum(_amount(line["originalPriceSet"]) for line in ships) + (0 if inclusive else taxes)
    total = worth if total is None else total
    money = [(total, CARDS)] if money is None else money
    taken = [paid(f"{key}{place}", *row) if isinstance(row, tuple) else row for place, row in enumerate(money)]
    received = sum(_amount(row["amountSet"]) for row in taken if row["kind"] in ("SALE", "CAPTURE"))
    refunded = sum(_amount(row["totalRefundedSet"]) for row in refunds)
    roundings = [row["amountRoundingSet"] for row in taken if row["amountRoundingSet"]]
    cancelled = more.pop("cancelled", None)
    current = sum(line["currentQuantity"] * _amount(line["originalUnitPriceSet"]) for line in lines)
    return {
        "id": gid("Order", key),
        "name": f"#{key}",
        "createdAt": SOLD,
        "processedAt": SOLD,
        "updatedAt": SOLD,
        "closedAt": None,
        "cancelledAt": cancelled,
        "cancelReason": "CUSTOMER" if cancelled else None,
        "test": False,
        "sourceIdentifier": None,
        "customAttributes": [],
        "displayFinancialStatus": _state(received, refunded, total, cancelled, refunds),
        "displayFulfillmentStatus": "FULFILLED" if fulfilled else "UNFULFILLED",
        "fulfillments": [],
        "sourceName": "web",
        "currencyCode": "USD",
        "presentmentCurrencyCode": "USD",
        "taxesIncluded": inclusive,
        "dutiesIncluded": False,
        "note": None,
        "poNumber": None,
        "purchasingEntity": None,
        "tags": [],
        "customer": None,
        "retailLocation": None,
        "shippingAddress": None,
        "billingAddress": None,
        "billingAddressMatchesShippingAddress": True,
        "totalPriceSet": bag(total),
        "totalTaxSet": bag(taxes),
        "totalDiscountsSet": bag(off),
        "totalTipReceivedSet": bag(0),
        "totalCashRoundingAdjustment": _rounding(roundings),
        "additionalFees": [],
        "taxLines": [],
        "shippingLines": {"nodes": list(ships)},
        "transactions": taken,
        "lineItems": {"nodes": list(lines)},
        "returnStatus": "NO_RETURN",
        "refunds": list(refunds),
        "totalReceivedSet": bag(received),
        "totalRefundedSet": bag(refunded),
        "netPaymentSet": bag(received - refunded),
        "currentTotalPriceSet": bag(current),
        **more,
    }


def _amount(money):
    return Decimal(money["shopMoney"]["amount"])


def _rounding(roundings):
    if not roundings:
        return None
    return {"paymentSet": bag(sum(map(_amount, roundings))), "refundSet": bag(0)}


def _state(received, refunded, total, cancelled, refunds):
    if not received:
        return "VOIDED" if cancelled else "PENDING"
    if refunded:
        return "REFUNDED" if refunded == received else "PARTIALLY_REFUNDED"
    edited = any(not _amount(row["totalRefundedSet"]) and row["refundLineItems"]["nodes"] for row in refunds)
    return "PAID" if received >= total or edited else "PARTIALLY_PAID"


def variant(key, price=10, code="", barcode="", option=None):
    chosen = option or ("Title", "Default Title")
    return {
        "id": gid("ProductVariant", key),
        "title": chosen[1],
        "sku": code,
        "barcode": barcode,
        "price": f"{price:.2f}",
        "updatedAt": "2026-01-01T09:00:00Z",
        "selectedOptions": [{"name": chosen[0], "value": chosen[1]}],
        "inventoryItem": {"id": gid("InventoryItem", key), "tracked": True, "unitCost": None, "measurement": None},
        "media": {"nodes": []},
    }


def product(key, *variants, title="Thing", at="2026-01-01T09:00:00Z", gift=False, **more):
    named = [option for row in variants for option in row["selectedOptions"] if option["name"] != "Title"]
    options = {name: [row["value"] for row in named if row["name"] == name] for name in {row["name"] for row in named}}
    return {
        "id": gid("Product", key),
        "title": title,
        "status": "ACTIVE",
        "vendor": "",
        "productType": "",
        "tags": [],
        "descriptionHtml": "",
        "updatedAt": at,
        "hasOnlyDefaultVariant": not named,
        "isGiftCard": gift,
        "publishedAt": at,
        "hasVariantsThatRequiresComponents": False,
        "category": None,
        "options": [{"name": name, "position": 1, "values": values} for name, values in options.items()],
        "media": {"nodes": []},
        "bundleComponents": {"nodes": []},
        "variants": {"nodes": list(variants)},
        **more,
    }


def place(first, last, street, town, key="1", company=None, phone=None):
    return {
        "id": gid("MailingAddress", key),
        "firstName": first,
        "lastName": last,
        "company": company,
        "address1": street,
        "address2": None,
        "city": town,
        "zip": "97201",
        "provinceCode": "OR",
        "countryCodeV2": "US",
        "phone": phone,
    }


def customer(key, first, last, email=None, main=None, places=(), **more):
    mail = {"emailAddress": email, "marketingState": "NOT_SUBSCRIBED", "marketingUpdatedAt": None}
    return {
        "id": gid("Customer", key),
        "firstName": first,
        "lastName": last,
        "locale": "en",
        "note": None,
        "tags": [],
        "createdAt": "2026-03-01T09:00:00Z",
        "updatedAt": "2026-03-01T09:00:00Z",
        "defaultEmailAddress": mail if email else None,
        "defaultPhoneNumber": None,
        "defaultAddress": main,
        "addressesV2": {"nodes": [main] if main and not places else list(places)},
        **more,
    }


CATALOGUE = (
    product("81", variant(TEA, 10), title="Tea"),
    product("82", variant(COFFEE, 4), title="Coffee"),
    product("83", variant(GIFT, 50), title="Gift card", gift=True),
)
