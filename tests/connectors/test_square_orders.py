"""The money of Square's orders to the cent: a table of cases, and a generator's orders in two currencies."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timezone
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from connectors import records as rec
from connectors.flows import Flow
from connectors.money import minor_unit
from connectors.pages import Cursor
from connectors.registry import registry
from connectors.systems.square import payments
from connectors.systems.square.orders import OrderReader, is_refund
from connectors.windows import Days
from sandbox.square import SquareSandbox, make_shop
from sandbox.square.pricing import price
from tests.connectors.fake_time import FakeTime

NOW = "2026-03-28T12:00:00.000Z"
D = Decimal


def line(uid: str, amount: int, quantity: str = "1", *, taxes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "name": uid,
        "quantity": quantity,
        "base_price_money": {"amount": amount, "currency": more.pop("currency", "USD")},
        "applied_taxes": [{"uid": f"{uid}-{tax}", "tax_uid": tax} for tax in taxes],
        **more,
    }


def tax(uid: str, percentage: str, kind: str = "ADDITIVE") -> dict[str, Any]:
    return {"uid": uid, "catalog_object_id": uid.upper(), "name": uid, "percentage": percentage, "type": kind,
            "scope": "LINE_ITEM"}  # fmt: skip


def tender(amount: int, tip: int = 0, kind: str = "CARD", **more: Any) -> dict[str, Any]:
    """As Square has it: the amount is with the tip."""
    return {"id": f"T{amount}", "payment_id": f"T{amount}", "type": kind, "created_at": NOW,
            "amount_money": {"amount": amount, "currency": "USD"}, "tip_money": {"amount": tip, "currency": "USD"},
            **more}  # fmt: skip


def order(*lines: dict[str, Any], **more: Any) -> rec.Order:
    row = {"id": "O1", "location_id": "L1", "state": "COMPLETED", "created_at": NOW, "updated_at": NOW,
           "line_items": list(lines), **more}  # fmt: skip
    return OrderReader(None, lambda: {"L1": "USD"}).order(price(row))


def test_tax_on_top():
    found = order(line("tea", 1000, taxes=("sales",)), taxes=[tax("sales", "8.875")])
    assert (found.totals.gross, found.totals.net, found.totals.tax) == (D("10.89"), D("10.00"), D("0.89"))
    assert not found.price_includes_tax
    assert found.lines[0].taxes == (
        rec.LineTax(tax_id="SALES", name="sales", rate=D("8.875"), inclusive=False, amount=D("0.89")),
    )


def test_tax_inside():
    found = order(line("tea", 1200, taxes=("vat",)), taxes=[tax("vat", "20", "INCLUSIVE")])
    assert (found.totals.gross, found.totals.net, found.totals.tax) == (D("12.00"), D("10.00"), D("2.00"))
    assert found.price_includes_tax
    assert (found.lines[0].unit_price, found.lines[0].gross, found.lines[0].net) == (D(12), D(12), D(10))


def test_both_kinds_of_tax_on_one_order():
    found = order(
        line("tea", 1200, taxes=("vat",)), line("book", 1000, taxes=("sales",)),
        taxes=[tax("vat", "20", "INCLUSIVE"), tax("sales", "10")],
    )  # fmt: skip
    assert (found.totals.gross, found.totals.tax) == (D("23.00"), D("3.00"))
    assert [item.net for item in found.lines] == [D("10.00"), D("10.00")]


def test_a_tip_is_a_charge_and_no_part_of_what_a_payment_is_for():
    found = order(line("tea", 1000), tenders=[tender(1150, 150)])
    assert [(item.kind, item.amount) for item in found.charges] == [(rec.ChargeKind.TIP, D("1.50"))]
    assert [(item.amount, item.tip, item.kind) for item in found.payments] == [(D(10), D("1.50"), rec.PaymentKind.CARD)]
    assert (found.totals.gross, found.totals.tip, found.totals.paid) == (D("11.50"), D("1.50"), D("11.50"))


def test_tender_and_payment_tell_the_same_money_differently():
    of_order = payments.of_tenders({"tenders": [tender(1150, 150)]})
    of_book = payments.of_payment(
        {"id": "T1150", "status": "COMPLETED", "source_type": "CARD", "created_at": NOW,
         "amount_money": {"amount": 1000, "currency": "USD"}, "tip_money": {"amount": 150, "currency": "USD"},
         "total_money": {"amount": 1150, "currency": "USD"}}
    )  # fmt: skip
    assert of_order == (of_book,)


@pytest.mark.parametrize("status", ["VOIDED", "FAILED", "AUTHORIZED"])
def test_money_that_was_not_taken_is_no_payment(status):
    found = order(line("tea", 1000), state="OPEN", tenders=[tender(1000, card_details={"status": status})])
    assert (found.payments, found.paid) == ((), False)


def test_a_gift_card_that_is_redeemed_is_a_payment():
    found = order(line("tea", 1000), tenders=[tender(400, kind="SQUARE_GIFT_CARD"), tender(600, kind="CASH")])
    assert [(item.kind, item.amount) for item in found.payments] == [
        (rec.PaymentKind.GIFT_CARD, D(4)), (rec.PaymentKind.CASH, D(6)),
    ]  # fmt: skip


@pytest.mark.parametrize("variant", ["", "GIFT001"])
def test_a_gift_card_that_is_sold_is_no_goods(variant):
    named = {"catalog_object_id": variant} if variant else {}
    found = order(line("Gift card", 2500, item_type="GIFT_CARD", **named), line("tea", 1000, item_type="ITEM"))
    assert [(item.name, item.gross, item.variant_id, item.is_gift_card) for item in found.lines] == [
        ("Gift card", D(25), variant, True), ("tea", D(10), "", False),
    ]  # fmt: skip
    assert found.charges == ()


def test_a_gift_card_that_is_exchanged_is_taken_back_as_one():
    back = {"source_order_id": "O0", "return_line_items": [
        {"uid": "b", "source_line_item_uid": "card", "name": "card", "quantity": "1", "item_type": "GIFT_CARD",
         "base_price_money": {"amount": 1000, "currency": "USD"}, "total_money": {"amount": 1000, "currency": "USD"},
         "total_tax_money": {"amount": 0, "currency": "USD"}}]}  # fmt: skip
    found = order(line("book", 1250), returns=[back], tenders=[tender(250, kind="CASH")])
    assert [(item.gross, item.is_gift_card) for item in found.lines] == [(D("12.50"), False), (D(-10), True)]


def surcharged(in_the_line: bool) -> dict[str, Any]:
    """Tea of 10.00 with 1.00 of tax and a card surcharge of 0.30, paid by card, as Square states it: the surcharge
    within the line's total, or beside it."""
    row = price({"id": "O1", "location_id": "L1", "state": "COMPLETED", "created_at": NOW, "updated_at": NOW,
                 "line_items": [line("tea", 1000, taxes=("sales",))], "taxes": [tax("sales", "10")],
                 "tenders": [tender(1130)]})  # fmt: skip
    fee = {"amount": 30, "currency": "USD"}
    row |= {"total_card_surcharge_money": fee, "total_money": {"amount": 1130, "currency": "USD"}}
    row["net_amounts"] |= {"card_surcharge_money": fee, "total_money": row["total_money"]}
    row["line_items"][0]["total_card_surcharge_money"] = fee
    if in_the_line:
        row["line_items"][0]["total_money"] = row["total_money"]
    return row


