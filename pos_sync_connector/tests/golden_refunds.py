"""Golden days of what is refunded: lines, charges, amounts alone, cancellations, and what was only paid too much."""

from datetime import timedelta

from ..connectors import records as rec
from .golden_day import IN, OUT, GoldenDay
from .posting_common import by_card, paid, returned
from .sales_common import SOLD_AT, charge, line, money, order, refund

_TWO_DAYS_LATER = SOLD_AT + timedelta(days=2)
CANCELLED = rec.OrderStatus.CANCELLED

_REFUNDS = GoldenDay(
    "partial_refunds_on_the_next_days",
    orders=(
        # 30.00 + 10 % = 33.00; 8.00; tip 2.00; 43.00
        order(
            "1",
            line("a", quantity=3, taxes=(OUT,)),
            line("b", "v-coffee", quantity=2, unit_price=4),
            charges=(charge("t", rec.ChargeKind.TIP, 2),),
            gross=43,
            tax=3,
            payments=(paid("p1", 41, tip=2),),
        ),
        order(
            "2", line("a", "v-coffee", unit_price="12.50", taxes=(IN,)), tax="2.50", payments=(by_card("p2", "12.50"),)
        ),
    ),
    refunds=(
        # One tea
        refund("r1", "1", 11, lines=(returned("a", 1, gross=11),), payments=(paid("q1", 11),)),
        # 4.10 and nothing named: its tax of 0.30 is that of a tenth off all goods, 3.30 of the teas and 0.80 of the
        # coffees
        refund("r2", "1", "4.10", tax=money("0.30"), payments=(by_card("q2", "4.10"),)),
        # 5.00 of what was sold for 12.50: 4.00 and 1.00 of tax
        refund("r3", "2", 5, lines=(returned("a", "0.4", gross=5),), payments=(by_card("q3", 5),)),
        # One more tea, a day later
        refund(
            "r4",
            "1",
            11,
            lines=(returned("a", 1, gross=11),),
            payments=(paid("q4", 11),),
            refunded_at=SOLD_AT + timedelta(days=2),
        ),
    ),
    # 3 March: cards 4.10 + 5.00; a tea of 10.00, 3.00 + 0.80 off the price; tax 1.00 + 0.30, and 1.00 of the other one.
    summary={
        "2026-03-02": (
            "till 43.00, cards 12.50, sales -30.00 @10, sales -8.00, sales -10.00 @25, tips -2.00, tax -3.00, "
            "tax -2.50",
        ),
        "2026-03-03": (
            "till -11.00, cards -9.10, sales 10.00 @10, discounts 3.00 @10, discounts 0.80, sales 4.00 @25, tax 1.30, "
            "tax 1.00",
        ),
        "2026-03-04": ("till -11.00, sales 10.00 @10, tax 1.00",),
    },
    invoice={
        "2026-03-02": (
            "customers 43.00, sales -30.00 @10, sales -8.00, tips -2.00, tax -3.00",
            "customers 12.50, sales -10.00 @25, tax -2.50",
            "till 43.00, customers -43.00",
            "cards 12.50, customers -12.50",
        ),
        "2026-03-03": (
            "customers -11.00, sales 10.00 @10, tax 1.00",
            "customers -4.10, discounts 3.00 @10, discounts 0.80, tax 0.30",
            "customers -5.00, sales 4.00 @25, tax 1.00",
            "till -11.00, customers 11.00",
            "cards -9.10, customers 4.10, customers 5.00",
        ),
        "2026-03-04": (
            "customers -11.00, sales 10.00 @10, tax 1.00",
            "till -11.00, customers 11.00",
        ),
    },
)

_CHARGES = GoldenDay(
    "refunds_of_charges",
    orders=(
        # 100.00 and delivery of 10.00, both with 10 %; service 2.00, tip 5.00; 128.00
        order(
            "1",
            line("a", unit_price=100, taxes=(OUT,)),
            charges=(
                charge("d", rec.ChargeKind.SHIPPING, 10, taxes=(OUT,)),
                charge("s", rec.ChargeKind.SERVICE_CHARGE, 2),
                charge("t", rec.ChargeKind.TIP, 5),
            ),
            gross=128,
            tax=11,
            payments=(by_card("p1", 128),),
        ),
    ),
    refunds=(
        # Delivery and tip only: the goods and their tax stay.
        refund(
            "r1",
            "1",
            16,
            tax=money(1),
            charges=(
                charge("d", rec.ChargeKind.SHIPPING, 10, net=money(10), tax=money(1), taxes=(OUT,)),
                charge("t", rec.ChargeKind.TIP, 5),
            ),
            payments=(by_card("q1", 16),),
        ),
        # The goods come back, and 15.00 are kept for that.
        refund(
            "r2",
            "1",
            95,
            tax=money(10),
            lines=(returned("a", 1, gross=110),),
            charges=(charge("k", rec.ChargeKind.FEE, -15),),
            payments=(by_card("q2", 95),),
            refunded_at=_TWO_DAYS_LATER,
        ),
    ),
    summary={
        "2026-03-02": ("cards 128.00, sales -100.00 @10, delivery -10.00 @10, sales -2.00, tips -5.00, tax -11.00",),
        "2026-03-03": ("cards -16.00, delivery 10.00 @10, tips 5.00, tax 1.00",),
        "2026-03-04": ("cards -95.00, sales 100.00 @10, sales -15.00, tax 10.00",),
    },
    invoice={
        "2026-03-02": (
            "customers 128.00, sales -100.00 @10, delivery -10.00 @10, sales -2.00, tips -5.00, tax -11.00",
            "cards 128.00, customers -128.00",
        ),
        "2026-03-03": (
            "customers -16.00, delivery 10.00 @10, tips 5.00, tax 1.00",
            "cards -16.00, customers 16.00",
        ),
        "2026-03-04": (
            "customers -95.00, sales 100.00 @10, sales -15.00, tax 10.00",
            "cards -95.00, customers 95.00",
        ),
    },
)


