"""What Square refunds: an order of its own for each refund, known by two ids, with all that came back named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import codec
from connectors import records as rec
from connectors.connector import Connector
from connectors.errors import NeedsFixing
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.square.orders import OrderReader
from connectors.systems.square.refunds import RefundReader
from sandbox.square import SquareSandbox, make_shop
from sandbox.square.giving_back import end_refund, take_back
from tests.connectors.contract import fails
from tests.connectors.contract_refunds import refund_of
from tests.connectors.square_orders import paid_order

MADE = "2026-03-03T09:00:00.000Z"
SALE = {"id": "SALE1", "tenders": [{"id": "pay1", "payment_id": "pay1", "type": "CASH"}]}
KEY = "S00007-R3-1a2b3c4d"


def cents(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def refund_order(back: dict[str, Any], *refunds: dict[str, Any]) -> dict[str, Any]:
    return {"id": "REF1", "location_id": "L1", "state": "COMPLETED", "created_at": MADE, "updated_at": MADE,
            "returns": [{"source_order_id": "SALE1", **back}], "refunds": list(refunds)}  # fmt: skip


def of_payment(amount: int, status: str = "APPROVED") -> dict[str, Any]:
    return {"id": "Zr3", "tender_id": "pay1", "transaction_id": "SALE1", "status": status,
            "amount_money": cents(amount)}  # fmt: skip


def read(*rows: dict[str, Any]) -> dict[str, Any]:
    class Orders(OrderReader):
        def rows(self, ids):
            return {"SALE1": SALE}

    return RefundReader(None, Orders(None, lambda: {"L1": "USD"})).of_orders(rows)  # type: ignore[arg-type]


def one(back: dict[str, Any], *refunds: dict[str, Any]) -> rec.Refund:
    found = read(refund_order(back, *refunds))
    assert found["malformed"] == ()
    (refund,) = found["records"]
    return refund


AMOUNT = {"return_line_items": [
    {"uid": "u", "item_type": "CUSTOM_AMOUNT", "quantity": "1", "total_money": cents(200)}]}  # fmt: skip


def test_money_alone_is_an_amount_and_no_goods():
    refund = one(AMOUNT, of_payment(200))
    assert (refund.external_id, refund.order_id, refund.gross, refund.currency) == ("REF1", "SALE1", D(2), "USD")
    assert (refund.lines, refund.charges, refund.net, refund.tax) == ((), (), None, None)
    (money,) = refund.payments
    assert (money.external_id, money.kind, money.amount) == ("pay1_Zr3", rec.PaymentKind.CASH, D(2))


@pytest.mark.parametrize(("status", "records", "deleted"), [
    ("APPROVED", 1, ()), ("PENDING", 0, ()), ("REJECTED", 0, ("REF1",)), ("FAILED", 0, ("REF1",)),
])  # fmt: skip
def test_only_money_that_left_is_a_refund(status, records, deleted):
    found = read(refund_order(AMOUNT, of_payment(200, status)))
    assert (len(found["records"]), found["deleted"], found["malformed"]) == (records, deleted, ())


def item(uid: str, amount: int, tax: int = 0, discount: int = 0, **more: Any) -> dict[str, Any]:
    taxed = {"applied_taxes": [{"uid": "a", "tax_uid": "sales", "applied_money": cents(tax)}]} if tax else {}
    return {"uid": f"{uid}-back", "source_line_item_uid": uid, "name": uid, "quantity": "1", "item_type": "ITEM",
            "base_price_money": cents(amount), "total_tax_money": cents(tax), "total_discount_money": cents(discount),
            "total_money": cents(amount + tax - discount), **taxed, **more}  # fmt: skip


def test_all_that_came_back_is_named_with_its_tax():
    """Tea 10.00 less 1.00 with 0.90 of tax, a service charge of 2.00 with 0.20, a tip of 3.00, rounded up by 0.01."""
    refund = one(
        {
            "return_line_items": [item("tea", 1000, 90, 100)],
            "return_taxes": [{"uid": "sales", "catalog_object_id": "TAX", "name": "Sales", "percentage": "10"}],
            "return_service_charges": [
                {"uid": "svc", "name": "Service", "applied_money": cents(200), "total_money": cents(220),
                 "total_tax_money": cents(20),
                 "applied_taxes": [{"uid": "b", "tax_uid": "sales", "applied_money": cents(20)}]},
            ],
            "return_tips": [{"uid": "tip", "applied_money": cents(300)}],
            "rounding_adjustment": {"name": "Cash rounding", "amount_money": cents(1)},
            "return_amounts": {"total_money": cents(1511), "tax_money": cents(110)},
        },
        of_payment(1511),
    )  # fmt: skip
    assert (refund.gross, refund.net, refund.tax) == (D("15.11"), D("14.01"), D("1.10"))
    (line,) = refund.lines
    assert (line.order_line_id, line.quantity, line.net, line.tax, line.gross) == (
        "tea", D(1), D(9), D("0.90"), D("9.90"),
    )  # fmt: skip
    assert [(tax.tax_id, tax.rate, tax.amount) for tax in line.taxes] == [("TAX", D(10), D("0.90"))]
    kinds = rec.ChargeKind
    assert [(item.kind, item.amount, item.net, item.tax) for item in refund.charges] == [
        (kinds.SERVICE_CHARGE, D(2), D(2), D("0.20")), (kinds.TIP, D(3), D(3), D(0)),
        (kinds.ROUNDING, D("0.01"), D("0.01"), D(0)),
    ]  # fmt: skip
    assert [tax.amount for tax in refund.charges[0].taxes] == [D("0.20")]


def test_a_tip_that_stands_in_the_sums_only_is_a_charge():
    amounts = {"total_money": cents(1300), "tip_money": cents(300)}
    refund = one({"return_line_items": [item("tea", 1000)], "return_amounts": amounts}, of_payment(1300))
    assert [(item.kind, item.amount) for item in refund.charges] == [(rec.ChargeKind.TIP, D(3))]


@pytest.mark.parametrize("in_the_line", [True, False])
def test_a_surcharge_is_refunded_as_one(in_the_line):
    line = item("tea", 1000, total_card_surcharge_money=cents(30))
    line |= {"total_money": cents(1030)} if in_the_line else {}
    amounts = {"total_money": cents(1030), "card_surcharge_money": cents(30)}
    refund = one({"return_line_items": [line], "return_amounts": amounts}, of_payment(1030))
    assert [(item.kind, item.amount) for item in refund.charges] == [(rec.ChargeKind.FEE, D("0.30"))]
    assert (refund.lines[0].gross, refund.gross) == (D(10), D("10.30"))


def test_parts_that_do_not_come_to_the_total_are_held():
    back = {"return_line_items": [item("tea", 1000)], "return_amounts": {"total_money": cents(1200)}}
    (held,) = read(refund_order(back, of_payment(1200)))["malformed"]
    assert (held.external_id, held.failure.code) == ("REF1", "parts-differ")
    assert "12.00 USD" in held.failure.sentence


# Sent, and read again


@pytest.fixture
def account() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_shop(0.01, orders=5, until=datetime.now(timezone.utc) - timedelta(hours=1))) as running:
        yield running


@pytest.fixture
def square(account, time) -> Iterator[Connector]:
    with registry.get("square")(account.settings(), clock=time.clock, sleep=time.sleep) as made:
        yield made


def pull(square: Connector, since: datetime | None = None) -> tuple[list[rec.Refund], list[str]]:
    pages = list(square.pull_refunds(Cursor(since=since)))
    return [item for page in pages for item in page.records], [key for page in pages for key in page.deleted]


def test_what_was_sent_is_read_as_the_same_refund_of_the_sale(square, account):
    made = square.push_order(paid_order(account.shop), key="S00007-1a2b3c4d")
    (told,) = square.push_refund(refund_of(paid_order(account.shop), made), key=KEY)
    (payment,) = [row for row in account.shop.refunds.values() if KEY in row["reason"]]
    assert payment["order_id"] not in (made.external_id, "")
    assert (told.external_id, told.order_id, told.source_reference) == (payment["order_id"], made.external_id, KEY)
    assert [item.external_id for item in told.payments] == [payment["id"]], "by which payouts name it"
    pulled, gone = pull(square)
    again = [item for item in pulled if item.order_id == made.external_id]
    assert payment["id"] in gone, "it is no second refund by that id"
    assert [codec.digest(item) for item in again] == [codec.digest(told)]
    assert account.shop.orders[made.external_id]["total_money"]["amount"] == 2689, "the sale stays as it was"


@pytest.mark.parametrize(("status", "records"), [("COMPLETED", 1), ("FAILED", 0)])
def test_a_pending_refund_counts_once_it_is_through(square, account, time, status, records):
    account.shop.refunds_wait = True
    made = square.push_order(paid_order(account.shop), key="S00007-1a2b3c4d")
    sent = refund_of(paid_order(account.shop), made)
    assert square.push_refund(sent, key=KEY) == () == square.push_refund(sent, key=KEY)
    (payment,) = [row for row in account.shop.refunds.values() if KEY in row.get("reason", "")]
    assert [item for item in pull(square)[0] if item.source_reference == KEY] == []
    failure = fails(NeedsFixing, lambda: square.push_refund(replace(sent, gross=D("26.89")), key="K2"))
    assert failure.code == "over-refund", "what is on its way can't be refunded again"
    end_refund(account.shop, payment["id"], status)
    told, gone = pull(square)
    assert [item.gross for item in told if item.source_reference == KEY] == [sent.gross] * records
    assert (payment["order_id"] in gone) is (status == "FAILED")


def test_a_refund_that_went_through_after_its_order_was_written_is_read(square, account):
    """Square may settle it without another word on the order."""
    account.shop.refunds_wait = True
    made = square.push_order(paid_order(account.shop), key="S00007-1a2b3c4d")
    square.push_refund(refund_of(paid_order(account.shop), made), key=KEY)
    (payment,) = [row for row in account.shop.refunds.values() if KEY in row.get("reason", "")]
    order = account.shop.orders[payment["order_id"]]
    written = order["updated_at"]
    end_refund(account.shop, payment["id"], "COMPLETED")
    order["updated_at"] = written
    since = datetime.fromisoformat(written.replace("Z", "+00:00")) + timedelta(milliseconds=1)
    payment["updated_at"] = (since + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    told = [item for item in pull(square, since)[0] if item.source_reference == KEY]
    assert [item.external_id for item in told] == [order["id"]]


def test_goods_at_the_till_and_their_money_are_one_refund(square, account):
    made = square.push_order(paid_order(account.shop), key="S00007-1a2b3c4d")
    line = account.shop.orders[made.external_id]["line_items"][0]["uid"]
    order = take_back(account.shop, made.external_id, line)
    (told,) = [item for item in pull(square)[0] if item.order_id == made.external_id]
    assert (told.external_id, [item.order_line_id for item in told.lines]) == (order["id"], [line])
    assert told.payments[0].kind is rec.PaymentKind.CASH
    assert sum(item.amount for item in told.payments) == told.gross


def test_an_exchange_refunds_as_the_sale_was_paid(square, account):
    made = square.push_order(paid_order(account.shop), key="S00007-1a2b3c4d")
    order = take_back(account.shop, made.external_id, account.shop.orders[made.external_id]["line_items"][0]["uid"])
    order["service_charges"] = [{"uid": "s", "name": "Wrapping", "applied_money": cents(100),
                                 "total_money": cents(100), "total_tax_money": cents(0)}]  # fmt: skip
    for name in ("total_money", "net_amounts"):
        money = order[name].get("total_money", order[name])
        money["amount"] += 100
    order["refunds"][0]["amount_money"] = cents(order["refunds"][0]["amount_money"]["amount"] - 100)
    found = next(item for page in square.pull_orders(Cursor()) for item in page.records
                 if item.external_id == order["id"])  # fmt: skip
    assert [(item.kind, item.amount) for item in found.payments] == [(rec.PaymentKind.CASH, D("-9.89"))]
