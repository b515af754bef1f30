"""Finds, with one query a kind, all that a page of customers needs in Odoo. Holds plain values, for one attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from odoo.fields import Domain

from ...connectors.flows import Flow
from ...connectors.people.keys import email_key, name_key, phone_key, words
from ...connectors.people.person import Person
from ...connectors.records import Address, AddressKind, Customer
from ..engine.outcome import Review

# A phone or e-mail that more partners have is the shop's own, or stands for none: it says nothing about who it is.
_MOST_HOLDERS = 20


@dataclass(slots=True)
class LinkedCustomer:
    """A mapping as plain values. `partner_id` is None when the partner was deleted in Odoo."""

    mapping_id: int
    partner_id: int | None
    digest: str = ""
    gone: bool = False
    linked_by: str = ""
    made_here: bool = False
    owns_contact: bool = False
    archived_here: bool = False
    agreed_email: str = ""
    agreed_phone: str = ""
    agreed_group: str = ""
    consent: str = ""
    consent_at: datetime | None = None
    stated: dict = field(default_factory=dict)

    @property
    def unknown(self) -> bool:
        """An order named the customer, and the system did not know them: there was never a partner."""
        return self.gone and not self.partner_id and not self.linked_by


@dataclass(slots=True)
class Candidate:
    """A partner of Odoo that has a key of the page, with what it is recognised by."""

    partner_id: int
    person: Person
    name_key: str = ""


@dataclass(slots=True)
class Reviewed:
    """A pair that was asked for already; `partner_id` is the candidate's."""

    match_id: int
    partner_id: int
    kind: str
    state: str
    proposed: dict


_LINK = (
    "external_id partner_id digest gone linked_by made_here owns_contact archived_here agreed_email agreed_phone "
    "agreed_group consent consent_at stated"
).split()