@pytest.mark.parametrize("in_the_line", [True, False])
def test_a_card_surcharge_is_a_fee_wherever_square_adds_it(in_the_line):
    found = OrderReader(None, dict).order(surcharged(in_the_line))
    assert [(item.net, item.tax, item.gross) for item in found.lines] == [(D(10), D(1), D(11))]
    assert [(item.kind, item.name, item.net, item.tax) for item in found.charges] == [
        (rec.ChargeKind.FEE, "Card surcharge", D("0.30"), D(0))
    ]
    assert found.totals.gross == D("11.30")


def test_an_order_whose_parts_do_not_come_to_its_total_is_held():
    row = surcharged(in_the_line=False)
    del row["total_card_surcharge_money"], row["line_items"][0]["total_card_surcharge_money"]
    records, (held,) = OrderReader(None, dict).read([row])
    assert (records, held.external_id, held.failure.code) == ((), "O1", "parts-differ")
    assert "11.30 USD" in held.failure.sentence
    assert "11.00" in held.failure.sentence


def test_a_service_charge_with_its_tax():
    charge = {"uid": "auto", "name": "Gratuity", "percentage": "18", "taxable": True,
              "applied_taxes": [{"uid": "x", "tax_uid": "sales"}]}  # fmt: skip
    found = order(line("tea", 1000, taxes=("sales",)), taxes=[tax("sales", "10")], service_charges=[charge])
    (got,) = found.charges
    assert (got.kind, got.amount, got.net, got.tax) == (rec.ChargeKind.SERVICE_CHARGE, D("1.80"), D("1.80"), D("0.18"))
    assert (found.totals.gross, found.totals.tax) == (D("12.98"), D("1.18"))


