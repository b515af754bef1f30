"""An order by the number that people see, in Shopify and in Square."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import records as rec
from connectors.registry import registry
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_square
from tests.connectors import square_orders

NOW = datetime.now(timezone.utc)


@pytest.mark.parametrize("written", ["#1003", "1003", " #1003 "])
def test_shopify_by_its_name(written: str) -> None:
    with ShopifySandbox(make_shopify(0.01, orders=8, until=NOW)) as account:
        connector = registry.get("shopify")(account.settings())
        row = next(row for row in account.shop.orders.values() if row["name"] == "#1003")
        found = connector.find_order(written)
        assert (found.number, found.external_id) == ("#1003", row["legacyResourceId"])
        assert connector.find_order("#100") is None
        assert connector.find_order('x" OR name:"#1004') is None


def test_square_by_receipt_ticket_and_reference() -> None:
    with SquareSandbox(make_square(0.01, orders=12)) as account:
        connector = registry.get("square")(account.settings())
        (made,) = _made(connector, account, "S00042-ab12")
        order = account.shop.orders[made]
        receipt = connector.get_order(made).number
        order["ticket_name"] = "Table 9"
        for written in (receipt, receipt.lower(), "table 9", "S00042-ab12"):
            found = connector.find_order(written)
            assert found is not None, written
            assert found.external_id == made
        assert connector.find_order("none") is None
        order["created_at"] = (NOW - timedelta(days=400)).isoformat().replace("+00:00", "Z")
        assert connector.find_order("Table 9") is None, "older ones are fetched by their id"
        assert connector.get_order(made) is not None


def _made(connector: Any, account: SquareSandbox, key: str) -> list[str]:
    sent = replace(square_orders.paid_order(account.shop), status=rec.OrderStatus.PAID)
    return [connector.push_order(sent, key=key).external_id]
