"""What is sold and paid: gift cards, cash rounding, tax that a marketplace remits, bundles, days, deposits."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

from ..connectors import records as rec
from . import cases_shopify as web
from . import cases_square as till
from .cases_player import Case
from .cases_refunds import LEVIED, POST
from .cases_shopify import CARDS, COFFEE, GIFT, TEA, gid
from .posting_common import by_card, paid
from .sales_common import line, order, tax_of

_HARBOUR = {"places": {"41": ("Harbour", "UTC")}}
_AT_HARBOUR = {"retailLocation": {"id": gid("Location", "41")}}


def _sold(key, price, **more):
    return ("order", web.order(key, web.item(f"{key}1", price), **more))


# Gift cards, rounding, taxes ------------------------------------------------------------------------------------------


def _in_cash(key, lines, rounding, rounded):
    """`rounded`: what the drawer gets."""
    owed = round(sum(price * count for price, count in lines), 2)
    goods = [web.item(f"{key}{place}", price, count=count) for place, (price, count) in enumerate(lines)]
    taken = web.paid(f"{key}61", owed, "cash", rounding=rounding)
    return Case(
        f"{owed} in cash, rounded",
        "shopify",
        (("order", web.order(key, *goods, money=[taken], **_AT_HARBOUR)), POST),
        {"book": {"sales": -owed, "till": rounded, "rounding": -rounding}},
        _HARBOUR,
    )


_CARD_SOLD = ("order", web.order("3101", web.item("31011", 50, GIFT)))

MONEY = (
    Case(
        "a gift card is sold and spent",
        "shopify",
        (
            _CARD_SOLD,
            ("order", web.order("3102", web.item("31021", 80), money=[(50, "gift_card"), (30, CARDS)])),
            POST,
        ),
        {"book": {"clearing": 80.0, "sales": -80.0}},
    ),
    Case(
        "a gift card is sold and kept",
        "shopify",
        (_CARD_SOLD, POST),
        {"book": {"clearing": 50.0, "gift cards": -50.0}},
    ),
    Case(
        "a gift card that no item stands for",
        "square",
        (
            ("order", till.order("SQ11", till.item("g", 2500, "", kind="GIFT_CARD", name="eGift Card"))),
            ("order", till.order("SQ12", till.item("a", 2500), by="SQUARE_GIFT_CARD")),
            POST,
        ),
        {"book": {"clearing": 25.0, "sales": -25.0}},
    ),
    _in_cash("3201", [(4.97, 1), (5.02, 1)], 0.01, 10.0),
    _in_cash("3202", [(12.02, 1)], -0.02, 12.0),
    _in_cash("3203", [(6.49, 2)], 0.02, 13.0),
    Case(
        "tax that the marketplace remits",
        "shopify",
        (("order", web.order("3301", web.item("33011", 100, taxes=[web.tax(10, by_channel=True)]))), POST),
        {"part": {"tax": 0, "sales": -100.0}},
        LEVIED,
    ),
    Case(
        "tax that the shop owes",
        "shopify",
        (("order", web.order("3302", web.item("33021", 100, taxes=[web.tax(10)]))), POST),
        {"book": {"clearing": 110.0, "sales": -100.0, "tax": -10.0}},
        LEVIED,
    ),
    Case(
        "captured in part and the rest in cash",
        "shopify",
        (
            (
                "order",
                web.order(
                    "3401",
                    web.item("34011", 70),
                    money=[
                        web.paid("34012", 100, kind="AUTHORIZATION"),
                        web.paid("34013", 50, kind="CAPTURE"),
                        (20, "cash"),
                    ],
                ),
            ),
            POST,
        ),
        {"book": {"clearing": 50.0, "sales": -70.0, "till": 20.0}},
    ),
    Case(
        "a bundle of two",
        "shopify",
        (
            (
                "order",
                web.order(
                    "3402",
                    *(
                        web.item(
                            f"3402{variant}",
                            price,
                            variant,
                            lineItemGroup={
                                "id": gid("LineItemGroup", "34029"),
                                "title": "Breakfast",
                                "quantity": 1,
                                "variantId": gid("ProductVariant", "8999"),
                            },
                        )
                        for variant, price in ((TEA, 10), (COFFEE, 4))
                    ),
                ),
            ),
            POST,
        ),
        {"book": {"clearing": 14.0, "sales": -14.0}},
    ),
    Case(
        "a tip and a service charge",
        "square",
        (
            (
                "order",
                till.order(
                    "SQ13",
                    till.item("a", 1000),
                    till.item("b", 500, till.COFFEE),
                    services=[till.service("s", 200)],
                    tip=300,
                ),
            ),
            POST,
        ),
        {"book": {"clearing": 20.0, "sales": -15.0, "service": -2.0, "tips": -3.0}},
    ),
    Case(
        "a discount with the tax inside",
        "shopify",
        (
            (
                "order",
                web.order(
                    "3403",
                    web.item("34031", 85, off=75, taxes=[web.tax(1.6, 19, "MwSt")]),
                    inclusive=True,
                ),
            ),
            POST,
        ),
        {
            "orders": {"3403": {"total": 10.0, "tax": 1.6}},
            "book": {"clearing": 10.0, "sales": -8.4, "tax": -1.6},
        },
        {"taxes": {"MwSt 19%:INCLUSIVE": 19}},
    ),
    Case(
        "returned goods among the sold ones, taxed line by line",
        "records",
        (
            (
                "order",
                order(
                    "n",
                    *(
                        line(f"n-{place}", unit_price=price, taxes=(tax_of("t", "8.5"),))
                        for place, price in enumerate(("598.89", "329.84", "-59.89", "-32.98"))
                        for price in [Decimal(price)]
                    ),
                    gross="906.91",
                    net="835.86",
                    tax="71.05",
                ),
            ),
        ),
        {"orders": {"n": {"total": 906.91}}},
        {"taxes": {"t": 8.5}, "tax_rounding": "round_per_line"},
    ),
)


# Days and parts -------------------------------------------------------------------------------------------------------


def _at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=timezone.utc)


def _placed(key, at, place):
    return ("order", order(key, payments=(by_card(f"{key}-p", 10),), created_at=at, location_id=place))


def _from(zone, place):
    return {"orders_from": "2026-03-02", "zone": zone, "places": {place: ("Main", zone)}}


_LATE = {"createdAt": "2026-03-03T03:30:00Z", "processedAt": "2026-03-03T03:30:00Z"}
_SENT = [web.parcel("35051", ("35051", 1))]
_OWED = {"money": (), "fulfillments": [web.parcel("36021", ("36021", 1))]}
_LATER = "2026-03-09T10:00:00Z"
_FIRST = web.paid("36051", 30, "cash")

DAYS = (
    Case(
        "the first morning in the east",
        "records",
        (_placed("e", _at(1, 20), "east"),),
        {"orders": {"e": {"there": True}}},
        _from("Pacific/Auckland", "east"),
    ),
    Case(
        "the evening before in the west",
        "records",
        (_placed("w", _at(2, 4), "west"),),
        {"orders": {"w": {"there": False}}},
        _from("America/Los_Angeles", "west"),
    ),
    Case(
        "archived at the end of the month",
        "shopify",
        (_sold("3505", 100, closedAt="2026-03-31T16:00:00Z", fulfillments=_SENT), POST),
        {
            "orders": {"3505": {"day": "2026-03-02"}},
            "book_on": {"2026-03-02": {"clearing": 100.0, "sales": -100.0}},
        },
    ),
    Case(
        "late in the evening on the web and at the till",
        "shopify",
        (
            _sold("3507", 100, **_LATE),
            _sold("3508", 100, **_LATE, retailLocation={"id": gid("Location", "42")}),
            POST,
        ),
        {"orders": {"3507": {"day": "2026-03-02"}, "3508": {"day": "2026-03-02"}}},
        {"zone": False, "places": {"42": ("Canal", "America/New_York")}},
    ),
    Case(
        "delivered and not paid yet",
        "shopify",
        (
            (
                "order",
                web.order(
                    "3601",
                    web.item("36011", 10, count=2),
                    money=(),
                    fulfillments=[web.parcel("36012", ("36011", 2))],
                ),
            ),
        ),
        {"orders": {"3601": {"state": "sale", "delivered": 2.0}}},
        {"stock": True},
    ),
    Case(
        "delivered and paid a week later",
        "shopify",
        (
            _sold("3602", 100, **_OWED),
            POST,
            ("look", {"book": {"receivable": 100.0, "sales": -100.0}}),
            _sold("3602", 100, **{**_OWED, "money": [web.paid("36022", 100, at=_LATER)]}),
            POST,
        ),
        {"book": {"clearing": 100.0, "sales": -100.0}},
    ),
    Case(
        "delivered and open, told by records",
        "records",
        (
            (
                "order",
                order(
                    "d",
                    line("d-a", quantity=2, unit_price=30),
                    status=rec.OrderStatus.OPEN,
                    paid=False,
                    fulfilments=(
                        rec.Fulfilment(
                            external_id="d-f",
                            order_id="d",
                            status=rec.FulfilmentStatus.DELIVERED,
                            lines=(("d-a", Decimal(2)),),
                            updated_at=_at(2, 15),
                        ),
                    ),
                ),
            ),
        ),
        {"orders": {"d": {"state": "sale", "delivered": 2.0}}},
        {"stock": True},
    ),
    Case(
        "a deposit and the rest a week later",
        "shopify",
        (
            _sold("3605", 100, money=[_FIRST], fulfilled=False),
            POST,
            ("look", {"part": {"till": 30.0, "sales": 0}}),
            _sold(
                "3605",
                100,
                money=[_FIRST, web.paid("36052", 70, "cash", at=_LATER)],
                closedAt=_LATER,
                fulfillments=[web.parcel("36053", ("36051", 1), at=_LATER)],
            ),
            POST,
        ),
        {
            "book": {"till": 100.0, "sales": -100.0},
            "part_on": {"2026-03-02": {"till": 30.0, "sales": 0}},
        },
    ),
    Case(
        "a deposit told by records",
        "records",
        (
            (
                "order",
                order(
                    "p",
                    line("p-a", unit_price=40),
                    status=rec.OrderStatus.OPEN,
                    paid=False,
                    payments=(paid("p-c", 15),),
                ),
            ),
            POST,
        ),
        {"part": {"till": 15.0, "sales": 0}},
    ),
    Case(
        "delivered by hand and paid at the door",
        "shopify",
        (
            _sold("3608", 100, money=(), fulfilled=False),
            ("confirm_and_deliver", {"key": "3608"}),
            _sold("3608", 100, money=[web.paid("36082", 100, "Cash on Delivery (COD)", at=_LATER)], fulfilled=False),
        ),
        {"orders": {"3608": {"state": "sale", "delivered": 1.0}}},
        {"stock": True},
    ),
    Case(
        "neither delivered nor paid",
        "shopify",
        (_sold("3609", 100, money=(), fulfilled=False), POST),
        {"book": {}, "orders": {"3609": {"state": "draft"}}},
    ),
)
