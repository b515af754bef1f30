"""Refunds sent to another Odoo: a credit note for the order's invoice, posted and, where that is paid, paid out; and a
return of the goods, done at once.

Both are made once, under External IDs of the idempotency key, and each step looks at the state first. The key stands in
the credit note's reference, by which a pull knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from ... import records as rec
from ...errors import NeedsFixing
from ...marks import marked
from ...refunding import check_left
from . import fields
from .push_returns import ReturnSteps
from .push_steps import OrderSteps
from .refunds import CREDIT_NOTES, CreditNoteReader
from .rpc import Rpc
from .sale_orders import MODEL
from .sales_fields import either
from .upsert import Ids, external_id, upsert
from .values import decimal, number

_REFERENCE = 200
_CENT = Decimal("0.01")
_PAID = ("paid", "in_payment", "reversed")
_INVOICE = "move_type state payment_state amount_total currency_id reversed_entry_id partner_id".split()


class RefundPusher:
    """`service` gives the product that stands for money of a kind, `currencies` are codes by id."""

    def __init__(
        self,
        rpc: Rpc,
        steps: OrderSteps,
        notes: CreditNoteReader,
        service: Callable[[str], int],
        currencies: dict[int, str],
    ):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._steps = steps
        self._notes = notes
        self._service = service
        self._currencies = currencies

    def push(self, refund: rec.Refund, key: str) -> tuple[rec.Refund, ...]:
        order = number("sale", refund.order_id)
        if order is None:
            raise NeedsFixing("Only orders of sales can be refunded from here, not those of tills.", code="not-a-sale")
        if not self._rpc.search_read(MODEL, [("id", "=", order)], ["name"]):
            raise NeedsFixing("That Odoo does not have this order any more.", code="not-found")
        note = self._credit(order, refund, key) if refund.gross > 0 else 0
        ReturnSteps(self._rpc, self._steps).take_back(order, refund, key)
        if not note:
            return ()
        records, malformed = self._notes.read([note])
        if malformed:
            raise malformed[0].failure
        return records

    # Money

    def _credit(self, order: int, refund: rec.Refund, key: str) -> int:
        """The id of the credit note, made where it is not there, posted and paid out."""
        invoices = self._invoices(order)
        # An External ID names rows of one kind, so the reference tells whether an earlier try has come to its end.
        reference = marked(refund.reason, key, _REFERENCE)
        note = next((row for row in invoices if row["ref"] == reference and row["state"] == "posted"), None)
        if note is None:
            sold = [row for row in invoices if row["move_type"] == "out_invoice" and row["state"] == "posted"]
            self._check(invoices, sold, refund)
            note_id = self._make(sold, refund, key, reference)
            self._steps.do(CREDIT_NOTES, "action_post", note_id, unless=lambda: self._state(note_id) == "posted")
        else:
            note_id = note["id"]
        self._pay_out(note_id, key)
        return note_id

    def _invoices(self, order: int) -> list[dict[str, Any]]:
        """The order's invoices with the credit notes for them."""
        ids = self._rpc.read(MODEL, [order], ["invoice_ids"])[0]["invoice_ids"]
        domain = ["|", ("id", "in", ids), ("reversed_entry_id", "in", ids)]
        return self._rows.read(CREDIT_NOTES, domain, [*_INVOICE, "ref"])

    def _check(self, invoices: list[dict[str, Any]], sold: list[dict[str, Any]], refund: rec.Refund) -> None:
        credited = [row for row in invoices if row["move_type"] == "out_refund" and row["state"] == "posted"]
        left = sum((decimal(row["amount_total"]) for row in sold), Decimal(0))
        left -= sum((decimal(row["amount_total"]) for row in credited), Decimal(0))
        currency = self._currencies[sold[0]["currency_id"]] if sold else refund.currency
        check_left("that Odoo", refund, due=refund.gross, left=left if sold else None, currency=currency)

    def _make(self, sold: list[dict[str, Any]], refund: rec.Refund, key: str, reference: str) -> int:
        name = external_id("refund", key)
        values = {
            "move_type": "out_refund",
            "partner_id": Ids.of(sold[0]["partner_id"]),
            "currency_id": Ids.of(sold[0]["currency_id"]),
            "invoice_date": refund.refunded_at.date(),
            "ref": reference,
            "reversed_entry_id": Ids.of(sold[0]["id"] if len(sold) == 1 else None),
        }
        lines = {external_id("refund_line", f"{key}_{place}"): row for place, row in enumerate(self._lines(refund))}
        made = upsert(self._rpc, CREDIT_NOTES, name, values, lines, "invoice_line_ids")
        off = refund.gross - self._total(made)
        if off and abs(off) <= _CENT * len(lines):
            lines[external_id("refund_line", f"{key}_rounding")] = self._money(rec.ChargeKind.ROUNDING.value, off)
            upsert(self._rpc, CREDIT_NOTES, name, values, lines, "invoice_line_ids")
            off = refund.gross - self._total(made)
        if off:
            raise NeedsFixing(
                f"That Odoo computes {refund.gross - off} for the credit note, here it is {refund.gross}. It was left "
                "there as a draft. Compare the taxes that are mapped to each other, then retry.",
                code="total-differs",
                details=f"{refund.gross - off} there, {refund.gross} here",
            )
        return made

    def _total(self, note: int) -> Decimal:
        return decimal(self._rpc.read(CREDIT_NOTES, [note], ["amount_total"])[0]["amount_total"])

    def _lines(self, refund: rec.Refund) -> Iterator[dict[str, Any]]:
        """With the products and taxes that they were sold with there; an amount alone without tax."""
        priced = [line for line in refund.lines if line.gross]
        wanted = {number("line", line.order_line_id) or 0 for line in priced} - {0}
        names = ["product_id", "name", "tax_ids", "tax_id", "price_unit", "discount"]
        sold = self._rows.by_id("sale.order.line", wanted, names)
        taxes = {tax for row in sold.values() for tax in either(row, "tax_ids", "tax_id") or ()}
        included = {key for key, row in self._rows.by_id("account.tax", taxes, ["price_include"]).items()
                    if row["price_include"]}  # fmt: skip
        for line in priced:
            row = sold.get(number("line", line.order_line_id) or 0)
            if row is None:
                yield self._money("unknown", line.gross or Decimal(0), line.name)
                continue
            line_taxes = either(row, "tax_ids", "tax_id") or []
            amount = line.gross if included & set(line_taxes) else line.net
            yield {
                "product_id": Ids.of(row["product_id"]),
                "name": row["name"],
                "quantity": line.quantity,
                **_price(row, line.quantity, amount or Decimal(0)),
                "tax_ids": Ids.of(*line_taxes),
                "sale_line_ids": Ids.of(row["id"]),
            }
        rest = refund.gross - sum((line.gross or Decimal(0) for line in priced), Decimal(0))
        if rest:
            yield self._money("unknown", rest, refund.reason)

    def _money(self, kind: str, amount: Decimal, name: str = "") -> dict[str, Any]:
        return {
            "product_id": Ids.of(self._service(kind)),
            "name": name or kind.capitalize(),
            "quantity": Decimal(1),
            "price_unit": amount,
            "discount": Decimal(0),
            "tax_ids": Ids.of(),
            "sale_line_ids": Ids.of(),
        }

    def _pay_out(self, note: int, key: str) -> None:
        """Where the invoice was paid, and there is a journal to pay from."""
        row = self._rows.read(CREDIT_NOTES, [("id", "=", note)], _INVOICE)[0]
        reversed_ = self._rows.by_id(CREDIT_NOTES, {row["reversed_entry_id"] or 0} - {0}, _INVOICE)
        paid = any(item["payment_state"] in _PAID for item in reversed_.values())
        if paid and row["payment_state"] not in _PAID:
            self._steps.pay_out(note, key)

    def _state(self, note: int) -> str:
        return str(self._rpc.read(CREDIT_NOTES, [note], ["state"])[0]["state"])


def _price(row: dict[str, Any], quantity: Decimal, amount: Decimal) -> dict[str, Decimal]:
    """Price and percent off as they were sold, where that comes to the amount; else the price that does."""
    price, percent = decimal(row["price_unit"]), decimal(row["discount"])
    if abs(price * quantity * (1 - percent / 100) - amount) < _CENT / 2:
        return {"price_unit": price, "discount": percent}
    return {"price_unit": amount / quantity if quantity else amount, "discount": Decimal(0)}


