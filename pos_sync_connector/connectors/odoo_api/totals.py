"""What that Odoo itself counts: its own sums over its orders, payments and credit notes, grouped by it.

Sold is what is confirmed: sale orders in state `sale` (until 16 also `done`), orders of tills that are paid. An order
of a till that only takes back lines of others is no order but a refund, one that settles sale orders is none, as
everywhere. `payments` is what each method took, for settled sale orders too, less what it gave back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .. import records as rec
from ..connector import Window
from . import fields
from .pos_orders import MODEL as TILLS
from .pos_orders import SOLD_STATES as TILL_STATES
from .pos_orders import PosOrderReader
from .rpc import Rpc
from .sale_orders import MODEL as SALES
from .sale_orders import SOLD_STATES as SALE_STATES
from .sale_orders import SaleOrderReader
from .values import decimal, key, wire

_Group = dict[str, Any]


class Sums:
    """Odoo's own grouping: `formatted_read_group` from 19 on, `read_group` before. Without a group it sums all."""

    def __init__(self, rpc: Rpc, formatted: bool):
        self._rpc = rpc
        self._formatted = formatted

    def by(self, model: str, domain: list[Any], groupby: list[str], amounts: Iterable[str] = ()) -> list[_Group]:
        """A row a group: ids of what it is grouped by, sums as Decimal, `count`."""
        names = list(amounts)
        if self._formatted:
            aggregates = ["__count", *(f"{name}:sum" for name in names)]
            found = self._rpc.call(
                model, "formatted_read_group", domain=domain, groupby=groupby, aggregates=aggregates, gives=list
            )
        else:
            wanted = [*groupby, *(f"{name}:sum" for name in names)]
            found = self._rpc.call(
                model, "read_group", domain=domain, fields=wanted, groupby=groupby, lazy=False, gives=list
            )
        return [
            {
                "count": int(row["__count"]),
                **{name: row[name][0] if row[name] else 0 for name in groupby},
                **{name: decimal(row[f"{name}:sum" if self._formatted else name]) for name in names},
            }
            for row in found
        ]


