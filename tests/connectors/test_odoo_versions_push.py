"""What is sent to every version of Odoo arrives whole, once, and nothing is left half done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

import pytest

import connectors  # noqa: F401 - registers the systems
from connectors import records as rec
from connectors.connector import Connector
from connectors.errors import NeedsFixing
from connectors.parcels import Parcel
from connectors.registry import registry
from tests.connectors.contract import fails
from tests.connectors.loopback import Loopback
from tests.connectors.odoo_shop import SHOP
from tests.connectors.older_odoo import DATABASE, KEY, LOGIN, NEWEST, OLDEST
from tests.connectors.taking_odoo import TakingOdoo

SOLD_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
MODEL = "sale.order"


@pytest.fixture(params=range(OLDEST, NEWEST + 1))
def taking(request: pytest.FixtureRequest) -> TakingOdoo:
    return TakingOdoo(f"{request.param}.0", SHOP)


@pytest.fixture
def odoo(taking: TakingOdoo) -> Iterator[Connector]:
    given = {"database": DATABASE, "login": LOGIN, "api_key": KEY, "payment_journal": "journal-1"}
    with Loopback(taking) as server, registry.get("odoo")({**given, "url": server.url}) as made:
        yield made
    assert taking.wrong == []


LINE = rec.OrderLine(
    external_id="sale.order.line,1",
    variant_id="variant-100",
    name="Tee",
    quantity=Decimal(2),
    unit_price=Decimal("11.90"),
    taxes=(rec.LineTax(tax_id="tax-5"),),
    net=Decimal("20.00"),
    tax=Decimal("3.80"),
    gross=Decimal("23.80"),
)
SHIPPING = rec.Charge(
    external_id="shipping",
    kind=rec.ChargeKind.SHIPPING,
    amount=Decimal("5.95"),
    taxes=(rec.LineTax(tax_id="tax-5"),),
    net=Decimal("5.00"),
    tax=Decimal("0.95"),
)
ORDER = rec.Order(
    external_id="sale.order,1",
    number="S1",
    status=rec.OrderStatus.COMPLETED,
    paid=True,
    currency="EUR",
    customer_id="partner-20",
    location_id="warehouse-1",
    note="At the <door>",
    price_includes_tax=True,
    lines=(LINE,),
    charges=(SHIPPING,),
    payments=(rec.Payment(external_id="p1", method_name="Card", amount=Decimal("29.75"), currency="EUR"),),
    totals=rec.OrderTotals(gross=Decimal("29.75")),
    created_at=SOLD_AT,
)


def orders(taking: TakingOdoo) -> list[dict]:
    return [row for row in taking.rows(MODEL) if row["id"] >= 1000]


def test_a_paid_and_delivered_order(odoo: Connector, taking: TakingOdoo) -> None:
    """Its date lies years back: it keeps it, and is neither left unpaid nor undelivered."""
    pushed = odoo.push_order(ORDER, key="S1-abcd")
    (row,) = orders(taking)
    assert (row["state"], row["date_order"], row["amount_total"]) == ("sale", "2024-05-06 07:08:09", 29.75)
    assert row["pricelist_id"] == 2
    line = taking.data.row("sale.order.line", int(pushed.lines[0][1].removeprefix("line-")))
    assert line["qty_delivered"] == 2
    invoice = taking.data.row("account.move", row["invoice_ids"][0])
    assert (invoice["state"], invoice["amount_residual"], invoice["payment_state"]) == ("posted", 0, "in_payment")
    assert str(invoice["invoice_date"]) == "2024-05-06"
    ((about, body),) = taking.posted
    assert about == f"{MODEL},{row['id']}"
    assert body == ("At the <door>" if taking.major >= 17 else "At the &lt;door&gt;")


def test_sent_again_nothing_is_done_twice(odoo: Connector, taking: TakingOdoo) -> None:
    first = odoo.push_order(ORDER, key="S1-abcd")
    done = list(taking.done)
    assert odoo.push_order(ORDER, key="S1-abcd").external_id == first.external_id
    assert (taking.done, len(orders(taking))) == (done, 1)
    assert odoo.find_pushed_order("S1-abcd").external_id == first.external_id


def test_a_quotation_and_a_cancelled_order(odoo: Connector, taking: TakingOdoo) -> None:
    odoo.push_order(replace(ORDER, status=rec.OrderStatus.DRAFT, paid=False), key="S1-abcd")
    assert [row["state"] for row in orders(taking)] == ["draft"]
    odoo.push_order(replace(ORDER, status=rec.OrderStatus.CANCELLED, paid=False), key="S1-abcd")
    assert [row["state"] for row in orders(taking)] == ["cancel"]


def test_what_happens_to_an_order_later(odoo: Connector, taking: TakingOdoo) -> None:
    pushed = odoo.push_order(replace(ORDER, status=rec.OrderStatus.OPEN, paid=False, payments=()), key="S1-abcd")
    parcel = rec.Fulfilment(
        external_id="f1",
        order_id=pushed.external_id,
        status=rec.FulfilmentStatus.SHIPPED,
        carrier="DHL",
        tracking_number="T-9",
        lines=((pushed.lines[0][1], Decimal(1)),),
    )
    change = rec.OrderStatusChange(
        external_id=pushed.external_id, status=rec.OrderStatus.PAID, fulfilments=(parcel,), updated_at=SOLD_AT
    )
    odoo.push_order_status(change, key="k1")
    line = taking.data.row("sale.order.line", int(pushed.lines[0][1].removeprefix("line-")))
    shipped = [row for row in taking.rows("stock.picking") if row.get("carrier_tracking_ref") == "T-9"]
    assert (line["qty_delivered"], [row["state"] for row in shipped]) == (1, ["done"])
    odoo.push_order_status(replace(change, fulfilments=(), paid=True), key="k2")
    (row,) = orders(taking)
    assert taking.data.row("account.move", row["invoice_ids"][0])["payment_state"] == "in_payment"


def test_a_parcel(odoo: Connector, taking: TakingOdoo) -> None:
    pushed = odoo.push_order(replace(ORDER, status=rec.OrderStatus.OPEN, paid=False, payments=()), key="S1-abcd")
    line = pushed.lines[0][1]
    parcel = Parcel(
        external_id="stock.picking,1", order_id=pushed.external_id, lines=((line, Decimal(1)),),
        shipped=((line, Decimal(1)),), carrier="DHL", tracking_number="T-9", shipped_at=SOLD_AT,
    )  # fmt: skip
    made = odoo.push_parcel(parcel, key="p1")
    picking = taking.data.row("stock.picking", int(made.external_id.removeprefix("picking-")))
    assert (picking["state"], picking["carrier_tracking_ref"]) == ("done", "T-9")
    assert taking.data.row("sale.order.line", int(line.removeprefix("line-")))["qty_delivered"] == 1
    assert odoo.push_parcel(parcel, key="p1").external_id == made.external_id


def test_a_refund_with_its_goods(odoo: Connector, taking: TakingOdoo) -> None:
    pushed = odoo.push_order(ORDER, key="S1-abcd")
    refund = rec.Refund(
        external_id="r1",
        order_id=pushed.external_id,
        currency="EUR",
        gross=Decimal("11.90"),
        net=Decimal("10.00"),
        tax=Decimal("1.90"),
        lines=(
            rec.RefundLine(
                order_line_id=pushed.lines[0][1],
                quantity=Decimal(1),
                net=Decimal("10.00"),
                tax=Decimal("1.90"),
                gross=Decimal("11.90"),
                restock=True,
            ),
        ),
        reason="Cold",
        refunded_at=SOLD_AT,
    )
    (back,) = odoo.push_refund(refund, key="R1-abcd")
    assert (back.order_id, back.gross, back.source_reference) == (pushed.external_id, Decimal("11.90"), "R1-abcd")
    note = taking.data.row("account.move", int(back.external_id.removeprefix("move-")))
    assert (note["state"], note["payment_state"]) == ("posted", "in_payment")
    line = taking.data.row("sale.order.line", int(pushed.lines[0][1].removeprefix("line-")))
    assert line["qty_delivered"] == 1
    done = list(taking.done)
    odoo.push_refund(refund, key="R1-abcd")
    assert taking.done == done


def test_money_for_what_is_invoiced_later(odoo: Connector, taking: TakingOdoo) -> None:
    """Where the order can't be invoiced yet, its money goes to the customer's account."""
    paid = replace(ORDER, status=rec.OrderStatus.PAID)
    pushed = odoo.push_order(replace(paid, paid=False), key="S1-abcd")
    order = taking.data.row(MODEL, int(pushed.external_id.removeprefix("sale-")))
    order["invoice_status"] = "no"
    for line in taking.rows("sale.order.line"):
        line["qty_to_invoice"] = 0
    odoo.push_order(paid, key="S1-abcd")
    (payment,) = taking.rows("account.payment")
    memo = taking.data.value("account.payment", payment, "memo" if taking.major >= 18 else "ref")
    assert (payment["amount"], memo) == (29.75, "Card S1-abcd p1")
    odoo.push_order(paid, key="S1-abcd")
    assert len(taking.rows("account.payment")) == 1


def test_customers(odoo: Connector, taking: TakingOdoo) -> None:
    customer = rec.Customer(
        external_id="res.partner,1", first_name="Rita", last_name="Skeeter", email="rita@example.com", phone="030 22",
        mobile="0171 22", language="de_DE", group_name="Stammgast",
        addresses=(rec.Address(kind=rec.AddressKind.DELIVERY, name="Rita", street="1 Gift Lane", country="DE"),),
    )  # fmt: skip
    assert odoo.find_customer(customer) == []
    pushed = odoo.push_customer(customer, key="C1")
    made = taking.data.row("res.partner", int(pushed.external_id.removeprefix("partner-")))
    assert (made["name"], made["category_id"]) == ("Rita Skeeter", [4])
    assert made.get("mobile") == ("0171 22" if taking.major < 19 else None)
    odoo.update_customer(replace(customer, phone="030 33"), key="C1")
    assert made["phone"] == "030 33"


def test_without_a_pricelist(odoo: Connector, taking: TakingOdoo) -> None:
    """Until 16 an order needs one; later one in the company's own currency does not."""
    taking.rows("product.pricelist").clear()
    if taking.major >= 17:
        assert odoo.push_order(ORDER, key="S1-abcd").complete
    else:
        failure = fails(NeedsFixing, lambda: odoo.push_order(ORDER, key="S1-abcd"))
        assert failure.trace == "currency:EUR"
        assert orders(taking) == []
