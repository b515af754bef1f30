"""Square's customer directory as `Customer` records, and customers sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...lazy import cached_property
from ...moments import read_moment, write_moment
from ...pages import indexed, parse_each
from ...people.keys import phone_key
from ...people.reachable import country_of, email_to_send, phone_to_send
from .api import Api, at, rows
from .keys import short_key
from .values import Row, address, as_address, pass_end, text

_MOST = 100


class CustomerReader:
    """Reads for one connection; its groups are read once."""

    def __init__(self, api: Api):
        self._api = api

    # Pages

    def search(self, position: str, since: datetime | None, started: datetime, limit: int) -> dict[str, Any]:
        """Those modified from `since` until the pass began, oldest first."""
        span = {**({"start_at": write_moment(since)} if since else {}), "end_at": pass_end(started)}
        query = {"filter": {"updated_at": span}, "sort": {"field": "CREATED_AT", "order": "ASC"}}
        body: dict[str, Any] = {"query": query, "limit": min(limit, _MOST), "count": True}
        return self._api.ask("v2/customers/search", at(position, body), "customers")

    def page(self, answer: Row) -> dict[str, Any]:
        records, malformed = parse_each(rows(answer, "customers"), self.customer, lambda row: row["id"])
        return {"records": records, "malformed": malformed, "total": answer.get("count")}

    def get(self, external_id: str) -> rec.Customer | None:
        row = self._api.find(f"v2/customers/{external_id}", "customer")
        return self.customer(row) if row else None

    def groups(self) -> Iterator[rec.CustomerGroup]:
        for key, name in self._groups.items():
            yield rec.CustomerGroup(external_id=key, name=name)

    @cached_property
    def _groups(self) -> dict[str, str]:
        def fetch(position: str) -> Row:
            return self._api.get("v2/customers/groups", "groups", params=at(position, {"limit": 50}))

        return indexed(self._api.every(fetch, "groups"), lambda row: row["id"], lambda row: text(row["name"]))

    # Records

    def customer(self, row: Row) -> rec.Customer:
        """One group of those that the merchant made: the first that Square names."""
        group = next((key for key in row.get("group_ids") or () if key in self._groups), "")
        first, last = text(row.get("given_name")), text(row.get("family_name"))
        phone = text(row.get("phone_number"))
        home = address(row.get("address"), rec.AddressKind.CONTACT)
        refuses = (row.get("preferences") or {}).get("email_unsubscribed")
        return rec.Customer(
            external_id=row["id"],
            first_name=first or ("" if last else text(row.get("nickname"))),
            last_name=last,
            company_name=text(row.get("company_name")),
            email=text(row.get("email_address")),
            phone=phone,
            addresses=(home,) if home else (),
            vat=text((row.get("tax_ids") or {}).get("eu_vat")),
            birthday=_birthday(row.get("birthday")),
            group_id=group,
            group_name=self._groups.get(group, ""),
            # Who has not unsubscribed has not agreed either: Square keeps no consent.
            marketing=rec.Consent.NO if refuses else rec.Consent.UNKNOWN,
            note=text(row.get("note")),
            created_at=read_moment(row.get("created_at")),
            updated_at=read_moment(row.get("updated_at")),
            raw=row,
        )

    # Pushes

    def candidates(self, customer: rec.Customer) -> list[rec.Customer]:
        """Customers with the e-mail or a phone of this one."""
        email = email_to_send(customer.email)
        wanted = [("email_address", {"exact": email})] if email else []
        wanted += [
            ("phone_number", {"fuzzy": phone}) for phone in {customer.phone, customer.mobile} - {""} if phone_key(phone)
        ]
        found: dict[str, Row] = {}
        for name, condition in wanted:
            answer = self._api.ask("v2/customers/search", {"query": {"filter": {name: condition}}}, "customers")
            found |= {row["id"]: row for row in rows(answer, "customers")}
        return [self.customer(row) for row in found.values()]

    def push(self, customer: rec.Customer, key: str) -> Pushed:
        """Made once by the key; put into the group of the same name, where Square has one."""
        home = next((item for item in customer.addresses if item.kind is rec.AddressKind.CONTACT), None)
        values = {
            "given_name": customer.first_name,
            "family_name": customer.last_name,
            "company_name": customer.company_name,
            "email_address": email_to_send(customer.email),
            "phone_number": phone_to_send(country_of(customer), customer.phone, customer.mobile),
            "birthday": customer.birthday.isoformat() if customer.birthday else "",
            "note": customer.note,
            "reference_id": key,
            "address": as_address(home),
            "tax_ids": {"eu_vat": customer.vat} if customer.vat else {},
        }
        body = {name: value for name, value in values.items() if value}
        made = self._api.ask("v2/customers", {**body, "idempotency_key": short_key(key)}, "customer")["customer"]
        wanted = customer.group_name.strip().lower()
        group = next((known for known, name in self._groups.items() if wanted and name.strip().lower() == wanted), "")
        if group:
            self._api.put(f"v2/customers/{made['id']}/groups/{group}", None)
        return Pushed(external_id=made["id"])


def _birthday(value: Any) -> date | None:
    """None for a birthday without a year, which Square writes as year 0000."""
    with suppress(ValueError):
        return date.fromisoformat(text(value))
    return None
