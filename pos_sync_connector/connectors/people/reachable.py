"""How a person is reached, as other systems take it: one e-mail address, a phone number that is whole everywhere."""

from __future__ import annotations

from .. import records as rec
from .keys import email_key, phone_key


def email_to_send(field: str) -> str:
    """The first address of those in a field, as it is written; "" where none is one."""
    parts = (part.strip() for part in field.replace(";", ",").split(","))
    plain = (part.rpartition("<")[2].rstrip("> ") if "<" in part else part for part in parts)
    return next((part for part in plain if email_key(part)), "")


def phone_to_send(country: str, *numbers: str) -> str:
    """The first whole number in E.164, a national one as one of the country; "" where there is none."""
    keys = (phone_key(number, country if len(country) == 2 else "") for number in numbers)
    return next((key for key in keys if key.startswith("+")), "")


def country_of(customer: rec.Customer) -> str:
    """Where a customer's national numbers are from."""
    return next((place.country for place in customer.addresses if place.country), "")
