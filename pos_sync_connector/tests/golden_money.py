"""Golden days of how and when it is paid: gift cards, cash rounding, currencies, and nights of 23 and 25 hours."""

from __future__ import annotations

from datetime import datetime, timezone

from ..connectors import records as rec
from .golden_day import OUT, GoldenDay
from .posting_common import by_card, paid
from .sales_common import charge, line, money, order, refund


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=timezone.utc)


def in_berlin(key: str, amount: int, at: datetime) -> rec.Order:
    return order(
        key, line("a", unit_price=amount), created_at=at, location_id="berlin", payments=(paid(f"p{key}", amount),)
    )


_GIFT_CARDS = GoldenDay(
    "gift_cards_sold_and_used",
    orders=(
        order("1", charges=(charge("g", rec.ChargeKind.GIFT_CARD, 50),), payments=(paid("p1", 60),)),
        # 20.00 + 10 % = 22.00, of which a card on the bill takes 7.00 off
        order(
            "2",
            line("a", quantity=2, taxes=(OUT,)),
            charges=(charge("u", rec.ChargeKind.GIFT_CARD, -7),),
            gross=15,
            tax=2,
            payments=(by_card("p2", 15),),
        ),
        # And here a card is a way to pay.
        order(
            "3",
            line("a", "v-coffee", unit_price=4),
            payments=(paid("p3", 4, method="Gift card", kind=rec.PaymentKind.GIFT_CARD),),
        ),
    ),
    # What was sold for 50.00 is owed, what is used for 7.00 and 4.00 no more. 60.00 + 15.00 + 11.00 = 86.00.
    summary={
        "2026-03-02": (
            "till 60.00, cards 15.00, gift cards -50.00, gift cards 7.00, gift cards 4.00, sales -20.00 @10, "
            "sales -14.00, tax -2.00",
        )
    },
    invoice={
        "2026-03-02": (
            "customers 60.00, sales -10.00, gift cards -50.00",
            "customers 15.00, sales -20.00 @10, gift cards 7.00, tax -2.00",
            "customers 4.00, sales -4.00",
            "till 60.00, customers -60.00",
            "cards 15.00, customers -15.00",
            "gift cards 4.00, customers -4.00",
        )
    },
)

_CASH_ROUNDING = GoldenDay(
    "cash_rounding",
    orders=(
        # Cash is rounded to 0.05: 10.02 -> 10.00; 9.98 + 10 % (0.998 -> 1.00) = 10.98 -> 11.00; a card pays 10.03
        order(
            "1",
            line("a", unit_price="10.02"),
            charges=(charge("r", rec.ChargeKind.ROUNDING, "-0.02"),),
            payments=(paid("p1", 10),),
        ),
        order(
            "2",
            line("a", unit_price="9.98", taxes=(OUT,)),
            charges=(charge("r", rec.ChargeKind.ROUNDING, "0.02"),),
            gross=11,
            tax=1,
            payments=(paid("p2", 11),),
        ),
        order("3", line("a", unit_price="10.03"), payments=(by_card("p3", "10.03"),)),
        # The system rounds each line: 3 x (0.15 + 0.02). Odoo says 0.45 + 0.05, and names the cent between them.
        order(
            "4",
            *(line(key, unit_price="0.15", taxes=(OUT,)) for key in "abc"),
            gross="0.51",
            tax="0.06",
            payments=(paid("p4", "0.51"),),
        ),
    ),
    # Till 10.00 + 11.00 + 0.51; 10 % of 9.98 and of 0.45; rounding 0.02 - 0.02 - 0.01. 31.54 on each side.
    summary={"2026-03-02": ("till 21.51, cards 10.03, sales -10.43 @10, sales -20.05, tax -1.05, rounding -0.01",)},
    invoice={
        "2026-03-02": (
            "customers 10.00, sales -10.02, rounding 0.02",
            "customers 11.00, sales -9.98 @10, tax -1.00, rounding -0.02",
            "customers 10.03, sales -10.03",
            "customers 0.51, sales -0.15 @10, sales -0.15 @10, sales -0.15 @10, tax -0.05, rounding -0.01",
            "till 21.51, customers -10.00, customers -11.00, customers -0.51",
            "cards 10.03, customers -10.03",
        )
    },
)

_ROUNDED_PAYMENTS = GoldenDay(
    "cash_rounding_of_payments",
    orders=(
        # 9.99 are owed and 10.00 paid; 12.02 are owed and 12.00 paid.
        order("1", line("a", unit_price="9.99"), payments=(paid("p1", "9.99", rounding=money("0.01")),)),
        order("2", line("a", unit_price="12.02"), payments=(paid("p2", "12.02", rounding=money("-0.02")),)),
    ),
    # 10.00 leave the drawer for 9.99.
    refunds=(refund("r1", "1", "9.99", payments=(paid("q1", "9.99", rounding=money("0.01")),)),),
    summary={
        "2026-03-02": ("till 22.00, sales -22.01, rounding 0.01",),
        "2026-03-03": ("till -10.00, sales 9.99, rounding 0.01",),
    },
    invoice={
        "2026-03-02": (
            "customers 9.99, sales -9.99",
            "customers 12.02, sales -12.02",
            "till 22.00, customers -9.99, rounding -0.01, customers -12.02, rounding 0.02",
        ),
        "2026-03-03": ("customers -9.99, sales 9.99", "till -10.00, customers 9.99, rounding 0.01"),
    },
)

