"""Contacts of Odoo as `Customer` records.

A customer is a contact of its own or a person of a company; a contact's further addresses are addresses of that
customer. Odoo does not know for certain who has bought, so all contacts come, but for users who work in that Odoo and
its own companies. These still come when an order names one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...markup import plain_if_rich
from ...pages import Malformed, parse_each
from . import fields
from .rpc import Rpc
from .sales_fields import PARTNER, any_of
from .values import decimal, key, moment, text, wire

_ADDRESS_KINDS = {
    "invoice": rec.AddressKind.INVOICE,
    "delivery": rec.AddressKind.DELIVERY,
    "other": rec.AddressKind.CONTACT,
}
_PLACE = ("street", "street2", "city", "zip", "state_id", "country_id")
_TECHNICAL_LOGINS = ("__system__", "public", "portaltemplate", "default")


class CustomerReader:
    """Reads customers for one connection. What all pages share is read once."""

    def __init__(self, rpc: Rpc):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._companies: list[int] = rpc.context["allowed_company_ids"]
        self._places: dict[str, dict[int, str]] = {"res.country": {}, "res.country.state": {}}

    def domain(self, since: datetime | None) -> list[Any]:
        """On res.partner: all customers, or those that were modified since, themselves or in what belongs to them."""
        company = self._rpc.search_read("res.company", [], ["partner_id"])
        own = {row["partner_id"] for row in company} | self._technical_partners
        everyone = [
            *any_of([("parent_id", "=", False)], [("type", "in", ["contact", False])]),
            ("partner_share", "=", True),
            ("company_id", "in", [False, *self._companies]),
            ("id", "not in", sorted(own)),
        ]
        return [*everyone, *self._changed(since)] if since else everyone

    def read(self, ids: Iterable[int]) -> tuple[tuple[rec.Customer, ...], tuple[Malformed, ...]]:
        """The customers with these ids, in the order of their ids."""
        rows = self._rows.read("res.partner", [("id", "in", list(ids))], PARTNER)
        if not rows:
            return (), ()
        numbers = [row["id"] for row in rows]
        children = defaultdict(list)
        below = [("parent_id", "in", numbers), ("type", "in", sorted(_ADDRESS_KINDS)), ("active", "=", True)]
        for row in self._rows.read("res.partner", below, PARTNER):
            children[row["parent_id"]].append(row)
        self._read_places([*rows, *(row for found in children.values() for row in found)])
        points = self._points(numbers)
        refusals = self._refusals([row["email_normalized"] for row in rows if row.get("is_blacklisted")])
        payloads = [{"partner": row, "addresses": children[row["id"]]} for row in rows]
        return parse_each(
            payloads,
            lambda payload: self._customer(payload, points, refusals),
            lambda payload: key("partner", payload["partner"]["id"]),
        )

    def owners(self, partners: set[int]) -> dict[int, dict[str, Any]]:
        """For each partner that an order names: the row of the customer it is, or is an address of."""
        known: dict[int, dict[str, Any]] = {}
        wanted = partners
        while wanted:
            known |= self._rows.by_id("res.partner", wanted, PARTNER)
            wanted = {row["parent_id"] for row in known.values() if _is_address(row)} - set(known)
        found = {}
        for partner in partners & set(known):
            row = known[partner]
            while _is_address(row) and row["parent_id"] in known:
                row = known[row["parent_id"]]
            found[partner] = row
        return found

    def addresses(self, partners: set[int], kind: rec.AddressKind) -> dict[int, rec.Address]:
        rows = self._rows.by_id("res.partner", partners, PARTNER)
        self._read_places(list(rows.values()))
        return {number: self._address(row, kind) for number, row in rows.items()}

    # What pages need

    def _changed(self, since: datetime) -> list[Any]:
        recent = ("write_date", ">=", wire(since))
        below = [recent, ("parent_id", "!=", False), ("type", "in", sorted(_ADDRESS_KINDS))]
        touched = {row["parent_id"] for row in self._rpc.read_all("res.partner", below, ["parent_id"])}
        cards = [recent, ("partner_id", "!=", False), ("program_id.program_type", "=", "loyalty")]
        touched |= {row["partner_id"] for row in self._rows.allowed("loyalty.card", cards, ["partner_id"])}
        refused = [text(row["email"]) for row in self._rows.allowed("mail.blacklist", [recent], ["email"])]
        return any_of([recent], [("id", "in", sorted(touched))], [("email_normalized", "in", refused)])

    def _points(self, partners: list[int]) -> dict[int, Decimal]:
        """The balance of each customer who has a loyalty card, over all loyalty programs."""
        domain = [("partner_id", "in", partners), ("program_id.program_type", "=", "loyalty")]
        if self._rows.has("loyalty.card", "active"):
            domain.append(("active", "=", True))
        balances: dict[int, Decimal] = {}
        for row in self._rows.allowed("loyalty.card", domain, ["partner_id", "points"]):
            balances[row["partner_id"]] = balances.get(row["partner_id"], Decimal(0)) + decimal(row["points"])
        return balances

    def _refusals(self, emails: list[str]) -> dict[str, datetime | None]:
        """When each of these addresses was put on the list of those that get no mailings, where it may be read."""
        if not emails:
            return {}
        rows = self._rows.allowed("mail.blacklist", [("email", "in", emails)], ["email", "write_date"])
        return {text(row["email"]): moment(row["write_date"]) for row in rows}

    def _read_places(self, rows: list[dict[str, Any]]) -> None:
        for model, name in (("res.country", "country_id"), ("res.country.state", "state_id")):
            known = self._places[model]
            missing = {row[name] for row in rows if row[name]} - set(known)
            for number, row in self._rows.by_id(model, missing, ["code", "name"]).items():
                known[number] = text(row["code"]) or text(row["name"])

    @cached_property
    def _groups(self) -> dict[int, str]:
        return {row["id"]: row["name"] for row in self._rows.read("res.partner.category", [], ["name"])}

    @cached_property
    def _technical_partners(self) -> set[int]:
        rows = self._rows.allowed("res.users", [("login", "in", _TECHNICAL_LOGINS)], ["partner_id"])
        return {row["partner_id"] for row in rows}

    # Records

    def _customer(
        self, payload: dict[str, Any], points: dict[int, Decimal], refusals: dict[str, datetime | None]
    ) -> rec.Customer:
        row, children = payload["partner"], payload["addresses"]
        first, last, company = _names(row)
        groups = [group for group in row["category_id"] if group in self._groups]
        refused = bool(row.get("is_blacklisted"))
        addresses = [self._address(row, rec.AddressKind.CONTACT)] if any(row[name] for name in _PLACE) else []
        addresses += [self._address(child, _ADDRESS_KINDS[child["type"]]) for child in children]
        return rec.Customer(
            external_id=key("partner", row["id"]),
            first_name=first,
            last_name=last,
            company_name=company,
            email=text(row["email"]),
            phone=text(row["phone"]),
            mobile=text(row.get("mobile")),
            addresses=tuple(addresses),
            vat=text(row["vat"]),
            language=text(row["lang"]),
            group_id=key("group", groups[0]) if groups else "",
            group_name=self._groups[groups[0]] if groups else "",
            marketing=rec.Consent.NO if refused else rec.Consent.UNKNOWN,
            marketing_at=refusals.get(text(row.get("email_normalized"))) if refused else None,
            points=points.get(row["id"]),
            note=plain_if_rich(row["comment"]),
            archived=not row["active"],
            created_at=moment(row["create_date"]),
            updated_at=max(filter(None, (moment(item["write_date"]) for item in (row, *children))), default=None),
            raw=payload,
        )

    def _address(self, row: dict[str, Any], kind: rec.AddressKind) -> rec.Address:
        return rec.Address(
            kind=kind,
            name="" if row["is_company"] else text(row["name"]),
            company=text(row["name"]) if row["is_company"] else text(row.get("commercial_company_name")),
            street=text(row["street"]),
            street2=text(row["street2"]),
            city=text(row["city"]),
            zip=text(row["zip"]),
            state=self._places["res.country.state"].get(row["state_id"], ""),
            country=self._places["res.country"].get(row["country_id"], ""),
            phone=text(row["phone"]),
            email=text(row["email"]),
            vat=text(row["vat"]),
        )


def _is_address(row: dict[str, Any]) -> bool:
    return bool(row["parent_id"]) and row["type"] not in ("contact", False)


def _names(row: dict[str, Any]) -> tuple[str, str, str]:
    """First, last and company name. Odoo has one name: its last word is taken for the last name, "Last, First" is
    understood, and what an app for split names keeps goes before both."""
    name = " ".join(text(row["name"]).split())
    if row["is_company"]:
        return "", "", name
    company = text(row.get("commercial_company_name"))
    if row.get("firstname") or row.get("lastname"):
        return text(row.get("firstname")), text(row.get("lastname")), company
    last, comma, first = name.partition(", ")
    if not comma or "," in first:
        first, _space, last = name.rpartition(" ")
    return (first, last, company) if first else (last, "", company)
