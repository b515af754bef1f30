"""What goes back: cancelled orders, refunds of goods and of charges, edits and exchanges."""

from __future__ import annotations

from ..connectors import records as rec
from . import cases_shopify as web
from . import cases_square as till
from .cases_player import Case
from .cases_shopify import CARDS, COFFEE, LEVY, NEXT_DAY
from .posting_common import by_card
from .sales_common import line, order, refund, tax_of

POST = ("post",)
LEVIED = {"taxes": {LEVY: 10}}


# Cancelled ------------------------------------------------------------------------------------------------------------


def _cancelled(key, price, sent):
    """A paid order, and the same one cancelled, with `sent` of its price sent back."""
    kept = price - sent
    adjustments = [web.adjusted(f"{key}8", -kept, "REFUND_DISCREPANCY")] if kept else []
    undone = web.refund(
        f"{key}9",
        web.back(f"{key}2", f"{key}1", price, how="CANCEL"),
        money=[(sent, CARDS)],
        adjustments=adjustments,
    )
    told = web.order(key, web.item(f"{key}1", price), fulfilled=False)
    after = web.order(
        key,
        web.item(f"{key}1", price, left=0),
        fulfilled=False,
        cancelled=NEXT_DAY,
        updatedAt=NEXT_DAY,
        refunds=[undone],
    )
    return ("order", told), ("order", after)


_PAID, _UNDONE = _cancelled("2001", 100, 100)
_TAXED = (web.item("20041", 36.5, count=2, taxes=[web.tax(7.3)]), web.item("20042", 4, COFFEE))
_TAXED_BACK = web.refund(
    "20049",
    web.back("20043", "20041", 73, 2, tax=7.3, how="CANCEL"),
    web.back("20044", "20042", 4, how="CANCEL", variant=COFFEE),
    money=[(84.3, CARDS)],
)
_TAXED_UNDONE = web.order(
    "2004",
    *({**row, "currentQuantity": 0} for row in _TAXED),
    fulfilled=False,
    cancelled=NEXT_DAY,
    refunds=[_TAXED_BACK],
)
_NEVER = web.refund("20059", web.back("20052", "20051", 100, how="CANCEL"))
_SALE = order("7", line("7-a", unit_price=100), payments=(by_card("7-p", 100),))
_SALE_UNDONE = order(
    "7", line("7-a", unit_price=100), payments=(by_card("7-p", 100),), status=rec.OrderStatus.CANCELLED
)
_MONEY_BACK = refund("7-r", "7", 100, payments=(by_card("7-q", 100),))
_PICK_UP = {
    "uid": "pick",
    "type": "PICKUP",
    "state": "PROPOSED",
    "pickup_details": {"recipient": {"display_name": "Noor"}, "schedule_type": "ASAP"},
}

CANCELLED = (
    Case("cancelled before it was first seen", "shopify", (_UNDONE, POST), {"book": {}}),
    Case(
        "cancelled after it was posted",
        "shopify",
        (_PAID, POST, ("look", {"book": {"clearing": 100.0, "sales": -100.0}}), _UNDONE, POST),
        {"book": {}},
    ),
    Case("cancelled before it was posted", "shopify", (_PAID, _UNDONE, POST), {"book": {}}),
    Case(
        "cancelled with a refund that comes first",
        "shopify",
        (_PAID, POST, (*_UNDONE, True), POST),
        {"book": {}},
    ),
    Case(
        "cancelled for a fee of ten",
        "shopify",
        (*(step for pair in zip(_cancelled("2002", 100, 90), (POST, POST), strict=True) for step in pair),),
        {"book": {"clearing": 10.0, "sales": -10.0}},
    ),
    Case(
        "cancelled for a fee of five",
        "shopify",
        (*(step for pair in zip(_cancelled("2003", 80, 75), (POST, POST), strict=True) for step in pair),),
        {"book": {"clearing": 5.0, "sales": -5.0}},
    ),
    Case(
        "cancelled with a taxed line and another",
        "shopify",
        (
            ("order", web.order("2004", *_TAXED, fulfilled=False)),
            POST,
            ("look", {"book": {"clearing": 84.3, "sales": -77.0, "tax": -7.3}}),
            ("order", _TAXED_UNDONE),
            POST,
        ),
        {"book": {}},
        LEVIED,
    ),
    Case(
        "cancelled and never paid",
        "shopify",
        (
            (
                "order",
                web.order(
                    "2005",
                    web.item("20051", 100, left=0),
                    money=(),
                    fulfilled=False,
                    cancelled=NEXT_DAY,
                    refunds=[_NEVER],
                ),
            ),
            POST,
        ),
        {"book": {}},
    ),
    Case(
        "cancelled and refunded as an amount only",
        "records",
        (("order", _SALE), POST, ("order", _SALE_UNDONE), ("refund", _MONEY_BACK), POST),
        {"book": {}},
    ),
    Case(
        "cancelled pick-up",
        "square",
        (
            ("order", till.order("SQ01", till.item("a", 1250, count=2), state="CANCELED", fulfillments=[_PICK_UP])),
            ("refund", till.payment_refund("R1", "SQ01", 2500)),
            POST,
        ),
        {"book": {}},
    ),
)