_WEEK = utc(3, 9, 12)
_ON_CREDIT = GoldenDay(
    "delivered_before_it_is_paid_and_paid_before_it_is_delivered",
    orders=(
        order("1", line("a", unit_price=100), paid=False),
        # 15.00 of 40.00 are paid for what is put aside.
        order(
            "2",
            line("a", unit_price=40),
            status=rec.OrderStatus.OPEN,
            paid=False,
            payments=(paid("p2", 15, paid_at=utc(3, 2, 12)),),
        ),
        # Neither: no sale
        order("3", line("a", unit_price=70), status=rec.OrderStatus.OPEN, paid=False),
    ),
    later=(
        order("1", line("a", unit_price=100), payments=(by_card("p1", 100, paid_at=_WEEK),)),
        order(
            "2",
            line("a", unit_price=40),
            closed_at=_WEEK,
            payments=(paid("p2", 15, paid_at=utc(3, 2, 12)), paid("p3", 25, paid_at=_WEEK)),
        ),
    ),
    # Owed are 100.00 less the 15.00 that the other customer has paid for nothing yet.
    summary={
        "2026-03-02": ("till 15.00, customers 85.00, sales -100.00",),
        "2026-03-09": ("till 25.00, cards 100.00, customers -85.00, sales -40.00",),
    },
    invoice={
        "2026-03-02": ("customers 100.00, sales -100.00", "till 15.00, customers -15.00"),
        "2026-03-09": (
            "customers 40.00, sales -40.00",
            "till 25.00, customers -25.00",
            "cards 100.00, customers -100.00",
        ),
    },
)

_TWO_CURRENCIES = GoldenDay(
    "two_currencies",
    orders=(
        order("1", payments=(paid("p1", 10),)),
        # A dollar is 0.90 euros.
        order(
            "2",
            *(line(key, unit_price="10.04") for key in "abc"),
            currency="EUR",
            payments=(by_card("p2", "30.12", currency="EUR"),),
        ),
        # 10.04 + 10 % = 11.04
        order(
            "3",
            line("a", unit_price="10.04", taxes=(OUT,)),
            currency="EUR",
            gross="11.04",
            tax="1.00",
            payments=(by_card("p3", "11.04", currency="EUR"),),
        ),
    ),
    # In dollars: 30.12 is 33.467 -> 33.47; 10.04 is 11.156 -> 11.16; 1.00 is 1.11; together 45.74. The cards' 41.16 are
    # 45.733 -> 45.73, and as the largest take the cent that is left.
    summary={
        "2026-03-02": (
            "till 10.00, sales -10.00",
            "cards 41.16 =45.74, sales -30.12 =-33.47, sales -10.04 =-11.16 @10, tax -1.00 =-1.11",
        )
    },
    # Odoo rounds an invoice as a whole: 30.12 is 33.47, so that one of its lines of 11.16 takes a cent less; and a tax
    # is 10 % of 11.156, 1.12. What pays an invoice comes to the same dollars, so that nothing is gained or lost:
    # 33.47 + 11.16 + 1.12 = 45.75.
    invoice={
        "2026-03-02": (
            "customers 10.00, sales -10.00",
            "customers 30.12 =33.47, sales -10.04 =-11.16, sales -10.04 =-11.16, sales -10.04 =-11.15",
            "customers 11.04 =12.28, sales -10.04 =-11.16 @10, tax -1.00 =-1.12",
            "till 10.00, customers -10.00",
            "cards 41.16 =45.75, customers -30.12 =-33.47, customers -11.04 =-12.28",
        )
    },
)

_CLOCKS_CHANGE = GoldenDay(
    "nights_when_the_clocks_change",
    # In Berlin summer time begins on 29 March at 01:00 UTC and ends on 25 October at 01:00 UTC: the one day runs from
    # 23:00 to 22:00 UTC, the other from 22:00 to 23:00 UTC.
    orders=(
        in_berlin("1", 10, utc(3, 28, 22, 59)),
        in_berlin("2", 20, utc(3, 28, 23)),
        in_berlin("3", 40, utc(3, 29, 21, 59)),
        in_berlin("4", 80, utc(3, 29, 22)),
        in_berlin("5", 11, utc(10, 24, 21, 59)),
        # Both at half past two
        in_berlin("6", 21, utc(10, 25, 0, 30)),
        in_berlin("7", 41, utc(10, 25, 1, 30)),
        in_berlin("8", 81, utc(10, 25, 22, 59)),
        in_berlin("9", 161, utc(10, 25, 23)),
    ),
    summary={
        "2026-03-28": ("till 10.00, sales -10.00",),
        "2026-03-29": ("till 60.00, sales -60.00",),
        "2026-03-30": ("till 80.00, sales -80.00",),
        "2026-10-24": ("till 11.00, sales -11.00",),
        "2026-10-25": ("till 143.00, sales -143.00",),
        "2026-10-26": ("till 161.00, sales -161.00",),
    },
    invoice={
        "2026-03-28": ("customers 10.00, sales -10.00", "till 10.00, customers -10.00"),
        "2026-03-29": (
            "customers 20.00, sales -20.00",
            "customers 40.00, sales -40.00",
            "till 60.00, customers -20.00, customers -40.00",
        ),
        "2026-03-30": ("customers 80.00, sales -80.00", "till 80.00, customers -80.00"),
        "2026-10-24": ("customers 11.00, sales -11.00", "till 11.00, customers -11.00"),
        "2026-10-25": (
            "customers 21.00, sales -21.00",
            "customers 41.00, sales -41.00",
            "customers 81.00, sales -81.00",
            "till 143.00, customers -21.00, customers -41.00, customers -81.00",
        ),
        "2026-10-26": ("customers 161.00, sales -161.00", "till 161.00, customers -161.00"),
    },
)

MONEY = (_GIFT_CARDS, _CASH_ROUNDING, _ROUNDED_PAYMENTS, _ON_CREDIT, _TWO_CURRENCIES, _CLOCKS_CHANGE)
