"""Customers of a shop, with the tags that it put on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from .values import Row, gid, stamp

FIRST = """
    Ada Björn Chloé Daniela François Grace Håkon Inés José Łukasz María Noël Óscar Søren Tomás Zoë 美咲 Дмитрий
""".split()
LAST = "Álvarez Becker Çelik Dubois García Grönholm Ibáñez Kowalski Müller Nguyen O'Neil Peña Şahin Weiß Zúñiga".split()
TAGS = ("Loyal", "Wholesale", "staff")


def make_customers(random: Random, count: int, until: datetime) -> list[Row]:
    found = []
    for number in range(count):
        made = until - timedelta(minutes=random.randint(5_000, 500_000))
        changed = min(made + timedelta(minutes=random.randint(0, 400_000)), until - timedelta(minutes=60))
        row = customer(5_000_000 + number, stamp(made), stamp(changed))
        row |= {"firstName": random.choice(FIRST), "lastName": random.choice(LAST)}
        row["tags"] = sorted(random.sample(TAGS, random.choice([0, 0, 1, 2])))
        if random.random() < 0.85:
            state = random.choice(["SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING"])
            row["defaultEmailAddress"] = mail(f"customer{number}@example.com", state, stamp(changed))
        if random.random() < 0.6:
            row["defaultPhoneNumber"] = {"phoneNumber": f"+1212555{number % 10_000:04d}",
                                         "marketingState": "NOT_SUBSCRIBED"}  # fmt: skip
        if random.random() < 0.5:
            row["addressesV2"] = [
                address(7_000_000 + number * 2 + place, row, f"{number + place} Orchard Ln")
                for place in range(random.choice([1, 1, 2]))
            ]
            row["defaultAddress"] = row["addressesV2"][0]
        found.append(row)
    return found


def customer(key: int, made: str, changed: str) -> Row:
    return {
        "__typename": "Customer", "id": gid("Customer", key), "legacyResourceId": str(key), "firstName": None,
        "lastName": None, "displayName": "", "locale": "en", "note": None, "tags": [], "state": "DISABLED",
        "createdAt": made, "updatedAt": changed, "defaultEmailAddress": None, "defaultPhoneNumber": None,
        "defaultAddress": None, "addressesV2": [], "numberOfOrders": "0", "taxExempt": False, "verifiedEmail": True,
    }  # fmt: skip


def mail(address_: str, state: str, changed: str) -> Row:
    return {"emailAddress": address_, "marketingState": state, "marketingOptInLevel": "SINGLE_OPT_IN",
            "marketingUpdatedAt": changed if state != "NOT_SUBSCRIBED" else None, "validFormat": True}  # fmt: skip


def address(key: int, person: Row, street: str) -> Row:
    return {
        "__typename": "MailingAddress", "id": gid("MailingAddress", key), "firstName": person.get("firstName"),
        "lastName": person.get("lastName"), "company": None, "address1": street, "address2": None, "city": "New York",
        "zip": "10003", "province": "New York", "provinceCode": "NY", "country": "United States",
        "countryCodeV2": "US", "phone": None,
    }  # fmt: skip
