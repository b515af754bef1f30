"""What that Odoo itself counts: its own sums over its orders, payments and credit notes, grouped by it.

Sold is what is confirmed: sale orders in state `sale` (until 16 also `done`), orders of tills that are paid. An order
of a till that only takes back lines of others is no order but a refund, one that settles sale orders is none, as
everywhere. `payments` is what each method took, for settled sale orders too, less what it gave back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...windows import Days
from . import fields
from .pos_orders import MODEL as TILLS
from .pos_orders import SOLD_STATES as TILL_STATES
from .pos_orders import PosOrderReader
from .rpc import Rpc
from .sale_orders import MODEL as SALES
from .sale_orders import SOLD_STATES as SALE_STATES
from .sale_orders import SaleOrderReader
from .sums import Sums
from .values import key, wire

_ZERO = Decimal(0)
# So many days a question, where that Odoo can group lines and payments by the day of their order.
_AT_A_TIME = 31
# A day, location and currency.
_Place = tuple[date, str, str]


@dataclass(slots=True)
class _Counted:
    """What is counted of a day at a place."""

    count: int = 0
    gross: Decimal = _ZERO
    net: Decimal = _ZERO
    tax: Decimal = _ZERO
    tips: Decimal = _ZERO
    refunds: Decimal = _ZERO
    payments: dict[str, Decimal] = field(default_factory=dict)


_Found = dict[_Place, _Counted]


class TotalsReader:
    """Counts for one connection. `sales` and `tills` read the orders, None where they do not come: they say which tills
    there are and where a sale belongs."""

    def __init__(
        self, rpc: Rpc, currencies: dict[int, str], sales: SaleOrderReader | None, tills: PosOrderReader | None
    ):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._currencies = currencies
        self._sales = sales
        self._tills = tills
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    def of(self, days: Days, formatted: bool) -> Iterator[rec.ControlTotals]:
        """`formatted`: that Odoo groups by `formatted_read_group`."""
        for part in days.parts(_AT_A_TIME if formatted else 1):
            found: _Found = {}
            for zone in part.all_zones():
                here: _Found = defaultdict(_Counted)
                sums = Sums(self._rpc, formatted, replace(part, zone=zone, zones={}))
                if self._sales:
                    self._count_sales(here, sums, self._sales)
                    self._count_credit_notes(here, sums)
                if self._tills:
                    self._count_tills(here, sums, self._tills, part)
                found |= {place: sums for place, sums in here.items() if part.zone_of(place[1]) == zone}
            for (day, place, currency), counted in sorted(found.items(), key=lambda item: item[0]):
                yield rec.ControlTotals(
                    day=day,
                    location_id=place,
                    currency=currency,
                    count=counted.count,
                    gross=counted.gross,
                    net=counted.net,
                    tax=counted.tax,
                    tips=counted.tips,
                    refunds=counted.refunds,
                    payments=tuple(sorted(counted.payments.items())),
                )

    # Sale orders

    def _count_sales(self, found: _Found, sums: Sums, orders: SaleOrderReader) -> None:
        """By warehouse and currency."""
        by_place = ["currency_id", *(["warehouse_id"] if self._rows.has(SALES, "warehouse_id") else [])]
        amounts = ["amount_total", "amount_untaxed", "amount_tax"]
        for row in sums.by(SALES, self._in_window(sums, SALE_STATES), by_place, amounts, day="date_order"):
            place = orders.place(row.get("warehouse_id"))
            counted = found[row["day"], place, self._currencies[row["currency_id"]]]
            counted.count += row["count"]
            counted.gross += row["amount_total"]
            counted.net += row["amount_untaxed"]
            counted.tax += row["amount_tax"]

    def _count_credit_notes(self, found: _Found, sums: Sums) -> None:
        """On their day, at no location."""
        domain = [
            ("company_id", "in", self._companies),
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
            ("invoice_date", ">=", _date_from(sums.window.starts_at)),
            ("invoice_date", "<", _date_from(sums.window.ends_at)),
            "|",
            ("invoice_line_ids.sale_line_ids", "!=", False),
            ("reversed_entry_id.invoice_line_ids.sale_line_ids", "!=", False),
        ]
        for row in sums.by("account.move", domain, ["currency_id"], ["amount_total"], day="invoice_date"):
            found[row["day"], "", self._currencies[row["currency_id"]]].refunds += row["amount_total"]

    # Tills

    def _count_tills(self, found: _Found, sums: Sums, orders: PosOrderReader, days: Days) -> None:
        """By till, each of which has one currency."""
        for number, till in orders.configs.items():
            place, currency = key("pos", number), self._currencies[till["currency_id"]]
            if days.zone_of(place) != sums.days.zone:
                continue
            whole = [*self._in_window(sums, TILL_STATES), ("config_id", "=", number)]
            back = self._wholly(sums, whole, "refunded_orderline_id") if orders.has_returns else orders.returns(whole)
            settling = self._wholly(sums, whole, "sale_order_origin_id") if orders.has_settlements else []
            sold = [*whole, ("id", "not in", sorted({*back, *settling}))]
            for row in sums.by(TILLS, sold, [], ["amount_total", "amount_tax"], day="date_order"):
                counted = found[row["day"], place, currency]
                counted.count = row["count"]
                counted.gross, counted.tax = row["amount_total"], row["amount_tax"]
                counted.net = counted.gross - counted.tax
            returns = [*whole, ("id", "in", back)]
            for row in sums.by(TILLS, returns, [], ["amount_total"], day="date_order") if back else ():
                found[row["day"], place, currency].refunds = -row["amount_total"]
            inside = _inside("order_id", sold)
            settled = [*inside, ("sale_order_origin_id", "!=", False), ("refunded_orderline_id", "=", False)]
            net_and_gross = ["price_subtotal", "price_subtotal_incl"]
            # What an order settles besides what it sells counts in the sale order.
            for row in self._lines(sums, settled, net_and_gross) if orders.has_settlements else ():
                counted = found[row["day"], place, currency]
                net, gross = (row[name] for name in net_and_gross)
                counted.gross, counted.net, counted.tax = (
                    counted.gross - gross, counted.net - net, counted.tax - (gross - net),
                )  # fmt: skip
            if till.get("tip_product_id"):
                tips = [*inside, ("product_id", "=", till["tip_product_id"])]
                for row in self._lines(sums, tips, ["price_subtotal_incl"]):
                    found[row["day"], place, currency].tips = row["price_subtotal_incl"]
            paid = _inside("pos_order_id", whole)
            for row in sums.by("pos.payment", paid, ["payment_method_id"], ["amount"], day="pos_order_id.date_order"):
                method = key("pos-method", row["payment_method_id"])
                found[row["day"], place, currency].payments[method] = row["amount"]

    def _lines(self, sums: Sums, domain: list[Any], amounts: list[str]) -> list[dict[str, Any]]:
        return sums.by("pos.order.line", domain, [], amounts, day="order_id.date_order")

    def _wholly(self, sums: Sums, domain: list[Any], name: str) -> list[int]:
        """The orders of a domain all of whose lines have a value in a field."""
        inside = [*_inside("order_id", domain), (name, "!=", False)]
        some = {row["order_id"] for row in sums.by("pos.order.line", inside, ["order_id"])}
        others = [("order_id", "in", sorted(some)), (name, "=", False)]
        mixed = sums.by("pos.order.line", others, ["order_id"]) if some else []
        return sorted(some - {row["order_id"] for row in mixed})

    def _in_window(self, sums: Sums, states: tuple[str, ...]) -> list[Any]:
        return [
            ("company_id", "in", self._companies),
            ("state", "in", states),
            ("date_order", ">=", wire(sums.window.starts_at)),
            ("date_order", "<", wire(sums.window.ends_at)),
        ]


def _inside(name: str, domain: list[Any]) -> list[Any]:
    """The condition that what a field refers to is in a domain."""
    return [(f"{name}.{condition[0]}", *condition[1:]) for condition in domain]


def _date_from(moment: datetime) -> str:
    """The first date that begins at or after a moment: dates are taken as midnight UTC, as refunds have it."""
    return wire(moment + timedelta(days=1, microseconds=-1))[:10]
