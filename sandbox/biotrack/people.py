"""Who buys: customers with accents, without names, entered twice, born on the 31st of February."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from .words import FIRST_NAMES, LAST_NAMES, STREETS

Row = dict[str, Any]


def make_customers(random: Random, count: int, until: datetime) -> list[Row]:
    rows: list[Row] = []
    for number in range(1, count + 1):
        before = rows[random.randrange(len(rows))] if rows and random.random() < 0.03 else None
        rows.append(_again(random, before, number) if before else _customer(random, number, until))
    return rows


def _customer(random: Random, number: int, until: datetime) -> Row:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    made = until - timedelta(days=random.randrange(2, 900), minutes=random.randrange(1440))
    fate = random.random()
    phone = f"(505) {200 + number // 10_000:03d}-{number % 10_000:04d}"
    return {
        "customerid": f"{number * 7:010d}",
        "firstname": "" if fate < 0.01 else first,
        "lastname": None if fate < 0.02 else last,
        "birthyear": random.choice(("", "0", "1900", "1985", "1992", "2001", "85")),
        "birthmonth": random.choice(("2", "02", "13", "0", "11")),
        "birthday": random.choice(("31", "14", "0", "7", "")),
        "phone": phone if random.random() < 0.7 else "",
        "cell": phone if random.random() < 0.5 else None,
        "email": f"buyer{number}@example.com" if random.random() < 0.6 else "",
        "address1": f"{number} {random.choice(STREETS)}",
        "city": random.choice(("Albuquerque", "Española", "Las Cruces")),
        "state": "NM",
        "zip": f"{87001 + number % 500}",
        "redcard": f"MED{number:07d}",
        "licensenum": f"DL{number:08d}",
        "ismember": random.choice((0, 0, 0, 1, 1, 2, 3, 4)),
        "emailoptin": 0 if random.random() < 0.1 else 1,
        "smsoptin": 1,
        "points": random.choice((None, 0, random.randrange(1, 90_000) / 100)),
        "visits": random.randrange(40),
        "amountspent": random.randrange(9000),
        "deleted": int(random.random() < 0.01),
        "location": random.choice((1, 1, 2, 3)),
        "createdate": int(made.timestamp()),
        "created": made.replace(tzinfo=None, microsecond=0),
        "modified": None if random.random() < 0.6 else (made + timedelta(hours=7)).replace(tzinfo=None, microsecond=0),
        "accting_invoices_customer_id": 0,
    }


def _again(random: Random, other: Row, number: int) -> Row:
    """The same person, entered a second time."""
    return {
        **other,
        "customerid": f"{number * 7:010d}",
        "location": random.choice((1, 2, 3)),
        "firstname": (other["firstname"] or "").upper(),
        "email": other["email"] if random.random() < 0.5 else "",
        "redcard": f"MED{number:07d}",
        "deleted": 0,
    }
