"""Shopify's values and ours: global ids, money as decimal text, addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...door import number, text
from ...people.reachable import phone_to_send

Row = Mapping[str, Any]


def gid(kind: str, key: str) -> str:
    """ "450789469" as "gid://shopify/Order/450789469"."""
    return key if key.startswith("gid:") else f"gid://shopify/{kind}/{key}"


def key_of(value: Row | str | None) -> str:
    """The number at the end of a global id, or of the id of what is given; `""` for nothing."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return text(found).partition("?")[0].rpartition("/")[2]


# What tags begin with that are ours.
OURS = "odoo-"


def tag_of(key: str) -> str:
    """A tag by which what was sent with a key is known again."""
    return OURS + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def is_key(text_: str) -> bool:
    return text_.isascii() and text_.isdecimal()


def money(bag: Row | None) -> Decimal:
    """What a `MoneyBag` is in the shop's currency; nothing is 0."""
    return number(bag["shopMoney"]["amount"]) if bag else Decimal(0)


def stated(bag: Row | None) -> Decimal | None:
    return None if bag is None else money(bag)


def as_bag(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": format(amount, "f"), "currencyCode": currency}}


def nodes(row: Row, name: str) -> list[dict[str, Any]]:
    """The rows of a connection."""
    return list((row.get(name) or {}).get("nodes") or ())


def noted(attributes: Any, but: tuple[str, ...] = ()) -> str:
    """What was asked for, such as an engraving, a line each; apps keep what is theirs behind a `_`."""
    rows = [(text(item["key"]), text(item.get("value"))) for item in attributes or ()]
    return "\n".join(f"{key}: {value}" for key, value in rows if value and key not in but and not key.startswith("_"))


def address(value: Row | None, kind: rec.AddressKind) -> rec.Address | None:
    """An `Address`; None where nothing of it is given."""
    if not value or not any(given for name, given in value.items() if name != "id"):
        return None
    return rec.Address(
        kind=kind,
        name=" ".join(filter(None, (text(value.get("firstName")), text(value.get("lastName"))))),
        company=text(value.get("company")),
        street=text(value.get("address1")),
        street2=text(value.get("address2")),
        city=text(value.get("city")),
        zip=text(value.get("zip")),
        state=text(value.get("provinceCode")),
        country=text(value.get("countryCodeV2")),
        phone=text(value.get("phone")),
    )


def as_address(value: rec.Address | None, first: str = "", last: str = "") -> dict[str, str]:
    if value is None:
        return {}
    given, _space, family = value.name.rpartition(" ")
    found = {
        "firstName": given or first,
        "lastName": family or last,
        "company": value.company,
        "address1": value.street,
        "address2": value.street2,
        "city": value.city,
        "zip": value.zip,
        "provinceCode": value.state if len(value.state) <= 3 else "",
        "countryCode": value.country if len(value.country) == 2 else "",
        "phone": phone_to_send(value.country, value.phone),
    }
    return {name: given for name, given in found.items() if given}
