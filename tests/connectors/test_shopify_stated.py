"""What an order of Shopify's states beside its money: who buys, on which terms, when it was sold."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from sandbox.shopify.money import Purse
from tests.connectors.shopify_rows import line, order, read, sale

bag = Purse("USD").bag
PLACE = {"firstName": "Iris", "lastName": "Invoice", "company": "Bill & Sons", "address1": "5 Pay Street",
         "address2": "Yard 2", "city": "Boston", "zip": "02101", "provinceCode": "MA", "countryCodeV2": "US",
         "phone": "+16175550100"}  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def test_a_gift_card_is_no_goods() -> None:
    rows = {"nodes": [line("1", price=1000), line("2", price=5000, isGiftCard=True)]}
    found = read(order(lineItems=rows, totalPriceSet=bag(6000), totalTaxSet=bag(0)))
    assert [(item.external_id, item.is_gift_card) for item in found.lines] == [("1", False), ("2", True)]


def test_tax_that_a_marketplace_remits_is_marked() -> None:
    own, theirs = (Purse("USD").tax_line("Tax", 0.1, 95) for _tax in range(2))
    theirs["channelLiable"] = True
    rows = {"nodes": [line("1", price=1000, many=2, off=[100], taxLines=[own, theirs])]}
    found = read(order(lineItems=rows))
    assert [tax.remitted_by_channel for tax in found.lines[0].taxes] == [False, True]
    # After an edit too, which takes tax away.
    half = read(order(lineItems=rows), [gone_half()])
    assert [(tax.remitted_by_channel, tax.amount) for tax in half.lines[0].taxes] == [
        (False, D("0.47")), (True, D("0.48")),
    ]  # fmt: skip


def gone_half() -> dict[str, Any]:
    return {"totalRefundedSet": bag(0), "refundLineItems": {"nodes": [
        {"quantity": 1, "restockType": "CANCEL", "subtotalSet": bag(950), "totalTaxSet": bag(95),
         "lineItem": {"id": "gid://shopify/LineItem/1"}}]}}  # fmt: skip


def test_the_drawer_gets_what_cash_rounding_adds() -> None:
    cash = {**sale("SALE", 999), "amountRoundingSet": bag(1)}
    found = read(order(transactions=[cash], totalPriceSet=bag(999), totalTaxSet=bag(0),
                       totalCashRoundingAdjustment={"paymentSet": bag(1), "refundSet": bag(0)},
                       lineItems={"nodes": [line("1", price=999)]}))  # fmt: skip
    (payment,) = found.payments
    assert (payment.amount, payment.rounding) == (D("9.99"), D("0.01"))
    assert (found.totals.gross, found.totals.paid, found.charges) == (D("9.99"), D("9.99"), ())


# When it was sold

SENT = {"id": "gid://shopify/Fulfillment/8", "status": "SUCCESS", "createdAt": "2026-03-31T12:00:00Z"}


def pay(amount: int, when: str) -> dict[str, Any]:
    return {**sale("SALE", amount), "id": f"gid://shopify/OrderTransaction/{amount}", "processedAt": when}


SOLD = {
    "paid when it was made, archived later": (
        {"transactions": [pay(2090, "2026-03-29T00:30:00Z")], "closedAt": "2026-04-20T00:00:00Z",
         "displayFulfillmentStatus": "FULFILLED", "fulfillments": [SENT]}, None,
    ),
    "delivered, and not paid yet": (
        {"displayFinancialStatus": "PENDING", "displayFulfillmentStatus": "FULFILLED", "fulfillments": [SENT]},
        "2026-03-31T12:00:00",
    ),
    "delivered, and paid a week later": (
        {"transactions": [pay(2090, "2026-04-07T09:00:00Z")], "displayFulfillmentStatus": "FULFILLED",
         "fulfillments": [SENT]}, "2026-03-31T12:00:00",
    ),
    "a deposit, and the rest when it was handed over": (
        {"transactions": [pay(1000, "2026-03-29T00:30:00Z"), pay(1090, "2026-03-30T09:00:00Z")],
         "displayFulfillmentStatus": "FULFILLED", "fulfillments": [SENT]}, "2026-03-30T09:00:00",
    ),
    "a deposit only": (
        {"transactions": [pay(1000, "2026-03-29T00:30:00Z")], "displayFinancialStatus": "PARTIALLY_PAID"}, None,
    ),
    "reserved, and captured when it was sent": (
        {"transactions": [pay(2090, "2026-03-31T11:00:00Z")]}, "2026-03-31T11:00:00",
    ),
    "a parcel that was cancelled": (
        {"displayFinancialStatus": "PENDING", "displayFulfillmentStatus": "FULFILLED",
         "fulfillments": [SENT, {**SENT, "createdAt": "2026-04-02T12:00:00Z", "status": "CANCELLED"}]},
        "2026-03-31T12:00:00",
    ),
    "made dearer by an exchange": (
        {"transactions": [pay(2000, "2026-03-29T00:30:00Z"), pay(90, "2026-04-02T09:00:00Z")],
         "originalTotalPriceSet": bag(2000)}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("values", "wanted"), SOLD.values(), ids=SOLD)
def test_the_moment_of_the_sale(values: dict, wanted: str | None) -> None:
    assert read(order(**values)).closed_at == (moment(wanted) if wanted else None)


# Who buys


def test_the_orders_own_addresses_are_whole() -> None:
    ship = {**PLACE, "firstName": "Rita", "address1": "9 Gift Lane"}
    found = read(order(billingAddress=PLACE, shippingAddress=ship, customer={"id": "gid://shopify/Customer/4"},
                       email="iris@example.com", phone="+16175550199"))  # fmt: skip
    bill = rec.Address(
        kind=rec.AddressKind.INVOICE, name="Iris Invoice", company="Bill & Sons", street="5 Pay Street",
        street2="Yard 2", city="Boston", zip="02101", state="MA", country="US", phone="+16175550100",
    )  # fmt: skip
    assert found.billing_address == bill
    assert (found.shipping_address.street, found.shipping_address.name) == ("9 Gift Lane", "Rita Invoice")
    assert found.shipping_address.kind is rec.AddressKind.DELIVERY


def test_a_guest_is_known_by_the_bill_to() -> None:
    found = read(order(billingAddress={**PLACE, "phone": None}, email="iris@example.com", phone="+16175550199"))
    assert (found.billing_address.email, found.billing_address.phone) == ("iris@example.com", "+16175550199")
    assert read(order()).billing_address is None


def test_a_company_buys_on_its_terms() -> None:
    buyer = {
        "company": {"id": "gid://shopify/Company/4", "name": "Millbrook Works"},
        "contact": {"customer": {"firstName": "Wes", "lastName": "Works"}},
        "location": {"name": "Plant", "phone": "+16175550111", "taxRegistrationId": "US123", "billingAddress": {
            "firstName": None, "lastName": None, "companyName": "Millbrook Works", "address1": "1 Mill Road",
            "city": "Lowell", "zip": "01850", "zoneCode": "MA", "countryCode": "US", "phone": None}},
    }  # fmt: skip
    found = read(order(purchasingEntity=buyer, poNumber="PO-7781", paymentTerms={"paymentTermsName": "Net 30"}))
    bill = found.billing_address
    assert (found.purchase_order, found.payment_term) == ("PO-7781", "Net 30")
    assert (bill.company, bill.name, bill.vat, bill.phone) == ("Millbrook Works", "Wes Works", "US123", "+16175550111")
    assert (bill.street, bill.state, bill.country) == ("1 Mill Road", "MA", "US")
    # The order's own bill-to wins.
    found = read(order(purchasingEntity=buyer, billingAddress=PLACE))
    assert (found.billing_address.street, found.billing_address.company) == ("5 Pay Street", "Bill & Sons")


def test_a_tax_number_that_the_checkout_asked_for() -> None:
    fields = {"nodes": [{"key": "TAX_CREDENTIAL_TYPE_CO", "value": "31"}, {"key": "TAX_CREDENTIAL_CO", "value": "900"}]}
    assert read(order(billingAddress=PLACE, localizedFields=fields)).billing_address.vat == "900"


# What is to be watched


def test_notes_tags_and_codes() -> None:
    asked = [{"key": "Engraving", "value": "For R."}, {"key": "_app", "value": "x"}, {"key": "Empty", "value": None}]
    found = read(order(
        note="Leave at <back door>\nRing twice", tags=["vip", "web"], discountCodes=["TEA10"],
        customAttributes=[{"key": "Gift message", "value": "Enjoy"}, {"key": "Odoo", "value": "S00012"}],
        lineItems={"nodes": [line("1", price=1000, many=2, off=[100], tax=190, customAttributes=asked)]},
    ))  # fmt: skip
    assert found.lines[0].note == "Engraving: For R."
    assert found.note == "Leave at <back door>\nRing twice\nGift message: Enjoy"
    assert (found.tags, found.discount_codes) == (("vip", "web"), ("TEA10",))


HELD = {
    "nothing": ({"risk": {"recommendation": "ACCEPT"}}, ""),
    "a risk": ({"risk": {"recommendation": "CANCEL"}}, "high risk of fraud"),
    "on hold": ({"displayFulfillmentStatus": "ON_HOLD"}, "on hold"),
    "a risk that was taken": (
        {"risk": {"recommendation": "CANCEL"}, "displayFulfillmentStatus": "FULFILLED"}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("values", "words"), HELD.values(), ids=HELD)
def test_what_must_not_be_fulfilled_says_why(values: dict, words: str) -> None:
    reason = read(order(**values)).hold_reason
    assert words in reason
    assert bool(reason) == bool(words)


def test_a_parcel_of_two_boxes_has_both_numbers() -> None:
    boxes = [{"company": "UPS", "number": "1Z1", "url": "https://example.com/1Z1"}, {"company": "UPS", "number": "1Z2"}]
    sent = {**SENT, "trackingInfo": boxes, "fulfillmentLineItems": {"nodes": []}}
    (parcel,) = read(order(fulfillments=[sent])).fulfilments
    assert (parcel.carrier, parcel.tracking_number, parcel.tracking_url) == ("UPS", "1Z1, 1Z2", "https://example.com/1Z1")


def test_a_variant_that_is_gone_leaves_its_sku() -> None:
    rows = {"nodes": [line("1", price=1000, many=2, off=[100], tax=190, variant=None, product=None, sku="TEA-1")]}
    (found,) = read(order(lineItems=rows)).lines
    assert (found.variant_id, found.sku, found.name) == ("", "TEA-1", "Item 1")
