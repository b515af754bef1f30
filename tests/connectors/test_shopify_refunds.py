"""What Shopify calls refunds, as records: what was refunded, what an edit removed, what is on its way. Amounts in
cents, in rows that can be added up by hand."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from connectors.systems.shopify.refunds import refund, told
from connectors.systems.shopify.returned import edits, removals
from sandbox.shopify.money import Purse
from tests.connectors.shopify_rows import gone, line, order, read, sale

bag = Purse("USD").bag
K = rec.ChargeKind


def row(key: int, *, money: int = 0, status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    """A refund that names nothing."""
    paid = [{**sale("REFUND", money, status=status), "id": f"gid://shopify/OrderTransaction/{key}"}] if money else []
    return {
        **gone(money=0), "id": f"gid://shopify/Refund/{key}", "createdAt": f"2026-03-30T00:00:{key:02d}Z",
        "refundLineItems": {"nodes": []}, "totalRefundedSet": bag(money if status == "SUCCESS" else 0),
        "transactions": {"nodes": paid}, **more,
    }  # fmt: skip


def back(worth: int, tax: int = 0, how: str = "RETURN", **sold: Any) -> dict[str, Any]:
    """That many cents of goods of the line 1, as the only ones of a refund."""
    item = {"id": "gid://shopify/LineItem/1", "name": "Tea", "variant": {"id": "gid://shopify/ProductVariant/7"}}
    return {"nodes": [{"quantity": 1, "restockType": how, "subtotalSet": bag(worth), "totalTaxSet": bag(tax),
                       "lineItem": {**item, **sold}}]}  # fmt: skip


def adjusted(*amounts: int, reason: str = "REFUND_DISCREPANCY", tax: int = 0) -> dict[str, Any]:
    return {"nodes": [{"id": str(place), "reason": reason, "amountSet": bag(amount), "taxAmountSet": bag(tax)}
                      for place, amount in enumerate(amounts)]}  # fmt: skip


def shipped(net: int, tax: int) -> dict[str, Any]:
    return {"nodes": [{"shippingLine": {"id": "gid://shopify/ShippingLine/4", "title": "Post"},
                       "subtotalAmountSet": bag(net), "taxAmountSet": bag(tax)}]}  # fmt: skip


def paid(amount: int, *refunds: dict[str, Any], total: int | None = None, **more: Any) -> dict[str, Any]:
    """An order of `total`, of which `amount` was received."""
    rows = [sale("SALE", amount)] if amount else []
    return order(totalPriceSet=bag(amount if total is None else total), transactions=rows, refunds=[*refunds], **more)


def read_all(owner: dict[str, Any]) -> list[rec.Refund]:
    return [refund(owner, item) for item in told(owner)]


def consistent(found: rec.Refund) -> None:
    parts = sum((item.gross for item in found.lines), D(0)) + sum((c.net + c.tax for c in found.charges), D(0))
    assert found.gross == parts + found.overpayment
    assert found.net + found.tax == found.gross
    assert found.tax == sum((item.tax for item in found.lines), D(0)) + sum((c.tax for c in found.charges), D(0))


CHARGES = {
    "shipping with its tax": (row(1, money=1100, refundShippingLines=shipped(1000, 100)), K.SHIPPING, "10.00", "1.00"),
    "a duty": (
        row(1, money=350, duties=[{"amountSet": bag(350), "originalDuty": {"id": "gid://shopify/Duty/3"}}]),
        K.DUTY, "3.50", "0.00",
    ),
    "a tip": (
        row(1, money=300, refundLineItems=back(300, title="Tip", variant=None, product=None)), K.TIP, "3.00", "0.00",
    ),
    "goodwill, which Shopify states": (row(1, money=500, orderAdjustments=adjusted(-500)), K.DISCOUNT, "5.00", "0.00"),
    "goodwill with its tax": (
        row(1, money=550, orderAdjustments=adjusted(500, tax=50)), K.DISCOUNT, "5.00", "0.50",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "kind", "net", "tax"), CHARGES.values(), ids=CHARGES)
def test_what_is_refunded_beside_the_goods_is_a_charge(made: dict, kind: K, net: str, tax: str) -> None:
    (found,) = read_all(paid(12000, made))
    (charge,) = found.charges
    assert (charge.kind, charge.net, charge.tax, found.lines, found.overpayment) == (kind, D(net), D(tax), (), D(0))
    assert sum(item.amount + item.tip for item in found.payments) == found.gross
    assert sum(item.tip for item in found.payments) == (D("3.00") if kind is K.TIP else 0)
    consistent(found)


def test_shipping_whose_price_holds_the_tax() -> None:
    made = row(1, money=1100, refundShippingLines=shipped(1100, 100))
    (found,) = read_all(paid(12000, made, taxesIncluded=True))
    assert (found.gross, found.tax, found.charges[0].net, found.charges[0].amount) == (D(11), D(1), D(10), D(11))


@pytest.mark.parametrize("sign", [1, -1])
def test_what_was_kept_is_a_negative_fee(sign: int) -> None:
    made = row(1, money=9000, refundLineItems=back(10000), orderAdjustments=adjusted(1000 * sign))
    (found,) = read_all(paid(10000, made))
    assert [(item.kind, item.net) for item in found.charges] == [(K.FEE, D(-10))]
    assert (found.gross, found.payments[0].amount, found.overpayment) == (D(90), D(90), D(0))
    consistent(found)


def test_the_balance_of_a_full_return_is_rounding() -> None:
    made = row(1, money=9999, refundLineItems=back(10000),
               orderAdjustments=adjusted(-1, reason="FULL_RETURN_BALANCING_ADJUSTMENT"))  # fmt: skip
    (found,) = read_all(paid(9999, made))
    assert [(item.kind, item.net) for item in found.charges] == [(K.ROUNDING, D("-0.01"))]
    consistent(found)


# Edits


def edit(**more: Any) -> dict[str, Any]:
    return row(1, refundLineItems=back(2000, how="CANCEL"), **more)


EDITS = {
    "nothing said": ({}, {}),
    "said to be outstanding": ({"orderAdjustments": adjusted(-2000, reason="PENDING_REFUND_DISCREPANCY")},
                               {"orderAdjustments": adjusted(2000, reason="PENDING_REFUND_DISCREPANCY")}),
    "two that cancel each other": ({"orderAdjustments": adjusted(2000, -2000, reason="REFUND_DISCREPANCY")}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), EDITS.values(), ids=EDITS)
def test_money_for_what_an_edit_removed_is_no_second_reduction(first: dict, second: dict) -> None:
    owner = paid(10000, edit(**first), row(2, money=2000, **second))
    assert removals(owner["refunds"])["1"].subtotal == D(20)
    (found,) = read_all(owner)
    assert (found.gross, found.overpayment, found.lines, found.charges) == (D(20), D(20), (), ())
    assert (found.net, found.tax) == (D(20), D(0))


def test_money_for_an_edit_is_told_from_goodwill_after_it() -> None:
    """The second refund has nothing left that was overpaid."""
    owner = paid(10000, edit(), row(2, money=2000), row(3, money=700))
    assert [(item.gross, item.overpayment) for item in read_all(owner)] == [(D(20), D(20)), (D(7), D(0))]
    owner = paid(10000, edit(), row(2, money=2500))
    assert [(item.gross, item.overpayment, item.net) for item in read_all(owner)] == [(D(25), D(20), None)]


def test_what_was_edited_before_it_was_paid_was_not_overpaid() -> None:
    owner = paid(8000, edit(), row(2, money=2000), total=10000)
    assert [(item.gross, item.overpayment) for item in read_all(owner)] == [(D(20), D(0))]


def test_the_tip_at_a_till_is_not_overpaid() -> None:
    tipped = {"retailLocation": {"id": "gid://shopify/Location/3"}, "totalTipReceivedSet": bag(2000)}
    owner = paid(12000, row(1, money=2000), total=10000, **tipped)
    assert [(item.gross, item.overpayment) for item in read_all(owner)] == [(D(20), D(0))]


def test_shipping_that_was_taken_off_is_told_apart_from_an_edit_of_lines() -> None:
    """An edit is part of the order's lines; what names its shipping is a refund, and its money returns what was
    overpaid."""
    owner = paid(11000, row(1, refundShippingLines=shipped(1000, 0)), row(2, money=1000))
    one, two = read_all(owner)
    assert (one.gross, one.payments, [item.kind for item in one.charges]) == (D(10), (), [K.SHIPPING])
    assert (two.gross, two.overpayment) == (D(10), D(10))


def test_what_is_said_to_be_outstanding_is_believed() -> None:
    """The payments that Shopify names are not always all: one outside of it has none."""
    settled = adjusted(2000, reason="PENDING_REFUND_DISCREPANCY")
    (found,) = read_all(paid(0, row(1, money=2000, orderAdjustments=settled), total=10000))
    assert (found.gross, found.overpayment) == (D(20), D(20))


def test_a_line_that_an_edit_removed_is_no_line_any_more() -> None:
    rows = {"nodes": [line("1", price=2000), line("2", price=8000)]}
    found = read(order(lineItems=rows, totalPriceSet=bag(10000), totalTaxSet=bag(0)), [edit()])
    assert [(item.external_id, item.quantity) for item in found.lines] == [("2", D(1))]
    assert found.totals.gross == D(80)


# On its way


@pytest.mark.parametrize("status", ["PENDING", "FAILURE"])
def test_what_has_not_moved_yet_is_no_record_and_no_edit(status: str) -> None:
    made = row(1, money=10000, status=status, refundLineItems=back(10000, how="NO_RESTOCK"))
    owner = paid(10000, made)
    assert (read_all(owner), removals(owner["refunds"])) == ([], {})
    made["transactions"]["nodes"][0]["status"] = "SUCCESS"
    made["totalRefundedSet"] = bag(10000)
    (found,) = read_all(owner)
    assert (found.gross, found.payments[0].amount, found.overpayment) == (D(100), D(100), D(0))


def test_of_two_transactions_one_is_on_its_way() -> None:
    made = row(1, money=4000, refundLineItems=back(10000))
    made["transactions"]["nodes"].append(sale("REFUND", 6000, status="PENDING"))
    (found,) = read_all(paid(10000, made))
    assert (found.gross, [item.amount for item in found.payments], found.overpayment) == (D(100), [D(40)], D(0))


def test_what_is_on_its_way_is_not_refunded_beyond_the_goods() -> None:
    made = row(1, money=4000, refundLineItems=back(4000))
    made["transactions"]["nodes"].append(sale("REFUND", 6000, status="PENDING"))
    (found,) = read_all(paid(10000, made))
    assert (found.gross, found.net, found.payments[0].amount) == (D(40), D(40), D(40))


# Exchanges


EXCHANGES = {
    "for something dearer": (row(1, refundLineItems=back(10000)), "100.00", "0"),
    "with two adjustments that cancel each other": (
        row(1, refundLineItems=back(10000), orderAdjustments=adjusted(10000, -10000)), "100.00", "0",
    ),
    "for something cheaper": (row(1, money=4000, refundLineItems=back(10000)), "100.00", "40.00"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "gross", "money"), EXCHANGES.values(), ids=EXCHANGES)
def test_an_exchange_counts_what_came_back(made: dict, gross: str, money: str) -> None:
    (found,) = read_all(paid(25000, made, total=35000, returnStatus="RETURNED"))
    assert (found.gross, sum(item.amount for item in found.payments)) == (D(gross), D(money))
    consistent(found)


def test_goods_that_were_exchanged_for_as_dear_ones_stay_sold() -> None:
    """Shopify writes that like an edit, but for what the order says of returns; an edit of such an order is one."""
    made = gone(money=0)
    assert removals([made], "RETURNED") == {}
    found = refund(order(returnStatus="RETURNED"), made)
    assert (found.gross, found.tax, found.payments) == (D("10.45"), D("0.95"), ())
    made["refundLineItems"]["nodes"][0]["restockType"] = "CANCEL"
    assert removals([made], "RETURNED").keys() == {"1"}
    assert removals([{**made, "return": {"id": "gid://shopify/Return/8"}}]) == {}


# Cancelled


def test_a_cancelled_order_is_refunded_with_what_was_taken_out_of_it_before() -> None:
    owner = paid(10000, edit(), row(2, money=10000, refundLineItems=back(8000, how="CANCEL")),
                 cancelledAt="2026-03-31T00:00:00Z")  # fmt: skip
    one, two = read_all(owner)
    assert (one.gross, one.payments, two.gross, two.overpayment) == (D(20), (), D(100), D(20))
    assert one.gross + two.gross - two.overpayment == D(100)


def test_what_was_taken_out_before_a_cancelled_order_was_paid_was_never_sold() -> None:
    """Of 100.00 an edit took 20.00, 80.00 were paid, and 10.00 of these were kept."""
    fee = row(2, money=7000, refundLineItems=back(8000, how="CANCEL"), orderAdjustments=adjusted(-1000))
    fewer = {"nodes": [line("1", price=2000, many=5, currentQuantity=0)]}
    owner = paid(8000, edit(), fee, total=10000, cancelledAt="2026-03-30T00:00:02Z", lineItems=fewer,
                 totalTaxSet=bag(0))  # fmt: skip
    assert [row["id"] for row in edits(owner)] == [edit()["id"]]
    (found,) = read_all(owner)
    assert (found.gross, found.overpayment, [(c.kind, c.net) for c in found.charges]) == (
        D(70), D(0), [(K.FEE, D(-10))])  # fmt: skip
    assert read(owner, edits(owner)).totals.gross == D(80)
    # What the cancellation takes out is no edit, and of an order that nobody paid nothing was sold.
    assert edits({**owner, "cancelledAt": "2026-03-30T00:00:01Z"}) == []
    assert edits({**owner, "transactions": []}) == []


def test_goods_of_a_cancelled_order_that_nobody_paid_come_back_without_money() -> None:
    made = row(1, refundLineItems=back(10000, how="CANCEL"))
    (found,) = read_all(paid(0, made, total=10000, cancelledAt="2026-03-31T00:00:00Z"))
    assert (found.gross, found.payments, found.lines[0].quantity, found.lines[0].gross) == (D(0), (), D(1), D(0))


# Lines


def test_a_refund() -> None:
    found = refund(order(retailLocation={"id": "gid://shopify/Location/3"}), gone(money=1045))
    assert (found.location_id, found.gross, found.tax) == ("3", D("10.45"), D("0.95"))
    assert found.payments[0].amount == D("10.45")
    assert (found.order_id, found.lines[0].order_line_id, found.lines[0].gross) == ("1", "1", D("10.45"))
    assert found.lines[0].restock is True
    consistent(found)


def test_a_line_that_is_named_twice_comes_back_twice() -> None:
    twice = {"nodes": back(3000, 300)["nodes"] * 2}
    (found,) = read_all(paid(9900, row(1, money=6600, refundLineItems=twice)))
    assert [(item.order_line_id, item.quantity, item.gross) for item in found.lines] == [("1", D(1), D(33))] * 2


def test_cash_that_was_refunded_is_rounded() -> None:
    made = row(1, money=998, refundLineItems=back(998))
    made["transactions"]["nodes"][0]["amountRoundingSet"] = bag(2)
    (found,) = read_all(paid(998, made))
    assert [(item.amount, item.rounding) for item in found.payments] == [(D("9.98"), D("0.02"))]
