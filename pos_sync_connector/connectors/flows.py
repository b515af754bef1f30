"""The kinds of data that move, each in one direction, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from . import records as rec
from .cash_counts import CashCount
from .parcels import Parcel
from .payouts import Payout


class Flow(str, Enum):
    """A kind of data in one direction. What belongs to each stands in `FLOWS`."""

    SETUP_PULL = "setup_pull"
    PRODUCTS_PULL = "products_pull"
    STOCK_PULL = "stock_pull"
    CUSTOMERS_PULL = "customers_pull"
    ORDERS_PULL = "orders_pull"
    REFUNDS_PULL = "refunds_pull"
    ORDER_STATUS_PULL = "order_status_pull"
    PROMOTIONS_PULL = "promotions_pull"
    PAYOUTS_PULL = "payouts_pull"
    CASH_COUNTS_PULL = "cash_counts_pull"
    CUSTOMERS_PUSH = "customers_push"
    ORDERS_PUSH = "orders_push"
    ORDER_STATUS_PUSH = "order_status_push"
    PARCELS_PUSH = "parcels_push"
    REFUNDS_PUSH = "refunds_push"
    PRODUCTS_PUSH = "products_push"
    STOCK_PUSH = "stock_push"

    @property
    def info(self) -> FlowInfo:
        return FLOWS[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowInfo:
    """`method` of `Connector` that supports the flow; `one`: the method that reads one of its records by id; `record`
    that it moves; `after`: flows that must have ended once before it starts; `every`: default schedule, which a
    system's `polls` may change; `overlap`: how far an incremental pull goes back behind the newest modification it has
    seen, for transactions that the system commits late; `sweep`: how often everything is read again, to find deletions
    and what the increment can't see;
    `moved`: whether the engine moves it: what it does not move no connection offers, whatever a system can do."""

    label: str
    method: str
    one: str = ""
    record: type | None
    after: tuple[Flow, ...] = ()
    every: timedelta
    overlap: timedelta = timedelta(minutes=15)
    sweep: timedelta | None = timedelta(days=7)
    moved: bool = True

    @property
    def push(self) -> bool:
        return self.method.startswith("push_")


_MINUTE, _MINUTES_5, _MINUTES_15 = timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)
_HOURS_3, _DAY = timedelta(hours=3), timedelta(days=1)


FLOWS: Mapping[Flow, FlowInfo] = {
    Flow.SETUP_PULL: FlowInfo(
        label="Locations, taxes and price levels", method="locations", record=None, every=_DAY, sweep=None
    ),
    Flow.PRODUCTS_PULL: FlowInfo(
        label="Products",
        method="pull_products",
        one="get_product",
        record=rec.Product,
        after=(Flow.SETUP_PULL,),
        every=_MINUTES_5,
    ),
    Flow.STOCK_PULL: FlowInfo(
        label="Stock",
        method="pull_stock",
        one="get_stock",
        record=rec.StockLevel,
        after=(Flow.PRODUCTS_PULL,),
        every=_MINUTES_5,
    ),
    Flow.CUSTOMERS_PULL: FlowInfo(
        label="Customers",
        method="pull_customers",
        one="get_customer",
        record=rec.Customer,
        after=(Flow.SETUP_PULL,),
        every=_HOURS_3,
    ),
    Flow.ORDERS_PULL: FlowInfo(
        label="Orders",
        method="pull_orders",
        one="get_order",
        record=rec.Order,
        after=(Flow.SETUP_PULL, Flow.PRODUCTS_PULL, Flow.CUSTOMERS_PULL),
        every=_MINUTES_15,
    ),
    Flow.REFUNDS_PULL: FlowInfo(
        label="Refunds", method="pull_refunds", record=rec.Refund, after=(Flow.ORDERS_PULL,), every=_MINUTES_15
    ),
    Flow.ORDER_STATUS_PULL: FlowInfo(
        label="Order status", method="pull_order_status", record=rec.OrderStatusChange, every=_MINUTES_5, sweep=None
    ),
    Flow.PROMOTIONS_PULL: FlowInfo(
        label="Promotions",
        method="pull_promotions",
        record=rec.Promotion,
        after=(Flow.PRODUCTS_PULL,),
        every=_HOURS_3,
        moved=False,
    ),
    # A payout is listed by when it was made, and arrives days later.
    Flow.PAYOUTS_PULL: FlowInfo(
        label="Payouts",
        method="pull_payouts",
        record=Payout,
        after=(Flow.ORDERS_PULL,),
        every=_DAY,
        overlap=timedelta(days=14),
        sweep=None,
    ),
    # A drawer is listed by when it was opened, and counted later.
    Flow.CASH_COUNTS_PULL: FlowInfo(
        label="Cash counts",
        method="pull_cash_counts",
        record=CashCount,
        after=(Flow.SETUP_PULL,),
        every=_DAY,
        overlap=timedelta(days=14),
        sweep=None,
    ),
    Flow.CUSTOMERS_PUSH: FlowInfo(
        label="Send customers", method="push_customer", record=rec.Customer, every=_MINUTE, sweep=None
    ),
    Flow.ORDERS_PUSH: FlowInfo(label="Send orders", method="push_order", record=rec.Order, every=_MINUTE, sweep=None),
    Flow.ORDER_STATUS_PUSH: FlowInfo(
        label="Send order status", method="push_order_status", record=rec.OrderStatusChange, every=_MINUTE, sweep=None
    ),
    Flow.PARCELS_PUSH: FlowInfo(
        label="Send parcels", method="push_parcel", record=Parcel, every=_MINUTE, sweep=None
    ),
    Flow.REFUNDS_PUSH: FlowInfo(
        label="Send refunds", method="push_refund", record=rec.Refund, every=_MINUTE, sweep=None
    ),
    Flow.PRODUCTS_PUSH: FlowInfo(
        label="Send products", method="push_product", record=rec.Product, every=_MINUTE, sweep=None, moved=False
    ),
    Flow.STOCK_PUSH: FlowInfo(
        label="Send stock", method="push_stock", record=rec.StockLevel, every=_MINUTE, sweep=None
    ),
}
