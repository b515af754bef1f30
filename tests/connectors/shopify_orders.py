"""Orders as Odoo would send them to a Shopify sandbox."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

from connectors import records as rec
from sandbox.shopify import Shop
from sandbox.shopify.values import number_of

D = Decimal
AT = datetime(2026, 3, 28, 12, 0, tzinfo=timezone.utc)
SALES = rec.LineTax(tax_id="Sales Tax 8.875%", name="Sales Tax", rate=D("8.875"))


def variants(shop: Shop) -> list[str]:
    return [str(number_of(key)) for key in shop.variants]


def paid_order(shop: Shop) -> rec.Order:
    """Two lines of which one is taxed, shipping and a tip; paid in two ways, handed over."""
    first, second = variants(shop)[:2]
    return rec.Order(
        external_id="sale.order,7",
        number="S00007",
        status=rec.OrderStatus.COMPLETED,
        paid=True,
        currency="USD",
        lines=(
            rec.OrderLine(
                external_id="sale.order.line,1", variant_id=first, name="Crème brûlée “groß” 美味", quantity=D(3),
                unit_price=D("3.50"), taxes=(SALES,), net=D("10.50"), tax=D("0.93"), gross=D("11.43"),
            ),
            rec.OrderLine(
                external_id="sale.order.line,2", variant_id=second, name="Bagel", quantity=D(2),
                unit_price=D("5.00"), discount=D("1.00"), net=D("9.00"), tax=D("0.00"), gross=D("9.00"),
            ),
        ),
        charges=(
            rec.Charge(external_id="s", kind=rec.ChargeKind.SHIPPING, name="Shipping", amount=D("5.00"),
                       net=D("5.00"), tax=D(0)),
            rec.Charge(external_id="t", kind=rec.ChargeKind.TIP, name="Tip", amount=D("2.00"), net=D("2.00"),
                       tax=D(0)),
        ),
        payments=(
            rec.Payment(external_id="p", method_name="Cash", kind=rec.PaymentKind.CASH, amount=D("20.00"),
                        currency="USD"),
            rec.Payment(external_id="q", method_name="Card", kind=rec.PaymentKind.CARD, amount=D("5.43"),
                        tip=D("2.00"), currency="USD"),
        ),
        totals=rec.OrderTotals(gross=D("27.43"), net=D("26.50"), tax=D("0.93")),
        created_at=AT,
    )  # fmt: skip
