"""Golden days of what is sold: taxes, discounts, tips and voids."""

from datetime import timedelta

from ..connectors import records as rec
from .golden_day import CITY, IN, OUT, GoldenDay
from .posting_common import by_card, paid
from .sales_common import SOLD_AT, charge, line, order

_MIXED_TAXES = GoldenDay(
    "taxes_in_and_out_of_the_price",
    orders=(
        # 3 x 9.99 = 29.97; 10 % = 2.997 -> 3.00; 2.5 % = 0.749 -> 0.75; 33.72
        order(
            "1",
            line("a", quantity=3, unit_price="9.99", taxes=(OUT, CITY)),
            gross="33.72",
            tax="3.75",
            payments=(paid("p1", "33.72"),),
        ),
        # 12.50 holds 25/125 = 2.50, which leaves 10.00; 4.00 + 10 % = 4.40; 16.90
        order(
            "2",
            line("a", "v-coffee", unit_price="12.50", taxes=(IN,)),
            line("b", "v-coffee", unit_price=4, taxes=(OUT,)),
            gross="16.90",
            tax="2.90",
            payments=(by_card("p2", "16.90"),),
        ),
        order("3", line("a", quantity=2), payments=(paid("p3", 5), by_card("p4", 15))),
        # Twice 0.35 + 10 % = 0.035 -> 0.04: 0.08 of tax, where 10 % of 0.70 would be 0.07
        order(
            "5", line("a", unit_price="0.35", taxes=(OUT,)), gross="0.39", tax="0.04", payments=(paid("p5", "0.39"),)
        ),
        order(
            "6", line("a", unit_price="0.35", taxes=(OUT,)), gross="0.39", tax="0.04", payments=(paid("p6", "0.39"),)
        ),
    ),
    # Till 33.72 + 5.00 + 0.39 + 0.39; cards 16.90 + 15.00. Bases of 10 % alone: 4.00 + 0.35 + 0.35.
    # Its tax is 3.00 + 0.40 + 0.04 + 0.04. Debits 39.50 + 31.90 = 71.40 = credits.
    summary={
        "2026-03-02": (
            "till 39.50, cards 31.90, sales -29.97 @10+2.5, sales -4.70 @10, sales -10.00 @25, sales -20.00, "
            "tax -3.48, tax -0.75, tax -2.50",
        )
    },
    invoice={
        "2026-03-02": (
            "customers 33.72, sales -29.97 @10+2.5, tax -3.00, tax -0.75",
            "customers 16.90, sales -10.00 @25, sales -4.00 @10, tax -2.50, tax -0.40",
            "customers 20.00, sales -20.00",
            "customers 0.39, sales -0.35 @10, tax -0.04",
            "customers 0.39, sales -0.35 @10, tax -0.04",
            "till 39.50, customers -33.72, customers -5.00, customers -0.39, customers -0.39",
            "cards 31.90, customers -16.90, customers -15.00",
        )
    },
)

_DISCOUNTS = GoldenDay(
    "discounts_on_line_and_order",
    orders=(
        # 20.00 - 3.00 = 17.00 (15 %); 4.00 - 0.33 = 3.67 (8.25 %); 2.00 off the order, taxed like the teas:
        # 15.00 x 10 % = 1.50; 17.00 - 2.00 + 3.67 + 1.50 = 20.17
        order(
            "1",
            line("a", quantity=2, discount=3, taxes=(OUT,)),
            line("b", "v-coffee", unit_price=4, discount="0.33"),
            charges=(charge("d", rec.ChargeKind.DISCOUNT, -2, taxes=(OUT,)),),
            gross="20.17",
            tax="1.50",
            payments=(by_card("p1", "20.17"),),
        ),
        # 9.99 - 1.00: 10.01 % of it
        order("2", line("a", quantity=3, unit_price="3.33", discount=1), payments=(paid("p2", "8.99"),)),
        # No percentage of two digits takes 0.05 off 1,050.00: a line of its own
        order("3", line("a", quantity=7, unit_price=150, discount="0.05"), payments=(paid("p3", "1049.95"),)),
    ),
    # Till 8.99 + 1,049.95; untaxed sales 3.67 + 8.99 + 1,050.00. Debits 1,058.94 + 20.17 + 2.00 + 0.05 = 1,081.16.
    summary={
        "2026-03-02": (
            "till 1058.94, cards 20.17, sales -17.00 @10, sales -1062.66, discounts 2.00 @10, discounts 0.05, "
            "tax -1.50",
        )
    },
    invoice={
        "2026-03-02": (
            "customers 20.17, sales -17.00 @10, sales -3.67, discounts 2.00 @10, tax -1.50",
            "customers 8.99, sales -8.99",
            "customers 1049.95, sales -1050.00, discounts 0.05",
            "till 1058.94, customers -8.99, customers -1049.95",
            "cards 20.17, customers -20.17",
        )
    },
)

