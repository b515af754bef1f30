"""Quotations and sales orders of Odoo (`sale.order`) as `Order` records, with ids such as "sale-12".

Their statuses:

    draft                                                   DRAFT
    sent                                                    OPEN
    sale (until 16 also done), not finished                 PAID: the customer has ordered; `paid` tells about money
    sale, all of it delivered                               COMPLETED
    sale, nothing of it to deliver, all of it invoiced      COMPLETED, also when it is credited later
    done (until 16), or locked and all of it invoiced       COMPLETED
    cancel                                                  CANCELLED

Sections and notes are left out, and so are down payments, which change nothing about what was sold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...lazy import cached_property
from ...markup import plain_if_rich
from ...pages import Malformed, parse_each
from . import fields
from .customers import CustomerReader
from .deliveries import DeliveryReader
from .former import delivery_states, former_cards, former_charge
from .pos_orders import PosOrderReader
from .rpc import Rpc
from .sales_fields import INVOICE, SALE_LINE, SALE_ORDER, TRANSACTION, any_of, either
from .setup import online_kind
from .sold import Facts, Sold, SoldReader, latest
from .values import decimal, key, moment, text, wire

MODEL = "sale.order"
SOLD_STATES = ("sale", "done")
_BEFORE_SALE = {
    "draft": rec.OrderStatus.DRAFT,
    "sent": rec.OrderStatus.OPEN,
    "cancel": rec.OrderStatus.CANCELLED,
}


class SaleOrderReader:
    """Reads sale orders for one connection.

    `places` are the ids of warehouses that are locations of ours; `tills` reads the orders of tills where
    these come too.
    """

    def __init__(
        self,
        rpc: Rpc,
        sold: SoldReader,
        customers: CustomerReader,
        currencies: dict[int, str],
        places: frozenset[str],
        tills: PosOrderReader | None,
    ):
        self._tills = tills
        self._rows = fields.Rows(rpc)
        self._deliveries = DeliveryReader(rpc)
        self._sold = sold
        self._customers = customers
        self._currencies = currencies
        self._places = places
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    @property
    def exists(self) -> bool:
        return self._rows.has(MODEL, "name")

    def domain(self, since: datetime | None) -> list[Any]:
        own = [("company_id", "in", self._companies)]
        if since is None:
            return own
        recent = (">=", wire(since))
        parts = [[("write_date", *recent)], [("order_line.write_date", *recent)]]
        invoiced = self._rows.allowed(
            "account.move.line",
            [("move_id.write_date", *recent), ("sale_line_ids", "!=", False)],
            ["sale_line_ids"],
        )
        lines = sorted({line for row in invoiced for line in row["sale_line_ids"]})
        parts.append([("order_line", "in", lines)])
        paid = self._rows.allowed("payment.transaction", [("write_date", *recent)], ["sale_order_ids"])
        parts.append([("id", "in", sorted({order for row in paid for order in row.get("sale_order_ids") or ()}))])
        parts.append([("id", "in", self._deliveries.moved(since))])
        return [*own, *any_of(*parts)]

    def read(self, ids: Iterable[int]) -> tuple[tuple[rec.Order, ...], tuple[Malformed, ...]]:
        """The orders with these ids, in the order of their ids."""
        domain = [("id", "in", list(ids)), ("company_id", "in", self._companies)]
        orders = self._rows.read(MODEL, domain, SALE_ORDER)
        if not orders:
            return (), ()
        lines = defaultdict(list)
        wanted = [("order_id", "in", [row["id"] for row in orders])]
        for row in self._rows.read("sale.order.line", wanted, SALE_LINE):
            lines[row["order_id"]].append(row)
        page = _Page(self, orders, lines)
        payloads = [{"order": row, "lines": lines[row["id"]]} for row in orders]
        return parse_each(
            payloads,
            lambda payload: self._order(payload, page),
            lambda payload: key("sale", payload["order"]["id"]),
        )

    def place(self, warehouse: Any) -> str:
        """The location that sells from a warehouse; without warehouses that are locations the company itself is one."""
        place = key("warehouse", warehouse) if warehouse else ""
        if not self._places:
            return key("company", self._companies[0])
        return place if place in self._places else ""

    def sold_lines(self, rows: Iterable[dict[str, Any]]) -> list[Sold]:
        rows = sorted(rows, key=lambda row: (row["sequence"], row["id"]))
        return [self._sold_line(row) for row in rows if not row["display_type"] and not _is_down_payment(row)]

    # Records

    def _sold_line(self, row: dict[str, Any]) -> Sold:
        name, _break, note = text(row["name"]).strip().partition("\n")
        charge = None
        if row.get("is_delivery"):
            charge = rec.ChargeKind.SHIPPING
        elif row["product_id"] and row["product_id"] in self._discount_products:
            charge = rec.ChargeKind.DISCOUNT
        else:
            charge = former_charge(row)
        return Sold(
            number=row["id"],
            product=row["product_id"] or 0,
            name=name,
            note=note.strip(),
            quantity=decimal(row["product_uom_qty"]),
            unit=either(row, "product_uom_id", "product_uom") or 0,
            unit_price=decimal(row["price_unit"]),
            percent=decimal(row["discount"]),
            net=decimal(row["price_subtotal"]),
            gross=decimal(row["price_total"]),
            taxes=tuple(either(row, "tax_ids", "tax_id") or ()),
            parent=(row.get("combo_item_id") and row["linked_line_id"]) or 0,
            combo_item=row.get("combo_item_id") or 0,
            charge=charge,
            reward=row.get("reward_id") or 0,
            coupon=row.get("coupon_id") or 0,
            **former_cards(row),
        )

    def _order(self, payload: dict[str, Any], page: _Page) -> rec.Order:
        row = payload["order"]
        sold = self.sold_lines(payload["lines"])
        lines, charges = self._sold.lines(sold, page.facts)
        invoices = page.of(row, "invoice_ids", page.invoices)
        payments = tuple(self._payments(row, page))
        paid = sum((payment.amount for payment in payments), Decimal(0))
        gross = decimal(row["amount_total"])
        changed = latest(row, *payload["lines"], *invoices)
        owner = page.owners.get(row["partner_id"])
        parcels = tuple(page.parcels.get(row["id"], ()))
        return rec.Order(
            external_id=key("sale", row["id"]),
            number=text(row["name"]),
            status=_status(row, invoices, row.get("delivery_status") or page.delivery_states.get(row["id"], "")),
            paid=row["state"] in SOLD_STATES and (_invoices_are_paid(row, invoices) or 0 < gross <= paid),
            currency=self._currencies[row["currency_id"]],
            channel="web" if row.get("website_id") else "sale",
            customer_id=key("partner", owner["id"]) if owner else "",
            location_id=self.place(row.get("warehouse_id")),
            staff=page.staff.get(row["user_id"], ""),
            note=plain_if_rich(row["note"]),
            source_reference=text(row["client_order_ref"]),
            purchase_order=text(row["client_order_ref"]),
            price_includes_tax=self._sold.includes_tax(sold),
            lines=lines,
            charges=charges,
            payments=payments,
            fulfilments=parcels,
            billing_address=page.address(row, owner, "partner_invoice_id", rec.AddressKind.INVOICE),
            shipping_address=page.address(row, owner, "partner_shipping_id", rec.AddressKind.DELIVERY),
            totals=rec.OrderTotals(
                gross=gross,
                net=decimal(row["amount_untaxed"]),
                tax=decimal(row["amount_tax"]),
                paid=paid if payments else None,
            ),
            due_at=moment(row["commitment_date"]),
            created_at=moment(row["date_order"]) or moment(row["create_date"]),
            updated_at=max(filter(None, (changed, *(item.updated_at for item in parcels))), default=None),
            raw=payload,
        )

    def _payments(self, row: dict[str, Any], page: _Page) -> Iterable[rec.Payment]:
        """What was paid online or at a till; money that comes in later on an invoice is told by `paid` only."""
        yield from page.settled.get(row["id"], ())
        for item in page.of(row, "transaction_ids", page.transactions):
            if item["state"] == "done" and item["currency_id"] == row["currency_id"]:
                provider, code = either(item, "provider_id", "acquirer_id"), either(item, "provider_code", "provider")
                reference = either(item, "provider_reference", "acquirer_reference")
                yield rec.Payment(
                    external_id=key("transaction", item["id"]),
                    method_id=key("provider", provider) if provider else "",
                    method_name=text(code),
                    kind=online_kind(code),
                    amount=decimal(item["amount"]),
                    currency=self._currencies[item["currency_id"]],
                    reference=text(reference) or text(item["reference"]),
                    paid_at=moment(either(item, "last_state_change", "date")),
                )

    @cached_property
    def _discount_products(self) -> set[int]:
        domain = [("id", "in", self._companies)]
        rows = self._rows.read("res.company", domain, ["sale_discount_product_id"])
        return {row["sale_discount_product_id"] for row in rows if row["sale_discount_product_id"]}


class _Page:
    """What one page of orders refers to, by id."""

    def __init__(self, reader: SaleOrderReader, orders: list[dict[str, Any]], lines: dict[int, list[dict[str, Any]]]):
        rows = reader._rows
        self.facts: Facts = reader._sold.facts(reader.sold_lines(row for found in lines.values() for row in found))
        self.owners = reader._customers.owners({row["partner_id"] for row in orders})
        self.addresses = {
            kind: reader._customers.addresses({row[name] for row in orders if row.get(name)}, kind)
            for name, kind in (
                ("partner_invoice_id", rec.AddressKind.INVOICE),
                ("partner_shipping_id", rec.AddressKind.DELIVERY),
            )
        }
        self.staff = {
            row["id"]: text(row["name"])
            for row in rows.allowed(
                "res.users", [("id", "in", sorted({row["user_id"] for row in orders if row["user_id"]}))], ["name"]
            )
        }
        self.delivery_states = delivery_states(rows, orders)
        self.invoices = self._related(rows, orders, "invoice_ids", "account.move", INVOICE)
        self.parcels = reader._deliveries.of(row["id"] for row in orders if row["state"] in SOLD_STATES)
        self.settled = reader._tills.paid_for([row["id"] for row in orders]) if reader._tills else {}
        self.transactions = self._related(rows, orders, "transaction_ids", "payment.transaction", TRANSACTION)

    def of(self, order: dict[str, Any], name: str, found: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
        return [found[number] for number in order.get(name) or () if number in found]

    def address(
        self, order: dict[str, Any], owner: dict[str, Any] | None, name: str, kind: rec.AddressKind
    ) -> rec.Address | None:
        """An address of the order that is not its customer's own."""
        partner = order.get(name)
        return None if owner and partner == owner["id"] else self.addresses[kind].get(partner)

    @staticmethod
    def _related(
        rows: fields.Rows, orders: list[dict[str, Any]], name: str, model: str, wanted: list[str]
    ) -> dict[int, dict[str, Any]]:
        ids = sorted({number for row in orders for number in row.get(name) or ()})
        return {row["id"]: row for row in (rows.allowed(model, [("id", "in", ids)], wanted) if ids else ())}


