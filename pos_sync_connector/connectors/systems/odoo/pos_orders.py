"""Orders of Odoo's tills (`pos.order`) as `Order` records, with ids such as "pos-12".

Their statuses:

    draft                              OPEN
    paid, done, invoiced (until 18)    COMPLETED
    cancel                             CANCELLED

An order that only takes back lines of others is a refund and no order: see `refunds`. One that takes back and sells is
an order whose negative lines name the lines that they take back. Where sale orders come too, lines that settle them, or
take a down payment on them, are no sale but their payment: an order of such lines alone is left out, and one that sells
something besides comes without them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...pages import Malformed, parse_each
from . import fields
from .customers import CustomerReader
from .former import TakenBack, former_cards, former_charge
from .rpc import Rpc
from .sales_fields import PAYMENT_METHOD, POS_CONFIG, POS_LINE, POS_ORDER, POS_PAYMENT, any_of, either
from .setup import till_kind
from .shares import share, split
from .sold import Facts, Sold, SoldReader, latest
from .values import decimal, key, moment, text, wire

MODEL = "pos.order"
SOLD_STATES = ("paid", "done", "invoiced")
_SETTLED = "sale_order_origin_id"
_STATUSES = {
    "draft": rec.OrderStatus.OPEN,
    "cancel": rec.OrderStatus.CANCELLED,
    **dict.fromkeys(SOLD_STATES, rec.OrderStatus.COMPLETED),
}


class PosOrderReader:
    """Reads orders of tills for one connection. What all pages share is read once.

    `beside_sales`: sale orders come too.
    """

    def __init__(
        self, rpc: Rpc, sold: SoldReader, customers: CustomerReader, currencies: dict[int, str], beside_sales: bool
    ):
        self._beside_sales = beside_sales
        self._rows = fields.Rows(rpc)
        self._taken_back = TakenBack(self._rows)
        self._sold = sold
        self._customers = customers
        self._currencies = currencies
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    @property
    def exists(self) -> bool:
        return self._rows.has(MODEL, "name")

    def domain(self, since: datetime | None) -> list[Any]:
        own = [("company_id", "in", self._companies)]
        if since is None:
            return own
        recent = (">=", wire(since))
        parts = ([(f"{path}write_date", *recent)] for path in ("", "lines.", "payment_ids."))
        return [*own, *any_of(*parts)]

    def read(self, ids: Iterable[int]) -> tuple[tuple[rec.Order, ...], tuple[Malformed, ...]]:
        """The orders with these ids, in the order of their ids, without refunds and settlements."""
        payloads = [
            self._own_part(payload)
            for payload in self.payloads(ids)
            if not (is_refund(payload) or self._is_settlement(payload))
        ]
        if not payloads:
            return (), ()
        page = _Page(self, payloads)
        return parse_each(
            payloads,
            lambda payload: self._order(payload, page),
            lambda payload: key("pos", payload["order"]["id"]),
        )

    def payloads(self, ids: Iterable[int]) -> list[dict[str, Any]]:
        """Rows of the orders with their lines and payments."""
        domain = [("id", "in", list(ids)), ("company_id", "in", self._companies)]
        orders = self._rows.read(MODEL, domain, POS_ORDER)
        if not orders:
            return []
        numbers = [row["id"] for row in orders]
        lines, payments = defaultdict(list), defaultdict(list)
        for row in self._rows.read("pos.order.line", [("order_id", "in", numbers)], POS_LINE):
            lines[row["order_id"]].append(row)
        for row in self._rows.read("pos.payment", [("pos_order_id", "in", numbers)], POS_PAYMENT):
            payments[row["pos_order_id"]].append(row)
        payloads = [{"order": row, "lines": lines[row["id"]], "payments": payments[row["id"]]} for row in orders]
        if self._taken_back.needed:
            self._taken_back.link(payloads, self._companies)
        return payloads

    def returns(self, domain: list[Any]) -> list[int]:
        """The orders of a domain that only take back, of a version whose lines do not say so themselves."""
        rows = self._rows.read(MODEL, [*domain, ("lines.qty", "<", 0)], ["name"])
        return [item["order"]["id"] for item in self.payloads(row["id"] for row in rows) if is_refund(item)]

    def sold_lines(self, payload: dict[str, Any]) -> list[Sold]:
        config = self.configs.get(payload["order"]["config_id"], {})
        charges = {
            config.get("tip_product_id"): rec.ChargeKind.TIP,
            config.get("discount_product_id"): rec.ChargeKind.DISCOUNT,
        }
        return [
            Sold(
                number=row["id"],
                product=row["product_id"] or 0,
                name=text(row.get("full_product_name")) or text(row["name"]),
                quantity=decimal(row["qty"]),
                unit=0,
                unit_price=decimal(row["price_unit"]),
                percent=decimal(row["discount"]),
                net=decimal(row["price_subtotal"]),
                gross=decimal(row["price_subtotal_incl"]),
                taxes=tuple(row["tax_ids_after_fiscal_position"]),
                note=text(row.get("customer_note")),
                parent=row.get("combo_parent_id") or 0,
                combo_item=row.get("combo_item_id") or 0,
                refunded=row.get("refunded_orderline_id") or 0,
                charge=(charges.get(row["product_id"]) if row["product_id"] else None) or former_charge(row),
                reward=row.get("reward_id") or 0,
                coupon=row.get("coupon_id") or 0,
                **former_cards(row),
            )
            for row in payload["lines"]
        ]

    def payments(self, payload: dict[str, Any], sign: int = 1) -> tuple[rec.Payment, ...]:
        """What stayed in the till: change is taken off the payment that it was given on, of cash if there is one.

        `sign` -1: money given back, as positive amounts.
        """
        taken, change = [], Decimal(0)
        for row in payload["payments"]:
            if row["is_change"]:
                change += decimal(row["amount"])
            else:
                taken.append(self._payment(row, sign))
        by_cash = sorted(range(len(taken)), key=lambda place: taken[place].kind is not rec.PaymentKind.CASH)
        if change and taken:
            place = by_cash[0]
            taken[place] = replace(taken[place], amount=taken[place].amount + sign * change)
        return tuple(taken)

    def paid_for(self, sales: Iterable[int]) -> dict[int, list[rec.Payment]]:
        """What tills took for these sale orders, in lines that are left out here."""
        found: dict[int, list[rec.Payment]] = defaultdict(list)
        if not self.has_settlements:
            return found
        rows = self._rows.read("pos.order.line", [(_SETTLED, "in", sorted(sales))], ["order_id"])
        for payload in self.payloads({row["order_id"] for row in rows}):
            if payload["order"]["state"] in SOLD_STATES:
                for part in self._parts(payload):
                    if sale := self.settled_sale(part["lines"][0]):
                        found[sale] += share(self.payments(payload), part)
        return found

    def settled_sale(self, line: dict[str, Any]) -> int:
        """The sale order that a line of a till settles, or takes a down payment on; 0 where it sells by itself."""
        return (self.has_settlements and not line.get("refunded_orderline_id") and line.get(_SETTLED)) or 0

    @property
    def has_returns(self) -> bool:
        """Whether lines name those that they take back; in 14 they don't, and `payloads` finds out."""
        return not self._taken_back.needed

    @property
    def has_settlements(self) -> bool:
        return self._beside_sales and self._rows.has("pos.order.line", _SETTLED)

    def _is_settlement(self, payload: dict[str, Any]) -> bool:
        return bool(payload["lines"]) and all(self.settled_sale(line) for line in payload["lines"])

    def _parts(self, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """The payload once for each order that its lines count in; money is first for what it settles, so that the cent
        by which an order's total differs from its lines is the order's own."""
        settled_first = sorted(payload["lines"], key=lambda line: not self.settled_sale(line))

        def origin(line: dict[str, Any]) -> str:
            sale = self.settled_sale(line)
            return key("sale", sale) if sale else key("pos", line["order_id"])

        return split({**payload, "lines": settled_first}, origin)

    def _own_part(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The order without the lines that settle sale orders. `settled`: their gross amount and their tax."""
        settled = [line for line in payload["lines"] if self.settled_sale(line)]
        gross = sum((decimal(line["price_subtotal_incl"]) for line in settled), Decimal(0))
        tax = gross - sum((decimal(line["price_subtotal"]) for line in settled), Decimal(0))
        own = self._parts(payload)[-1] if settled else {**payload, "whole": True}
        return {**own, "settled": (gross, tax)}

    @cached_property
    def configs(self) -> dict[int, dict[str, Any]]:
        """Tills by id."""
        return {
            row["id"]: row for row in self._rows.read("pos.config", [("company_id", "in", self._companies)], POS_CONFIG)
        }

    @property
    def sold(self) -> SoldReader:
        return self._sold

    def currency(self, row: dict[str, Any]) -> str:
        return self._currencies[row["currency_id"]]

    # Records

    def _order(self, payload: dict[str, Any], page: _Page) -> rec.Order:
        row = payload["order"]
        config = self.configs.get(row["config_id"], {})
        sold = self.sold_lines(payload)
        lines, charges = self._sold.lines(sold, page.facts)
        settled, settled_tax = payload["settled"]
        gross, tax = decimal(row["amount_total"]) - settled, decimal(row["amount_tax"]) - settled_tax
        charges += tuple(self.rounding(row, sold, gross))
        tips = [item for item in charges if item.kind is rec.ChargeKind.TIP]
        completed = row["state"] in SOLD_STATES
        owner = page.owners.get(row["partner_id"])
        ordered_at = moment(row["date_order"]) or moment(row["create_date"])
        paid_at = [moment(payment["payment_date"]) for payment in payload["payments"] if payment["payment_date"]]
        return rec.Order(
            external_id=key("pos", row["id"]),
            number=text(row["name"]) if row["name"] not in (False, "", "/") else text(row["pos_reference"]),
            status=_STATUSES[row["state"]],
            paid=completed,
            fiscal_number=page.invoices.get(row["account_move"], ""),
            currency=self.currency(row),
            channel="pos",
            order_type=page.presets.get(row.get("preset_id"), "")
            or ("take_away" if either(row, "takeaway", "take_away") else ""),
            customer_id=key("partner", owner["id"]) if owner else "",
            location_id=key("pos", row["config_id"]) if row["config_id"] else "",
            register=text(config.get("name")),
            staff=text(row.get("cashier")) or page.staff.get(row["user_id"], ""),
            note=text(either(row, "general_customer_note", "general_note", "note")),
            price_includes_tax=self._sold.includes_tax(sold),
            lines=lines,
            charges=charges,
            payments=share(self.payments(payload), payload),
            totals=rec.OrderTotals(
                gross=gross,
                net=gross - tax,
                tax=tax,
                tip=sum((item.net + item.tax for item in tips), Decimal(0)) if tips else None,
                paid=decimal(row["amount_paid"]) - settled,
            ),
            due_at=moment(row.get("preset_time")) or moment(row.get("shipping_date")),
            created_at=ordered_at,
            closed_at=max(filter(None, (ordered_at, *paid_at)), default=None) if completed else None,
            updated_at=latest(row, *payload["lines"]),
            raw=payload,
        )

    def rounding(
        self, row: dict[str, Any], sold: list[Sold], gross: Decimal, sign: int = 1
    ) -> Iterable[rec.Charge]:
        """Where a till rounds what is to be paid, the total is rounded and the lines are not. `sign` -1: of a refund,
        whose amounts are positive."""
        amount = gross - sign * sum((line.gross for line in sold), Decimal(0))
        if amount and sold and self.configs.get(row["config_id"], {}).get("cash_rounding"):
            yield rec.Charge(
                external_id="rounding", kind=rec.ChargeKind.ROUNDING, amount=amount, net=amount, tax=Decimal(0)
            )

    def _payment(self, row: dict[str, Any], sign: int) -> rec.Payment:
        method = self._methods.get(row["payment_method_id"], {})
        return rec.Payment(
            external_id=key("pos-payment", row["id"]),
            method_id=key("pos-method", row["payment_method_id"]),
            method_name=text(method.get("name")),
            kind=till_kind(method) if method else rec.PaymentKind.OTHER,
            amount=sign * decimal(row["amount"]) + 0,
            currency=self.currency(row),
            reference=text(row.get("transaction_id")) or text(row.get("payment_ref_no")),
            paid_at=moment(row["payment_date"]),
        )

    @cached_property
    def _methods(self) -> dict[int, dict[str, Any]]:
        return {row["id"]: row for row in self._rows.allowed("pos.payment.method", [], PAYMENT_METHOD)}


class _Page:
    """What one page of orders refers to, by id."""

    def __init__(self, reader: PosOrderReader, payloads: list[dict[str, Any]]):
        orders = [payload["order"] for payload in payloads]
        sold = [line for payload in payloads for line in reader.sold_lines(payload)]
        self._rows = reader._rows
        self.facts: Facts = reader.sold.facts(sold)
        self.owners = reader._customers.owners({row["partner_id"] for row in orders if row["partner_id"]})
        self.staff = self._names("res.users", orders, "user_id")
        self.invoices = self._names("account.move", orders, "account_move")
        self.presets = self._names("pos.preset", orders, "preset_id")

    def _names(self, model: str, orders: list[dict[str, Any]], name: str) -> dict[Any, str]:
        ids = sorted({row[name] for row in orders if row.get(name)})
        found = self._rows.allowed(model, [("id", "in", ids)], ["name"]) if ids else ()
        return {row["id"]: text(row["name"]) for row in found}


def is_refund(payload: dict[str, Any]) -> bool:
    """Whether an order only takes back what others sold."""
    return bool(payload["lines"]) and all(row.get("refunded_orderline_id") for row in payload["lines"])
