"""Customers: with tags, refusals of marketing, addresses, employers; and people who look alike."""
from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

_FIRST = (
    "Anna", "Tomás", "Marie", "Jürgen", "Siobhán", "Giulia", "Łukasz", "Nora", "Émile", "Freya", "Óscar", "Zoë", "Paul",
    "Ingrid", "Mehmet", "Chloé", "Daniel", "Daniela", "Jean-Luc", "Ayşe", "Björn", "Hélène", "Ivan", "Rosa",
)
_LAST = (
    "Condor", "Peeters", "Müller", "García", "O'Brien", "Van den Berg", "Rossi", "Kowalski", "Dupont", "Jensen",
    "Núñez", "Lefèvre", "Schmidt", "Öztürk", "Novák", "Silva", "Dubois", "Maes", "Claes", "Lindqvist", "d'Ambrosio",
)
_TAGS = ("Regulars", "Wholesale buyers", "Staff & family", "VIP", "Newsletter")
_CITIES = (("1000", "Bruxelles"), ("2000", "Antwerpen"), ("9000", "Gent"), ("4000", "Liège"))


@dataclass(frozen=True)
class People:
    """`everyone` buys; the others are named by tests."""

    everyone: Any
    tomas: Any
    ann: Any
    prince: Any
    back_door: Any


def make(env: Any, random: Random, count: int) -> People:
    """`count` customers, a tenth of whom look like another one, and the named ones."""
    Partner = env["res.partner"]
    tags = env["res.partner.category"].create([{"name": name} for name in _TAGS])
    belgium = env.ref("base.be").id
    plain = [_person(random, number, tags, belgium) for number in range(count - count // 10)]
    alike = [_alike(random, number, plain) for number in range(count // 10)]
    everyone = Partner.create([*plain, *alike])
    _employ(env, random, everyone)
    doors = Partner.create([
        {"name": "Back door", "type": "delivery", "parent_id": partner.id, "street": "Rue Haute 7", "city": "Namur"}
        for partner in everyone[:: max(1, count // 12)]
    ])
    for email in everyone.filtered("email")[::19].mapped("email"):
        env["mail.blacklist"]._add(email)
    return _named(env, tags, everyone | doors)


def _person(random: Random, number: int, tags: Any, country: int) -> dict[str, Any]:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    code, city = random.choice(_CITIES)
    values: dict[str, Any] = {"name": f"{first} {last}", "country_id": country}
    if random.random() < 0.8:
        values["email"] = f"customer.{number}@example.com"
    if random.random() < 0.7:
        groups = (number // 10000 % 100, number // 100 % 100, number % 100)
        values["phone"] = f"+32 47{number % 10} {' '.join(f'{group:02d}' for group in groups)}"
    if random.random() < 0.5:
        values |= {"street": f"Rue du Marché {random.randint(1, 200)}", "zip": code, "city": city}
    if random.random() < 0.3:
        values["category_id"] = [(6, 0, random.choice(tags).ids)]
    if random.random() < 0.1:
        values["comment"] = "<p>Rings <b>twice</b></p>"
    return values


def _alike(random: Random, number: int, others: list[dict[str, Any]]) -> dict[str, Any]:
    """Somebody who shares something with somebody: the person twice, a namesake, a family member."""
    other = random.choice(others)
    first, _space, last = other["name"].partition(" ")
    kind = number % 4
    if kind == 0:
        return {key: other[key] for key in ("name", "email", "phone") if key in other}
    if kind == 1:
        return {"name": other["name"], "email": f"namesake.{number}@example.com"}
    if kind == 2:
        return {"name": f"{random.choice(_FIRST)} {last}", "phone": other.get("phone", False)}
    return {"name": f"{first[:3]} {last}", "phone": other.get("phone", False), "email": other.get("email", False)}


def _employ(env: Any, random: Random, everyone: Any) -> None:
    employers = env["res.partner"].create([
        {"name": f"{random.choice(_LAST)} & Söhne {number}", "is_company": True, "city": "Köln"} for number in range(4)
    ])
    for partner in everyone[7::23]:
        partner.parent_id = random.choice(employers)


def _named(env: Any, tags: Any, everyone: Any) -> People:
    Partner = env["res.partner"]
    employer = Partner.create({"name": "Müller & Söhne", "is_company": True, "vat": "", "city": "Köln"})
    tomas, ann, prince = Partner.create([
        {"name": "Tomás Condor", "phone": "+32 475 12 34 56", "email": "tomas@example.com", "zip": "1000",
         "country_id": env.ref("base.be").id, "category_id": [(6, 0, tags[0].ids)],
         "comment": "<p>Likes <b>tea</b></p>"},
        {"name": "Ann Lee", "parent_id": employer.id, "email": "ann@example.com"},
        {"name": "Prince", "email": "prince@example.com", "lang": "en_US"},
    ])  # fmt: skip
    env["mail.blacklist"]._add("prince@example.com")
    back_door = Partner.create({
        "name": "Back door", "type": "delivery", "parent_id": tomas.id, "street": "Rue Haute 7",
    })
    stamps = env["loyalty.program"].create({"name": "Stamps", "program_type": "loyalty", "applies_on": "both"})
    env["loyalty.card"].with_context(loyalty_no_mail=True).create([
        {"program_id": stamps.id, "partner_id": tomas.id, "points": points} for points in (12.5, 30)
    ])
    return People(everyone | tomas | ann | prince, tomas, ann, prince, back_door)
