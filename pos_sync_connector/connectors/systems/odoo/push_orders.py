"""Orders sent to another Odoo: sale orders, made once under an External ID and brought on step by step.

    DRAFT       a quotation
    OPEN        confirmed, to be paid there
    PAID        confirmed; where `paid`, invoiced and paid with the order's payments
    COMPLETED   as PAID, and delivered
    CANCELLED   cancelled

The idempotency key stands in the customer reference, where people see it and by which an order is found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import Failure, NeedsFixing
from ...lazy import cached_property
from . import fields
from .push_customers import CustomerPusher
from .push_steps import OrderSteps
from .rpc import CONFLICT, Rpc
from .sale_orders import MODEL
from .upsert import Ids, external_id, upsert
from .values import decimal, moment, number, text
from .values import key as id_key

_SERVICES = {
    rec.ChargeKind.DISCOUNT: "Discount",
    rec.ChargeKind.TIP: "Tip",
    rec.ChargeKind.SERVICE_CHARGE: "Service charge",
    rec.ChargeKind.SHIPPING: "Shipping",
    rec.ChargeKind.FEE: "Fee",
    rec.ChargeKind.DUTY: "Duty",
    rec.ChargeKind.GIFT_CARD: "Gift card",
    rec.ChargeKind.ROUNDING: "Rounding",
}
_UNKNOWN = "unknown"
_CENT = Decimal("0.01")
_ROUNDING = "rounding"
# The positions of one try's lines lie between multiples of this.
_MOST_LINES = 10_000


class OrderPusher:
    """`currencies` are codes by id, `customers` and `steps` do what their names say."""

    def __init__(self, rpc: Rpc, customers: CustomerPusher, steps: OrderSteps, currencies: dict[int, str], url: str):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._customers = customers
        self._steps = steps
        self._currencies = currencies
        self._url = url
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    def find(self, key: str) -> Pushed | None:
        row = self._find(key)
        return self._pushed(row, complete=False) if row else None

    def push(self, order: rec.Order, key: str) -> Pushed:
        row = self._find(key)
        if not row or row["state"] == "draft":
            row = self._make(order, key, row)
        lines = row.get("lines") or self._rows_of_lines(row["id"])
        if row["state"] != "cancel":
            self._bring_on(row, order, key)
        return self._pushed(row, _pairs(order, lines))

    def _bring_on(self, row: dict[str, Any], order: rec.Order, key: str) -> None:
        if order.status is rec.OrderStatus.CANCELLED:
            self._steps.cancel(row["id"])
        elif order.status is not rec.OrderStatus.DRAFT:
            self._steps.confirm(row["id"], row["state"])
            if order.paid:
                self._keep_date(row["id"], order)
            if order.status is rec.OrderStatus.COMPLETED:
                self._steps.deliver(row["id"])
            if order.paid:
                self._steps.settle(row["id"], order, key)

    # The order

    def _find(self, key: str) -> dict[str, Any] | None:
        domain = [("client_order_ref", "=", key), ("company_id", "in", self._companies)]
        rows = self._rpc.search_read(MODEL, domain, ["name", "state", "amount_total"], limit=1)
        return rows[0] if rows else None

    def _make(self, order: rec.Order, key: str, known: dict[str, Any] | None) -> dict[str, Any]:
        """The draft as it is to be, `known` or new; raises NeedsFixing where that Odoo computes another total."""
        values = self._values(order, key)
        # What is written now stands behind what an earlier try has made.
        base = _base_after(self._rows_of_lines(known["id"])) if known else 0
        lines = dict(self._lines(order, key, base))
        try:
            row_id = upsert(self._rpc, MODEL, external_id("order", key), values, lines, "order_line")
        except Failure as failure:
            # Another try, whose answer was lost, may have made it in this moment.
            found = self._find(key) if isinstance(failure, NeedsFixing) or failure.code == CONFLICT else None
            if not found:
                raise
            return found
        if order.note and not known:
            # The note of Odoo's order is printed as its terms and conditions.
            self._steps.say(MODEL, row_id, order.note)
        made = self._drop_former_lines(row_id, base)
        row = self._rpc.read(MODEL, [row_id], ["name", "state", "amount_total", "currency_id"])[0]
        difference = order.totals.gross - decimal(row["amount_total"])
        if difference and abs(difference) <= _CENT * len(lines):
            lines |= {external_id("line", f"{key}_{_ROUNDING}"): self._rounding(difference, base)}
            upsert(self._rpc, MODEL, external_id("order", key), values, lines, "order_line")
            row = self._rpc.read(MODEL, [row_id], ["name", "state", "amount_total", "currency_id"])[0]
            difference = order.totals.gross - decimal(row["amount_total"])
        if difference:
            raise NeedsFixing(
                f"That Odoo computes {row['amount_total']} for {row['name']}, here it is {order.totals.gross}. It was "
                "left there as a quotation. Compare the taxes that are mapped to each other, then retry.",
                code="total-differs",
                details=f"{row['name']}: {row['amount_total']} there, {order.totals.gross} here",
            )
        return {**row, "lines": made}

    def _values(self, order: rec.Order, key: str) -> dict[str, Any]:
        partner = self._customers.partner(order.customer_id)
        billed, shipped = (
            self._customers.address(partner, address) if address else partner
            for address in (order.billing_address, order.shipping_address)
        )
        values: dict[str, Any] = {
            "partner_id": Ids.of(partner),
            "partner_invoice_id": Ids.of(billed),
            "partner_shipping_id": Ids.of(shipped),
            "client_order_ref": key,
            "origin": order.number,
            "date_order": order.created_at,
            "pricelist_id": Ids.of(self._pricelist(order.currency)),
        }
        if order.due_at:
            values["commitment_date"] = order.due_at
        warehouse = number("warehouse", order.location_id)
        if warehouse and self._rows.has(MODEL, "warehouse_id"):
            values["warehouse_id"] = Ids.of(warehouse)
        return values

    def _pricelist(self, currency: str) -> int:
        """One in the order's currency; none where that is the company's own and prices may go by no list."""
        own = [("active", "=", True), ("company_id", "in", [False, *self._companies])]
        rows = self._rpc.search_read("product.pricelist", own, ["currency_id"], order="sequence, id")
        found = next((row["id"] for row in rows if self._currencies.get(row["currency_id"]) == currency), 0)
        needed = self._rpc.fields(MODEL, ["pricelist_id"]).get("pricelist_id", {}).get("required")
        if not found and (needed or currency != self._currency):
            raise NeedsFixing(
                f"That Odoo has no pricelist in {currency}. Make one there, then retry.",
                code="currency",
                trace=f"currency:{currency}",
            )
        return found

    def _keep_date(self, row_id: int, order: rec.Order) -> None:
        """A confirmation dates the order anew; one that was sold before that keeps its own date."""
        stated = self._rpc.read(MODEL, [row_id], ["date_order"])[0]["date_order"]
        if abs((moment(stated) or order.created_at) - order.created_at) > timedelta(minutes=1):
            vals = {"date_order": order.created_at.strftime("%Y-%m-%d %H:%M:%S")}
            self._rpc.call(MODEL, "write", [row_id], vals=vals)

    # Its lines

    def _lines(self, order: rec.Order, key: str, position: int) -> Iterator[tuple[str, dict[str, Any]]]:
        parents = {line.parent_id for line in order.lines if line.parent_id}
        for line in order.lines:
            position += 1
            name = external_id("line", f"{key}_{line.external_id}")
            if line.external_id in parents and not line.gross and not line.unit_price:
                # A combo's money stands on its parts, which that Odoo sells one by one.
                yield name, {"sequence": position, "display_type": "line_note", "name": line.name}
                continue
            yield name, {"sequence": position, **self._line(order, line)}
        for charge in order.charges:
            position += 1
            taxes = self._tax_ids(charge.taxes)
            with_tax = charge.amount if order.price_includes_tax else charge.amount + (charge.tax or 0)
            amount = with_tax if self._includes(taxes) else with_tax - (charge.tax or 0)
            yield (
                external_id("line", f"{key}_{charge.external_id}"),
                {
                    "sequence": position,
                    "product_id": Ids.of(self.service(charge.kind.value)),
                    "name": charge.name or _SERVICES[charge.kind],
                    "product_uom_qty": Decimal(1),
                    "price_unit": amount,
                    "discount": Decimal(0),
                    self._tax_field: taxes,
                },
            )

    def _line(self, order: rec.Order, line: rec.OrderLine) -> dict[str, Any]:
        taxes = self._tax_ids(line.taxes)
        price, percent = self._price(order, line, self._includes(taxes))
        product = number("variant", line.variant_id) or self.service(_UNKNOWN)
        return {
            "product_id": Ids.of(product),
            "name": "\n".join(filter(None, (line.name, line.note))),
            "product_uom_qty": line.quantity,
            "price_unit": price,
            "discount": percent,
            self._tax_field: taxes,
        }

    def _price(self, order: rec.Order, line: rec.OrderLine, included: bool) -> tuple[Decimal, Decimal]:
        """Unit price and percent off that give the line's amount, where the price includes tax or not, as said."""
        full = line.quantity * line.unit_price
        percent = (line.discount / full * 100).quantize(_CENT) if full else Decimal(0)
        fits = abs(full * percent / 100 - line.discount) < _CENT / 2
        same = included == order.price_includes_tax or not line.tax
        if same and fits:
            return line.unit_price, percent
        amount = line.gross if included else line.net
        if amount is None or not same:
            amount = amount if amount is not None else full - line.discount
        return (amount / line.quantity if line.quantity else amount), Decimal(0)

    def _rounding(self, amount: Decimal, base: int) -> dict[str, Any]:
        return {
            "sequence": base + _MOST_LINES - 1,
            "product_id": Ids.of(self.service(rec.ChargeKind.ROUNDING.value)),
            "name": _SERVICES[rec.ChargeKind.ROUNDING],
            "product_uom_qty": Decimal(1),
            "price_unit": amount,
            "discount": Decimal(0),
            self._tax_field: Ids.of(),
        }

    def _drop_former_lines(self, row_id: int, base: int) -> list[dict[str, Any]]:
        """The lines that were just written. An earlier try may have made some that the order no longer has."""
        rows = self._rows_of_lines(row_id)
        former = [row["id"] for row in rows if row["sequence"] <= base]
        if former:
            self._rpc.call("sale.order.line", "unlink", former)
        return [row for row in rows if row["id"] not in former]

    def _rows_of_lines(self, row_id: int) -> list[dict[str, Any]]:
        return self._rpc.search_read("sale.order.line", [("order_id", "=", row_id)], ["sequence"])

    # What lines name

    def _tax_ids(self, taxes: tuple[rec.LineTax, ...]) -> Ids:
        found = []
        for tax in taxes:
            known = number("tax", tax.tax_id)
            if known not in self._taxes:
                raise NeedsFixing(
                    f"“{tax.name or tax.tax_id}” is no tax of that Odoo. Map it on the connection, then retry.",
                    code="missing-tax",
                    trace=f"missing-tax:{tax.tax_id or tax.name}",
                )
            found.append(known)
        return Ids.of(*found)

    def _includes(self, taxes: Ids) -> bool:
        return any(self._taxes[tax]["price_include"] for tax in taxes)

    def service(self, kind: str) -> int:
        """The product there that stands for a kind of charge, or for a line without product."""
        if kind not in self._services:
            code = f"POS-SYNC-{kind.upper()}"
            rows = self._rpc.search_read("product.product", [("default_code", "=", code)], ["id"], limit=1)
            self._services[kind] = rows[0]["id"] if rows else self._make_service(kind, code)
        return self._services[kind]

    def _make_service(self, kind: str, code: str) -> int:
        labels = {kind.value: label for kind, label in _SERVICES.items()}
        type_field = "detailed_type" if self._rows.has("product.product", "detailed_type") else "type"
        values = {
            "name": labels.get(kind, "Other product"),
            "default_code": code,
            type_field: "service",
            "sale_ok": True,
            "list_price": Decimal(0),
            "taxes_id": Ids.of(),
            "invoice_policy": "order",
        }
        return upsert(self._rpc, "product.product", external_id("product", kind), values)

    @cached_property
    def _services(self) -> dict[str, int]:
        return {}

    @cached_property
    def _tax_field(self) -> str:
        return self._rows.names("sale.order.line", ["tax_ids", "tax_id"])[0]

    @cached_property
    def _taxes(self) -> dict[int, dict[str, Any]]:
        rows = self._rows.read("account.tax", [("company_id", "parent_of", self._companies)], fields.TAX)
        return {row["id"]: row for row in rows}

    @cached_property
    def _currency(self) -> str:
        company = self._rpc.search_read("res.company", [("id", "in", self._companies)], ["currency_id"])[0]
        return self._currencies[company["currency_id"]]

    def _pushed(self, row: dict[str, Any], lines: tuple[tuple[str, str], ...] = (), *, complete: bool = True) -> Pushed:
        return Pushed(
            external_id=id_key("sale", row["id"]),
            number=text(row["name"]),
            url=f"{self._url}/web#model={MODEL}&id={row['id']}",
            lines=lines,
            complete=complete,
        )


def _base_after(rows: list[dict[str, Any]]) -> int:
    """The multiple of `_MOST_LINES` behind all of these."""
    last = max((row["sequence"] for row in rows), default=0)
    return (last // _MOST_LINES + 1) * _MOST_LINES if last else 0


def _pairs(order: rec.Order, rows: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Our lines and theirs, which were given their positions."""
    theirs = {row["sequence"] % _MOST_LINES: row["id"] for row in rows}
    return tuple(
        (line.external_id, id_key("line", theirs[position]))
        for position, line in enumerate(order.lines, 1)
        if position in theirs
    )