def test_a_service_charge_that_square_spreads_over_the_lines():
    charge = {"uid": "spread", "name": "Service", "percentage": "10", "treatment_type": "APPORTIONED_TREATMENT"}
    found = order(
        line("tea", 1000, taxes=("sales",)), line("book", 500), taxes=[tax("sales", "10")], service_charges=[charge]
    )
    assert [(item.net, item.tax, item.gross) for item in found.lines] == [
        (D("10.00"), D("1.00"), D("11.00")), (D("5.00"), D("0.00"), D("5.00")),
    ]  # fmt: skip
    assert [(item.external_id, item.amount, item.tax) for item in found.charges] == [
        ("spread:tea", D("1.00"), D("0.10")), ("spread:book", D("0.50"), D("0.00")),
    ]  # fmt: skip
    assert found.totals.gross == D("17.60")


def test_modifiers_are_lines_below_theirs():
    extras = [
        {"uid": "m", "name": "Oat milk", "quantity": "2", "base_price_money": {"amount": 50, "currency": "USD"}},
        {"uid": "n", "name": "Ice", "quantity": "0", "base_price_money": {"amount": 30, "currency": "USD"}},
    ]
    found = order(line("tea", 300, "3", taxes=("sales",), modifiers=extras), taxes=[tax("sales", "10")])
    assert [(item.external_id, item.quantity, item.unit_price, item.net, item.tax) for item in found.lines] == [
        ("tea", D(3), D("3.00"), D("9.00"), D("0.90")), ("tea:m", D(6), D("0.50"), D("3.00"), D("0.30")),
    ]  # fmt: skip
    assert (found.lines[1].parent_id, found.lines[1].is_modifier) == ("tea", True)


def test_what_is_sold_by_weight():
    found = order(line("beans", 999, "0.37"))
    assert (found.lines[0].quantity, found.lines[0].gross) == (D("0.37"), D("3.70"))


def test_cash_is_rounded():
    rounding = {"name": "Cash rounding", "amount_money": {"amount": -2, "currency": "USD"}}
    found = order(line("tea", 1002), rounding_adjustment=rounding)
    assert [(item.kind, item.amount) for item in found.charges] == [(rec.ChargeKind.ROUNDING, D("-0.02"))]
    assert found.totals.gross == D("10.00")


def test_yen_have_no_cents():
    found = order(line("お茶", 1200, taxes=("vat",), currency="JPY"), taxes=[tax("vat", "10", "INCLUSIVE")])
    assert (found.currency, found.totals.gross, found.totals.tax) == ("JPY", D(1200), D(109))


def test_an_exchange_has_lines_that_take_back():
    back = {"source_order_id": "O0", "return_line_items": [
        {"uid": "b", "source_line_item_uid": "tea", "name": "tea", "quantity": "1",
         "base_price_money": {"amount": 1000, "currency": "USD"}, "total_money": {"amount": 1000, "currency": "USD"},
         "total_tax_money": {"amount": 0, "currency": "USD"}}]}  # fmt: skip
    found = order(line("book", 1250), returns=[back], tenders=[tender(250, kind="CASH")])
    assert [(item.quantity, item.gross, item.refunded_line_id) for item in found.lines] == [
        (D(1), D("12.50"), ""), (D(-1), D("-10.00"), "tea"),
    ]  # fmt: skip
    assert (found.totals.gross, found.payments[0].amount) == (D("2.50"), D("2.50"))