class TotalsReader:
    """Counts for one connection. The readers say which tills there are and where a sale belongs."""

    def __init__(self, rpc: Rpc, sums: Sums, currencies: dict[int, str]):
        self._rows = fields.Rows(rpc)
        self._sums = sums
        self._currencies = currencies
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    def of_sales(self, window: Window, orders: SaleOrderReader) -> Iterator[rec.ControlTotals]:
        """By warehouse and currency. Credit notes count on their day, at no location."""
        domain = self._in_window(window, "date_order", SALE_STATES)
        by_place = ["currency_id", *(["warehouse_id"] if self._rows.has(SALES, "warehouse_id") else [])]
        found: dict[tuple[str, str], dict[str, Decimal | int]] = defaultdict(lambda: defaultdict(int))
        for row in self._sums.by(SALES, domain, by_place, ["amount_total", "amount_untaxed", "amount_tax"]):
            place = found[orders.place(row.get("warehouse_id")), self._currencies[row["currency_id"]]]
            place["count"] += row["count"]
            for name, amount in (("gross", "amount_total"), ("net", "amount_untaxed"), ("tax", "amount_tax")):
                place[name] += row[amount]
        credited = [
            ("company_id", "in", self._companies),
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
            ("invoice_date", ">=", _date_from(window.starts_at)),
            ("invoice_date", "<", _date_from(window.ends_at)),
            "|",
            ("invoice_line_ids.sale_line_ids", "!=", False),
            ("reversed_entry_id.invoice_line_ids.sale_line_ids", "!=", False),
        ]
        for row in self._sums.by("account.move", credited, ["currency_id"], ["amount_total"]):
            found["", self._currencies[row["currency_id"]]]["refunds"] += row["amount_total"]
        for (place_id, currency), sums in found.items():
            if window.location_id in ("", place_id):
                yield self._totals(window, place_id, currency, sums)

    def of_tills(self, window: Window, orders: PosOrderReader) -> Iterator[rec.ControlTotals]:
        """By till, each of which has one currency."""
        for number, till in orders.configs.items():
            place = key("pos", number)
            if window.location_id not in ("", place):
                continue
            domain = [*self._in_window(window, "date_order", TILL_STATES), ("config_id", "=", number)]
            back = self._wholly(domain, "refunded_orderline_id") if orders.has_returns else []
            settling = self._wholly(domain, "sale_order_origin_id") if orders.has_settlements else []
            returns, sold = ("id", "in", back), ("id", "not in", sorted({*back, *settling}))
            sums: dict[str, Decimal | int] = defaultdict(int)
            for row in self._sums.by(TILLS, [*domain, sold], [], ["amount_total", "amount_tax"]):
                sums |= {"count": row["count"], "gross": row["amount_total"], "tax": row["amount_tax"]}
                sums["net"] = row["amount_total"] - row["amount_tax"]
            for row in self._sums.by(TILLS, [*domain, returns], [], ["amount_total"]):
                sums["refunds"] = -row["amount_total"]
            inside = [(f"order_id.{condition[0]}", *condition[1:]) for condition in [*domain, sold]]
            settled = [*inside, ("sale_order_origin_id", "!=", False), ("refunded_orderline_id", "=", False)]
            amounts = ["price_subtotal", "price_subtotal_incl"]
            # What an order settles besides what it sells counts in the sale order.
            for row in self._sums.by("pos.order.line", settled, [], amounts) if orders.has_settlements else ():
                net, gross = (row[name] for name in amounts)
                sums["gross"], sums["net"], sums["tax"] = (
                    sums["gross"] - gross, sums["net"] - net, sums["tax"] - (gross - net),
                )
            sums["tips"] = self._tips(till, [*domain, sold])
            payments = self._payments(domain)
            if sums["count"] or payments or sums["refunds"]:
                yield self._totals(window, place, self._currencies[till["currency_id"]], sums, payments)

    def _wholly(self, domain: list[Any], name: str) -> list[int]:
        """The orders of a domain all of whose lines have a value in a field."""
        inside = [(f"order_id.{condition[0]}", *condition[1:]) for condition in domain]
        some = {
            row["order_id"] for row in self._sums.by("pos.order.line", [*inside, (name, "!=", False)], ["order_id"])
        }
        others = [("order_id", "in", sorted(some)), (name, "=", False)]
        mixed = self._sums.by("pos.order.line", others, ["order_id"]) if some else []
        return sorted(some - {row["order_id"] for row in mixed})

    def _tips(self, till: dict[str, Any], domain: list[Any]) -> Decimal:
        if not till.get("tip_product_id"):
            return Decimal(0)
        inside = [(f"order_id.{condition[0]}", *condition[1:]) for condition in domain]
        tips = [*inside, ("product_id", "=", till["tip_product_id"])]
        rows = self._sums.by("pos.order.line", tips, [], ["price_subtotal_incl"])
        return sum((row["price_subtotal_incl"] for row in rows), Decimal(0))

    def _payments(self, domain: list[Any]) -> tuple[tuple[str, Decimal], ...]:
        inside = [(f"pos_order_id.{condition[0]}", *condition[1:]) for condition in domain]
        rows = self._sums.by("pos.payment", inside, ["payment_method_id"], ["amount"])
        return tuple((key("pos-method", row["payment_method_id"]), row["amount"]) for row in rows)

    def _in_window(self, window: Window, name: str, states: tuple[str, ...]) -> list[Any]:
        return [
            ("company_id", "in", self._companies),
            ("state", "in", states),
            (name, ">=", wire(window.starts_at)),
            (name, "<", wire(window.ends_at)),
        ]

    def _totals(
        self,
        window: Window,
        place: str,
        currency: str,
        sums: dict[str, Decimal | int],
        payments: tuple[tuple[str, Decimal], ...] = (),
    ) -> rec.ControlTotals:
        return rec.ControlTotals(
            currency=currency,
            location_id=place,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            count=int(sums["count"]),
            **{name: Decimal(sums[name]) for name in ("gross", "net", "tax", "tips", "refunds")},
            payments=payments,
        )


def _date_from(moment: datetime) -> str:
    """The first date that begins at or after a moment: dates are taken as midnight UTC, as refunds have it."""
    return wire(moment + timedelta(days=1, microseconds=-1))[:10]
