"""Shopify's customers as `Customer` records, and customers sent to it. Shopify has no groups: tags stand for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timezone
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...moments import read_moment, write_moment
from ...pages import indexed, parse_each
from ...passes import Part
from ...people.reachable import country_of, email_to_send, phone_to_send
from .api import Api, quoted, since_text
from .values import OURS, Row, address, as_address, gid, is_key, key_of, nodes, tag_of, text

_ADDRESS = "id firstName lastName company address1 address2 city zip provinceCode countryCodeV2 phone"
_CUSTOMER = f"""
  id firstName lastName locale note tags taxExempt createdAt updatedAt
  defaultEmailAddress {{ emailAddress marketingState marketingUpdatedAt }}
  defaultPhoneNumber {{ phoneNumber }}
  defaultAddress {{ {_ADDRESS} }}
  addressesV2(first: 10) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_ADDRESS} }} }}
"""
CUSTOMERS = f"""
query Customers($first: Int!, $after: String, $search: String) {{
  customers(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {_CUSTOMER} }} }} }}
"""
_ONE = f"query Customer($id: ID!) {{ customer(id: $id) {{ {_CUSTOMER} }} }}"
_TAGS = "query CustomerTags { shop { customerTags(first: 250) { nodes } } }"
_SET = """
mutation SetCustomer($input: CustomerSetInput!, $identifier: CustomerSetIdentifiers) {
  customerSet(input: $input, identifier: $identifier) { userErrors { field message } customer { id } } }
"""
_CREATE = """
mutation CreateCustomer($input: CustomerInput!) {
  customerCreate(input: $input) { userErrors { field message } customer { id } } }
"""
_UPDATE = """
mutation UpdateCustomer($input: CustomerInput!) {
  customerUpdate(input: $input) { userErrors { field message } customer { id } } }
