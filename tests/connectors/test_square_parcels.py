"""Parcels of Square's orders, on the one fulfilment that an order has there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from connectors.connector import Connector
from connectors.errors import NeedsFixing, RetryLater, Skip
from connectors.parcels import Parcel
from connectors.registry import registry
from sandbox.square import Fault, SquareSandbox, make_shop
from tests.connectors.square_orders import open_order, paid_order

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def account() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_shop(0.01, orders=0)) as running:
        yield running


@pytest.fixture
def square(account: SquareSandbox, time: Any) -> Iterator[Connector]:
    with registry.get("square")(account.settings(), clock=time.clock, sleep=time.sleep) as made:
        yield made


@pytest.fixture
def order(square: Connector, account: SquareSandbox) -> dict[str, Any]:
    """3 of one thing and 2.5 of another, paid, to be sent to an address."""
    sent = paid_order(account.shop)
    shipping, _tip = sent.charges
    made = square.push_order(
        replace(
            sent, status=rec.OrderStatus.PAID, shipping_address=open_order(account.shop).shipping_address,
            charges=(shipping,), payments=(replace(sent.payments[0], tip=D(0)),),
            totals=rec.OrderTotals(gross=D("24.89"), net=D("24.00"), tax=D("0.89")),
        ),
        key="S1",
    )  # fmt: skip
    return account.shop.orders[made.external_id]


def now_of(account: SquareSandbox, order: dict[str, Any]) -> dict[str, Any]:
    return account.shop.orders[order["id"]]


def parcel(order: dict[str, Any], *many: str, before: tuple[str, ...] = ("0", "0"), **values: Any) -> Parcel:
    uids = [row["uid"] for row in order["line_items"]]
    shipped = tuple((uid, D(own) + D(former)) for uid, own, former in zip(uids, many, before, strict=True))
    lines = tuple((uid, D(own)) for uid, own in zip(uids, many, strict=True) if D(own))
    values = {"external_id": "stock.picking,1", "shipped_at": NOW, **values}
    return Parcel(order_id=order["id"], lines=lines, shipped=shipped, **values)


def test_two_deliveries_are_two_parcels(square: Connector, account: SquareSandbox, order: dict[str, Any]) -> None:
    first = parcel(order, "1", "2.5", carrier="UPS", tracking_number="1Z9", tracking_url="https://example.com/1Z9")
    for _twice in range(2):
        made = square.push_parcel(first, key="S7/1-P1-ab")
    (there,) = now_of(account, order)["fulfillments"]
    assert (there["state"], there["metadata"]) == (
        "PREPARED", {"parcel-S7-1-P1-ab": "1Z9; UPS; 1 x Crème brûlée “groß” 美味, 2.5 x Bagel"}
    )  # fmt: skip
    (read,) = square.get_order(order["id"]).fulfilments
    assert (read.status, read.tracking_number) == (rec.FulfilmentStatus.PACKED, "1Z9")
    second = parcel(order, "2", "0", before=("1", "2.5"), others=(made.external_id,), is_last=True, carrier="UPS",
                    tracking_number="1Z10")  # fmt: skip
    for _twice in range(2):
        square.push_parcel(second, key="S7/1-P2-ab")
    row = now_of(account, order)
    (there,) = row["fulfillments"]
    assert (row["state"], there["state"], len(there["metadata"])) == ("COMPLETED", "COMPLETED", 2)
    assert there["shipment_details"]["tracking_number"] == "1Z9, 1Z10"
    assert there["shipment_details"]["tracking_url"] == "https://example.com/1Z9"


def test_a_parcel_whose_answer_is_lost_is_there_once(square: Connector, account: SquareSandbox,
                                                     order: dict[str, Any]) -> None:  # fmt: skip
    sent = parcel(order, "1", "0")
    list(square.locations())
    ask = square._api.put

    def lose(*given: Any, **more: Any) -> Any:
        account.faults.extend([Fault(after_work=True)] * 10)
        return ask(*given, **more)

    square._api.put = lose
    with pytest.raises(RetryLater):
        square.push_parcel(sent, key="P1")
    square._api.put = ask
    account.faults.clear()
    version = now_of(account, order)["version"]
    square.push_parcel(sent, key="P1")
    row = now_of(account, order)
    assert (row["version"], len(row["fulfillments"][0]["metadata"])) == (version, 1)


def test_tracking_that_comes_later_is_added(square: Connector, account: SquareSandbox, order: dict[str, Any]) -> None:
    sent = parcel(order, "1", "0")
    square.push_parcel(sent, key="P1")
    square.push_parcel(replace(sent, tracking_number="1Z9", carrier="UPS"), key="P1")
    square.push_parcel(replace(sent, tracking_number="1Z8", carrier="UPS"), key="P1")
    (there,) = now_of(account, order)["fulfillments"]
    assert (there["shipment_details"]["tracking_number"], len(there["metadata"])) == ("1Z8", 1)


def test_what_square_does_not_take_is_a_sentence(square: Connector, account: SquareSandbox,
                                                 order: dict[str, Any]) -> None:  # fmt: skip
    whole = parcel(order, "3", "2.5", is_last=True)
    square.push_parcel(whole, key="P1")
    with pytest.raises(NeedsFixing, match="Enter the tracking there by hand"):
        square.push_parcel(replace(whole, tracking_number="1Z9"), key="P1")
    with pytest.raises(Skip):
        square.push_parcel(parcel(order, "1", "0"), key="P2")
    made = square.push_order(open_order(account.shop), key="S2")
    unpaid = account.shop.orders[made.external_id]
    sent = Parcel(external_id="stock.picking,3", order_id=made.external_id, shipped_at=NOW, is_last=True,
                  lines=((unpaid["line_items"][0]["uid"], D(1)),))  # fmt: skip
    with pytest.raises(NeedsFixing, match="paid orders only"):
        square.push_parcel(sent, key="P3")
    assert account.shop.orders[made.external_id]["fulfillments"][0].get("metadata") is None
