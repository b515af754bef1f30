"""How a person is reached, as other systems take it: one e-mail address, a phone number that is whole everywhere."""

from __future__ import annotations

from .. import records as rec
from .keys import email_key, phone_key


def email_to_send(customer: rec.Customer) -> str:
    """The first address of those in the field, as it is written; "" where none is one."""
    parts = (part.strip() for part in customer.email.replace(";", ",").split(","))
    plain = (part.rpartition("<")[2].rstrip("> ") if "<" in part else part for part in parts)
    return next((part for part in plain if email_key(part)), "")


def phone_to_send(customer: rec.Customer) -> str:
    """The first whole number in E.164, a national one as one of the address's country; "" where there is none."""
    country = next((place.country for place in customer.addresses if len(place.country) == 2), "")
    keys = (phone_key(number, country) for number in (customer.phone, customer.mobile))
    return next((key for key in keys if key.startswith("+")), "")
