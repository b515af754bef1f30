"""Customers sent to another Odoo: who may be there already, and making one who is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...lazy import cached_property
from ...people.keys import email_key, phone_key
from . import fields
from .customers import CustomerReader
from .rpc import Rpc
from .sales_fields import any_of
from .upsert import Ids, external_id, upsert
from .values import key as id_key
from .values import number, text

MODEL = "res.partner"
_MOST_CANDIDATES = 100
# So many last digits of a phone stand together in any way of writing it.
_LAST_DIGITS = 4


class CustomerPusher:
    def __init__(self, rpc: Rpc, reader: CustomerReader, url: str):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._reader = reader
        self._url = url

    def find(self, customer: rec.Customer) -> list[rec.Customer]:
        """Customers with the e-mail, the end of a phone, or the whole name of this one."""
        everyone = [*self._reader.domain(None), ("active", "=", True)]
        ids: dict[int, None] = {}
        for domain in self._likenesses(customer):
            rows = self._rpc.search_read(MODEL, [*everyone, *domain], ["id"], limit=_MOST_CANDIDATES)
            ids |= dict.fromkeys(row["id"] for row in rows)
        found, _malformed = self._reader.read(list(ids)) if ids else ((), ())
        return list(found)

    def push(self, customer: rec.Customer, key: str) -> Pushed:
        partner = upsert(self._rpc, MODEL, external_id("partner", key), self._values(customer))
        for address in customer.addresses:
            if address.kind is not rec.AddressKind.CONTACT:
                self.address(partner, address)
        return Pushed(external_id=id_key("partner", partner), url=f"{self._url}/web#model={MODEL}&id={partner}")

    def address(self, partner: int, address: rec.Address) -> int:
        """The id of that address of a customer; the same address is the same row."""
        place = self._place(address)
        values = {
            "parent_id": Ids.of(partner),
            "type": address.kind.value if address.kind is not rec.AddressKind.CONTACT else "other",
            "name": address.name or address.company,
            "phone": address.phone,
            **place,
        }
        token = hashlib.blake2b(repr(sorted(values.items())).encode(), digest_size=8).hexdigest()
        return upsert(self._rpc, MODEL, external_id("address", token), values)

    def partner(self, customer_id: str) -> int:
        """The partner of an external id of ours; without one it is the customer who stands for nobody."""
        return number("partner", customer_id) or self._walk_in

    # How a customer is found and written

    def _likenesses(self, customer: rec.Customer) -> Iterable[list[Any]]:
        """A domain for each way in which rows may be found."""
        contacts: list[list[Any]] = []
        if email_key(customer.email):
            contacts.append([("email", "=ilike", _literally(customer.email.strip()))])
        for phone in {customer.phone, customer.mobile} - {""}:
            digits = "".join(letter for letter in phone_key(phone) if letter.isdigit())
            if digits:
                contacts += [[(name, "like", digits[-_LAST_DIGITS:])] for name in self._phone_fields]
        if contacts:
            yield any_of(*contacts)
        names = [customer.company_name] if _is_company(customer) else [customer.first_name, customer.last_name]
        # Odoo compares letters, accents too: the longest word is the likeliest to be written alike.
        parts = [max(name.split(), key=len) for name in names if name.split()]
        if len(parts) == len(names):
            yield [("name", "ilike", _literally(part)) for part in parts]

    def _values(self, customer: rec.Customer) -> dict[str, Any]:
        company = _is_company(customer)
        name = " ".join(filter(None, (customer.first_name.strip(), customer.last_name.strip())))
        values: dict[str, Any] = {
            "name": name or customer.company_name or customer.email or customer.phone or customer.external_id,
            "email": customer.email,
            "phone": customer.phone or customer.mobile,
        }
        if company:
            values["is_company"] = True
        elif customer.company_name:
            values["company_name"] = customer.company_name
        if customer.mobile and customer.phone and "mobile" in self._phone_fields:
            values["mobile"] = customer.mobile
        if customer.vat:
            values["vat"] = customer.vat
        if customer.language in self._languages:
            values["lang"] = customer.language
        group = self._group(customer.group_name)
        if group:
            values["category_id"] = Ids.of(group)
        main = next((item for item in customer.addresses if item.kind is rec.AddressKind.CONTACT), None)
        return {**values, **(self._place(main) if main else {})}

    def _place(self, address: rec.Address) -> dict[str, Any]:
        country = self._country(address.country)
        state = self._state(country, address.state)
        city = address.city if state or not address.state else ", ".join(filter(None, (address.city, address.state)))
        return {
            "street": address.street,
            "street2": address.street2,
            "city": city,
            "zip": address.zip,
            "country_id": Ids.of(country),
            "state_id": Ids.of(state),
        }

    def _country(self, code: str) -> int:
        return self._countries.get(code.upper(), 0) if code else 0

    def _state(self, country: int, state: str) -> int:
        if not country or not state:
            return 0
        domain = [("country_id", "=", country), *any_of([("code", "=ilike", state)], [("name", "=ilike", state)])]
        rows = self._rpc.search_read("res.country.state", domain, ["id"], limit=1)
        return rows[0]["id"] if rows else 0

    def _group(self, name: str) -> int:
        """Of exactly the same title."""
        rows = self._rows.read("res.partner.category", [("name", "=", name)], ["name"]) if name else ()
        return next((row["id"] for row in rows), 0)

    @cached_property
    def _phone_fields(self) -> list[str]:
        return self._rows.names(MODEL, ["phone", "mobile"])

    @cached_property
    def _countries(self) -> dict[str, int]:
        return {text(row["code"]): row["id"] for row in self._rpc.search_read("res.country", [], ["code"])}

    @cached_property
    def _languages(self) -> set[str]:
        return {row["code"] for row in self._rpc.search_read("res.lang", [("active", "=", True)], ["code"])}

    @cached_property
    def _walk_in(self) -> int:
        """One for each company, made when the first order without a customer comes."""
        company = self._rpc.context["allowed_company_ids"][0]
        values = {"name": "Walk-in Customer", "company_id": Ids.of(company)}
        return upsert(self._rpc, MODEL, external_id("partner", f"walk_in_{company}"), values)


def _literally(value: str) -> str:
    """Without the marks that stand for any letter in Odoo's domains."""
    return value.replace("\\", "\\\\").replace("_", r"\_").replace("%", r"\%")


def _is_company(customer: rec.Customer) -> bool:
    return bool(customer.company_name and not customer.first_name and not customer.last_name)
