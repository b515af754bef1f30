"""What Odoo gave back, as `Refund` records: a till's order that only takes back lines of others ("pos-12"), and a
posted credit note for a sale order ("move-12").

Where one of them concerns several orders there is a refund for each, its id followed by the order's ("pos-12/pos-7").
Amounts are positive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ... import records as rec
from ...lazy import cached_property
from ...marks import unmarked
from ...pages import Malformed, parse_each
from . import fields
from .pos_orders import SOLD_STATES, PosOrderReader, is_refund
from .rpc import Rpc
from .sales_fields import INVOICE, INVOICE_LINE, any_of
from .shares import share, split
from .sold import Facts, latest
from .values import decimal, key, moment, text, wire

CREDIT_NOTES = "account.move"
Found = tuple[tuple[rec.Refund, ...], tuple[Malformed, ...]]


class _Origin(NamedTuple):
    """The order and the line that something was taken back of, by their external ids."""

    order_id: str
    line_id: str


_NOWHERE = _Origin("", "")


class PosRefundReader:
    """Reads the refunds of tills for one connection."""

    def __init__(self, rpc: Rpc, orders: PosOrderReader):
        self._rows = fields.Rows(rpc)
        self._orders = orders

    def domain(self, since: datetime | None) -> list[Any]:
        back = ("lines.refunded_orderline_id", "!=", False) if self._orders.has_returns else ("lines.qty", "<", 0)
        return [*self._orders.domain(since), ("state", "in", SOLD_STATES), back]

    def read(self, ids: Iterable[int]) -> Found:
        payloads = [payload for payload in self._orders.payloads(ids) if is_refund(payload)]
        if not payloads:
            return (), ()
        origins = self._origins(payloads)
        restocked = self._restocked(payloads)
        facts = self._orders.sold.facts(line for payload in payloads for line in self._orders.sold_lines(payload))
        parts = [
            part
            for payload in payloads
            for part in split(
                payload, lambda line: origins.get(line["refunded_orderline_id"], _NOWHERE).order_id, sign=-1
            )
        ]
        return parse_each(
            parts,
            lambda part: self._refund(part, facts, origins, restocked),
            lambda part: _refund_id("pos", part),
        )

    def _refund(
        self, part: dict[str, Any], facts: Facts, origins: dict[int, _Origin], restocked: set[int]
    ) -> rec.Refund:
        row, lines = part["order"], part["lines"]
        sold = self._orders.sold_lines(part)
        gross, net = -sum((line.gross for line in sold), Decimal(0)), -sum((line.net for line in sold), Decimal(0))
        charges: tuple[rec.Charge, ...] = ()
        if part["whole"]:
            gross, net = -decimal(row["amount_total"]), decimal(row["amount_tax"]) - decimal(row["amount_total"])
            charges = tuple(self._orders.rounding(row, sold, gross, sign=-1))
        back = True if row["id"] in restocked else None
        return rec.Refund(
            external_id=_refund_id("pos", part),
            order_id=part["origin"],
            number=text(row["name"]) if row["name"] not in (False, "", "/") else text(row["pos_reference"]),
            currency=self._orders.currency(row),
            gross=gross,
            net=net,
            tax=gross - net,
            lines=tuple(
                rec.RefundLine(
                    order_line_id=origins[line.refunded].line_id,
                    variant_id=self._orders.sold.variant(line, facts),
                    name=line.name,
                    quantity=-line.quantity,
                    net=-line.net,
                    tax=line.net - line.gross,
                    gross=-line.gross,
                    restock=back,
                )
                for line in sold
            ),
            charges=charges,
            payments=share(self._orders.payments(part, sign=-1), part),
            location_id=key("pos", row["config_id"]) if row["config_id"] else "",
            refunded_at=moment(row["date_order"]) or moment(row["create_date"]),
            updated_at=latest(row, *lines),
            raw=part,
        )

    def _origins(self, payloads: list[dict[str, Any]]) -> dict[int, _Origin]:
        """What each taken back line was a line of: an order of a till, or the sale order that it settled."""
        lines = {line["refunded_orderline_id"] for payload in payloads for line in payload["lines"]}
        wanted = ["order_id", "refunded_orderline_id", "sale_order_origin_id", "sale_order_line_id"]
        rows = self._rows.by_id("pos.order.line", lines, wanted)
        return {
            number: _Origin(key("sale", sale), key("line", row["sale_order_line_id"] or 0))
            if (sale := self._orders.settled_sale(row))
            else _Origin(key("pos", row["order_id"]), key("line", number))
            for number, row in rows.items()
        }

    def _restocked(self, payloads: list[dict[str, Any]]) -> set[int]:
        """The orders whose goods Odoo has put back; where it does so at the end of a session only, that is unknown."""
        if not payloads or not self._rows.has("stock.picking", "pos_order_id"):
            return set()
        domain = [("pos_order_id", "in", [payload["order"]["id"] for payload in payloads]), ("state", "=", "done")]
        return {row["pos_order_id"] for row in self._rows.allowed("stock.picking", domain, ["pos_order_id"])}


class CreditNoteReader:
    """Reads the credit notes for sale orders. They take the right to see invoices, which sellers have."""

    def __init__(self, rpc: Rpc, currencies: dict[int, str]):
        self._rows = fields.Rows(rpc)
        self._currencies = currencies
        self._companies: list[int] = rpc.context["allowed_company_ids"]

    @property
    def exists(self) -> bool:
        return self._rows.has("account.move.line", "sale_line_ids")

    def domain(self, since: datetime | None) -> list[Any]:
        """On account.move. A credit note that was made without its lines' orders names the invoice that it reverses."""
        all_of_them = [
            ("company_id", "in", self._companies),
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
            *any_of(
                [("invoice_line_ids.sale_line_ids", "!=", False)],
                [("reversed_entry_id.invoice_line_ids.sale_line_ids", "!=", False)],
            ),
        ]
        return [*all_of_them, ("write_date", ">=", wire(since))] if since else all_of_them

    def read(self, ids: Iterable[int]) -> Found:
        posted = [("id", "in", list(ids)), ("move_type", "=", "out_refund"), ("state", "=", "posted")]
        moves = self._rows.read(CREDIT_NOTES, posted, INVOICE)
        if not moves:
            return (), ()
        numbers = {row["id"] for row in moves} | {row["reversed_entry_id"] for row in moves if row["reversed_entry_id"]}
        lines = defaultdict(list)
        wanted = [("move_id", "in", sorted(numbers)), ("display_type", "in", ["product", False])]
        for row in self._rows.read("account.move.line", [*wanted, *self._invoiced], INVOICE_LINE):
            lines[row["move_id"]].append(row)
        self._read_orders({number for rows in lines.values() for row in rows for number in row["sale_line_ids"]})
        parts = [part for move in moves for part in self._parts(move, lines)]
        return parse_each(parts, self._refund, lambda part: _refund_id("move", part))

    def _parts(self, move: dict[str, Any], lines: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
        own, reversed_lines = lines[move["id"]], lines.get(move["reversed_entry_id"], [])
        orders = list(dict.fromkeys(self._order_of(row) for row in own if self._order_of(row)))
        orders = orders or list(dict.fromkeys(self._order_of(row) for row in reversed_lines if self._order_of(row)))
        by_order = defaultdict(list)
        for row in own:
            by_order[self._order_of(row) or (orders[0] if orders else 0)].append(row)
        return [
            {
                "order": move,
                "lines": by_order[order],
                "origin": key("sale", order),
                "whole": len(orders) == 1,
            }
            for order in orders
        ]

    def _refund(self, part: dict[str, Any]) -> rec.Refund:
        row, lines = part["order"], part["lines"]
        gross = sum((decimal(line["price_total"]) for line in lines), Decimal(0))
        net = sum((decimal(line["price_subtotal"]) for line in lines), Decimal(0))
        if part["whole"]:
            gross, net = decimal(row["amount_total"]), decimal(row["amount_untaxed"])
        reason, reference = unmarked(text(row["ref"]))
        return rec.Refund(
            external_id=_refund_id("move", part),
            order_id=part["origin"],
            number=text(row["name"]),
            currency=self._currencies[row["currency_id"]],
            gross=gross,
            net=net,
            tax=gross - net,
            lines=tuple(self._refund_line(line) for line in lines),
            reason=reason,
            source_reference=reference,
            refunded_at=moment(row["invoice_date"]) or moment(row["create_date"]),
            updated_at=latest(row),
            raw=part,
        )

    def _refund_line(self, row: dict[str, Any]) -> rec.RefundLine:
        net, gross = decimal(row["price_subtotal"]), decimal(row["price_total"])
        sold = row["sale_line_ids"]
        return rec.RefundLine(
            order_line_id=key("line", sold[0]) if sold else "",
            variant_id=key("variant", row["product_id"])
            if row["product_id"] and not self._stands_for_money(row)
            else "",
            name=text(row["name"]).partition("\n")[0],
            quantity=decimal(row["quantity"]),
            net=net,
            tax=gross - net,
            gross=gross,
        )

    def _stands_for_money(self, row: dict[str, Any]) -> bool:
        return any(self._lines.get(number, {}).get("is_delivery") for number in row["sale_line_ids"])

    def _order_of(self, row: dict[str, Any]) -> int:
        return next((self._lines[number]["order_id"] for number in row["sale_line_ids"] if number in self._lines), 0)

    def _read_orders(self, sold: set[int]) -> None:
        self._lines = self._rows.by_id("sale.order.line", sold, ["order_id", "is_delivery"])

    @cached_property
    def _invoiced(self) -> list[Any]:
        """On account.move.line: what stands on the paper (until 15 other entries had no kind of their own)."""
        if self._rows.has("account.move.line", "exclude_from_invoice_tab"):
            return [("exclude_from_invoice_tab", "=", False)]
        return []


def _refund_id(kind: str, part: dict[str, Any]) -> str:
    own = key(kind, part["order"]["id"])
    return own if part["whole"] else f"{own}/{part['origin']}"