@pytest.mark.parametrize(
    ("state", "tenders", "status", "paid"),
    [
        ("DRAFT", [], rec.OrderStatus.DRAFT, False),
        ("OPEN", [], rec.OrderStatus.OPEN, False),
        ("OPEN", [tender(400)], rec.OrderStatus.OPEN, False),
        ("OPEN", [tender(1000)], rec.OrderStatus.PAID, True),
        ("COMPLETED", [tender(1000)], rec.OrderStatus.COMPLETED, True),
        ("COMPLETED", [], rec.OrderStatus.COMPLETED, False),
        ("COMPLETED", [tender(400)], rec.OrderStatus.COMPLETED, False),
        ("CANCELED", [], rec.OrderStatus.CANCELLED, False),
    ],
)
def test_where_an_order_stands(state, tenders, status, paid):
    found = order(line("tea", 1000), state=state, tenders=tenders)
    assert (found.status, found.paid) == (status, paid)


HANDED_OVER = {"uid": "f", "type": "SHIPMENT", "state": "COMPLETED",
               "shipment_details": {"shipped_at": "2026-03-29T08:00:00.000Z"}}  # fmt: skip


def test_what_is_handed_over_on_credit_is_a_sale_that_is_not_paid():
    """An invoice that is paid later; a deposit has its own moment."""
    deposit = tender(400, created_at="2026-03-27T10:00:00Z")
    found = order(line("tea", 1000), state="OPEN", tenders=[deposit], fulfillments=[HANDED_OVER])
    assert (found.status, found.paid) == (rec.OrderStatus.COMPLETED, False)
    assert [(item.amount, item.paid_at.day) for item in found.payments] == [(D(4), 27)]
    assert found.closed_at == datetime(2026, 3, 29, 8, tzinfo=timezone.utc)


@pytest.mark.parametrize("other", ["PROPOSED", "PREPARED"])
def test_what_is_handed_over_in_part_is_open(other):
    found = order(line("tea", 1000), state="OPEN", fulfillments=[HANDED_OVER, {**HANDED_OVER, "state": other}])
    assert (found.status, found.paid, found.closed_at) == (rec.OrderStatus.OPEN, False, None)


def test_the_customer_may_stand_on_the_payment():
    assert order(line("tea", 1000), tenders=[tender(1000, customer_id="C1")]).customer_id == "C1"


# Whom an order names

PERSON = {"display_name": "Nora Northfield", "phone_number": "+12125550143", "email_address": "nora@example.com"}
HOME = {"address_line_1": "1 Orchard Ln", "locality": "New York", "postal_code": "10003", "country": "US",
        "administrative_district_level_1": "NY"}  # fmt: skip


def handed(kind: str, **recipient: Any) -> dict[str, Any]:
    details = {"recipient": {**PERSON, **recipient}}
    return {"fulfillments": [{"uid": "f", "type": kind, "state": "PROPOSED", f"{kind.lower()}_details": details}]}


def test_a_guest_is_known_by_what_the_order_says():
    found = order(line("tea", 1000), **handed("PICKUP"))
    assert found.billing_address == rec.Address(
        kind=rec.AddressKind.INVOICE, name="Nora Northfield", phone="+12125550143", email="nora@example.com"
    )
    assert (found.shipping_address, found.customer_id) == (None, "")


@pytest.mark.parametrize("kind", ["SHIPMENT", "DELIVERY"])
def test_the_recipient_is_where_it_is_sent_to(kind):
    found = order(line("tea", 1000), **handed(kind, address=HOME))
    sent = found.shipping_address
    assert (sent.kind, sent.name, sent.email, sent.phone) == (
        rec.AddressKind.DELIVERY, "Nora Northfield", "nora@example.com", "+12125550143",
    )  # fmt: skip
    assert (sent.street, sent.city, sent.zip, sent.state, sent.country) == (
        "1 Orchard Ln", "New York", "10003", "NY", "US",
    )  # fmt: skip
    assert (found.billing_address.street, found.billing_address.kind) == ("1 Orchard Ln", rec.AddressKind.INVOICE)


