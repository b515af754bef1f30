"""Parcels of Shopify's orders: each reported once with its lines, carrier and tracking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, RetryLater
from connectors.parcels import Parcel
from connectors.registry import registry
from sandbox.shopify import Fault, ShopifySandbox, make_shop
from sandbox.shopify.values import gid, number_of
from tests.connectors.shopify_orders import paid_order

UNTIL = datetime.now(timezone.utc) - timedelta(hours=1)


@pytest.fixture
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.01, orders=0, until=UNTIL)) as running:
        yield running


@pytest.fixture
def connector(account: ShopifySandbox) -> Any:
    return registry.get("shopify")(account.settings())


@pytest.fixture
def order(connector: Any, account: ShopifySandbox) -> dict[str, Any]:
    """3 of one thing and 2 of another, paid and still to be sent."""
    sent = paid_order(account.shop)
    shipping, _tip = sent.charges
    card = replace(sent.payments[1], tip=D(0))
    sent = replace(sent, status=rec.OrderStatus.PAID, charges=(shipping,), payments=(sent.payments[0], card),
                   totals=rec.OrderTotals(gross=D("25.43"), net=D("24.50"), tax=D("0.93")))  # fmt: skip
    made = connector.push_order(sent, key="S1")
    return account.shop.orders[gid("Order", made.external_id)]


def parcel(order: dict[str, Any], *many: int, name: str = "stock.picking,1", **values: Any) -> Parcel:
    lines = tuple((str(number_of(row["id"])), D(count)) for row, count in zip(order["lineItems"], many, strict=False)
                  if count)  # fmt: skip
    return Parcel(external_id=name, order_id=order["legacyResourceId"], lines=lines, shipped=lines,
                  shipped_at=datetime.now(timezone.utc), **values)  # fmt: skip


def inside(order: dict[str, Any]) -> list[list[int]]:
    """What is in each parcel, by line of the order."""
    return [
        [sum(part["quantity"] for part in item["fulfillmentLineItems"] if part["lineItem"] is line)
         for line in order["lineItems"]]
        for item in order["fulfillments"]
    ]  # fmt: skip


def test_two_deliveries_are_two_parcels(connector: Any, account: ShopifySandbox, order: dict[str, Any]) -> None:
    first = parcel(order, 1, 2, carrier="UPS", tracking_number="1Z9", tracking_url="https://example.com/1Z9")
    made = connector.push_parcel(first, key="P1")
    assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    second = parcel(order, 2, 0, name="stock.picking,2", others=(made.external_id,), notify=True)
    connector.push_parcel(second, key="P2")
    assert inside(order) == [[1, 2], [2, 0]]
    assert order["displayFulfillmentStatus"] == "FULFILLED"
    assert account.shop.mails == [order["fulfillments"][1]["id"]]
    read = connector.get_order(order["legacyResourceId"])
    assert [(item.carrier, item.tracking_number, item.tracking_url) for item in read.fulfilments] == [
        ("UPS", "1Z9", "https://example.com/1Z9"), ("", "", "")
    ]  # fmt: skip
    assert read.status is rec.OrderStatus.COMPLETED


def test_a_parcel_whose_answer_is_lost_is_found(connector: Any, account: ShopifySandbox, order: dict[str, Any],
                                                monkeypatch) -> None:  # fmt: skip
    sent, ask = parcel(order, 1, 0), connector._api.ask

    def lose(query: str, **more: Any) -> Any:
        if "mutation" in query:
            account.faults.append(Fault(after_work=True))
        return ask(query, **more)

    with monkeypatch.context() as patched:
        patched.setattr(connector._api, "ask", lose)
        with pytest.raises(RetryLater):
            connector.push_parcel(sent, key="P1")
    made = connector.push_parcel(sent, key="P1")
    assert inside(order) == [[1, 0]]
    assert made.external_id == str(number_of(order["fulfillments"][0]["id"]))
    connector.push_parcel(parcel(order, 1, 0, name="stock.picking,2", others=(made.external_id,)), key="P2")
    assert inside(order) == [[1, 0], [1, 0]], "another delivery of the same is another parcel"


def test_what_left_before_is_another_parcel(connector: Any, order: dict[str, Any]) -> None:
    connector.push_parcel(parcel(order, 1, 0), key="P1")
    order["fulfillments"][0]["createdAt"] = "2026-01-01T00:00:00Z"
    connector.push_parcel(parcel(order, 1, 0, name="stock.picking,2"), key="P2")
    assert inside(order) == [[1, 0], [1, 0]]


def test_tracking_that_comes_later_is_added(connector: Any, account: ShopifySandbox, order: dict[str, Any]) -> None:
    sent = parcel(order, 3, 2)
    made = connector.push_parcel(sent, key="P1")
    tracked = replace(sent, parcel_id=made.external_id, carrier="DHL", tracking_number="A1,A2", notify=True)
    for _twice in range(2):
        assert connector.push_parcel(tracked, key="P1").external_id == made.external_id
    (there,) = order["fulfillments"]
    assert [(box["company"], box["number"]) for box in there["trackingInfo"]] == [("DHL", "A1"), ("DHL", "A2")]
    assert account.shop.mails == [there["id"]]


def test_a_parcel_from_two_places_is_one_of_each(connector: Any, account: ShopifySandbox, order: dict[str, Any],
                                                 monkeypatch) -> None:  # fmt: skip
    order["lineItems"][1]["sentFrom"] = list(account.shop.locations.values())[1]
    sent = parcel(order, 1, 2)
    made = connector.push_parcel(sent, key="P1")
    assert inside(order) == [[1, 0], [0, 2]]
    assert len(made.external_id.split(",")) == 2
    again = connector.push_parcel(sent, key="P1")
    assert (again.external_id, len(order["fulfillments"])) == (made.external_id, 2)


def test_what_can_not_be_reported_is_a_sentence(connector: Any, order: dict[str, Any]) -> None:
    with pytest.raises(NeedsFixing, match="whole pieces"):
        connector.push_parcel(replace(parcel(order, 1), lines=((parcel(order, 1).lines[0][0], D("0.5")),)), key="P0")
    with pytest.raises(NeedsFixing, match="Less of the order is left"):
        connector.push_parcel(parcel(order, 4, 0), key="P1")
    order["held"] = True
    with pytest.raises(NeedsFixing, match="Release it there"):
        connector.push_parcel(parcel(order, 1, 0), key="P1")
    order["cancelledAt"] = "2026-01-01T00:00:00Z"
    with pytest.raises(NeedsFixing, match="cancelled in Shopify"):
        connector.push_parcel(parcel(order, 1, 0), key="P1")
    assert order["fulfillments"] == []
