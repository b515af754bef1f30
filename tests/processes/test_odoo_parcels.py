"""Parcels of a real Odoo's orders, reported to it over JSON-2 and over XML-RPC."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, RetryLater
from connectors.parcels import Parcel

from .hub import Shop
from .test_odoo_connector_push import Target, prepared

NOW = datetime.now(timezone.utc).replace(microsecond=0)
_MAKING = ("button_validate", "write")


@pytest.fixture(params=["json2", "xmlrpc"], scope="module")
def target(taking_shop: Shop, request: pytest.FixtureRequest) -> Iterator[Target]:
    with prepared(taking_shop, request.param, f"parcels {request.param}") as made:
        yield made


def parcels(target: Target, order: int) -> list[tuple[Any, ...]]:
    """State and quantities of the deliveries of an order."""
    return target.shop.database.query(
        "SELECT p.state, sum(m.quantity)::int, sum(m.product_uom_qty)::int FROM stock_picking p"
        " JOIN stock_move m ON m.picking_id = p.id JOIN sale_order_line l ON l.id = m.sale_line_id"
        " WHERE l.order_id = %s AND m.state <> 'cancel' GROUP BY p.id ORDER BY p.id", order)


def parcel(target: Target, order: int, many: int, shipped: int, **values: Any) -> Parcel:
    (line,) = target.shop.database.query("SELECT id FROM sale_order_line WHERE order_id = %s", order)
    key = f"line-{line[0]}"
    return Parcel(**{
        "external_id": "stock.picking,1", "order_id": f"sale-{order}", "lines": ((key, Decimal(many)),),
        "shipped": ((key, Decimal(shipped)),), "shipped_at": NOW, **values})


def test_two_deliveries_are_two_there(target: Target) -> None:
    order = target.push(target.order(target.line(quantity="3"), status=rec.OrderStatus.OPEN))
    first = target.system.push_parcel(parcel(target, order, 1, 1), key="P1")
    assert next(row[:2] for row in parcels(target, order)) == ("done", 1)
    later = parcel(target, order, 1, 1, parcel_id=first.external_id, carrier="UPS", tracking_number=f"1Z{order}")
    for _twice in range(2):
        assert target.system.push_parcel(later, key="P1") == first
    second = target.system.push_parcel(parcel(target, order, 2, 3, others=(first.external_id,)), key="P2")
    assert first.external_id != second.external_id
    assert [row[:2] for row in parcels(target, order)] == [("done", 1), ("done", 2)]
    assert tracked(target, first.external_id, f"1Z{order}") == 1
    assert tracked(target, second.external_id, f"1Z{order}") == 0


def tracked(target: Target, key: str, number: str) -> int:
    """How often a delivery says its tracking number: in a field where there is one, else in a note."""
    picking = int(key.removeprefix("picking-"))
    if target.system._rows.has("stock.picking", "carrier_tracking_ref"):
        return target.shop.value(
            "SELECT count(*) FROM stock_picking WHERE id = %s AND carrier_tracking_ref = %s", picking, number)
    return target.shop.value(
        "SELECT count(*) FROM mail_message WHERE model = 'stock.picking' AND res_id = %s AND body LIKE %s", picking,
        f"%{number}%")


def test_whatever_answer_is_lost_it_is_delivered_once(target: Target) -> None:
    order = target.push(target.order(target.line(quantity="20"), status=rec.OrderStatus.OPEN))
    rpc, plain = target.system._rpc, target.system._rpc.call
    others: list[str] = []
    for number in range(8):
        sent = parcel(target, order, 1, number + 1, others=tuple(others))
        left = number

        def call(model: str, method: str, *arguments: Any, **more: Any) -> Any:
            nonlocal left
            answer = plain(model, method, *arguments, **more)
            if method in _MAKING:
                left -= 1
                if left == -1:
                    raise RetryLater("The answer was lost.", code="in-doubt")
            return answer

        rpc.call = call
        lost = False
        try:
            made = target.system.push_parcel(sent, key=f"P{number}")
        except RetryLater:
            lost = True
            rpc.call = plain
            made = target.system.push_parcel(sent, key=f"P{number}")
        finally:
            rpc.call = plain
        others.append(made.external_id)
        done = [row[:2] for row in parcels(target, order) if row[0] == "done"]
        assert done == [("done", 1)] * (number + 1)
        if not lost:
            break
    assert len(others) >= 3, "there were answers to lose"
    assert len(set(others)) == len(others)


def test_what_was_delivered_there_already_is_a_sentence(target: Target) -> None:
    order = target.push(target.order(target.line(quantity="1"), status=rec.OrderStatus.OPEN))
    sent = parcel(target, order, 1, 1)
    made = target.system.push_parcel(sent, key="P1")
    with pytest.raises(NeedsFixing, match="no delivery of this order"):
        target.system.push_parcel(replace(sent, others=(made.external_id,)), key="P2")
    with pytest.raises(NeedsFixing, match="not those of tills"):
        target.system.push_parcel(replace(sent, order_id="till-1"), key="P3")
