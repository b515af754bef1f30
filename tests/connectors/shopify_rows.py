"""Rows as Shopify answers them, small enough to count by hand, and how they are read."""

from __future__ import annotations

from typing import Any

from connectors import records as rec
from connectors.systems.shopify.orders import OrderReader
from connectors.systems.shopify.returned import removals
from sandbox.shopify.money import Purse


class _WholeApi:
    """Of rows that are whole there is no more to read."""

    def complete(self, *_arguments: Any) -> None: ...


def order(**values: Any) -> dict[str, Any]:
    """An order of one line of 2 x 10.00, of which a discount takes 1.00, with 10 % tax."""
    purse = Purse("USD")
    item = line("1", price=1000, many=2, off=[100], tax=190)
    row = {
        "id": "gid://shopify/Order/1", "name": "#1001", "currencyCode": "USD", "taxesIncluded": False,
        "dutiesIncluded": False, "test": False, "createdAt": "2026-03-29T00:30:00Z",
        "processedAt": "2026-03-29T00:30:00Z", "updatedAt": "2026-03-29T00:31:00Z", "closedAt": None,
        "cancelledAt": None, "displayFinancialStatus": "PAID", "displayFulfillmentStatus": "UNFULFILLED",
        "totalPriceSet": purse.bag(2090), "totalTaxSet": purse.bag(190), "totalDiscountsSet": purse.bag(100),
        "totalTipReceivedSet": purse.bag(0), "totalRefundedSet": purse.bag(0), "additionalFees": [], "taxLines": [],
        "shippingLines": {"nodes": []}, "transactions": [], "fulfillments": [], "lineItems": {"nodes": [item]},
    }  # fmt: skip
    return {**row, **values}


def line(key: str, *, price: int, many: int = 1, off: list[int] | None = None, tax: int = 0, **more: Any) -> dict:
    purse = Purse("USD")
    return {
        "id": f"gid://shopify/LineItem/{key}", "name": f"Item {key}", "title": f"Item {key}", "quantity": many,
        "currentQuantity": many, "taxable": True, "product": {"id": "gid://shopify/Product/5"},
        "variant": {"id": "gid://shopify/ProductVariant/7"}, "lineItemGroup": None, "duties": [],
        "originalUnitPriceSet": purse.bag(price),
        "discountAllocations": [{"allocatedAmountSet": purse.bag(part)} for part in off or ()],
        "taxLines": [purse.tax_line("Tax", 0.1, tax)] if tax else [], **more,
    }  # fmt: skip


def sale(kind: str, amount: int, gateway: str = "cash", status: str = "SUCCESS") -> dict[str, Any]:
    return {"id": f"gid://shopify/OrderTransaction/{kind}{amount}", "kind": kind, "status": status, "gateway": gateway,
            "amountSet": Purse("USD").bag(amount), "processedAt": "2026-03-29T00:30:00Z"}  # fmt: skip


def read(row: dict[str, Any], refunds: list[dict] | None = None) -> rec.Order:
    return OrderReader(_WholeApi()).order(row, removals(refunds or []))  # type: ignore[arg-type]


def gone(*, money: int, adjusted: bool = False) -> dict[str, Any]:
    """A refund of one of the two pieces of the order's line."""
    purse = Purse("USD")
    return {
        "id": "gid://shopify/Refund/9", "createdAt": "2026-03-30T00:00:00Z", "processedAt": "2026-03-30T00:00:00Z",
        "updatedAt": "2026-03-30T00:00:00Z", "note": None, "totalRefundedSet": purse.bag(money),
        "refundLineItems": {"nodes": [
            {"quantity": 1, "restockType": "RETURN", "subtotalSet": purse.bag(950),
             "totalTaxSet": purse.bag(95), "lineItem": {"id": "gid://shopify/LineItem/1", "name": "Item 1",
                                                        "variant": {"id": "gid://shopify/ProductVariant/7"}}}]},
        "orderAdjustments": {"nodes": [{"id": "a", "amountSet": purse.bag(-45)}] if adjusted else []},
        "refundShippingLines": {"nodes": []},
        "transactions": {"nodes": [sale("REFUND", money)] if money else []},
    }  # fmt: skip