def _is_down_payment(row: dict[str, Any]) -> bool:
    return bool(row.get("is_downpayment")) and not decimal(row["price_total"])


def _status(row: dict[str, Any], invoices: list[dict[str, Any]], delivery: str) -> rec.OrderStatus:
    before = _BEFORE_SALE.get(row["state"])
    if before:
        return before
    invoiced = row["invoice_status"] in ("invoiced", "upselling") or _is_credited(invoices)
    finished = delivery == "full" or (not delivery and invoiced)
    if finished or row["state"] == "done" or (row.get("locked") and invoiced):
        return rec.OrderStatus.COMPLETED
    return rec.OrderStatus.PAID


def _invoices_are_paid(row: dict[str, Any], invoices: list[dict[str, Any]]) -> bool:
    bills = [item for item in invoices if item["move_type"] == "out_invoice" and item["state"] == "posted"]
    if row["invoice_status"] == "to invoice" and not _is_credited(invoices):
        return False
    return bool(bills) and all(item["payment_state"] in ("paid", "in_payment", "reversed") for item in bills)


def _is_credited(invoices: list[dict[str, Any]]) -> bool:
    """A credit note makes Odoo want to invoice the order again, which does not make it less finished."""
    return any(item["move_type"] == "out_refund" and item["state"] == "posted" for item in invoices)