def _taxed(key, quantity=1, **values):
    """Teas of 10.00 with 10 %, paid by card."""
    gross = 11 * quantity
    return order(
        key,
        line("a", quantity=quantity, taxes=(OUT,)),
        gross=gross,
        tax=quantity,
        payments=(by_card(f"p{key}", gross),),
        **values,
    )


def _by_line(key):
    return refund(f"r{key}", key, 11, lines=(returned("a", 1, gross=11),), payments=(by_card(f"q{key}", 11),))


_CANCELLATIONS = GoldenDay(
    "a_cancellation_and_its_refund_are_one",
    orders=(
        _taxed("1"),
        # Seen for the first time when all was over
        _taxed("2", status=CANCELLED, refunds=(_by_line("2"),)),
        _taxed("3", quantity=3),
        # The refund came first.
        _taxed("4", refunds=(_by_line("4"),)),
        # Never paid
        order("5", status=CANCELLED, paid=False),
        # A deposit of 4.00 for what was then cancelled
        order("6", status=CANCELLED, paid=False, payments=(paid("p6", 4),)),
    ),
    later=(
        _taxed("1", status=CANCELLED),
        _taxed("3", quantity=3, status=CANCELLED),
        _taxed("4", status=CANCELLED, refunds=(_by_line("4"),)),
    ),
    refunds=(
        refund("r1", "1", 11, payments=(by_card("q1", 11),)),
        # 11.00 of 33.00 are kept, with their tax.
        refund("r3", "3", 22, payments=(by_card("q3", 22),)),
        refund("r6", "6", 4, payments=(paid("q6", 4),)),
    ),
    summary={
        "2026-03-02": ("cards 66.00, till 4.00, customers -4.00, sales -60.00 @10, tax -6.00",),
        "2026-03-03": (
            "cards -22.00, sales 20.00 @10, tax 2.00",
            "cards -33.00, till -4.00, customers 4.00, sales 10.00 @10, discounts 20.00 @10, tax 3.00",
        ),
    },
    invoice={
        "2026-03-02": (
            *["customers 11.00, sales -10.00 @10, tax -1.00"] * 3,
            "customers 33.00, sales -30.00 @10, tax -3.00",
            "cards 66.00, customers -11.00, customers -11.00, customers -33.00, customers -11.00",
            "till 4.00, customers -4.00",
        ),
        "2026-03-03": (
            *["customers -11.00, sales 10.00 @10, tax 1.00"] * 3,
            "cards -22.00, customers 11.00, customers 11.00",
            "customers -22.00, discounts 20.00 @10, tax 2.00",
            "cards -33.00, customers 11.00, customers 22.00",
            "till -4.00, customers 4.00",
        ),
    },
)

_OVERPAID = GoldenDay(
    "paid_too_much_since_an_edit",
    orders=(
        order("1", line("a", unit_price=80), line("b", "v-coffee", unit_price=20), payments=(by_card("p1", 100),)),
    ),
    later=(order("1", line("a", unit_price=80), payments=(by_card("p1", 100),)),),
    # The edit took 20.00 out of what is sold: returning them takes nothing more out.
    refunds=(refund("r1", "1", 20, overpayment=money(20), payments=(by_card("q1", 20),)),),
    summary={
        "2026-03-02": ("cards 100.00, sales -100.00", "sales 20.00, customers -20.00"),
        "2026-03-03": ("cards -20.00, customers 20.00",),
    },
    invoice={
        "2026-03-02": (
            "customers 100.00, sales -80.00, sales -20.00",
            "cards 100.00, customers -100.00",
            "customers -20.00, sales 20.00",
        ),
        "2026-03-03": ("cards -20.00, customers 20.00",),
    },
)

_GIFT_CARDS = GoldenDay(
    "gift_cards_as_lines",
    orders=(
        order("1", line("g", unit_price=50, is_gift_card=True), payments=(by_card("p1", 50),)),
        order("2", line("a"), line("g", unit_price=25, is_gift_card=True), payments=(by_card("p2", 35),)),
    ),
    refunds=(
        refund("r1", "1", 50, payments=(by_card("q1", 50),)),
        refund("r2", "2", 25, lines=(returned("g", 1, gross=25),), payments=(by_card("q2", 25),)),
    ),
    summary={
        "2026-03-02": ("cards 85.00, gift cards -75.00, sales -10.00",),
        "2026-03-03": ("cards -75.00, gift cards 75.00",),
    },
    invoice={
        "2026-03-02": (
            "customers 50.00, gift cards -50.00",
            "customers 35.00, sales -10.00, gift cards -25.00",
            "cards 85.00, customers -50.00, customers -35.00",
        ),
        "2026-03-03": (
            "customers -50.00, gift cards 50.00",
            "customers -25.00, gift cards 25.00",
            "cards -75.00, customers 50.00, customers 25.00",
        ),
    },
)

REFUNDS = (_REFUNDS, _CHARGES, _CANCELLATIONS, _OVERPAID, _GIFT_CARDS)