"""
_CONSENT = """
mutation Consent($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) { userErrors { field message } } }
"""
_MARKETING = {
    "SUBSCRIBED": rec.Consent.YES,
    "UNSUBSCRIBED": rec.Consent.NO,
    "REDACTED": rec.Consent.NO,
}
_STATES = {rec.Consent.YES: "SUBSCRIBED", rec.Consent.NO: "UNSUBSCRIBED"}


class CustomerReader:
    """Reads for one connection. `groups`: tags that are groups; none: all of them are."""

    def __init__(self, api: Api, groups: Iterable[str]):
        self._api = api
        self._groups = {tag.lower() for tag in groups}

    def part(self, since: datetime | None, limit: int) -> Part:
        """Shopify compares by whole days here."""
        day = datetime.combine(since.date(), time(), timezone.utc) if since else None
        return self._api.part(CUSTOMERS, ("customers",), limit, self.page, search=since_text(day))

    def page(self, answer: Row) -> dict[str, Any]:
        records, malformed = parse_each(answer.get("nodes") or (), self.customer, key_of)
        return {"records": records, "malformed": malformed}

    def get(self, external_id: str) -> rec.Customer | None:
        if not is_key(external_id):
            return None
        row = self._api.ask(_ONE, id=gid("Customer", external_id)).get("customer")
        return self.customer(row) if row else None

    def groups(self) -> Iterator[rec.CustomerGroup]:
        for tag, name in indexed(self._api.ask(_TAGS)["shop"]["customerTags"]["nodes"], text, text).items():
            yield rec.CustomerGroup(external_id=tag, name=name)

    def customer(self, row: dict[str, Any]) -> rec.Customer:
        self._api.complete(row, "Customer", "addressesV2", _ADDRESS)
        mail = row.get("defaultEmailAddress") or {}
        others = nodes(row, "addressesV2")
        main = row.get("defaultAddress") or next(iter(others), {})
        places = [main, *(item for item in others if item.get("id") != main.get("id"))]
        kinds = [rec.AddressKind.CONTACT, *[rec.AddressKind.DELIVERY] * (len(places) - 1)]
        group = next((text(tag) for tag in row.get("tags") or () if self._is_group(text(tag))), "")
        return rec.Customer(
            external_id=key_of(row),
            first_name=text(row.get("firstName")),
            last_name=text(row.get("lastName")),
            company_name=text(main.get("company")),
            email=text(mail.get("emailAddress")),
            phone=text((row.get("defaultPhoneNumber") or {}).get("phoneNumber")) or text(main.get("phone")),
            addresses=tuple(filter(None, map(address, places, kinds))),
            tax_exempt=bool(row.get("taxExempt")),
            language=text(row.get("locale")),
            group_id=group,
            group_name=group,
            marketing=_MARKETING.get(text(mail.get("marketingState")), rec.Consent.UNKNOWN),
            marketing_at=read_moment(mail.get("marketingUpdatedAt")),
            note=text(row.get("note")),
            created_at=read_moment(row.get("createdAt")),
            updated_at=read_moment(row.get("updatedAt")),
            raw=row,
        )

    def _is_group(self, tag: str) -> bool:
        return not tag.startswith(OURS) and (not self._groups or tag.lower() in self._groups)

    # Pushes

    def candidates(self, customer: rec.Customer) -> list[rec.Customer]:
        """Customers with the e-mail or a phone of this one."""
        email = email_to_send(customer.email)
        terms = [f"email:{quoted(email)}"] if email else []
        terms += [f"phone:{quoted(phone)}" for phone in _phones(customer)]
        if not terms:
            return []
        return [self.customer(row) for row in self._api.every(CUSTOMERS, "customers", search=" OR ".join(terms))]

    def push(self, customer: rec.Customer, key: str) -> Pushed:
        """Made once: Shopify knows a customer by e-mail or phone, one without either carries a tag of its key."""
        values = _values(customer)
        home = _home(customer)
        if home:
            values["addresses"] = [as_address(home, customer.first_name, customer.last_name)]
        known = {name: values[name] for name in ("email", "phone") if values.get(name)}
        if known:
            name = next(iter(known))
            made = self._api.change(_SET, "customerSet", again=True, input=values, identifier={name: known[name]})
            external_id = made["customer"]["id"]
        else:
            external_id = self._tagged(values, key)
        self._consent(customer, external_id)
        return Pushed(external_id=key_of(external_id))

    def update(self, customer: rec.Customer) -> Pushed:
        external_id = gid("Customer", customer.external_id)
        values = _values(customer)
        # Tags are a list that would be replaced.
        values.pop("tags", None)
        self._api.change(_UPDATE, "customerUpdate", again=True, input={**values, "id": external_id})
        self._consent(customer, external_id)
        return Pushed(external_id=customer.external_id)

    def _tagged(self, values: dict[str, Any], key: str) -> str:
        tag = tag_of(key)
        known = next(self._api.every(CUSTOMERS, "customers", search=f"tag:{tag}"), None)
        if known:
            return known["id"]
        tags = [*values.get("tags", ()), tag]
        return self._api.change(_CREATE, "customerCreate", input={**values, "tags": tags})["customer"]["id"]

    def _consent(self, customer: rec.Customer, external_id: str) -> None:
        state = _STATES.get(customer.marketing)
        if not (state and email_to_send(customer.email)):
            return
        consent: dict[str, Any] = {"marketingState": state, "marketingOptInLevel": "SINGLE_OPT_IN"}
        if customer.marketing_at:
            consent["consentUpdatedAt"] = write_moment(customer.marketing_at)
        body = {"customerId": external_id, "emailMarketingConsent": consent}
        self._api.change(_CONSENT, "customerEmailMarketingConsentUpdate", again=True, input=body)


def _home(customer: rec.Customer) -> rec.Address | None:
    return next((item for item in customer.addresses if item.kind is rec.AddressKind.CONTACT), None)


def _phones(customer: rec.Customer) -> list[str]:
    """Numbers as Shopify takes them; one without its country is of where the customer lives."""
    found = (phone_to_send(country_of(customer), number) for number in (customer.phone, customer.mobile))
    return list(dict.fromkeys(filter(None, found)))


def _values(customer: rec.Customer) -> dict[str, Any]:
    values = {
        "firstName": customer.first_name or ("" if customer.last_name else customer.company_name),
        "lastName": customer.last_name,
        "email": email_to_send(customer.email),
        "phone": next(iter(_phones(customer)), ""),
        "note": customer.note,
        "tags": [customer.group_name] if customer.group_name else [],
    }
    return {name: value for name, value in values.items() if value}
