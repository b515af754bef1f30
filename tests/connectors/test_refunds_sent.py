"""What is given back from Odoo, as Square and Shopify have it afterwards: by several payments, with the goods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors import records as rec
from connectors.answers import Pushed
from connectors.connector import Connector
from connectors.errors import NeedsFixing
from connectors.registry import registry
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_square
from tests.connectors import shopify_orders, square_orders
from tests.connectors.contract import fails
from tests.connectors.contract_refunds import AT, refund_of

D = Decimal
KEY = "S00007-R3-1a2b3c4d"


@pytest.fixture(scope="module")
def at_square() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_square(0.01, orders=60)) as running:
        yield running


@pytest.fixture
def square(at_square, time) -> Iterator[Connector]:
    with registry.get("square")(at_square.settings(), clock=time.clock, sleep=time.sleep) as made:
        yield made


@pytest.fixture(scope="module")
def at_shopify() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shopify(0.01, orders=5)) as running:
        yield running


@pytest.fixture
def shopify(at_shopify, time) -> Iterator[Connector]:
    with registry.get("shopify")(at_shopify.settings(), clock=time.clock, sleep=time.sleep) as made:
        yield made


def goods(order: rec.Order, made: Pushed, **more) -> rec.Refund:
    """One piece of the first line came back, its money before."""
    whole = refund_of(order, made)
    return replace(whole, gross=D(0), lines=(replace(whole.lines[0], quantity=D(1), gross=D(0)),), **more)


# Square


def test_square_gives_back_by_the_payments_that_took_it(square, at_square):
    shop = at_square.shop
    refunded = {row["payment_id"] for row in shop.refunds.values()}
    sale = next(
        row
        for row in shop.orders.values()
        if len(row.get("tenders") or ()) == 2 and not refunded & {item["id"] for item in row["tenders"]}
    )
    first, second = (shop.payments[item["payment_id"]]["total_money"] for item in sale["tenders"])
    amount = D(first["amount"] + 5) / 100
    refund = rec.Refund(external_id="account.move,1", order_id=sale["id"], currency=first["currency"], gross=amount,
                        reason="R" * 300, refunded_at=AT)  # fmt: skip
    told = square.push_refund(refund, key=KEY)
    assert [item.gross for item in told] == [amount - D("0.05"), D("0.05")]
    assert {item.source_reference for item in told} == {KEY}
    assert square.push_refund(refund, key=KEY) == told
    rest = D(second["amount"] - 5) / 100
    left = fails(NeedsFixing, lambda: square.push_refund(replace(refund, gross=rest + D("0.01")), key="K2"))
    assert f"{rest} are left" in left.sentence


def test_square_gives_nothing_back_of_what_is_not_taken_yet(square, at_square):
    made = square.push_order(square_orders.paid_order(at_square.shop), key="S00008-1a2b3c4d")
    payment = next(row for row in at_square.shop.payments.values() if row["order_id"] == made.external_id)
    payment["status"] = "APPROVED"
    refund = refund_of(square_orders.paid_order(at_square.shop), made)
    assert fails(NeedsFixing, lambda: square.push_refund(refund, key="K3")).code == "not-paid"


def test_square_counts_what_came_back_once(square, at_square):
    order = square_orders.paid_order(at_square.shop)
    made = square.push_order(order, key="S00009-1a2b3c4d")
    counts, place = at_square.shop.counts, (order.lines[0].variant_id, "LOC000")
    counts.pop(place, None)
    assert square.push_refund(goods(order, made), key="K4") == ()
    assert place not in counts, "Square does not track it there"
    counts[place] = {"catalog_object_id": place[0], "catalog_object_type": "ITEM_VARIATION", "state": "IN_STOCK",
                     "location_id": place[1], "quantity": "7", "calculated_at": at_square.shop.stamp()}  # fmt: skip
    for _twice in range(2):
        square.push_refund(goods(order, made), key="K5")
    assert counts[place]["quantity"] == "8"


# Shopify


def test_shopify_puts_back_with_the_money_or_later(shopify, at_shopify):
    shop = at_shopify.shop
    order = shopify_orders.paid_order(shop)
    made = shopify.push_order(order, key="S00010-1a2b3c4d")
    sale = next(row for row in shop.orders.values() if row["legacyResourceId"] == made.external_id)
    item = sale["lineItems"][0]["variant"]["inventoryItem"]
    item["tracked"] = True
    place = next(iter(shop.locations.values()))
    (level,) = (row for row in shop.levels.values() if row["item"] is item and row["location"] is place)
    before = level["on_hand"]
    whole = refund_of(order, made, location_id=place["legacyResourceId"])
    (line,) = whole.lines
    one, rest = replace(line, quantity=D(1)), replace(line, quantity=line.quantity - 1, restock=False)
    kept = replace(whole, lines=(one, rest))
    for _twice in range(2):
        (told,) = shopify.push_refund(kept, key=KEY)
    assert [line.restock for line in told.lines] == [True, False]
    assert level["on_hand"] == before + 1
    for _twice in range(2):
        assert shopify.push_refund(goods(order, made, location_id=whole.location_id), key="K6") == ()
    assert level["on_hand"] == before + 2
    assert len(sale["refunds"]) == 1


def test_shopify_is_told_no_stock_where_odoo_counts(at_shopify, time):
    shop = at_shopify.shop
    order = shopify_orders.paid_order(shop)
    settings = {**at_shopify.settings(), "stock": "false"}
    with registry.get("shopify")(settings, clock=time.clock, sleep=time.sleep) as shopify:
        made = shopify.push_order(order, key="S00011-1a2b3c4d")
        before = {key: row["on_hand"] for key, row in shop.levels.items()}
        (told,) = shopify.push_refund(refund_of(order, made), key="K7")
        shopify.push_refund(goods(order, made), key="K8")
    assert [line.restock for line in told.lines] == [False]
    assert {key: row["on_hand"] for key, row in shop.levels.items()} == before