_TIPS = GoldenDay(
    "tips_service_delivery_and_split_payments",
    orders=(
        # 20.00 + 2.20 service = 22.20; 10 % = 2.22; tip 3.00; 27.42
        order(
            "1",
            line("a", quantity=2, taxes=(OUT,)),
            charges=(
                charge("s", rec.ChargeKind.SERVICE_CHARGE, "2.20", taxes=(OUT,)),
                charge("t", rec.ChargeKind.TIP, 3),
            ),
            gross="27.42",
            tax="2.22",
            payments=(paid("p1", 10), by_card("p2", "14.42", tip=3)),
        ),
        order(
            "2",
            line("a", "v-coffee", quantity=2, unit_price=4),
            charges=(charge("t", rec.ChargeKind.TIP, "1.50"),),
            payments=(paid("p3", 5, tip="1.50"), by_card("p4", 3)),
        ),
        # The card of the guest pays on the next day.
        order("3", payments=(paid("p5", 4), by_card("p6", 6, paid_at=SOLD_AT + timedelta(days=1)))),
        # 10.00 + delivery 4.50 with 10 % = 0.45
        order(
            "4",
            charges=(charge("f", rec.ChargeKind.SHIPPING, "4.50", taxes=(OUT,)),),
            gross="14.95",
            tax="0.45",
            payments=(by_card("p7", "14.95"),),
        ),
    ),
    # Till 10.00 + 6.50 + 4.00; cards 17.42 + 3.00 + 14.95; tips 3.00 + 1.50; untaxed 8.00 + 10.00 + 10.00;
    # tax 2.22 + 0.45. Debits 20.50 + 35.37 + 6.00 = 61.87.
    summary={
        "2026-03-02": (
            "till 20.50, cards 35.37, customers 6.00, sales -20.00 @10, sales -2.20 @10, sales -28.00, "
            "delivery -4.50 @10, tips -4.50, tax -2.67",
        ),
        "2026-03-03": ("cards 6.00, customers -6.00",),
    },
    invoice={
        "2026-03-02": (
            "customers 27.42, sales -20.00 @10, sales -2.20 @10, tips -3.00, tax -2.22",
            "customers 9.50, sales -8.00, tips -1.50",
            "customers 10.00, sales -10.00",
            "customers 14.95, sales -10.00, delivery -4.50 @10, tax -0.45",
            "till 20.50, customers -10.00, customers -6.50, customers -4.00",
            "cards 35.37, customers -17.42, customers -3.00, customers -14.95",
        ),
        "2026-03-03": ("cards 6.00, customers -6.00",),
    },
)

_VOIDS = GoldenDay(
    "voids",
    orders=(
        order("1", payments=(paid("p1", 10),)),
        order("2", line("a", unit_price=99), status=rec.OrderStatus.CANCELLED, payments=()),
        order("3", line("a", taxes=(OUT,)), gross=11, tax=1, payments=(by_card("p3", 11),)),
        order("4", line("a"), line("b", "v-coffee", unit_price=4), payments=(paid("p4", 14),)),
    ),
    later=(
        order("3", line("a", taxes=(OUT,)), gross=11, tax=1, status=rec.OrderStatus.CANCELLED, payments=()),
        order("4", line("a"), payments=(paid("p4", 10),)),
    ),
    # Untaxed 10.00 + 14.00. Then 11.00 and 4.00 are taken back.
    summary={
        "2026-03-02": (
            "till 24.00, cards 11.00, sales -24.00, sales -10.00 @10, tax -1.00",
            "till -4.00, cards -11.00, sales 4.00, sales 10.00 @10, tax 1.00",
        )
    },
    invoice={
        "2026-03-02": (
            "customers 10.00, sales -10.00",
            "customers 11.00, sales -10.00 @10, tax -1.00",
            "customers 14.00, sales -10.00, sales -4.00",
            "till 24.00, customers -10.00, customers -14.00",
            "cards 11.00, customers -11.00",
            "customers -11.00, sales 10.00 @10, tax 1.00",
            "customers -4.00, sales 4.00",
            "till -4.00, customers 4.00",
            "cards -11.00, customers 11.00",
        )
    },
)

SALES = (_MIXED_TAXES, _DISCOUNTS, _TIPS, _VOIDS)
