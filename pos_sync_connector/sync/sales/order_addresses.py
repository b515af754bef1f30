"""Addresses that orders state, as contacts of their customers: found again, or new. One query a kind and page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ...connectors.people.keys import email_key, fold, name_key, phone_key, words
from ...connectors.records import Address, AddressKind, Customer, Order

_TEXTS = ("street", "street2", "city", "zip")
_LINKS = ("state_id", "country_id")
# The id of a buyer whom the system keeps no customer for begins with this.
GUEST = "guest:"


@dataclass(slots=True)
class Parties:
    """Partners of an order: whom it is for, billed to and shipped to; `stated`: a digest of what the system said of
    them."""

    partner_id: int
    invoice_id: int
    shipping_id: int
    stated: str = ""


def guest(record: Order) -> Customer | None:
    """Who buys without being a customer of the system, by the bill-to of the order (else its ship-to). None where that
    says too little to know the same buyer again."""
    stated = (record.billing_address, record.shipping_address)
    address = next((item for item in stated if item and (item.name or item.company or item.email or item.phone)), None)
    if address is None:
        return None
    place = fold(" ".join(filter(None, (address.street, address.zip, address.city, address.country))))
    reach = email_key(address.email) or phone_key(address.phone, address.country) or place
    if not reach:
        return None
    token = hashlib.sha256(f"{name_key(address.name or address.company)}\n{reach}".encode()).hexdigest()[:32]
    first, _space, last = address.name.strip().rpartition(" ")
    return Customer(
        external_id=f"{GUEST}{token}",
        first_name=first or last,
        last_name=last if first else "",
        company_name=address.company,
        email=address.email,
        phone=address.phone,
        vat=address.vat,
        addresses=(replace(address, kind=AddressKind.CONTACT),),
    )


class AddressBook:
    """The contacts that stand for addresses of `owners`, partners of a page. `values` makes the place fields of an
    address, `check_vat` gives the tax ID that Odoo accepts, or ""."""

    def __init__(self, owners, values, check_vat):
        self._owners = {owner.id: owner for owner in owners}
        children = owners.with_context(active_test=False).search(
            [("parent_id", "in", owners.ids), ("type", "in", ("invoice", "delivery", "other"))], order="id"
        )
        self._children = children.grouped("parent_id")
        self._values, self._check_vat = values, check_vat
        self._new: dict[tuple, dict] = {}
        self.made: list[dict] = []

    @property
    def owner_ids(self):
        return self._owners.keys()

    def find(self, owner_id: int, address: Address):
        """The owner's id where it is their own address, the id of the contact that has it, or the values of a new one
        (the same object for the same address)."""
        owner = self._owners[owner_id]
        if self._is_at(owner, address):
            return owner_id
        kind = address.kind.value
        children = self._children.get(owner, owner.browse())
        for child in children.sorted(lambda item: (item.type != kind, not item.active, item.id)):
            if self._is_at(child, address):
                return child.id
        key = (owner_id, *self._key(address))
        if key not in self._new:
            self._new[key] = self._prepare(owner, address)
            self.made.append(self._new[key])
        return self._new[key]

    def _key(self, address: Address) -> tuple:
        """Equal for two spellings of one address."""
        place = self._values(address)
        return (
            *(_text(place.get(name)) for name in _TEXTS),
            *(place.get(name) or False for name in _LINKS),
            words(address.name),
            words(address.company),
            _plain_vat(address.vat),
            email_key(address.email),
            phone_key(address.phone, address.country),
        )

    def _is_at(self, partner, address: Address) -> bool:
        """Whether all that the address states is what the partner has."""
        country = address.country or partner.country_id.code or ""
        place = self._values(address)
        company = partner.name if partner.is_company else partner.commercial_company_name
        return (
            all(_text(partner[name]) == _text(place.get(name)) for name in _TEXTS)
            and all(partner[name].id == (place.get(name) or False) for name in _LINKS)
            and _holds(address.company, company, words)
            and (partner.is_company or _holds(address.name, partner.name, words))
            and _holds(address.vat, partner.vat, _plain_vat)
            and _holds(address.email, partner.email, email_key)
            and _holds(address.phone, partner.phone, lambda phone: phone_key(phone, country))
        )

    def _prepare(self, owner, address: Address) -> dict:
        """A tax ID of its own makes a company of it: any other address has the tax ID of its customer."""
        vat = "" if _holds(address.vat, owner.vat, _plain_vat) else self._check_vat(address)
        vals = {
            "parent_id": owner.id,
            "type": address.kind.value,
            "name": address.name or address.company or False,
            "company_name": address.company or False,
            "email": address.email or False,
            "phone": address.phone or False,
            "lang": owner.lang,
            "company_id": owner.company_id.id,
            "pos_sync_of_orders": True,
            **{name: value or False for name, value in self._values(address).items()},
        }
        if vat:
            return {**vals, "is_company": True, "name": address.company or address.name, "vat": vat}
        return {**owner.commercial_partner_id._get_commercial_values(), **vals}


def _text(value) -> str:
    return fold(" ".join((value or "").split()))


def _holds(stated: str, ours, key) -> bool:
    """What is not stated makes no difference."""
    return not stated.strip() or key(stated) == key(ours or "")


def _plain_vat(vat: str) -> str:
    return "".join(letter for letter in vat.upper() if letter.isalnum())
