"""Orders that were edited, goods that were exchanged, and refunds that are still under way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ..connectors import records as rec
from . import cases_shopify as web
from .cases_player import Case
from .cases_refunds import LEVIED, POST
from .cases_shopify import CARDS, COFFEE, NEXT_DAY
from .posting_common import by_card
from .sales_common import SOLD_AT, line, order, refund


def _edited(key, lines, removed, *, pending=False):
    """`removed`: the places of the lines that an edit takes out; their money goes back a minute later."""
    worth = sum(lines[place][0] for place in removed)
    keys = [f"{key}{place}" for place in range(len(lines))]
    sold = [web.item(keys[place], price, variant, taxes=taxes) for place, (price, variant, taxes) in enumerate(lines)]
    rows = [
        web.back(f"{key}5{place}", keys[place], lines[place][0], how="CANCEL", variant=lines[place][1])
        for place in removed
    ]
    noted = [[web.adjusted(f"{key}6", -worth)], [web.adjusted(f"{key}7", worth)]] if pending else [[], []]
    refunds = [
        web.refund(f"{key}8", *rows, adjustments=noted[0]),
        web.refund(f"{key}9", money=[(worth, CARDS)], adjustments=noted[1], at="2026-03-03T09:01:00Z"),
    ]
    kept = [{**row, "currentQuantity": 0 if place in removed else 1} for place, row in enumerate(sold)]
    return (
        ("order", web.order(key, *sold, fulfilled=False)),
        POST,
        ("order", web.order(key, *kept, fulfilled=False, refunds=refunds)),
        POST,
    )


def _exchanged(key, adjustments):
    """Tea of 100 is exchanged for coffee of 250, and the difference is paid."""
    first = web.paid(f"{key}61", 100)
    second = web.paid(f"{key}62", 150, at=NEXT_DAY)
    back = web.refund(f"{key}9", web.back(f"{key}3", f"{key}1", 100), adjustments=adjustments)
    return (
        ("order", web.order(key, web.item(f"{key}1", 100), money=[first])),
        POST,
        (
            "order",
            web.order(
                key,
                web.item(f"{key}1", 100, left=0),
                web.item(f"{key}2", 250, COFFEE),
                money=[first, second],
                refunds=[back],
                returnStatus="RETURNED",
                displayFinancialStatus="PAID",
            ),
        ),
        POST,
    )


def _at_the_bank(status):
    sent = web.paid("230791", 100, at=NEXT_DAY, kind="REFUND", status=status)
    return web.refund("23079", web.back("23073", "23071", 100, how="NO_RESTOCK"), money=[sent])


_PLAIN = [(80, web.TEA, ()), (20, COFFEE, ())]
_TAXED_TEA = [(80, web.TEA, [web.tax(8)]), (20, COFFEE, ())]
_BEFORE_PAID = web.refund(
    "23118", web.back("23113", "23112", 20, how="CANCEL", variant=COFFEE), at="2026-03-02T10:00:00Z"
)

_BY_MARKETPLACE = rec.LineTax(tax_id="m", rate=Decimal(10), amount=Decimal(2), remitted_by_channel=True)
_REMITTED = line("9-b", "v-coffee", unit_price=20, taxes=(_BY_MARKETPLACE,), net=20, tax=2, gross=22)
_ALL_PAID = (by_card("9-p", 122),)

EDITED = (
    Case(
        "an edit takes out a line",
        "shopify",
        _edited("2301", _PLAIN, [1]),
        {"book": {"clearing": 80.0, "sales": -80.0}},
    ),
    Case(
        "an edit takes out all lines",
        "shopify",
        _edited("2302", [(60, web.TEA, ()), (40, COFFEE, ())], [0, 1]),
        {"book": {}},
    ),
    Case(
        "an edit beside a taxed line",
        "shopify",
        _edited("2303", _TAXED_TEA, [1], pending=True),
        {"book": {"clearing": 88.0, "sales": -80.0, "tax": -8.0}},
        LEVIED,
    ),
    Case(
        "an exchange with adjustments",
        "shopify",
        _exchanged("2305", [web.adjusted("23056", 100), web.adjusted("23057", -100)]),
        {"book": {"clearing": 250.0, "sales": -250.0}},
    ),
    Case(
        "an exchange without adjustments",
        "shopify",
        _exchanged("2306", []),
        {"book": {"clearing": 250.0, "sales": -250.0}},
    ),
    Case(
        "a refund that is still at the bank",
        "shopify",
        (
            ("order", web.order("2307", web.item("23071", 100))),
            POST,
            ("order", web.order("2307", web.item("23071", 100, left=0), refunds=[_at_the_bank("PENDING")])),
            POST,
            (
                "look",
                {
                    "part": {"clearing": 100.0},
                    "book_on": {"2026-03-02": {"clearing": 100.0, "sales": -100.0}},
                },
            ),
            ("order", web.order("2307", web.item("23071", 100, left=0), refunds=[_at_the_bank("SUCCESS")])),
            POST,
        ),
        {"book": {}},
    ),
    Case(
        "an edit before it was paid",
        "shopify",
        (
            (
                "order",
                web.order(
                    "2311",
                    web.item("23111", 80),
                    web.item("23112", 20, COFFEE, left=0),
                    money=[(80, CARDS)],
                    fulfilled=False,
                    refunds=[_BEFORE_PAID],
                ),
            ),
            POST,
        ),
        {"book": {"clearing": 80.0, "sales": -80.0}},
    ),
    Case(
        "an edit takes out a line whose tax the marketplace remits",
        "records",
        (
            ("order", order("9", line("9-a", unit_price=100), _REMITTED, gross=122, tax=2, payments=_ALL_PAID)),
            ("order", order("9", line("9-a", unit_price=100), payments=_ALL_PAID)),
            ("refund", refund("9-r", "9", 22, overpayment=Decimal(22), payments=(by_card("9-q", 22),))),
            POST,
        ),
        {"book": {"clearing": 100.0, "sales": -100.0}},
    ),
    Case(
        "an exchange of records",
        "records",
        (
            (
                "order",
                order(
                    "8",
                    line("8-a", unit_price=100),
                    line("8-b", "v-coffee", unit_price=250),
                    gross=350,
                    payments=(by_card("8-p", 100), by_card("8-q", 150)),
                    refunds=(
                        refund(
                            "8-r",
                            "8",
                            100,
                            lines=(rec.RefundLine(order_line_id="8-a", quantity=Decimal(1)),),
                            refunded_at=SOLD_AT + timedelta(hours=1),
                        ),
                    ),
                ),
            ),
            POST,
        ),
        {"book": {"clearing": 250.0, "sales": -250.0}},
    ),
)