def test_a_customer_has_a_card_of_their_own():
    """Online orders may name the customer on the fulfilment only."""
    found = order(line("tea", 1000), **handed("SHIPMENT", address=HOME, customer_id="C1"))
    assert (found.customer_id, found.billing_address) == ("C1", None)
    assert found.shipping_address.name == "Nora Northfield"


# A generator's orders


@pytest.mark.parametrize("country", ["US", "JP"])
def test_a_thousand_orders_to_the_cent(country):
    shop = make_shop(0.03, orders=1000, country=country)
    reader = OrderReader(None, dict)
    kinds: Counter[str] = Counter()
    for row in shop.orders.values():
        if is_refund(row):
            continue
        found = reader.order(row)
        unit = minor_unit(found.currency)
        charged = [(item.net + item.tax) for item in found.charges]
        assert sum((item.gross for item in found.lines), D(0)) + sum(charged, D(0)) == found.totals.gross, row["id"]
        assert sum((item.tax for item in (*found.lines, *found.charges)), D(0)) == found.totals.tax, row["id"]
        for item in found.lines:
            assert item.net + item.tax == item.gross
            stated = (item.unit_price * item.quantity).quantize(unit, ROUND_HALF_EVEN), (
                item.unit_price * item.quantity
            ).quantize(unit, ROUND_HALF_UP)
            inclusive = any(applied.inclusive for applied in item.taxes)
            before = (item.gross if inclusive else item.net) + item.discount
            if not (inclusive and len(item.taxes) > 1):
                assert min(abs(before - value) for value in stated) <= unit, row["id"]
        if found.status is rec.OrderStatus.COMPLETED:
            assert sum((item.amount + item.tip for item in found.payments), D(0)) == found.totals.gross, row["id"]
        kinds.update(item.kind.value for item in found.charges)
        kinds.update(["exchange"] if any(item.quantity < 0 for item in found.lines) else [])
        kinds.update(["modifier"] if any(item.is_modifier for item in found.lines) else [])
    assert set(kinds) >= {"tip", "service_charge", "exchange", "modifier"}, kinds


def test_refunds_and_control_totals_are_the_books_own():
    until = datetime(2026, 3, 1, tzinfo=timezone.utc)
    shop = make_shop(0.02, orders=200, until=until)
    time = FakeTime()
    with SquareSandbox(shop) as sandbox, registry.get("square")(
        sandbox.settings(), clock=time.clock, sleep=time.sleep
    ) as square:
        pulled = {
            flow: [record for page in getattr(square, flow.info.method)(Cursor()) for record in page.records]
            for flow in (Flow.ORDERS_PULL, Flow.REFUNDS_PULL)
        }
        totals = list(square.control_totals(Days(first=date(2025, 1, 1), last=until.date())))
    taken = sum(row["total_money"]["amount"] for row in shop.payments.values())
    assert sum(item.gross for item in totals) == D(taken) / 100
    assert sum(item.tips for item in totals) == sum(
        (payment.tip for found in pulled[Flow.ORDERS_PULL] for payment in found.payments), D(0)
    )
    assert sum(amount for item in totals for _method, amount in item.payments) == D(taken) / 100
    given = [row for row in shop.refunds.values() if row["status"] == "COMPLETED"]
    assert sum(item.refunds for item in totals) == D(sum(row["amount_money"]["amount"] for row in given)) / 100
    by_refund = sum((payment.amount for found in pulled[Flow.REFUNDS_PULL] for payment in found.payments), D(0))
    by_exchange = sum(
        (payment.amount for found in pulled[Flow.ORDERS_PULL] for payment in found.payments if payment.amount < 0), D(0)
    )
    assert by_refund - by_exchange == sum(item.refunds for item in totals)
    sold = {found.external_id: {item.external_id for item in found.lines} for found in pulled[Flow.ORDERS_PULL]}
    for refund in pulled[Flow.REFUNDS_PULL]:
        assert refund.order_id in sold
        assert {item.order_line_id for item in refund.lines} <= sold[refund.order_id]
