"""What the shop sells: categories, taxes, member levels, products whose price stands here or there, and their lots."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from .words import CATEGORIES, KINDS, STRAINS, TYPES, VENDORS

Row = dict[str, Any]
LEVELS = {1: ("Member", Decimal(5)), 2: ("Senior", Decimal(10)), 3: ("Veteran", Decimal(15)), 4: ("Staff", Decimal(25))}
TAXES = {9: ("Sales tax", Decimal("8.25")), 10: ("Excise and sales tax", Decimal("18.5")), 11: ("Food", Decimal("2"))}
LOCATIONS = {1: "Downtown", 2: "Airport Road", 3: "Mesa"}
# id: location, name, quarantine. Nobody listed Bulk (0), and lots name a room that is not listed either.
ROOMS = {
    1: (1, "Sales floor", 0),
    2: (1, "Vault", 0),
    3: (2, "Sales floor", 0),
    4: (2, "Quarantine", 1),
    5: (3, "Sales floor", 0),
}
UNLISTED_ROOM = 9
# How a product's price is to be found, and how many in a hundred.
SOURCES = (("point", 52), ("tiers", 12), ("category", 14), ("lot", 12), ("sale", 7), ("nowhere", 3))
# Categories whose members' prices stand on the category: every second row of a name does.
_CATEGORY_PRICES = {1: "6.50", 2: "34.00", 3: "9.75", 4: "14.25", 5: "41.00", 6: "27.50", 7: "3.25", 8: "11.00"}
_GRADE_PRICE = "13.40"
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def reference_tables() -> dict[str, list[Row]]:
    """What never changes: the organisation, its shops, rooms, taxes, levels, methods of payment."""
    own: list[Row] = [
        {"id": number, "name": name, "pricepoint": None, "location": 1, "deleted": 0}
        for number, (name, *_rest) in enumerate(CATEGORIES, 1)
    ]
    priced: list[Row] = [
        {"id": number + 100, "name": f"{name} (one price)", "pricepoint": _CATEGORY_PRICES[number], "location": 1,
         "deleted": 0}
        for number, (name, *_rest) in enumerate(CATEGORIES, 1)
    ]
    return {
        "orgdata": [{"id": 1, "orgname": "Green Door Collective", "orgid": 603421987, "orgunique": "GDC-77"}],
        "version": [{"versionnum": 20151203}],
        "locations": [
            {"id": number, "name": name, "state": "NM", "deleted": 0, "retail": 1, "locationtype": 1}
            for number, name in LOCATIONS.items()
        ],
        "terminals": [
            {"id": 10 * location + till, "location": location, "terminalname": f"Till {till}", "deleted": 0}
            for location in LOCATIONS for till in (1, 2)
        ],
        "inventoryrooms": [
            {"id": number, "roomname": name, "location": location, "quarantine": quarantine, "deleted": 0}
            for number, (location, name, quarantine) in ROOMS.items()
        ],
        "inventorytypes": [{"id": number, "name": name, "retail": 1, "deleted": 0} for number, name in TYPES.items()],
        "inventorygrading": [{"id": 1, "name": "A", "pricepoint": _GRADE_PRICE, "deleted": 0}],
        "vendors": [
            {"id": number, "name": name, "deleted": 0, "accting_invoices_customer_id": 0}
            for number, name in enumerate(VENDORS, 1)
        ],
        "taxcategories": [
            {"id": number, "name": name, "rate": rate, "fee": 0, "location": 1, "deleted": 0}
            for number, (name, rate) in TAXES.items()
        ],
        "productcategories": own + priced,
        "memberdiscount": [
            {"id": number, "membername": name, "rate": rate, "enabled": 1, "location": 1, "deleted": 0}
            for number, (name, rate) in LEVELS.items()
        ],
        "mdiscount": [{"id": location, "location": location, "enabled": int(location != 3)} for location in LOCATIONS],
        "loyaltypoints": [{"id": 1, "location": 1, "enabled": 1, "pointsearned": 1, "memberonly": 0}],
        "paymentmethods": [
            {"id": number, "name": name, "active": 1, "location": 1}
            for number, name in enumerate(("Cash", "Debit", "Gift Card", "Points"), 1)
        ],
    }


def make_products(random: Random, count: int, until: datetime) -> tuple[list[Row], dict[int, dict[int, Decimal]]]:
    """Rows, and what each sellable product costs by member level (0: none), where anything tells.

    `_price` and `_source` on a row are for the generator only.
    """
    rows, expected = [], {}
    sources = [name for name, share in SOURCES for _ in range(share)]
    for number in range(1, count + 1):
        category = random.randrange(len(CATEGORIES))
        name, weighed, kind, grams = CATEGORIES[category]
        strain = f"{random.choice(STRAINS)} {random.choice(KINDS)}" if kind != -1 else ""
        source = sources[number % len(sources)] if number > len(SOURCES) else SOURCES[number - 1][0]
        price = Decimal(random.randrange(300, 6500)) / 100
        point = {"point": f"{price}", "tiers": _tiers(price, weighed), "nowhere": f"TABLE {number % 7}"}.get(source, "")
        if source == "lot" and number % 2:
            point = str(number % 40)
        if source == "category":
            price = Decimal(_CATEGORY_PRICES[category + 1])
        elif source == "lot" and number % 5 == 0:
            price = Decimal(_GRADE_PRICE)
        location = 1 if random.random() < 0.7 else random.choice((2, 3))
        row: Row = {
            "id": number,
            "name": f"{strain} {name}".strip() if kind != -1 else f"{random.choice(STRAINS)} Pipe {number}",
            "taxcategory": 11 if name == "Edibles" else 9 if kind == -1 else random.choice((9, 10)),
            "productcategory": category + 1 + (100 if source == "category" else 0),
            "strain": strain,
            "inventorytype": kind,
            "pricepoint": point,
            "applymemberdiscount": int(random.random() < 0.8),
            "requiresweighing": int(weighed),
            "requiresinventory": int(random.random() < 0.95),
            "defaultusable": grams,
            "externalbarcode": f"{7_000_000_000_000 + number * 37}" if random.random() < 0.8 else "",
            "productdescription": f"{strain or name}, as good as it gets." if random.random() < 0.5 else None,
            "costperunit": cents(price / 2) if random.random() < 0.6 else None,
            "ismembersonly": int(random.random() < 0.03),
            "defaultvendor": random.randrange(1, len(VENDORS) + 1),
            "deleted": int(random.random() < 0.04 and number > 20),
            "location": location,
            "created": (until - timedelta(days=random.randrange(400, 900))).replace(tzinfo=None),
            "modified": None,
            "manufacturer": random.choice((None, "Old Mill Extracts")),
            "_price": price,
            "_source": source,
        }
        rows.append(row)
        if not row["deleted"] and source != "nowhere":
            expected[number] = {level: price_at(row, level) for level in (0, *LEVELS)}
    return rows, expected


def price_at(row: Row, level: int) -> Decimal:
    """What a product is meant to cost at a member level."""
    price = row["_price"]
    if row["_source"] == "tiers" and level == 2:
        return cents(price * Decimal("0.9"))
    if not level or not row["applymemberdiscount"] or row["location"] == 3:
        return price
    return (price * (100 - LEVELS[level][1]) / 100).quantize(Decimal("0.0001"))


def _tiers(price: Decimal, weighed: bool) -> str:
    """Pairs of quantity and price, with a price of its own for the second member level."""
    more = f":3.5,{cents(price * 3)}" if weighed else ""
    return f"0/1,{price}{more}:2/1,{cents(price * Decimal('0.9'))}:"


def make_lots(random: Random, products: list[Row], until: datetime) -> list[Row]:
    """One to three lots of each product whose stock is kept; some in two rooms, some empty, gone or seized."""
    rows = []
    for product in products:
        if not product["requiresinventory"]:
            continue
        for _ in range(random.choice((1, 1, 2, 3))):
            rows.append(_lot(random, product, len(rows) + 1, until))
    return rows


def _lot(random: Random, product: Row, number: int, until: datetime) -> Row:
    weighed, location = bool(product["requiresweighing"]), random.choice((1, 1, product["location"], 2, 3))
    left = Decimal(random.randrange(100, 90_000)) / 100 if weighed else Decimal(random.randrange(1, 120))
    own_rooms = [room for room, (place, *_rest) in ROOMS.items() if place == location]
    room = random.choice((0, *own_rooms, *own_rooms))
    fate = random.random()
    row: Row = {
        "id": f"{6_853_296_000_000_000 + number:016d}",
        "productid": product["id"],
        "strain": product["strain"],
        "location": location,
        "weight": left * 2,
        "remainingweight": 0 if fate < 0.06 else left,
        "currentroom": UNLISTED_ROOM if 0.06 < fate < 0.08 else None if 0.08 < fate < 0.1 else room,
        "requiresweighing": int(weighed),
        "inventorytype": product["inventorytype"],
        "priceout": product["_price"] if product["_source"] == "lot" else 0,
        "deleted": int(0.1 < fate < 0.13),
        "transferredout": int(0.13 < fate < 0.16),
        "seized": 1 if 0.16 < fate < 0.17 else None,
        "expiration": int((until + timedelta(days=200)).timestamp()),
        "created": (until - timedelta(days=random.randrange(1, 300))).replace(tzinfo=None),
        "roomdata": None,
    }
    if product["_source"] == "lot" and product["id"] % 5 == 0:
        # The grade knows the price, the lot does not.
        row |= {"priceout": 0, "grade": 1}
    if location == 1 and fate > 0.8:
        part = cents(left / 3) if weighed else left // 3
        row["roomdata"] = f"1,{part}:2,{left - part}:"
    elif location == 1 and fate > 0.75:
        row["roomdata"] = f"1,{left + 1}:2,4:"
    return row
