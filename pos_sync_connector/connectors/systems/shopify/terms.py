"""Who buys, where it goes and on which terms, as an order states it. A company that buys stands beside the addresses:
its name and tax number are part of the bill-to."""

from __future__ import annotations

from dataclasses import replace

from ... import records as rec
from .values import Row, address, nodes, text

# Without it Shopify refuses what it is asked of the terms.
SCOPE = "read_payment_terms"
_TAX_NUMBER = "TAX_CREDENTIAL_"


def bill_to(order: Row) -> rec.Address | None:
    buyer = order.get("purchasingEntity") or {}
    place = buyer.get("location") or {}
    person = (buyer.get("contact") or {}).get("customer") or {}
    stated = address(order.get("billingAddress"), rec.AddressKind.INVOICE)
    found = stated or address(_of_company(place.get("billingAddress")), rec.AddressKind.INVOICE)
    company, vat = text((buyer.get("company") or {}).get("name")), text(place.get("taxRegistrationId"))
    if not (found or company):
        return None
    found = found or rec.Address(kind=rec.AddressKind.INVOICE)
    name = " ".join(filter(None, (text(person.get("firstName")), text(person.get("lastName")))))
    return replace(
        found,
        name=found.name or name,
        company=found.company or company,
        vat=vat or _tax_number(order),
        # A guest has no card that these stand on.
        email="" if order.get("customer") else text(order.get("email")),
        phone=found.phone or text(place.get("phone")) or ("" if order.get("customer") else text(order.get("phone"))),
    )


def ship_to(order: Row) -> rec.Address | None:
    return address(order.get("shippingAddress"), rec.AddressKind.DELIVERY)


def payment_term(order: Row) -> str:
    return text((order.get("paymentTerms") or {}).get("paymentTermsName"))


def _of_company(value: Row | None) -> Row | None:
    """A company's address names the state otherwise than an order's does."""
    if not value:
        return None
    names = {"company": value.get("companyName"), "provinceCode": value.get("zoneCode")}
    return {**value, **names, "countryCodeV2": value.get("countryCode")}


def _tax_number(order: Row) -> str:
    """Of the fields that some countries ask for at the checkout."""
    found = (item for item in nodes(order, "localizedFields") if text(item.get("key")).startswith(_TAX_NUMBER))
    plain = (item for item in found if "_TYPE_" not in item["key"] and "_USE_" not in item["key"])
    return text(next(plain, {}).get("value"))