# Goods and charges ----------------------------------------------------------------------------------------------------


def _refunded(key, lines, back, **more):
    return ("order", web.order(key, *lines, refunds=[back], **more)), POST


_TWICE = [web.back("22013", "22011", 30, tax=3)] * 2
_PARCEL = [web.shipping("22024", 10)]
_TAXED_PARCEL = [web.shipping("22034", 10, [web.tax(1)])]
_LATE_PARCEL = [web.shipping("22044", 20, [web.tax(2)])]
_TABLE = till.order(
    "SQ02", till.item("a", 1000), till.item("b", 500, till.COFFEE), services=[till.service("s", 200)], tip=300
)
_TABLE_BACK = till.returned(
    "SQ03", "SQ02", ("a", till.item("a", 1000)), services=[till.service("s-back", 200, "s")], tip=300
)

REFUNDED = (
    Case(
        "a line that a refund names twice",
        "shopify",
        _refunded(
            "2201",
            [web.item("22011", 30, count=3, left=1, taxes=[web.tax(9)])],
            web.refund("22019", *_TWICE, money=[(66, CARDS)]),
        ),
        {"book": {"clearing": 33.0, "sales": -30.0, "tax": -3.0}, "orders": {"2201": {"put_back": 2.0}}},
        {**LEVIED, "stock": True},
    ),
    Case(
        "returned on the day of the sale",
        "shopify",
        _refunded(
            "2205",
            [web.item("22051", 100, left=0)],
            web.refund("22059", web.back("22053", "22051", 100), money=[(100, CARDS)], at="2026-03-02T12:00:00Z"),
        ),
        {"book": {}},
    ),
    Case(
        "refunded as store credit",
        "shopify",
        _refunded(
            "2206",
            [web.item("22061", 50, left=0)],
            web.refund("22069", web.back("22063", "22061", 50), money=[(50, "shopify_store_credit")]),
        ),
        {"part": {"clearing": 50.0, "sales": 0}},
    ),
    Case(
        "the shipping is refunded and nothing else",
        "shopify",
        _refunded(
            "2202",
            [web.item("22021", 100, taxes=[web.tax(10)])],
            web.refund("22029", money=[(10, CARDS)], shipping=[web.shipping_back("22025", "22024", 10)]),
            ships=_PARCEL,
        ),
        {"book": {"clearing": 110.0, "sales": -100.0, "tax": -10.0}},
        LEVIED,
    ),
    Case(
        "a taxed line and taxed shipping are refunded",
        "shopify",
        _refunded(
            "2203",
            [web.item("22031", 50, left=0, taxes=[web.tax(5)]), web.item("22032", 50, COFFEE)],
            web.refund(
                "22039",
                web.back("22033", "22031", 50, tax=5),
                money=[(66, CARDS)],
                shipping=[web.shipping_back("22035", "22034", 10, 1)],
            ),
            ships=_TAXED_PARCEL,
        ),
        {"book": {"clearing": 50.0, "sales": -50.0}},
        LEVIED,
    ),
    Case(
        "half of the taxed shipping is refunded",
        "shopify",
        _refunded(
            "2204",
            [web.item("22041", 60, taxes=[web.tax(6)])],
            web.refund("22049", money=[(11, CARDS)], shipping=[web.shipping_back("22045", "22044", 10, 1)]),
            ships=_LATE_PARCEL,
        ),
        {"book": {"clearing": 77.0, "sales": -60.0, "tax": -7.0, "shipping": -10.0}},
        LEVIED,
    ),
    Case(
        "the goods are refunded and the shipping is not",
        "shopify",
        _refunded(
            "2207",
            [web.item("22071", 40, left=0, taxes=[web.tax(4)])],
            web.refund("22079", web.back("22073", "22071", 40, tax=4), money=[(44, CARDS)]),
            ships=[web.shipping("22074", 10)],
        ),
        {"book": {"clearing": 10.0, "shipping": -10.0}},
        LEVIED,
    ),
    Case(
        "an amount that may be of either tax",
        "records",
        (
            (
                "order",
                order(
                    "u",
                    line("u-a", unit_price=100, taxes=(tax_of("t", 10),)),
                    line("u-b", unit_price=50),
                    gross=160,
                    tax=10,
                    payments=(by_card("u-p", 160),),
                ),
            ),
            ("refund", refund("u-r", "u", 30, payments=(by_card("u-q", 30),))),
            POST,
        ),
        {"book": {"clearing": 160.0, "sales": -150.0, "tax": -10.0}},
        {"taxes": {"t": 10}},
    ),
    Case(
        "tip and service charge are refunded",
        "square",
        (("order", _TABLE), ("refund", _TABLE_BACK), POST),
        {"book": {"clearing": 5.0, "sales": -5.0}},
    ),
)
