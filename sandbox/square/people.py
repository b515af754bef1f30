"""Customers of a shop, and the groups that it made for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from .catalogue import stamp

FIRST = """
    Ada Björn Chloé Daniela François Grace Håkon Inés José Łukasz María Noël Óscar Søren Tomás Zoë 美咲 Дмитрий
""".split()
LAST = "Álvarez Becker Çelik Dubois García Grönholm Ibáñez Kowalski Müller Nguyen O'Neil Peña Şahin Weiß Zúñiga".split()
GROUPS = (("GROUP-LOYAL", "Loyal Customers"), ("GROUP-STAFF", "Staff & Friends"))


def make_groups(until: datetime) -> list[dict[str, Any]]:
    made = stamp(until - timedelta(days=400))
    return [{"id": key, "name": name, "created_at": made, "updated_at": made} for key, name in GROUPS]


def make_customers(random: Random, count: int, until: datetime) -> list[dict[str, Any]]:
    found = []
    for number in range(count):
        made = until - timedelta(minutes=random.randint(5_000, 500_000))
        changed = min(made + timedelta(minutes=random.randint(0, 400_000)), until - timedelta(minutes=60))
        first, last = random.choice(FIRST), random.choice(LAST)
        row: dict[str, Any] = {
            "id": f"CUST{number:06d}",
            "created_at": stamp(made),
            "updated_at": stamp(changed),
            "given_name": first,
            "family_name": last,
            "creation_source": random.choice(["DIRECTORY", "THIRD_PARTY", "INSTANT_PROFILE"]),
            "preferences": {"email_unsubscribed": random.random() < 0.2},
            "group_ids": [random.choice(GROUPS)[0]] if random.random() < 0.3 else [],
            "segment_ids": [],
            "version": 0,
        }
        if random.random() < 0.8:
            row["email_address"] = f"customer{number}@example.com"
        if random.random() < 0.7:
            row["phone_number"] = f"+1212555{number % 10_000:04d}"
        if random.random() < 0.3:
            row["birthday"] = random.choice(["0000-02-29", "1988-05-17", "1999-12-31"])
        if random.random() < 0.4:
            row["address"] = {
                "address_line_1": f"{number + 1} Orchard Ln", "locality": "New York", "postal_code": "10003",
                "administrative_district_level_1": "NY", "country": "US",
            }  # fmt: skip
        found.append(row)
    return found
