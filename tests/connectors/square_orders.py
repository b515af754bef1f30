"""Orders as Odoo would send them to a Square sandbox."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

from connectors import records as rec
from sandbox.square import Shop

D = Decimal
AT = datetime(2026, 3, 28, 12, 0, tzinfo=timezone.utc)
SALES = rec.LineTax(tax_id="TAX-SALES", name="Sales Tax", rate=D("8.875"))


def variants(shop: Shop) -> list[str]:
    return [
        inner["id"]
        for row in shop.objects.values()
        if row["type"] == "ITEM" and not row["is_deleted"]
        for inner in row["item_data"]["variations"]
    ]


def paid_order(shop: Shop) -> rec.Order:
    """Two taxed lines, one of them cheaper than its unit price says, shipping and a tip; paid in cash."""
    first, second = variants(shop)[:2]
    return rec.Order(
        external_id="sale.order,7",
        number="S00007",
        status=rec.OrderStatus.COMPLETED,
        paid=True,
        currency="USD",
        location_id="LOC000",
        lines=(
            rec.OrderLine(
                external_id="sale.order.line,1", variant_id=first, name="Crème brûlée “groß” 美味", quantity=D(3),
                unit_price=D("3.3333"), taxes=(SALES,), net=D("10.00"), tax=D("0.89"), gross=D("10.89"),
            ),
            rec.OrderLine(
                external_id="sale.order.line,2", variant_id=second, name="Bagel", quantity=D("2.5"),
                unit_price=D("4.00"), discount=D("1.00"), net=D("9.00"), tax=D("0.00"), gross=D("9.00"),
            ),
        ),
        charges=(
            rec.Charge(external_id="s", kind=rec.ChargeKind.SHIPPING, name="Shipping", amount=D("5.00"),
                       net=D("5.00"), tax=D(0)),
            rec.Charge(external_id="t", kind=rec.ChargeKind.TIP, name="Tip", amount=D("2.00"), net=D("2.00"),
                       tax=D(0)),
        ),
        payments=(
            rec.Payment(external_id="p", method_name="Cash", kind=rec.PaymentKind.CASH, amount=D("24.89"),
                        tip=D("2.00"), currency="USD"),
        ),
        totals=rec.OrderTotals(gross=D("26.89"), net=D("26.00"), tax=D("0.89")),
        created_at=AT,
    )  # fmt: skip


def open_order(shop: Shop) -> rec.Order:
    """One line, to be sent to an address, not paid yet."""
    return rec.Order(
        external_id="sale.order,8",
        number="S00008",
        status=rec.OrderStatus.OPEN,
        currency="USD",
        lines=(
            rec.OrderLine(
                external_id="sale.order.line,3", variant_id=variants(shop)[0], name="Tea", quantity=D(1),
                unit_price=D("12.00"), taxes=(SALES,), net=D("12.00"), tax=D("1.07"), gross=D("13.07"),
            ),
        ),
        shipping_address=rec.Address(
            kind=rec.AddressKind.DELIVERY, name="Zoë Ünal", street="1 Orchard Ln", city="New York", zip="10003",
            state="NY", country="US",
        ),
        totals=rec.OrderTotals(gross=D("13.07"), net=D("12.00"), tax=D("1.07")),
        created_at=AT,
    )  # fmt: skip