@dataclass(slots=True)
class CustomerResolver:
    """Resolves `records` (`Customer`s) for `connection`; `env` is the importer's."""

    env: object
    connection: object
    records: list
    links: dict[str, LinkedCustomer] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    erased: dict[str, int | None] = field(default_factory=dict)
    reviewed: dict[str, list[Reviewed]] = field(default_factory=dict)
    candidates: dict[int, Candidate] = field(default_factory=dict)
    groups_elsewhere: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    consents: dict[int, list[tuple[datetime | None, datetime | None]]] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    states: dict[tuple[int, str], int] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    _holders: dict[str, list[int]] = field(default_factory=dict)

    def load_links(self) -> CustomerResolver:
        """The mappings of all records: enough to tell which have changed."""
        rows = self.env["pos.sync.mapping"].search_read(
            [
                ("connection_id", "=", self.connection.id),
                ("entity", "=", "customer"),
                ("external_id", "in", [record.external_id for record in self.records]),
            ],
            _LINK,
            load=None,
        )
        for row in rows:
            mapping_id, external_id = row.pop("id"), row.pop("external_id")
            values = {name: value or _EMPTY.get(name, "") for name, value in row.items()}
            self.links[external_id] = LinkedCustomer(mapping_id=mapping_id, **values)
        return self

    def load(self, records: list[Customer]) -> None:
        """All that is needed to match and write `records`, those that have changed."""
        external_ids = [record.external_id for record in records]
        self.erased = self.env["pos.sync.tombstone"]._find(self.connection, "customer", external_ids)
        self._load_reviewed(external_ids)
        self._load_decisions(external_ids)
        self.load_places([address for record in records for address in record.addresses])
        for code, _name in self.env["res.lang"].get_installed():
            self.languages.setdefault(code.partition("_")[0].lower(), code)
            self.languages[code.lower()] = code
        self.persons = {record.external_id: self._person(record) for record in records}
        self.load_candidates(
            [self.persons[record.external_id] for record in records if record.external_id not in self.links]
        )

    # The keys that records are found by

    def _person(self, record: Customer) -> Person:
        address = main_address(record)
        country = address.country if address else ""
        country = country or self.connection.company_id.country_id.code or ""
        phones = {phone_key(phone, country) for phone in (main_phone(record), record.mobile) if phone}
        company = bool(record.company_name and not record.first_name and not record.last_name)
        return Person(
            first=record.first_name,
            last=record.last_name,
            name=record.company_name if company else "",
            company=company,
            phones=frozenset(phones - {""}),
            email=email_key(record.email),
            birthday=record.birthday,
            tax_id=record.vat,
        )

    def load_candidates(self, persons: list[Person]) -> None:
        """The partners that one of `persons` may be, in one query."""
        phones = {key for person in persons for key in person.phones}
        emails = {person.email for person in persons if person.email}
        names = {key for person in persons if (key := full_name_key(person))}
        if not phones and not emails and not names:
            return
        Partner = self.env["res.partner"].with_context(active_test=False)
        rows = Partner.search_read(
            Domain(Partner._check_company_domain(self.connection.company_id))
            & Domain("id", "in", Partner._pos_sync_with_keys(phones, emails, names)),
            ["name", "is_company", "active", "vat", "pos_sync_phone_key", "pos_sync_email_key", "pos_sync_name_key"],
            order="id",
        )
        stated = self._stated([row["id"] for row in rows])
        for row in rows:
            self.add_candidate(
                Candidate(row["id"], self._as_person(row, stated.get(row["id"], ())), row["pos_sync_name_key"] or "")
            )

    def add_candidate(self, candidate: Candidate) -> None:
        self.candidates[candidate.partner_id] = candidate
        person = candidate.person
        name = "" if person.phones and person.email else candidate.name_key
        for key in (*person.phones, person.email, name):
            if key:
                self._holders.setdefault(key, []).append(candidate.partner_id)

    def candidates_for(self, person: Person) -> Iterator[Candidate]:
        """Those that share a phone, an e-mail or the name with `person`, in the order of their ids."""
        name = full_name_key(person)
        found = set(self._holders.get(name, ()) if name else ())
        for key in (*person.phones, person.email):
            holders = self._holders.get(key, ()) if key else ()
            if len(holders) <= _MOST_HOLDERS:
                found.update(holders)
            else:
                found.update(key for key in holders if self.candidates[key].name_key == name)
        return (self.candidates[key] for key in sorted(found))

    def _stated(self, partner_ids):
        """{partner id: first name, last name, birthday as a system states them}."""
        rows = self.env["pos.sync.mapping"].search_read(
            [("entity", "=", "customer"), ("partner_id", "in", partner_ids)],
            ["partner_id", "first_name", "last_name", "birthday"],
            load=None,
        )
        return {row["partner_id"]: (row["first_name"], row["last_name"], row["birthday"]) for row in rows}

    def _as_person(self, row, stated) -> Person:
        first, last, birthday = stated or ("", "", None)
        # Since then somebody may have changed the name in Odoo.
        known = first and last and words(f"{first} {last}") == words(row["name"] or "")
        return Person(
            first=first if known else "",
            last=last if known else "",
            name="" if known else row["name"] or "",
            company=row["is_company"],
            phones=frozenset({row["pos_sync_phone_key"]} - {False}),
            email=row["pos_sync_email_key"] or "",
            birthday=birthday or None,
            tax_id=row["vat"] or "",
            archived=not row["active"],
        )

    # The rest

    def _load_reviewed(self, external_ids) -> None:
        for row in self.env["pos.sync.match"].search_read(
            [("connection_id", "=", self.connection.id), ("external_id", "in", external_ids)],
            ["external_id", "candidate_id", "kind", "state", "proposed"],
            load=None,
        ):
            self.reviewed.setdefault(row["external_id"], []).append(
                Reviewed(row["id"], row["candidate_id"], row["kind"], row["state"], row["proposed"] or {})
            )

    def _load_decisions(self, external_ids) -> None:
        """What a person said about customers that the first sync asked about; "" where nobody has answered yet."""
        rows = self.env["pos.sync.message"].search_read(
            [
                ("connection_id", "=", self.connection.id),
                ("flow", "=", Flow.CUSTOMERS_PULL.value),
                ("external_id", "in", [key for key in external_ids if key not in self.links]),
                "|",
                ("decision", "!=", False),
                ("kind", "=", Review.kind),
                ("state", "in", ("waiting", "held", "failed")),
            ],
            ["external_id", "decision", "candidate_partner_id"],
            load=None,
        )
        self.decisions = {
            row["external_id"]: (row["decision"] or "", row["candidate_partner_id"] or None) for row in rows
        }

    def load_siblings(self, partner_ids: Iterable[int]) -> None:
        """What all links of these partners say: their groups, and when their consent was given or withdrawn, with the
        moment when Odoo's blacklist was changed for it."""
        for row in self.env["pos.sync.mapping"].search_read(
            [("entity", "=", "customer"), ("partner_id", "in", list(partner_ids)), ("gone", "=", False)],
            ["partner_id", "agreed_group", "consent_at", "consent_listed_at"],
            load=None,
        ):
            if row["agreed_group"]:
                self.groups_elsewhere.setdefault(row["partner_id"], []).append((row["id"], row["agreed_group"]))
            if row["consent_listed_at"]:
                self.consents.setdefault(row["partner_id"], []).append((row["consent_at"], row["consent_listed_at"]))

    def load_places(self, addresses) -> None:
        codes = {address.country.upper() for address in addresses if address.country}
        if not codes:
            return
        countries = self.env["res.country"].search([("code", "in", list(codes))])
        self.countries = {country.code: country.id for country in countries}
        if any(address.state for address in addresses):
            for state in self.env["res.country.state"].search([("country_id", "in", countries.ids)]):
                self.states[state.country_id.id, state.code.lower()] = state.id
                self.states.setdefault((state.country_id.id, state.name.lower()), state.id)


_EMPTY = {
    "partner_id": None,
    "gone": False,
    "made_here": False,
    "owns_contact": False,
    "archived_here": False,
    "consent_at": None,
    "stated": {},
}


def full_name_key(person: Person) -> str:
    """The key of a name that says something by itself: first and last name, or a company's."""
    key = name_key(person.name if person.company else f"{person.first} {person.last} {person.name}")
    return key if person.company or " " in key else ""


def main_address(record: Customer) -> Address | None:
    """The address of the customer proper: where the system calls none of them that, the first."""
    first = next(iter(record.addresses), None)
    return next((address for address in record.addresses if address.kind is AddressKind.CONTACT), first)


def main_phone(record: Customer) -> str:
    """The number of the customer, else the one of their address."""
    address = main_address(record)
    return (record.phone or record.mobile or (address.phone if address else "")).strip()
